"""Time as an argument: the machine's clock, and one that a test turns by hand.

    clock = ManualClock(now_ms=1_767_607_200_000)
    clock.sleep(1.5)                         # returns at once; it is 1.5 s later
    clock.seconds(), clock.now_ms()          # (1.5, 1767607201500)

`seconds()` is for measuring (it never goes back), `now_ms()` for timestamps (milliseconds since the epoch).
"""

import time
from typing import Protocol


class Clock(Protocol):
    """What code that waits or measures needs to know of time."""

    def seconds(self) -> float:
        """Seconds since some moment; never less than before."""
        ...

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when so much time has passed; at once where it is 0 or less."""
        ...


class SystemClock:
    """The machine's clock."""

    def seconds(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Wait; an operating system may take longer than asked, never less."""
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that moves when it is told to.

    Args:
        now_ms: milliseconds since the epoch at its beginning.
        oversleep_seconds: by how much every sleep takes longer than asked, as sleeps of a real system do.
    """

    def __init__(self, now_ms: int = 0, oversleep_seconds: float = 0.0) -> None:
        self._start_ms = now_ms
        self._oversleep_seconds = oversleep_seconds
        self._seconds = 0.0

    def seconds(self) -> float:
        """Seconds since its beginning."""
        return self._seconds

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self._start_ms + round(self._seconds * 1_000)

    def sleep(self, seconds: float) -> None:
        """Move on, and return at once."""
        if seconds > 0:
            self.advance(seconds + self._oversleep_seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: a negative time.
        """
        if seconds < 0:
            raise ValueError("time does not go back")
        self._seconds += seconds
