"""What several commands have in common: durations as people write them, and an end that is asked for.

seconds_of("250ms")                  # 0.25; "5s", "1m", "2h", and "5" too
with stopping() as stop:             # Ctrl-C and SIGTERM set it; a second Ctrl-C ends at once
    run(stop)
"""

import contextlib
import re
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from streamlab.errors import StreamlabError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


def seconds_of(duration: str) -> float:
    """ "5s" as 5.0; without a unit it is seconds.

    Raises:
        StreamlabError: it is no duration.
    """
    match = _DURATION.fullmatch(duration.strip())
    if match is None:
        raise StreamlabError(f"{duration!r} is no duration.", "Write 5s, 250ms or 1m.")
    return float(match[1]) * _SECONDS[match[2]]


@contextlib.contextmanager
def stopping(stop: threading.Event | None = None) -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, the given one or a new one; a second Ctrl-C ends at once."""
    asked = stop or threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        if asked.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
