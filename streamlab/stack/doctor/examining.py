"""Run examinations side by side, each on its own: a crash or an endless wait of one is a finding of its own.

    for finding in examine(backend, examinations):
        ...
    still_running()        # True: something hangs, and Python would wait for it at its end

All begin at once, so that the whole takes as long as the slowest, and never longer than its bound.
"""

import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from typing import Final

from streamlab.stack.doctor.finding import Backend, Examination, Finding

_THREAD: Final = "examination of "
_TELL_US: Final = "Report this as a bug of the course; the other findings hold."


def examine(backend: Backend, examinations: Sequence[Examination]) -> Iterator[Finding]:
    """The findings in the order of the examinations, in bounded time."""
    began = time.monotonic()
    running = [_Running(one, backend) for one in examinations]
    for one in running:
        one.start()
    for one in running:
        one.join(max(0.0, began + one.examination.within_seconds - time.monotonic()))
        yield one.found or _no_answer(one.examination)


def still_running() -> bool:
    """Whether an examination that gave no answer still waits for one."""
    return any(thread.name.startswith(_THREAD) for thread in threading.enumerate())


class _Running(threading.Thread):
    """One examination in a thread of its own, which Python does not wait for."""

    def __init__(self, examination: Examination, backend: Backend) -> None:
        super().__init__(name=f"{_THREAD}{examination.name}", daemon=True)
        self.examination = examination
        self.found: Finding | None = None
        self._backend = backend

    def run(self) -> None:
        try:
            self.found = self.examination(self._backend)
        except BaseException as error:  # noqa: BLE001 (whatever it is: it is what this examination found)
            self.found = _crashed(self.examination, error)


def _crashed(examination: Examination, error: BaseException) -> Finding:
    frames = traceback.extract_tb(error.__traceback__)
    where = f", {frames[-1].name} line {frames[-1].lineno}" if frames else ""
    words = " ".join(str(error).split())
    cause = f"the examination itself failed ({type(error).__name__}{': ' if words else ''}{words}{where})"
    return Finding(examination.name, "wrong", cause, _TELL_US)


def _no_answer(examination: Examination) -> Finding:
    cause = f"no answer within {examination.within_seconds:g} s"
    return Finding(examination.name, "wrong", cause, examination.helps_when_hanging)
