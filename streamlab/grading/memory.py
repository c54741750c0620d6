"""Bound what a call may add to the memory of this process, where the system can.

    with bounded(2 * 2**30):
        list(itertools.count())        # MemoryError, before the machine begins to swap

The bound is the process's limit on its address space, lowered for a while. Where there is no such limit, or
its present use is not known (Windows, macOS), nothing is bounded.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

ROOM_BYTES = 2 * 2**30
"""Room for any honest answer, for the stacks of its threads, and for what the allocator sets aside."""

_STATM = Path("/proc/self/statm")


@contextlib.contextmanager
def bounded(room_bytes: int | None) -> Iterator[None]:
    """While inside, the process can take `room_bytes` more than it has now; None: no bound."""
    used = None if room_bytes is None else _used_bytes()
    if used is None or room_bytes is None:
        yield
        return
    import resource  # not on every system

    before = resource.getrlimit(resource.RLIMIT_AS)
    bound = used + room_bytes
    if before[0] != resource.RLIM_INFINITY and before[0] <= bound:
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (bound, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _used_bytes() -> int | None:
    """The address space that the process uses, None where the system does not tell."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
