"""A rate is a schedule: no drift, catching up within a bound, and forgiving beyond it (C21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.errors import StreamlabError
from streamlab.generators.rate import LEAST_SLEEP_SECONDS, LONGEST_SLEEP_SECONDS, Rate
from streamlab.producers import ManualClock


@given(st.floats(0.5, 5_000), st.lists(st.floats(0, 0.01), min_size=5, max_size=40), st.floats(0, 0.003))
def test_no_event_is_sent_before_it_is_due_and_the_delay_does_not_grow(
    per_second: float, work_seconds: list[float], oversleep: float
) -> None:
    clock = ManualClock(oversleep_seconds=oversleep)
    rate = Rate(per_second, clock=clock, catch_up_seconds=1_000)
    rate.start()
    behind = 0.0
    for index, work in enumerate(work_seconds):
        rate.wait(index)
        due = index / per_second
        assert clock.seconds() >= due - LEAST_SLEEP_SECONDS
        # Late only by the last sleep's excess, or because the work before took longer than the schedule.
        assert clock.seconds() <= max(due, behind) + oversleep + 1e-9
        clock.advance(work)
        behind = clock.seconds()
    assert rate.forgiven_seconds == 0


def test_who_falls_behind_catches_up() -> None:
    clock = ManualClock()
    rate = Rate(10, clock=clock)
    rate.start()
    rate.wait(0)
    clock.advance(0.55)
    for index in range(1, 6):
        rate.wait(index)
        assert clock.seconds() == pytest.approx(0.55), "five were due; all go at once"
    rate.wait(6)
    assert clock.seconds() == pytest.approx(0.6), "and then the schedule is kept"
    assert rate.forgiven_seconds == 0


def test_after_a_long_pause_no_flood_follows() -> None:
    clock = ManualClock()
    rate = Rate(10, clock=clock, catch_up_seconds=1.0)
    rate.start()
    rate.wait(0)
    clock.advance(60)
    rate.wait(1)
    assert clock.seconds() == 60
    assert rate.forgiven_seconds == pytest.approx(59.9)
    rate.wait(2)
    assert clock.seconds() == pytest.approx(60.1)


def test_a_long_wait_is_made_of_short_ones_so_that_others_have_a_turn() -> None:
    clock, turns = ManualClock(), []
    rate = Rate(1, clock=clock)
    rate.start()
    rate.wait(1, lambda: turns.append(clock.seconds()))
    assert clock.seconds() == pytest.approx(1)
    assert len(turns) == pytest.approx(1 / LONGEST_SLEEP_SECONDS, abs=1)


def test_a_wait_ends_when_it_is_told_to() -> None:
    clock = ManualClock()
    rate = Rate(0.001, clock=clock)
    rate.start()
    rate.wait(1, lambda: clock.seconds() > 2)
    assert clock.seconds() < 2.1


def test_as_fast_as_it_goes_waits_for_nothing() -> None:
    clock = ManualClock()
    rate = Rate(None, clock=clock)
    for index in range(100):
        rate.wait(index)
    assert clock.seconds() == 0


@pytest.mark.parametrize("per_second", [0, -1, float("inf"), float("nan")])
def test_a_rate_that_is_none_is_refused(per_second: float) -> None:
    with pytest.raises(StreamlabError, match="makes no sense"):
        Rate(per_second)


def test_a_clock_that_is_turned_by_hand_does_not_go_back() -> None:
    clock = ManualClock(now_ms=1_000)
    clock.sleep(-5)
    assert (clock.seconds(), clock.now_ms()) == (0, 1_000)
    clock.sleep(1.5)
    assert (clock.seconds(), clock.now_ms()) == (1.5, 2_500)
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)
