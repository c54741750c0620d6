"""The evidence on producers, rates, mocks and validation says what its figures say."""

from collections.abc import Iterator

import pytest

from streamlab.evidence import mocks, partitioning, rates, reliability, validation
from streamlab.evidence.validation import ReadBack
from streamlab.producers import ManualClock, ReliableProducer
from streamlab.quality import Level
from streamlab.stack import CapabilityMissing, Stack
from streamlab.stack.capabilities import KAFKA
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.environment import VARIABLES
from streamlab.stack.layout import Layout


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker that fails to order."""
    folder = tmp_path_factory.mktemp("evidence")
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        backend = EmbeddedBackend(Layout(folder / "s", folder / "c"))
        yield backend.up().stack
        backend.down()


# C18


def test_c18_a_key_has_one_partition_for_one_client_and_one_number_of_partitions_only() -> None:
    found = partitioning.c18_one_key_one_partition_has_conditions(
        keys=2_400, partitions=24, more_partitions=36
    )
    # Two hashes agree by chance, one time in 24; of 72 residues a third is the same modulo 24 and 36.
    assert found.differing / found.keys == pytest.approx(23 / 24, abs=0.03)
    assert found.moved / found.keys == pytest.approx(2 / 3, abs=0.05)
    assert f"{found.differing} of {found.keys} keys elsewhere" in found.verdict
    assert found.frame().height == found.keys
    again = partitioning.c18_one_key_one_partition_has_conditions(
        keys=2_400, partitions=24, more_partitions=36
    )
    assert again == found


def test_c18_the_ledgers_two_names_go_to_different_partitions() -> None:
    found = partitioning.c18_one_key_one_partition_has_conditions(["alice", "bob"], 4, 8)
    assert [row[:3] for row in found.rows] == [("alice", 3, 1), ("bob", 0, 2)]


def test_c18_without_another_client_and_without_more_partitions_no_key_moves() -> None:
    assert partitioning.c18_one_key_one_partition_has_conditions(500, 24, 24).moved == 0


@pytest.mark.slow
@pytest.mark.parametrize(("partitioner", "column"), [("consistent_random", 1), ("murmur2_random", 2)])
def test_c18_the_clients_do_as_computed(embedded: Stack, partitioner: str, column: int) -> None:
    found = partitioning.c18_one_key_one_partition_has_conditions(100, 24, 36)
    embedded.create_topic(topic := embedded.unique("keys"), 24)
    producer = ReliableProducer(embedded.producer(partitioner=partitioner))
    for key, *_ in found.rows:
        producer.produce(topic, b"v", key=key)
    assert producer.flush(20) == 0
    came = {(m.key() or b"").decode(): m.partition() for m in embedded.read_topic(topic)}
    assert came == {row[0]: row[column] for row in found.rows}


# C19, C20


@pytest.mark.slow
def test_c20_budgets_decide_what_50_network_errors_lose_and_no_loss_goes_unreported(embedded: Stack) -> None:
    found = reliability.c20_three_retries_lose(embedded)
    patient, three, hasty = found.runs
    assert (patient.errors, patient.sent) == (50, 1_000)
    assert (patient.lost, patient.doubled, patient.reported_lost, patient.keys_out_of_order) == (0, 0, 0, 0)
    assert three.lost > 0
    assert hasty.lost > 0
    for run in found.runs:
        assert run.lost_unreported == 0
        assert run.reported_lost >= run.lost
    assert f"retries=3 lost {three.lost}" in found.verdict
    assert found.frame().height == 3


@pytest.mark.slow
def test_c19_five_in_flight_keep_the_order_with_idempotence_and_one_does_not_without(embedded: Stack) -> None:
    found = reliability.c19_order_needs_idempotence_not_one_in_flight(embedded)
    idempotent, five, one = found.runs
    assert (idempotent.keys_out_of_order, idempotent.lost, idempotent.doubled) == (0, 0, 0)
    assert five.keys_out_of_order > 0
    assert one.keys_out_of_order > 0
    assert (five.lost, one.lost) == (0, 0)
    assert "not needed for order, and with this client it is not enough" in found.verdict


def test_c19_and_c20_need_a_broker_that_fails_to_order() -> None:
    real = Stack("local", "127.0.0.1:1", "http://127.0.0.1:1", KAFKA)
    for claim in (
        reliability.c19_order_needs_idempotence_not_one_in_flight,
        reliability.c20_three_retries_lose,
    ):
        with pytest.raises(CapabilityMissing, match="--backend embedded"):
            claim(real)


# C21, C23


@pytest.mark.parametrize(("rate", "oversleep"), [(100, 0.0001), (500, 0.00006), (1_000, 0.0)])
def test_c21_pauses_add_up_what_each_costs_and_a_schedule_does_not(rate: float, oversleep: float) -> None:
    clock = ManualClock(oversleep_seconds=oversleep)
    found = rates.c21_sleep_drifts(rate, seconds=2, work_seconds=0.0005, clock=clock)
    assert found.drift_ms_per_event == pytest.approx((0.0005 + 2 * oversleep) * 1_000)
    assert found.by_sleep < found.asked
    assert found.by_schedule == pytest.approx(found.asked, rel=0.01)
    assert f"{found.by_sleep:.1f}" in found.verdict


def test_c21_with_the_machines_clock_pauses_are_never_faster_than_asked() -> None:
    found = rates.c21_sleep_drifts(rate_per_second=500, seconds=0.1)
    assert found.by_sleep < found.asked
    assert found.by_sleep_seconds > found.due_seconds


def test_c21_the_full_queue_holds_the_sender_back_and_loses_nothing() -> None:
    found = rates.c21_backpressure_is_the_full_queue(events=300, capacity=20)
    assert found.longest_queue > 10 * found.capacity, "the pause did not hold anybody back"
    assert found.refused > 0
    # The broker takes 300 events in 3 s; all but what fits into the queue has to be waited for.
    assert found.waited_seconds == pytest.approx(3 - 0.3 - 20 / 100, abs=0.2)
    assert found.lost == 0


@pytest.mark.parametrize("seed", [7, 2_024])
def test_c23_a_band_refuses_the_right_and_takes_the_wrong_and_an_interval_does_neither(seed: int) -> None:
    found = rates.c23_a_fixed_band_proves_little(seed)
    few, many = found.rows[0], found.rows[-1]
    assert (few.n, many.n) == (100, 10_000)
    assert few.right_by_band > 0.3
    assert many.wrong_by_band < 0.01
    assert many.wrong_by_interval > 0.9
    for row in found.rows:
        assert row.right_by_interval <= 1 - found.confidence
        noise = 4 * (row.right_by_band * (1 - row.right_by_band) / 400) ** 0.5 + 1e-9
        assert row.counted_right_by_band == pytest.approx(row.right_by_band, abs=noise)
        assert row.counted_right_by_interval == pytest.approx(row.right_by_interval, abs=0.045)
    assert found.frame().height == len(found.rows)


# C24, C25, C26


def test_c24_only_what_is_not_put_back_reaches_the_next_test() -> None:
    found = mocks.c24_a_replaced_class_leaks_into_the_next_test()
    assert found.replaced == ("Mock", "Mock")
    assert found.restored == found.injected == ("Mock", "Real")
    assert "gets Mock. Put back" in found.verdict


def test_c25_a_mock_without_callbacks_hides_what_a_double_with_them_shows() -> None:
    found = mocks.c25_a_mock_with_send_is_not_the_client(sent=20, lost=3)
    assert set(found.missing_in_mock) == {"produce", "poll", "__len__"}
    assert found.missing_in_client == ("send",)
    assert (found.noticed_with_mock, found.noticed_with_double) == (0, 3)


def test_c26_the_first_base_class_runs_and_the_second_where_it_is_passed_on_to() -> None:
    found = mocks.c26_the_first_base_class_runs()
    assert found.order == ("BurstsFirst", "Bursts", "Nights", "Generator")
    assert (found.ran, found.reversed_ran) == (("Bursts",), ("Nights",))
    assert found.ran_cooperating == ("Bursts", "Nights")


# C36


@pytest.mark.parametrize("seed", [7, 8])
def test_c36_avro_writes_what_has_the_right_type_and_the_levels_notice_the_rest(seed: int) -> None:
    found = validation.c36_avro_checks_types_not_meaning(seed)
    by = {change.mistake: change for change in found.changes}
    assert not by["no amount"].written
    assert not by["a number as user"].written
    for mistake, level in (
        ("a negative amount", Level.BUSINESS),
        ("country and category swapped", Level.QUALITY),
        ("user and session swapped", Level.INTEGRITY),
    ):
        assert (by[mistake].written, by[mistake].read_back) == (True, ReadBack.AS_GIVEN)
        assert by[mistake].noticed_by is level
    assert by["an amount as text"].read_back is ReadBack.CHANGED
    assert by["microseconds in place of milliseconds"].read_back is ReadBack.NOT_AT_ALL
    assert all(change.noticed_by for change in found.changes), "no mistake goes through all levels"
    assert f"Avro writes {len(found.written)}" in found.verdict
    assert found.frame().height == len(found.changes)
