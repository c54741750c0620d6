"""The laws of the pipelines, against the naive oracle, on random streams that crowd around the edges."""

from typing import Any

import pytest
from feature_oracle import card_features, judge, user_features
from feature_streams import LATENESS_MS, arrivals, clicks, minutes, seconds, transaction, transactions
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features import CardFeatures, Pipeline, UserFeatures, rebuild_from_ms
from streamlab.features.constants import LONGEST_WINDOW_MS
from streamlab.features.partition import SWEEP_MS

Arrivals = list[tuple[int, dict[str, Any]]]
CARDS = arrivals(transactions())
USERS = arrivals(clicks(), key="user_id")


def run(pipeline: Pipeline, arrived: Arrivals, release_after: set[int] | None = None) -> dict[int, list[Any]]:
    """What comes out of each partition; released after some of the arrivals, or all of them, and drained."""
    out: dict[int, list[Any]] = {partition: [] for partition, _ in arrived}
    for index, (partition, event) in enumerate(arrived):
        pipeline.add(event, partition)
        if release_after is None or index in release_after:
            for other in out:
                out[other] += pipeline.release(other)
    for other in out:
        out[other] += pipeline.drain(other)
    return out


def oracle(features: Any, arrived: Arrivals) -> dict[int, list[Any]]:
    _, accepted = judge(arrived, LATENESS_MS)
    return {
        partition: features([event for where, event in accepted if where == partition])
        for partition, _ in arrived
    }


@given(CARDS)
def test_the_features_of_cards_are_the_oracle_s_event_by_event(arrived: Arrivals) -> None:
    assert run(CardFeatures(5.0), arrived) == oracle(card_features, arrived)


@given(USERS)
def test_the_features_of_users_are_the_oracle_s_event_by_event(arrived: Arrivals) -> None:
    assert run(UserFeatures(5.0), arrived) == oracle(user_features, arrived)


@given(arrivals(transactions("a"), partitions=1, most=60))
def test_one_busy_card_is_the_oracle_s_too(arrived: Arrivals) -> None:
    assert run(CardFeatures(5.0), arrived) == oracle(card_features, arrived)


@given(CARDS)
@settings(max_examples=40)
def test_what_is_late_comes_back_with_the_watermark_that_it_missed(arrived: Arrivals) -> None:
    pipeline = CardFeatures(5.0)
    found = [pipeline.add(event, partition) for partition, event in arrived]
    late, accepted = judge(arrived, LATENESS_MS)
    assert [(one.partition, one.event) for one in found if one] == late
    assert all(one.event_time_ms < one.watermark_ms for one in found if one)
    assert pipeline.state_size().waiting == len(accepted)
    assert sum(pipeline.waiting(partition) for partition in (0, 1, 2)) == len(accepted)


@given(CARDS, st.sets(st.integers(0, 39)))
@settings(max_examples=40)
def test_when_release_is_called_does_not_matter(arrived: Arrivals, release_after: set[int]) -> None:
    assert run(CardFeatures(5.0), arrived, release_after) == run(CardFeatures(5.0), arrived)


@given(arrivals(transactions(), late=False), st.data())
@settings(max_examples=40)
def test_the_order_of_arrival_within_the_lateness_does_not_matter(arrived: Arrivals, data: Any) -> None:
    delays = data.draw(st.lists(st.integers(0, LATENESS_MS), min_size=len(arrived), max_size=len(arrived)))
    places = sorted(range(len(arrived)), key=lambda i: arrived[i][1]["event_time"] + delays[i])
    shuffled = [arrived[place] for place in places]
    assert judge(shuffled, LATENESS_MS)[0] == []
    expected = {
        partition: card_features([e for p, e in arrived if p == partition]) for partition, _ in arrived
    }
    assert run(CardFeatures(5.0), shuffled) == expected


@given(CARDS)
@settings(max_examples=40)
def test_adding_many_at_once_is_adding_one_after_another(arrived: Arrivals) -> None:
    together, single = CardFeatures(5.0), CardFeatures(5.0)
    for partition in (0, 1):
        events = [event for where, event in arrived if where == partition]
        late = together.add_all(events, partition)
        assert late == [one for event in events if (one := single.add(event, partition))]
        assert together.watermark(partition) == single.watermark(partition)
    assert together.drain() == single.drain()


@given(CARDS)
@settings(max_examples=40)
def test_partitions_are_independent(arrived: Arrivals) -> None:
    both = run(CardFeatures(5.0), arrived)
    for partition, records in both.items():
        alone = [(where, event) for where, event in arrived if where == partition]
        assert run(CardFeatures(5.0), alone)[partition] == records


@given(CARDS, st.integers(0, 40))
@settings(max_examples=40)
def test_a_forgotten_partition_starts_anew_and_the_others_go_on(arrived: Arrivals, at: int) -> None:
    pipeline = CardFeatures(5.0)
    for partition, event in arrived[:at]:
        pipeline.add(event, partition)
    kept = pipeline.release(1)
    pipeline.forget(0)
    assert pipeline.watermark(0) is None
    found: dict[int, list[Any]] = {0: [], 1: kept}
    for partition, event in arrived[at:]:
        pipeline.add(event, partition)
        found[partition] += pipeline.release(partition)
    for partition in found:
        found[partition] += pipeline.drain(partition)
    anew = oracle(card_features, [(p, e) for i, (p, e) in enumerate(arrived) if p == 1 or i >= at])
    assert found == {0: [], 1: []} | anew


@given(arrivals(transactions("ac"), most=60), st.integers(0, 60))
@settings(max_examples=100)
def test_a_partition_rebuilt_from_its_log_goes_on_as_if_nothing_had_happened(
    arrived: Arrivals, at: int
) -> None:
    log = [event for partition, event in arrived if partition == 1]
    before = CardFeatures(5.0)
    before.add_all(log[:at], 1)
    before.release(1)
    watermark = before.watermark(1)
    # Kafka's offsets_for_times: the first offset whose timestamp is at least this.
    start = at if watermark is None else next(
        (i for i, one in enumerate(log[:at]) if one["event_time"] >= rebuild_from_ms(watermark)), at
    )  # fmt: skip
    after = CardFeatures(5.0)
    after.add_all(log[start:at], 1)
    assert after.release(1, emit=False) == []
    assert after.watermark(1) == watermark
    assert after.state_size(1).waiting == before.state_size(1).waiting
    for event in log[at:]:
        assert after.add(event, 1) == before.add(event, 1)
        assert after.release(1) == before.release(1)
    assert after.drain(1) == before.drain(1)


@pytest.mark.parametrize(("earlier_ms", "seen"), [(0, 20.0), (1, 10.0)])
def test_a_rebuild_reads_as_far_back_as_the_next_event_can_see(earlier_ms: int, seen: float) -> None:
    watermark = minutes(100)
    oldest = rebuild_from_ms(watermark) - earlier_ms
    pipeline = CardFeatures(5.0)
    pipeline.add_all([transaction(oldest, "a"), transaction(watermark + LATENESS_MS, "b")])
    pipeline.release(emit=False)
    assert pipeline.add(transaction(watermark, "c")) is None
    assert pipeline.drain()[0]["amount_sum_1h"] == seen


def test_an_event_exactly_at_the_watermark_is_accepted_and_waits() -> None:
    pipeline = CardFeatures(5.0)
    pipeline.add(transaction(seconds(30), "new"))
    assert pipeline.add(transaction(seconds(25), "edge")) is None
    late = pipeline.add(transaction(seconds(25) - 1, "old"))
    assert late is not None
    assert late.reason.startswith("late: ")
    assert pipeline.release() == []
    pipeline.add(transaction(seconds(30) + 1, "newer"))
    assert [one["txn_id"] for one in pipeline.release()] == ["edge"]


def test_without_lateness_an_event_waits_until_time_has_moved_on() -> None:
    pipeline = CardFeatures(0.0)
    pipeline.add(transaction(seconds(1), "a"))
    assert pipeline.release() == []
    pipeline.add(transaction(seconds(1), "b"))
    pipeline.add(transaction(seconds(1) + 1, "c"))
    assert [one["txn_count_5m"] for one in pipeline.release()] == [2, 2]


def test_after_a_drain_what_is_not_newer_is_late() -> None:
    pipeline = CardFeatures(5.0)
    pipeline.add(transaction(seconds(30), "a"))
    assert len(pipeline.drain()) == 1
    assert pipeline.drain() == []
    assert pipeline.add(transaction(seconds(30), "b")) is not None
    assert pipeline.add(transaction(seconds(31), "c")) is None
    assert [one["txn_count_5m"] for one in pipeline.drain()] == [2]


def test_a_pipeline_without_events_has_nothing_to_say() -> None:
    pipeline = CardFeatures()
    assert pipeline.release() == pipeline.release(7) == pipeline.drain() == pipeline.drain(7) == []
    assert pipeline.waiting(7) == 0
    assert pipeline.state_size() == (0, 0, 0)
    assert pipeline.watermark(0) is None


def test_an_assigned_partition_holds_the_overall_watermark_back() -> None:
    pipeline = CardFeatures(5.0, idle_after_seconds=60.0, clock=lambda: 0)
    pipeline.assign(1)
    pipeline.add(transaction(seconds(30)), 0)
    assert pipeline.watermarks.overall(0) is None
    pipeline.add(transaction(seconds(31)), 0)
    assert pipeline.watermarks.overall(60_000) == seconds(26)


@pytest.mark.parametrize("apart_ms", [1_000, 60_000])
def test_state_is_bounded_whatever_the_length_of_the_stream(apart_ms: int) -> None:
    pipeline, sizes = CardFeatures(5.0), []
    for index in range(6_000):
        pipeline.add(transaction(seconds(0) + index * apart_ms, f"{index}", f"card-{index % 977}"))
        if index % 50 == 49:
            pipeline.release()
            sizes.append(pipeline.state_size())
    held_ms = 2 * LONGEST_WINDOW_MS + SWEEP_MS + 50 * apart_ms
    assert max(size.events for size in sizes) <= held_ms / apart_ms
    assert max(size.keys for size in sizes) <= (LONGEST_WINDOW_MS + SWEEP_MS + 50 * apart_ms) / apart_ms
    assert max(size.waiting for size in sizes) <= 5_000 / apart_ms + 50


def test_a_key_without_events_in_the_longest_window_is_dropped() -> None:
    pipeline = CardFeatures(5.0)
    pipeline.add(transaction(minutes(0), "a", "gone"))
    for minute in range(1, 92):
        pipeline.add(transaction(minutes(minute), f"{minute}", "here"))
        pipeline.release()
    assert pipeline.state_size().keys == 1


def test_one_busy_key_holds_the_longest_window_and_no_more() -> None:
    pipeline = CardFeatures(0.0)
    for index in range(8_000):
        pipeline.add(transaction(seconds(index), f"{index}"))
        pipeline.release()
    assert pipeline.state_size() == (1, 3_600, 1)
