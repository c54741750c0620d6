"""Who is late says the watermark: written down naively here, and asked of the generator's logs."""

from collections.abc import Iterable
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.errors import StreamlabError
from streamlab.generators import STREAMS, Stream, World, stream
from streamlab.generators.disorder import WITNESS_REACH, Disorder


def late_by_the_rule(log: Iterable[tuple[str, int]], partitions: int, allowed_lateness_ms: int) -> list[bool]:
    """For every (key, event time) in the order of arrival: is it behind its partition's watermark?"""
    greatest: dict[int, int] = {}
    late = []
    for key, time_ms in log:
        partition = crc32(key.encode()) % partitions
        seen = greatest.get(partition)
        late.append(seen is not None and time_ms < seen - allowed_lateness_ms)
        greatest[partition] = max(seen, time_ms) if seen is not None else time_ms
    return late


def log_of(events: Stream, start: int, stop: int) -> list[tuple[str, int]]:
    return [(events.key(event), events.event_time_ms(event)) for event in events.events(start, stop)]


@given(
    world=st.builds(
        World,
        seed=st.integers(0, 10**6),
        users=st.sampled_from((1, 7, 300)),
        payments_per_second=st.sampled_from((0.02, 1.0, 10.0, 2_000.0)),
        day_curve=st.booleans(),
    ),
    name=st.sampled_from(STREAMS),
    late_share=st.sampled_from((0.0, 0.02, 0.3, 0.5)),
    max_disorder_seconds=st.sampled_from((0, 0.5, 5, 40)),
    further_seconds=st.sampled_from((None, 0, 7.25)),
)
@settings(max_examples=60, deadline=None)
def test_the_truth_is_what_the_watermark_says(
    world: World,
    name: str,
    late_share: float,
    max_disorder_seconds: float,
    further_seconds: float | None,
) -> None:
    allowed = None if further_seconds is None else max_disorder_seconds + further_seconds
    events = stream(
        name,
        world,
        late_share=late_share,
        max_disorder_seconds=max_disorder_seconds,
        allowed_lateness_seconds=allowed,
    )
    partitions = events.contract.partitions
    assert partitions
    allowed_ms = round(1_000 * (max_disorder_seconds if allowed is None else allowed))
    log = log_of(events, 0, 250)
    assert [events.truth(i).late for i in range(250)] == late_by_the_rule(log, partitions, allowed_ms)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("partitions", [12, 4, 1])
def test_fewer_partitions_leave_the_truth_as_it_is(name: str, partitions: int) -> None:
    events = stream(name, World(), late_share=0.1)
    truth = [events.truth(i).late for i in range(800)]
    assert late_by_the_rule(log_of(events, 0, 800), partitions, 5_000) == truth
    assert any(truth)


def test_the_rule_needs_no_more_of_the_log_than_the_witness_reach() -> None:
    events = stream("txn", World(), late_share=0.1)
    truth = [events.truth(i).late for i in range(10_512, 11_000)]
    assert late_by_the_rule(log_of(events, 10_000, 11_000), 24, 5_000)[512:] == truth


@pytest.mark.parametrize("name", STREAMS)
def test_as_many_are_late_as_was_asked_for(name: str) -> None:
    n, share = 6_000, 0.05
    events = stream(name, World(), late_share=share)
    late = sum(events.truth(i).late for i in range(n))
    four_deviations = 4 * (n * share * (1 - share)) ** 0.5
    # In a world with ten payments a second almost every event that shall be late can be.
    assert n * share * 0.97 - four_deviations < late < n * share + four_deviations


def test_who_is_not_late_is_delayed_by_no_more_than_the_disorder() -> None:
    events = stream("click", World(), late_share=0.05, max_disorder_seconds=3)
    truths = [events.truth(i) for i in range(2_000)]
    on_time = [truth.delay_ms for truth in truths if not truth.late]
    assert 0 <= min(on_time) < 100
    assert 2_900 < max(on_time) <= 3_000
    assert all(truth.delay_ms > 3_000 for truth in truths if truth.late)


def test_without_disorder_the_order_of_arrival_is_that_of_events() -> None:
    events = stream("txn", World(), late_share=0, max_disorder_seconds=0)
    times = [event["event_time"] for event in events.events(0, 2_000)]
    assert times == sorted(times)
    assert times == [events.arrival_ms(i) for i in range(2_000)]


def test_disorder_is_there_when_it_is_asked_for() -> None:
    times = [event["event_time"] for event in stream("txn", World(), late_share=0).events(0, 2_000)]
    assert times != sorted(times)


@pytest.mark.parametrize(
    "arguments",
    [
        {"late_share": -0.1},
        {"late_share": 0.6},
        {"max_disorder_seconds": -1},
        {"max_disorder_seconds": 5, "allowed_lateness_seconds": 4},
    ],
)
def test_what_would_make_the_truth_uncertain_is_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(StreamlabError):
        stream("txn", World(), **arguments)


def test_the_least_that_is_late_is_one_millisecond_behind_the_watermark() -> None:
    disorder = Disorder(0.1, max_disorder_seconds=5, allowed_lateness_seconds=7)
    nothing_more = (0,) * 8
    delay_ms = disorder.late_delay_ms(nothing_more, 30_000, 100_000, witness_ms=99_000)
    assert delay_ms == 1_000 + 7_000 + 1
    assert disorder.late_delay_ms(nothing_more, 8_000, 100_000, witness_ms=99_000) is None
    assert disorder.late_delay_ms(nothing_more, 30_000, 100_000, witness_ms=None) is None


def test_a_witness_out_of_reach_is_none_alone_and_in_a_slice() -> None:
    world = World(users=400, skew=2.5, payments_per_second=50_000)
    events = stream("device", world, late_share=0.5)
    log = list(events.events(0, 6_000))
    positions: dict[int, int] = {}
    far = []
    for index, event in enumerate(log):
        partition = events.partition(events.key(event))
        if index - positions.get(partition, index) > WITNESS_REACH:
            far.append(index)
        positions[partition] = index
    assert len(far) > 5
    assert [events.event(index) for index in far] == [log[index] for index in far]
    assert not any(events.truth(index).late for index in far)
