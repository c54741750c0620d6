"""When things happen in a day: the even time of the counters, and the wall clock with its rush and its night.

    clock = DayCurve()
    clock.wall_ms(even_ms)          # later and later in the night: little happens there
    clock.even_ms(wall_ms)          # the way back

Even time takes as long for a day as the wall clock does, but spends it where things happen: an hour with
weight 160 gets 1.6 hours of it. Both are milliseconds since the epoch, in UTC, and agree at midnight.
Integers only, so that no two machines round differently.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Final

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000

HOUR_WEIGHTS: Final = (
    40, 28, 20, 16, 18, 30, 56, 84, 108, 124, 132, 144,
    150, 140, 130, 132, 140, 152, 160, 156, 146, 124, 100, 70,
)  # fmt: skip
"""How much happens in each hour of a day, in hundredths of the mean."""

EVEN_WEIGHTS: Final = (100,) * 24
"""No day curve: even time is wall time."""


class DayCurve:
    """A monotone map between even time and wall time.

    Args:
        weights: of the 24 hours, hundredths of the mean hour; they sum to 2,400.
    """

    def __init__(self, weights: tuple[int, ...] = HOUR_WEIGHTS) -> None:
        if len(weights) != 24 or sum(weights) != 2_400 or min(weights) < 1:
            raise ValueError("24 positive weights that sum to 2,400")
        self.peak_hundredths = max(weights)
        """Even time runs at most this much faster than the wall clock: a gap shrinks by no more."""
        self._weights = weights
        self._starts = tuple(accumulate((w * (HOUR_MS // 100) for w in weights), initial=0))[:24]

    def wall_ms(self, even_ms: int) -> int:
        """The time on the wall, rounded down to a millisecond."""
        day, rest = divmod(even_ms, DAY_MS)
        hour = bisect_right(self._starts, rest) - 1
        return day * DAY_MS + hour * HOUR_MS + (rest - self._starts[hour]) * 100 // self._weights[hour]

    def even_ms(self, wall_ms: int) -> int:
        """The even time at a time on the wall, rounded down to a millisecond."""
        day, rest = divmod(wall_ms, DAY_MS)
        hour, into = divmod(rest, HOUR_MS)
        return day * DAY_MS + self._starts[hour] + into * self._weights[hour] // 100
