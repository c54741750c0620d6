"""Sliding windows of all keys at once: one axis, two ends for every event, and what lies between them.

    timeline = Timeline(keys, times, longest_ms=3_600_000)      # int arrays, in any order
    hour = timeline.window(3_600_000)
    amounts = cents[timeline.order]                             # the order in which everything here is
    hour.count(), hour.total(amounts), hour.distinct(countries[timeline.order])

Events are sorted by key and time and laid on one axis of integers, on which two neighbours are as far apart
as in time, but never further than the longest window and one more: that is also the distance between two
keys. So one window on the axis is one window of a key, and no year without an event makes a number
overflow. The window of event i holds the events from `starts[i]` up to `stops[i]`, that one not included:
t - w < event_time <= t, with the events of the same key and time on both sides of i. Both ends never go back
along the axis, which is what makes counting distinct values possible without a window being looked into.

Cost: O(n log n) for all, however many events a window holds.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

UNKNOWN: Final = -1
"""In place of a value's code where there is none: it is no value."""

_LARGEST: Final = 2**63 - 1


class Timeline:
    """Events by key and time.

    Attributes:
        order: where the events of the axis stand in the arrays that were given.
        run: for each event of the axis the number of its key, ascending from 0.
        since_previous_ms: milliseconds since the latest event of the key with a smaller time; at least
            `longest_ms` where there is none as near as that.

    Args:
        keys: a number for each event's key, not negative.
        times: event times in milliseconds.
        longest_ms: the longest window that will be asked for.
    """

    def __init__(self, keys: Integers, times: Integers, longest_ms: int) -> None:
        self.order = _order(keys, times)
        sorted_keys, sorted_times = keys[self.order], times[self.order]
        self._lay(sorted_keys[1:] != sorted_keys[:-1], sorted_times, longest_ms)

    @classmethod
    def sorted(cls, changes: NDArray[np.bool_], times: Integers, longest_ms: int) -> "Timeline":
        """Of events that are sorted by key and time; `changes` says where the next one has another key."""
        timeline = cls.__new__(cls)
        timeline.order = np.arange(len(times))
        timeline._lay(changes, times, longest_ms)
        return timeline

    def _lay(self, changes: NDArray[np.bool_], times: Integers, longest_ms: int) -> None:
        count = len(times)
        self.run = np.zeros(count, np.int64)
        np.cumsum(changes, out=self.run[1:])
        # Neighbours of one key ascend: whatever the times, their distance fits into 64 bits without a sign.
        gaps = np.minimum(np.diff(times).view(np.uint64), np.uint64(longest_ms + 1)).view(np.int64)
        gaps[changes] = longest_ms + 1
        self.axis = np.zeros(count, np.int64)
        np.cumsum(gaps, out=self.axis[1:])
        firsts = np.flatnonzero(np.concatenate(([True], gaps != 0)))[: count or 0]
        sizes = np.diff(firsts, append=count)
        self.ties = np.repeat(firsts, sizes)
        self.stops = np.repeat(firsts + sizes, sizes)
        apart = np.full(len(firsts), longest_ms, np.int64)
        apart[1:] = gaps[firsts[1:] - 1]
        self.since_previous_ms = np.repeat(apart, sizes)

    def window(self, window_ms: int) -> "Window":
        """The windows of one length that end at the events; not longer than the longest."""
        return Window(self, np.searchsorted(self.axis, self.axis - window_ms, side="right"))

    def in_given_order(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Values along the axis, in the order of the arrays that were given."""
        scattered = np.empty_like(values)
        scattered[self.order] = values
        return scattered


class Window:
    """For each event of a timeline the window that ends at it; every argument and result is along the axis.

    Attributes:
        starts: the first event that the window holds.
        stops: the first behind those that it holds.
    """

    def __init__(self, timeline: Timeline, starts: Integers) -> None:
        self._timeline = timeline
        self.starts = starts
        self.stops = timeline.stops

    def count(self) -> Integers:
        """The number of events; at least 1, the event itself."""
        return self.stops - self.starts

    def total(self, values: NDArray[np.integer] | NDArray[np.bool_]) -> Integers:
        """The sum of integers, exact."""
        sums = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values, out=sums[1:])
        return sums[self.stops] - sums[self.starts]

    def distinct(self, values: Integers) -> Integers:
        """The number of distinct known values.

        An event is the first of its value in a window if the window holds it, but not the one before it
        with the same key and value. Ends never go back, so those windows are neighbours: each event counts
        for an interval of windows, and the sum over all of them is that of +1 where intervals begin and -1
        where they end.
        """
        places, repeated = by_value(self._timeline.run, values)
        left = self._left()
        begins = self._timeline.ties[places]
        begins[1:][repeated] = np.maximum(begins[1:], left[places[:-1]])[repeated]
        changes = np.bincount(begins, minlength=len(values) + 1)
        changes -= np.bincount(left[places], minlength=len(values) + 1)
        return np.cumsum(changes[:-1])

    def most_frequent(self, values: Integers) -> Integers:
        """The value with most events, of several the smallest; UNKNOWN where no event has a known value.

        The count of one value changes where an event enters or leaves; between two changes it stands, for an
        interval of windows. The answer of a window is the best of the intervals over it.
        """
        count = len(values)
        places, repeated = by_value(self._timeline.run, values)
        if not len(places):
            return np.full(count, UNKNOWN)
        pair = np.zeros(len(places), np.int64)
        np.cumsum(~repeated, out=pair[1:])
        at = np.concatenate((self._timeline.ties[places], self._left()[places]))
        pairs, change = np.concatenate((pair, pair)), np.repeat([1, -1], len(places))
        order = (
            np.lexsort((at, pairs))
            if len(places) > _LARGEST // (count + 1)
            else np.argsort(pairs * (count + 1) + at)
        )
        at, pairs, standing = at[order], pairs[order], np.cumsum(change[order])
        here = np.flatnonzero((pairs[1:] == pairs[:-1]) & (standing[:-1] > 0) & (at[1:] > at[:-1]))
        value_of = values[places][np.flatnonzero(np.concatenate(([True], ~repeated)))]
        size = int(values.max()) + 1
        scores = standing[here] * size + (size - 1 - value_of[pairs[here]])
        best = _best_cover(at[here], at[here + 1], scores, count)
        return np.where(best > 0, size - 1 - best % size, UNKNOWN)

    def _left(self) -> Integers:
        """For each event the first window that starts behind it: the one that it has left."""
        return np.cumsum(np.bincount(self.starts, minlength=len(self.starts)))


def _order(keys: Integers, times: Integers) -> Integers:
    """The events by key, then time; one sort of single numbers where they fit into 64 bits."""
    if not len(times):
        return np.zeros(0, np.int64)
    first = int(times.min())
    span = int(times.max()) - first + 1
    if (int(keys.max()) + 1) * span > _LARGEST:
        return np.lexsort((times, keys))
    return np.argsort(keys * span + (times - first))


def by_value(run: Integers, values: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """The events with a known value by key, value and place; where the next has the same key and value."""
    known = np.flatnonzero(values != UNKNOWN)
    if not len(known):
        return known, np.zeros(0, np.bool_)
    runs, kept, count = run[known], values[known], len(values)
    size = int(kept.max()) + 1
    if (int(runs[-1]) + 1) * size * count > _LARGEST:
        order = np.lexsort((kept, runs))
        runs, kept = runs[order], kept[order]
        return known[order], (runs[1:] == runs[:-1]) & (kept[1:] == kept[:-1])
    pair, place = np.divmod(np.sort((runs * size + kept) * count + known), count)
    return place, pair[1:] == pair[:-1]


def _best_cover(begins: Integers, ends: Integers, scores: Integers, count: int) -> Integers:
    """For each of `count` places the greatest score of the intervals [begin, end) over it; 0 without one.

    A sparse table, backwards: an interval is two blocks of a power of two that overlap, and a block hands its
    score to its two halves. O(n log n), no interval is walked.
    """
    best = np.zeros(count, np.int64)
    if not len(begins):
        return best
    levels = np.frexp(ends - begins)[1] - 1
    for level in range(int(levels.max()), -1, -1):
        width = 1 << level
        # What stands here is of blocks of twice this width: each is the block here and the one behind it.
        best[width:] = np.maximum(best[width:], best[:-width])
        of_level = levels == level
        np.maximum.at(best, begins[of_level], scores[of_level])
        np.maximum.at(best, ends[of_level] - width, scores[of_level])
    return best
