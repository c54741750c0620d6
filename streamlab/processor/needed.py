"""From which offset on a partition's log is still needed, so that a restart can rebuild the state from it.

    needed = Needed(first_offset=0)
    needed.add(next_offset=500, newest_ms=1_790_000_000_000)     # what [0, 500) had
    needed.first(watermark_ms=1_790_000_005_000)                 # 0: the windows may still ask for it

Runs of messages are remembered by their first offset and their newest event time, a run being at least
`RUN_MESSAGES` messages, so that this stays small whatever the rate. The runs in front whose newest event is
older than every window that is still to come are forgotten; the first that is left is the answer. No clock
and no record's timestamp has a part in it.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from streamlab.features import rebuild_from_ms

RUN_MESSAGES: Final = 256
"""As many messages more than needed are read again at most, beside those of one batch."""


@dataclass
class _Run:
    first_offset: int
    newest_ms: int | None


class Needed:
    """What a partition's windows and buffer can still depend on."""

    def __init__(self, first_offset: int) -> None:
        self._runs: deque[_Run] = deque()
        self._next_offset = first_offset

    def add(self, next_offset: int, newest_ms: int | None) -> None:
        """Messages up to an offset were taken; the newest accepted event of them, None if there was none."""
        last = self._runs[-1] if self._runs else None
        if last is None or self._next_offset - last.first_offset >= RUN_MESSAGES:
            self._runs.append(_Run(self._next_offset, newest_ms))
        elif last.newest_ms is None or (newest_ms is not None and newest_ms > last.newest_ms):
            last.newest_ms = newest_ms
        self._next_offset = next_offset

    def first(self, watermark_ms: int | None) -> int:
        """The first offset that is needed after this watermark; the next one if none is. Never goes back."""
        if watermark_ms is not None:
            horizon_ms = rebuild_from_ms(watermark_ms)
            while self._runs and _is_older(self._runs[0], horizon_ms):
                self._runs.popleft()
        elif all(run.newest_ms is None for run in self._runs):
            self._runs.clear()
        return self._runs[0].first_offset if self._runs else self._next_offset


def _is_older(run: _Run, horizon_ms: int) -> bool:
    return run.newest_ms is None or run.newest_ms < horizon_ms
