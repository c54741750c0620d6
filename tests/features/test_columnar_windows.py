"""Windows of all keys at once: against a look into every window."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features.columnar.windows import UNKNOWN, Timeline

WINDOW_MS, LONGEST_MS = 10, 25

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(
            st.integers(0, 60), st.integers(-(2**63), 2**63 - 1), st.sampled_from((2**63 - 1, -(2**63)))
        ),
        st.integers(UNKNOWN, 3),
    ),
    max_size=40,
)


def columns(events: list[tuple[int, int, int]]) -> list[np.ndarray]:
    return [np.array([event[place] for event in events], np.int64) for place in range(3)]


@settings(deadline=None)
@given(EVENTS, st.sampled_from((1, WINDOW_MS, LONGEST_MS)))
def test_a_window_holds_what_a_look_into_it_finds(events: list[tuple[int, int, int]], window_ms: int) -> None:
    keys, times, values = columns(events)
    timeline = Timeline(keys, times, LONGEST_MS)
    window, ordered = timeline.window(window_ms), values[timeline.order]
    found = zip(
        *(
            timeline.in_given_order(one).tolist()
            for one in (
                window.count(),
                window.total(ordered),
                window.distinct(ordered),
                window.most_frequent(ordered),
                timeline.since_previous_ms,
            )
        ),
        strict=True,
    )
    for (key, end, _), came_out in zip(events, found, strict=True):
        inside = [value for other, at, value in events if other == key and end - window_ms < at <= end]
        known = Counter(value for value in inside if value != UNKNOWN)
        favourite = min(known, key=lambda value: (-known[value], value), default=UNKNOWN)
        earlier = [end - at for other, at, _ in events if other == key and at < end]
        count, total, distinct, most_frequent, since_ms = came_out
        assert (count, total) == (len(inside), sum(inside))
        assert (distinct, most_frequent) == (len(known), favourite)
        assert min(since_ms, LONGEST_MS) == min([*earlier, LONGEST_MS])


def test_the_end_of_a_window_belongs_to_it_and_its_start_does_not() -> None:
    times = np.array([0, 1, 10, 11])
    timeline = Timeline(np.zeros(4, np.int64), times, LONGEST_MS)
    assert timeline.window(10).count().tolist() == [1, 2, 2, 2]


def test_events_of_one_key_and_time_see_each_other() -> None:
    timeline = Timeline(np.array([0, 1, 0]), np.array([5, 5, 5]), LONGEST_MS)
    assert timeline.in_given_order(timeline.window(1).count()).tolist() == [2, 1, 2]


def test_keys_and_values_may_be_too_large_for_one_number_together() -> None:
    keys, times = np.array([2**40, 0, 2**40, 0]), np.array([0, 2**40, 3, 2**40])
    values = np.array([2**61, 5, 2**61, 6])
    timeline = Timeline(keys, times, LONGEST_MS)
    window, ordered = timeline.window(LONGEST_MS), values[timeline.order]
    assert timeline.in_given_order(window.count()).tolist() == [1, 2, 2, 2]
    assert timeline.in_given_order(window.distinct(ordered)).tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize("count", [0, 1])
def test_no_event_and_one_event_are_batches_too(count: int) -> None:
    one = np.zeros(count, np.int64)
    window = Timeline(one, one, LONGEST_MS).window(WINDOW_MS)
    assert window.count().tolist() == [1] * count
    assert window.distinct(one).tolist() == [1] * count
    assert window.most_frequent(one).tolist() == [0] * count
