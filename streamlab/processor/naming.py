"""The name under which a processor takes part in its group's transactions: the same after a restart.

    with claim(settings) as name:        # "host-3f2a-0": the first number that no living processor here has
        ...

A transactional id must come back after a crash, so that the successor ends what was left open, and no two
living processors may share one. A lock on a file does both: the system lets go of it however the process
ends.
"""

import contextlib
import hashlib
import socket
from collections.abc import Iterator

import filelock

from streamlab.paths import state_folder
from streamlab.processor.settings import Settings


@contextlib.contextmanager
def claim(settings: Settings) -> Iterator[str]:
    """The given instance name; without one, host, state folder and the lowest free number."""
    if settings.instance:
        yield settings.instance
        return
    folder = state_folder() / "run" / "processors"
    folder.mkdir(parents=True, exist_ok=True)
    # A group's name may be long and hold any character; a file's may not.
    group = hashlib.sha256(settings.group.encode()).hexdigest()[:16]
    number = 0
    while True:
        lock = filelock.FileLock(folder / f"{group}-{number}.lock")
        try:
            lock.acquire(timeout=0)
            break
        except filelock.Timeout:
            number += 1
    try:
        here = hashlib.sha256(str(folder).encode()).hexdigest()[:4]
        yield f"{socket.gethostname()}-{here}-{number}"
    finally:
        lock.release()
