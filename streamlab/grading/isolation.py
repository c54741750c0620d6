"""Run somebody's function so that nothing of it reaches the caller: no exception, endless loop or output.

    outcome = run(answer, 7, b"body", within_seconds=2.0)
    outcome.value, outcome.error, outcome.timed_out, outcome.printed

The function runs in a daemon thread of this process, because it needs the notebook's names and the live
clients. The caller waits with a time limit. What runs longer is stopped by raising an exception inside the
thread, again and again; a thread that is blocked in C (a sleep, a lock) cannot be stopped: it is given up,
stays muted, and is stopped as soon as it wakes. Code in C that never gives other threads a turn is stopped
by the bound on memory if it collects what it makes (`list(itertools.count())`); if it does not
(`sum(itertools.count())`), only the limit of `streamlab check` on its own process holds.
"""

import contextlib
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlab.grading import streams
from streamlab.grading.memory import ROOM_BYTES, bounded
from streamlab.grading.shared_names import SharedNames
from streamlab.grading.stopping import Stopped, insisting, kick, unreported

_STACK_BYTES = 64 * 2**20
_ORDERLY_SECONDS = 0.1
_STOPPING_SECONDS = 1.0
_BETWEEN_KICKS_SECONDS = 0.002
_BETWEEN_LATE_KICKS_SECONDS = 0.25


@dataclass(frozen=True)
class Outcome:
    """What became of a call: a value, an error, or neither when it did not finish in time."""

    value: Any = None
    error: BaseException | None = None
    timed_out: bool = False
    still_running: bool = False
    printed: str = ""
    printed_characters: int = 0
    seconds: float = 0.0
    replaced_names: tuple[str, ...] = ()


class _Worker(threading.Thread):
    """The thread in which one call runs."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        super().__init__(daemon=True, name="answer")
        self._function, self._args = function, args
        self._context = contextvars.copy_context()
        self._ending = threading.Lock()
        self._finished = False
        # Plain locks: they keep working while an answer has replaced the builtins that `Event` leans on.
        self._go = threading.Lock()
        self._go.acquire()
        self._done = threading.Lock()
        self._done.acquire()
        self.value: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Thread's entry: the call between two fences; an exception from outside never leaves this method."""
        try:
            self._go.acquire()
            try:
                self.value = self._context.run(self._function, *self._args)
            except BaseException as error:  # noqa: BLE001 - whatever an answer raises is data here
                self.error = error
        except Stopped:
            pass
        while not self._finished:
            try:
                sys.settrace(None)
                with self._ending:
                    self._finished = True
            except Stopped:
                continue
        self._function, self._args = _nothing, ()
        self._done.release()

    def release(self) -> None:
        """Let the call begin."""
        self._go.release()

    def kick(self) -> None:
        """Raise `Stopped` inside the thread, unless it has finished."""
        with self._ending:
            if not self._finished and self.ident is not None:
                kick(self.ident)

    def stop(self) -> bool:
        """Kick once, then insist until the thread ends or the patience does; whether it ended."""
        with unreported():
            self.kick()
            if self.wait(_ORDERLY_SECONDS):
                return True
            until = time.monotonic() + _STOPPING_SECONDS
            with insisting(self.ident or 0):
                while not self.has_ended() and time.monotonic() < until:
                    self.kick()
                    self.wait(_BETWEEN_KICKS_SECONDS)
        return self.has_ended()

    def has_ended(self) -> bool:
        """Whether nothing of the call runs any more."""
        return not self._done.locked() or not self.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait for the call's end, at most so long; whether it ended."""
        if self._done.acquire(timeout=seconds):
            self._done.release()
            return True
        return False


def _nothing() -> None:
    """What a worker holds once it is done, so that it keeps nobody's objects alive."""


def run(
    function: Callable[..., Any],
    *args: Any,
    within_seconds: float,
    room_bytes: int | None = ROOM_BYTES,
    examiners: Sequence[object] = (),
) -> Outcome:
    """Call `function(*args)` and report what became of it, within the time plus a second for stopping it.

    Args:
        room_bytes: how much memory it may take; None: no bound.
        examiners: objects of ours that the function must leave as they are.

    Raises:
        KeyboardInterrupt: the user interrupted the wait; the call has been stopped.
    """
    capture = streams.Capture()
    shared = SharedNames(examiners)
    started = time.monotonic()
    worker = _start(function, args)
    streams.enter(worker, capture)
    ended = False
    try:
        with bounded(room_bytes), unreported(worker):
            worker.release()
            ended = worker.wait(within_seconds)
        timed_out = not ended
    finally:
        replaced = shared.put_back()  # first: what follows uses the builtins
        ended = ended or worker.stop()
        if ended:
            streams.leave(worker)
        else:
            _keep_kicking(worker)
    return Outcome(
        value=None if timed_out else worker.value,
        error=None if timed_out else worker.error,
        timed_out=timed_out,
        still_running=not ended,
        printed=capture.text,
        printed_characters=capture.characters,
        seconds=time.monotonic() - started,
        replaced_names=replaced,
    )


def _start(function: Callable[..., Any], args: tuple[Any, ...]) -> _Worker:
    """A worker that waits for its release, with a stack that holds a deep recursion where it can be had."""
    before = threading.stack_size()
    try:
        with contextlib.suppress(ValueError):
            threading.stack_size(_STACK_BYTES)
        worker = _Worker(function, args)
        try:
            worker.start()
        except RuntimeError:  # no room for the large stack
            threading.stack_size(before)
            worker = _Worker(function, args)
            worker.start()
    finally:
        threading.stack_size(before)
    return worker


_given_up: list[_Worker] = []
_given_up_lock = threading.Lock()


def _keep_kicking(worker: _Worker) -> None:
    """Leave the worker to a thread that stops it as soon as it can be stopped."""
    with _given_up_lock:
        _given_up.append(worker)
        if len(_given_up) == 1:
            threading.Thread(target=_kick_the_given_up, daemon=True, name="stopping answers").start()


def _kick_the_given_up() -> None:
    while True:
        time.sleep(_BETWEEN_LATE_KICKS_SECONDS)
        with _given_up_lock:
            for worker in list(_given_up):
                worker.kick()
                if worker.has_ended():
                    streams.leave(worker, late=True)
                    _given_up.remove(worker)
            if not _given_up:
                return
