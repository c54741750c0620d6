"""What a pipeline keeps of one partition: the events that wait for its watermark, and the state of its keys.

partition = PartitionState(Progress(active_ms=0))
partition.waiting.append(event)
partition.complete()                 # the events before the watermark, in event-time order
partition.sweep()                    # drops what no later window can hold
"""

from bisect import bisect_left
from operator import itemgetter
from typing import Any, Final, Protocol

from streamlab.features.constants import LONGEST_WINDOW_MS
from streamlab.features.watermark import NEVER, Progress

Event = dict[str, Any]
Features = dict[str, Any]

SWEEP_MS: Final = LONGEST_WINDOW_MS // 2
"""Event time between two searches for expired keys: none stays longer than this beyond the longest window."""

event_time_of = itemgetter("event_time")


class KeyState(Protocol):
    """What a pipeline needs of the state of one key."""

    last_ms: int

    def __len__(self) -> int: ...
    def insert(self, event: Event, now_ms: int) -> None: ...
    def features(self, event: Event, now_ms: int) -> Features: ...


class PartitionState:
    """One partition: its progress, what waits, and the state of its keys."""

    __slots__ = ("progress", "states", "swept_ms", "waiting")

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.waiting: list[Event] = []
        self.states: dict[str, KeyState] = {}
        self.swept_ms = NEVER

    def complete(self) -> tuple[list[Event], list[int]]:
        """Take from what waits the events before the watermark, in event-time order; and their times."""
        waiting = self.waiting
        waiting.sort(key=event_time_of)
        times = list(map(event_time_of, waiting))
        cut = bisect_left(times, self.progress.watermark_ms)
        ready = waiting[:cut]
        del waiting[:cut], times[cut:]
        return ready, times

    def sweep(self) -> None:
        """Drop the keys whose events no later window can hold; looks every `SWEEP_MS` of event time."""
        watermark = self.progress.watermark_ms
        if watermark - self.swept_ms >= SWEEP_MS:
            self.swept_ms = watermark
            oldest = watermark - LONGEST_WINDOW_MS
            self.states = {key: state for key, state in self.states.items() if state.last_ms > oldest}
