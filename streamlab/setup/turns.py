"""One setup at a time: a lock that the operating system lets go of, however its holder ends.

with turn(project / ".streamlab/setup/lock", on_wait=lambda: say("waiting ...")) as held:
    ...                                  # held: the file descriptor that child processes inherit
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_to_take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_to_take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def turn(lock: Path, on_wait: Callable[[], None]) -> Iterator[int]:
    """Wait for the lock and hold it; `on_wait` is called once if somebody else has it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_to_take(descriptor):
            on_wait()
            while not _try_to_take(descriptor):
                time.sleep(0.1)
        yield descriptor
    finally:
        os.close(descriptor)
