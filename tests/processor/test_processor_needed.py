"""What a restart needs again is kept account of in offsets, exactly enough and in little memory."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features import rebuild_from_ms
from streamlab.features.constants import LONGEST_WINDOW_MS
from streamlab.processor.needed import RUN_MESSAGES, Needed

START_MS = 1_700_000_000_000
BATCHES = st.lists(
    st.tuples(st.integers(1, 600), st.none() | st.integers(-4_000_000, 4_000_000), st.integers(0, 3_000_000)),
    max_size=30,
)


@given(BATCHES, st.integers(0, 1_000))
@settings(max_examples=200)
def test_nothing_that_a_window_can_ask_for_lies_before_it_and_little_that_none_can_after(
    batches: list[tuple[int, int | None, int]], start: int
) -> None:
    needed = Needed(start)
    offset, watermark_ms, before = start, START_MS, start
    taken: list[tuple[int, int, int | None]] = []
    for messages, lead_ms, step_ms in batches:
        newest_ms = None if lead_ms is None else watermark_ms + lead_ms
        taken.append((offset, offset + messages, newest_ms))
        offset += messages
        needed.add(offset, newest_ms)
        watermark_ms += step_ms
        first = needed.first(watermark_ms)
        assert before <= first <= offset
        before = first
        horizon_ms = rebuild_from_ms(watermark_ms)
        wanted = [begin for begin, _, newest in taken if newest is not None and newest >= horizon_ms]
        assert first <= min(wanted, default=offset)
        # No more than a run is read without need: the batches between have nothing to keep them.
        idle = [end - begin for begin, end, newest in taken if first <= begin < min(wanted, default=offset)]
        assert sum(idle) < RUN_MESSAGES + max((end - begin for begin, end, _ in taken), default=0)


def test_before_the_first_event_nothing_is_needed() -> None:
    needed = Needed(7)
    needed.add(9, None)
    assert needed.first(None) == 9


def test_an_event_is_needed_until_the_longest_window_has_passed_it() -> None:
    needed = Needed(0)
    needed.add(RUN_MESSAGES, START_MS)
    needed.add(2 * RUN_MESSAGES, START_MS + 1)
    assert needed.first(START_MS + LONGEST_WINDOW_MS - 1) == 0
    assert needed.first(START_MS + LONGEST_WINDOW_MS) == RUN_MESSAGES
    assert needed.first(START_MS + LONGEST_WINDOW_MS + 1) == 2 * RUN_MESSAGES


def test_messages_that_come_one_by_one_are_remembered_in_runs() -> None:
    needed = Needed(0)
    for offset in range(10 * RUN_MESSAGES):
        needed.add(offset + 1, START_MS + offset)
    assert len(needed._runs) == 10
