"""One `up` or `down` at a time for one stack, and a clear word when the other one does not go on.

    with locking.working_on(layout, "up", say):
        ...

The lock is the system's: it goes when its holder dies, however that happens. A holder that is frozen
(Ctrl-Z, SIGSTOP) keeps it; its name is written beside the lock, so that `up` can say who it is and `down` can
end it.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import filelock
import psutil

from streamlab.stack import processes
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.layout import Layout

PATIENCE_SECONDS: Final = 600.0
"""A first `up` on a slow line downloads for minutes; the second one waits for it."""

_FROZEN_PATIENCE_SECONDS: Final = 1.0


@contextlib.contextmanager
def working_on(
    layout: Layout, command: str, say: Callable[[str], None], *, end_frozen_holder: bool = False
) -> Iterator[None]:
    """Hold the stack's lock.

    Args:
        command: what we do, for the other one's message.
        say: told once when we have to wait.
        end_frozen_holder: end a holder that is frozen, instead of refusing.

    Raises:
        StackUnavailable: the holder is frozen, or took too long.
    """
    layout.state.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(layout.lock)
    _acquire(lock, layout, say, end_frozen_holder)
    said = {"pid": os.getpid(), "created": psutil.Process().create_time(), "command": command}
    try:
        # A full disk must not keep `down` from its work: the name is only for the other one's message.
        with contextlib.suppress(OSError):
            _holder_file(layout).write_text(json.dumps(said), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            _holder_file(layout).unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def working_in_the_cache(layout: Layout, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Change the downloads while no other command does, of this checkout or of another one.

    Raises:
        StackUnavailable: another one, perhaps frozen, did not end in time.
    """
    lock = filelock.FileLock(layout.cache / "artifacts.lock")
    try:
        lock.acquire(timeout=patience_seconds)
    except filelock.Timeout as error:
        raise StackUnavailable(
            f"Another command has kept {layout.cache} busy for {patience_seconds:g} s.",
            "Look for a `streamlab` or `make` that is frozen (`fg` continues it), or end it, then try again.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def holder(layout: Layout) -> tuple[psutil.Process, str] | None:
    """Who works on the stack now, and at which command; None when nobody does."""
    try:
        said = json.loads(_holder_file(layout).read_text(encoding="utf-8"))
        process = psutil.Process(int(said["pid"]))
        same = abs(process.create_time() - float(said["created"])) < 2.0
        return (process, str(said["command"])) if same else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def _acquire(
    lock: filelock.BaseFileLock, layout: Layout, say: Callable[[str], None], end_frozen: bool
) -> None:
    began = time.monotonic()
    told = False
    while True:
        with contextlib.suppress(filelock.Timeout):
            lock.acquire(timeout=_FROZEN_PATIENCE_SECONDS)
            return
        other = holder(layout)
        if other and processes.is_stopped(other[0]):
            process, command = other
            if not end_frozen:
                raise StackUnavailable(
                    f"Another `streamlab {command}` (process {process.pid}) is frozen in the middle.",
                    "Continue it with `fg` in its terminal, or end it with `streamlab down`.",
                )
            say(f"Ending a `streamlab {command}` that was frozen in the middle (process {process.pid}).")
            process.kill()
            continue
        if not told:
            say("Another `streamlab` command works on this stack; waiting for it.")
            told = True
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise StackUnavailable(
                f"Another `streamlab` command still works on this stack after {PATIENCE_SECONDS:g} s.",
                "Look at its terminal, or end it and run this command again.",
            )


def _holder_file(layout: Layout) -> Path:
    return layout.state / "stack.lock.holder"
