"""Stop a thread that does not want to stop.

    with insisting(thread.ident):
        kick(thread.ident)            # again and again, until the thread has ended

A kick raises `Stopped` inside the thread; most answers end at that, in order, with their `finally` and `with`
blocks. It is not enough for `while True: try: ... except: pass`, which swallows it. So, while we insist, the
thread also raises at the lines that follow: inside the handler, where the loop's own `try` does not reach.
From Python 3.12 on `sys.monitoring` does that at every line; before, each `Stopped` traces the thread when it
is made, for one more line.
"""

import contextlib
import ctypes
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_OURS = {__file__, str(Path(__file__).with_name("isolation.py")), threading.__file__}
"""The files whose lines are left alone: they see to it that the thread ends in order."""

_TOOLS = (3, 4)
"""Tool numbers of `sys.monitoring` that are nobody's by convention."""

_insisted: set[int] = set()


class Stopped(SystemExit):
    """Raised inside a thread to stop it; as a SystemExit it ends the thread silently, asyncio included."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if sys.version_info < (3, 12) and threading.get_ident() in _insisted:
            _stop_at_the_next_line()


def kick(ident: int) -> None:
    """Raise `Stopped` in the thread, as soon as it runs Python again."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Stopped))


@contextlib.contextmanager
def unreported(thread: threading.Thread | None = None) -> Iterator[None]:
    """While inside, what hits a destructor or a weak reference's callback by our doing is not reported.

    That is a `Stopped`; and in `thread` a RecursionError: where an answer recurses without end, whatever the
    collector calls at that depth fails too, and it is nobody's mistake but the answer's.
    """
    before = sys.unraisablehook

    def report(unraisable: Any) -> None:
        if unraisable.exc_type is Stopped:
            return
        if unraisable.exc_type is RecursionError and threading.current_thread() is thread:
            return
        before(unraisable)

    sys.unraisablehook = report
    try:
        yield
    finally:
        sys.unraisablehook = before


def _stop_at_the_next_line() -> None:
    """Trace the calling thread, up to our own frames, so that its next line raises."""

    def stop(_frame: FrameType, _event: str, _argument: Any) -> Any:
        raise Stopped

    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename not in _OURS:
        frame.f_trace = stop
        frame = frame.f_back
    sys.settrace(stop)


@contextlib.contextmanager
def insisting(ident: int) -> Iterator[None]:
    """While inside, the thread raises `Stopped` at the lines that it still reaches."""
    _insisted.add(ident)
    try:
        with _every_line_raises(ident):
            yield
    finally:
        _insisted.discard(ident)


@contextlib.contextmanager
def _every_line_raises(ident: int) -> Iterator[None]:
    """From Python 3.12 on, where a tool number is free; before, nothing."""
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring
        tool = next((tool for tool in _TOOLS if monitoring.get_tool(tool) is None), None)
        if tool is not None:
            with _monitored(monitoring, tool, ident):
                yield
            return
    yield


@contextlib.contextmanager
def _monitored(monitoring: Any, tool: int, ident: int) -> Iterator[None]:
    def stop(code: CodeType, *_place: Any) -> None:
        if threading.get_ident() == ident and code.co_filename not in _OURS:
            raise Stopped

    monitoring.use_tool_id(tool, "streamlab")
    try:
        for event in (monitoring.events.LINE, monitoring.events.JUMP):
            monitoring.register_callback(tool, event, stop)
        monitoring.set_events(tool, monitoring.events.LINE | monitoring.events.JUMP)
        yield
    finally:
        monitoring.set_events(tool, monitoring.events.NO_EVENTS)
        monitoring.free_tool_id(tool)
