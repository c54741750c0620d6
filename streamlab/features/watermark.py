"""How far event time has come: per partition, and over all of them.

    watermarks = Watermarks(allowed_lateness_seconds=5.0, idle_after_seconds=60.0, clock=lambda: now_ms)
    watermarks.observe(0, 20_000)        # False: not late
    watermarks.of(0)                     # 15_000
    watermarks.observe(0, 14_999)        # True: late
    watermarks.overall()                 # the minimum over the partitions that are not idle

The watermark of a partition is the greatest event time seen in it minus the allowed lateness. An event is
late if its time is smaller than the watermark of its partition when it arrives; one exactly at the watermark
is not. What is older than the watermark is complete: nothing at those times is accepted any more. (Akidau et
al., "The Dataflow Model", 2015; Flink calls it bounded out-of-orderness.)
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from streamlab.features.constants import ALLOWED_LATENESS_SECONDS, IDLE_AFTER_SECONDS, SECOND_MS

Clock = Callable[[], int]
"""Milliseconds of a clock that never goes back; it has nothing to do with event time."""

NEVER: Final = -(1 << 62)
"""The watermark before the first event: smaller than any event time."""


def monotonic_ms() -> int:
    """The machine's monotonic clock."""
    return int(monotonic() * SECOND_MS)


@dataclass(frozen=True, slots=True)
class Late:
    """An event that came after the watermark of its partition had passed it.

    Attributes:
        event: the event itself, as it was given.
        partition: where it came from.
        event_time_ms: when it happened.
        watermark_ms: the watermark that it missed; always greater than `event_time_ms`.
    """

    event: dict[str, Any]
    partition: Hashable
    event_time_ms: int
    watermark_ms: int

    @property
    def reason(self) -> str:
        """One sentence for the dead-letter queue."""
        behind = self.watermark_ms - self.event_time_ms
        return (
            f"late: event time {self.event_time_ms} is {behind} ms before the watermark {self.watermark_ms}"
        )


class Progress:
    """How far event time has come in one partition.

    Attributes:
        newest_ms: the greatest event time seen; `NEVER` before the first.
        watermark_ms: what is smaller is late; `NEVER` before the first event.
        fresh: whether an event came since the clock was last read.
        active_ms: the reading of the clock that first knew of the latest event, or of the assignment.
    """

    __slots__ = ("active_ms", "fresh", "newest_ms", "watermark_ms")

    def __init__(self, active_ms: int) -> None:
        self.newest_ms = NEVER
        self.watermark_ms = NEVER
        self.fresh = False
        self.active_ms = active_ms


class Watermarks:
    """The watermark of every partition, and their minimum over those that are not idle.

    The clock is read when `overall` is asked, not at every event: an event counts as having come at the first
    reading after it. So idleness is noticed at most one reading late, and an event costs no system call.

    Args:
        allowed_lateness_seconds: how much older than the newest event one may be.
        idle_after_seconds: a partition without events for this long holds nobody back.
        clock: milliseconds, monotonic.
    """

    def __init__(
        self,
        allowed_lateness_seconds: float = ALLOWED_LATENESS_SECONDS,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        clock: Clock = monotonic_ms,
    ) -> None:
        self.lateness_ms: Final = round(allowed_lateness_seconds * SECOND_MS)
        self.idle_after_ms: Final = round(idle_after_seconds * SECOND_MS)
        self._clock = clock
        self._partitions: dict[Hashable, Progress] = {}
        self._overall = NEVER

    def assign(self, partition: Hashable) -> Progress:
        """Know a partition before its first event: until that, or until it is idle, it holds all back."""
        progress = self._partitions.get(partition)
        if progress is None:
            progress = self._partitions[partition] = Progress(self._clock())
        return progress

    def observe(self, partition: Hashable, event_time_ms: int) -> bool:
        """Take note of an event; whether it is late. A late one only shows that its partition lives."""
        progress = self._partitions.get(partition) or self.assign(partition)
        progress.fresh = True
        if event_time_ms > progress.newest_ms:
            progress.newest_ms = event_time_ms
            # After `end` the watermark may be ahead of the lateness; it never goes back.
            progress.watermark_ms = max(progress.watermark_ms, event_time_ms - self.lateness_ms)
            return False
        return event_time_ms < progress.watermark_ms

    def end(self, partition: Hashable) -> None:
        """Nothing more will come: what was seen is complete, and what comes up to the newest is late."""
        progress = self.assign(partition)
        if progress.newest_ms != NEVER:
            progress.watermark_ms = progress.newest_ms + 1

    def of(self, partition: Hashable) -> int | None:
        """The watermark of one partition; None before its first event."""
        progress = self._partitions.get(partition)
        return None if progress is None or progress.watermark_ms == NEVER else progress.watermark_ms

    def idle(self, now_ms: int | None = None) -> tuple[Hashable, ...]:
        """The partitions that hold nobody back, in the order of their assignment."""
        oldest = self._read(now_ms) - self.idle_after_ms
        return tuple(name for name, progress in self._partitions.items() if progress.active_ms <= oldest)

    def overall(self, now_ms: int | None = None) -> int | None:
        """The operator's watermark; None while a partition that is not idle has had no event.

        The minimum over the partitions that are not idle. If all are, nobody is held back: the maximum, as in
        Flink's StatusWatermarkValve. It never goes back, so events of a partition that was idle and wakes up
        can be late for the operator without being late in their partition.

        Args:
            now_ms: what the clock says; it is asked if this is left out.
        """
        oldest = self._read(now_ms) - self.idle_after_ms
        everybody = self._partitions.values()
        awake = [progress.watermark_ms for progress in everybody if progress.active_ms > oldest]
        if awake:
            self._overall = max(self._overall, min(awake))
        elif everybody:
            self._overall = max(self._overall, max(progress.watermark_ms for progress in everybody))
        return None if self._overall == NEVER else self._overall

    def forget(self, partition: Hashable) -> None:
        """The partition belongs to somebody else now."""
        self._partitions.pop(partition, None)

    def _read(self, now_ms: int | None) -> int:
        """The time, noted for every partition that had an event since the last reading."""
        now = self._clock() if now_ms is None else now_ms
        for progress in self._partitions.values():
            if progress.fresh:
                progress.fresh = False
                progress.active_ms = now
        return now
