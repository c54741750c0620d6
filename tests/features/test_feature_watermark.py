"""Watermarks: per partition, their minimum over those that are not idle, with a clock of our own."""

import pytest
from feature_streams import seconds
from hypothesis import given
from hypothesis import strategies as st

from streamlab.features import Late, Watermarks
from streamlab.features.watermark import monotonic_ms


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watermarks(clock: Clock) -> Watermarks:
    return Watermarks(allowed_lateness_seconds=5.0, idle_after_seconds=60.0, clock=clock)


def test_the_watermark_is_the_greatest_event_time_minus_the_lateness(watermarks: Watermarks) -> None:
    for time in (10, 30, 26, 29):
        watermarks.observe(0, seconds(time))
    assert watermarks.of(0) == seconds(25)


def test_an_event_is_late_only_if_it_is_before_the_watermark(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(30))
    assert not watermarks.observe(0, seconds(25))
    assert watermarks.observe(0, seconds(25) - 1)


def test_a_first_event_is_never_late_and_there_is_no_watermark_before_it(watermarks: Watermarks) -> None:
    assert watermarks.of(0) is None
    assert watermarks.overall() is None
    assert not watermarks.observe(0, -(10**15))


def test_a_late_event_does_not_move_the_watermark(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(30))
    watermarks.observe(0, seconds(1))
    assert watermarks.of(0) == seconds(25)


def test_partitions_are_late_on_their_own(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(1_000))
    assert not watermarks.observe(1, seconds(1))


def test_the_overall_watermark_is_the_slowest_partition_s(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(1_000))
    watermarks.observe(1, seconds(30))
    assert watermarks.overall() == seconds(25)


def test_an_idle_partition_holds_the_overall_watermark_back_until_its_time_is_over(
    watermarks: Watermarks, clock: Clock
) -> None:
    watermarks.observe(0, seconds(100))
    watermarks.observe(1, seconds(30))
    assert watermarks.overall() == seconds(25)
    clock.now_ms = 59_999
    watermarks.observe(0, seconds(160))
    assert watermarks.overall() == seconds(25)
    assert watermarks.idle() == ()
    clock.now_ms = 60_000
    assert watermarks.idle() == (1,)
    assert watermarks.overall() == seconds(155)


def test_an_assigned_partition_without_events_holds_it_back_too_until_it_is_idle(
    watermarks: Watermarks, clock: Clock
) -> None:
    watermarks.assign(1)
    watermarks.observe(0, seconds(100))
    assert watermarks.overall() is None
    watermarks.observe(0, seconds(101))
    assert watermarks.overall(now_ms=60_000) == seconds(96)


def test_a_partition_that_wakes_up_does_not_pull_the_overall_watermark_back(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(100))
    watermarks.observe(1, seconds(30))
    watermarks.overall(now_ms=0)
    watermarks.observe(0, seconds(101))
    assert watermarks.overall(now_ms=60_000) == seconds(96)
    assert not watermarks.observe(1, seconds(31))
    assert watermarks.overall(now_ms=60_001) == seconds(96)


def test_if_all_partitions_are_idle_the_furthest_one_counts(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(100))
    watermarks.observe(1, seconds(30))
    watermarks.overall(now_ms=0)
    assert watermarks.overall(now_ms=60_000) == seconds(95)


def test_a_late_event_shows_that_its_partition_lives(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(30))
    watermarks.overall(now_ms=0)
    watermarks.observe(0, seconds(1))
    watermarks.overall(now_ms=50_000)
    assert watermarks.idle(now_ms=60_000) == ()


def test_after_the_end_everything_seen_is_complete(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(30))
    watermarks.end(0)
    assert watermarks.of(0) == seconds(30) + 1
    assert watermarks.observe(0, seconds(30))
    assert not watermarks.observe(0, seconds(31))
    assert watermarks.of(0) == seconds(30) + 1


def test_a_forgotten_partition_holds_nobody_back(watermarks: Watermarks) -> None:
    watermarks.observe(0, seconds(100))
    watermarks.observe(1, seconds(30))
    watermarks.forget(1)
    assert watermarks.overall() == seconds(95)
    assert watermarks.of(1) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**6), st.integers(0, 90_000))))
def test_no_watermark_ever_goes_back(steps: list[tuple[int, int, int]]) -> None:
    watermarks, now, last = Watermarks(5.0, 60.0, lambda: 0), 0, -(10**18)
    own: dict[int, int] = {}
    for partition, time, wait in steps:
        now += wait
        watermarks.observe(partition, time)
        mark = watermarks.of(partition)
        assert mark is not None
        assert mark >= own.get(partition, mark)
        own[partition] = mark
        overall = watermarks.overall(now)
        if overall is not None:
            assert overall >= last
            last = overall


def test_a_late_event_says_by_how_much_it_missed() -> None:
    late = Late({"txn_id": "t"}, 3, event_time_ms=1_000, watermark_ms=1_250)
    assert late.reason == "late: event time 1000 is 250 ms before the watermark 1250"


def test_the_machine_s_clock_is_in_milliseconds_and_never_goes_back() -> None:
    before = monotonic_ms()
    assert monotonic_ms() >= before > 0
