"""So many events a second, kept to a schedule instead of to pauses (C21).

    rate = Rate(2_000, clock=SystemClock())
    rate.start()
    for index in range(60_000):
        rate.wait(index)                     # until the moment at which this event is due
        produce(index)

Event n is due n / rate seconds after the start, whatever the events before it took. `sleep(1 / rate)` after
each event adds the work, and what the operating system oversleeps, to every pause: the error grows with
every event.

Who falls behind catches up, within a bound: after a pause of more than `catch_up_seconds` (the broker was
away) the schedule begins anew, and no flood follows. What was forgiven is counted.
"""

from collections.abc import Callable
from typing import Any, Final

from streamlab.errors import StreamlabError
from streamlab.producers.clock import Clock, SystemClock

LEAST_SLEEP_SECONDS: Final = 0.001
"""Nobody sleeps for less: events that are due within a millisecond go out together."""
LONGEST_SLEEP_SECONDS: Final = 0.05
"""How long a sleep lasts at most before somebody else has a turn (serving reports, stopping)."""


class Rate:
    """A schedule of events.

    Args:
        per_second: how many; None is as fast as it goes.
        clock: what is waited by.
        catch_up_seconds: how far behind its schedule it may fall before the schedule begins anew.

    Attributes:
        forgiven_seconds: by how much the schedule was put off.

    Raises:
        StreamlabError: the rate is not positive.
    """

    def __init__(
        self, per_second: float | None, *, clock: Clock | None = None, catch_up_seconds: float = 1.0
    ) -> None:
        if per_second is not None and not 0 < per_second < float("inf"):
            raise StreamlabError(
                f"A rate of {per_second:g} events a second makes no sense.", "Give one above 0."
            )
        self.per_second = per_second
        self.forgiven_seconds = 0.0
        self._clock = clock or SystemClock()
        self._catch_up_seconds = catch_up_seconds
        self._began: float | None = None

    def start(self) -> None:
        """The first event is due now."""
        self._began = self._clock.seconds()
        self.forgiven_seconds = 0.0

    def wait(self, index: int, idle: Callable[[], Any] | None = None) -> None:
        """Return when the event with this index is due: never more than a millisecond before.

        Args:
            idle: called before each sleep (a long wait is made of several); if it returns True, wait no more.
        """
        if self.per_second is None:
            return
        if self._began is None:
            self.start()
        behind = self._behind_seconds(index)
        if behind > self._catch_up_seconds:
            self.forgiven_seconds += behind
            return
        while -behind >= LEAST_SLEEP_SECONDS:
            if idle is not None and idle() is True:
                return
            self._clock.sleep(min(-behind, LONGEST_SLEEP_SECONDS))
            behind = self._behind_seconds(index)

    def _behind_seconds(self, index: int) -> float:
        """By how much the event is overdue; negative if it is not due yet."""
        assert self.per_second is not None
        due = (self._began or 0.0) + self.forgiven_seconds + index / self.per_second
        return self._clock.seconds() - due
