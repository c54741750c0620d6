"""Keep what one thread prints, and nothing of what the others print.

`sys.stdout` belongs to the whole process, in a notebook to the kernel. So the streams are not replaced by
a buffer but by a router: threads that are being captured write to their own bounded capture, all the
others write to where they always did.

    capture = Capture()
    enter(thread, capture)
    ...                                       # the thread runs and prints
    leave(thread)
    capture.text                              # at most the first 2,000 characters

The recursion limit is bounded in the same way: it belongs to the whole process too, and a captured thread
that raises it would fill the memory before Python notices.
"""

import contextlib
import sys
import threading
from typing import Any

MAX_CAPTURED_CHARACTERS = 2_000
MAX_RECURSION = 10_000
_DEFAULT_RECURSION = 3_000


class Capture:
    """What was printed: the first characters of it, and how many there were."""

    def __init__(self) -> None:
        self.text = ""
        self.characters = 0

    def write(self, text: str) -> int:
        """Take a printed text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = MAX_CAPTURED_CHARACTERS - len(self.text)
        if room > 0:
            self.text += text[:room]
        self.characters += len(text)
        return len(text)


_captures: dict[threading.Thread, Capture] = {}
_entered_with: dict[threading.Thread, tuple[Any, Any]] = {}
_lock = threading.RLock()
_before: dict[str, Any] = {}


def _mine() -> Capture | None:
    """The capture of the calling thread."""
    return _captures.get(threading.current_thread()) if _captures else None


class _Bytes:
    """The binary side of a captured stream."""

    def __init__(self, stream: "_Router") -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


class _Router:
    """A stream that sends each thread's text to where that thread's text belongs."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def write(self, text: str) -> int:
        capture = _mine()
        return capture.write(text) if capture is not None else int(self._real.write(text) or 0)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if _mine() is None:
            self._real.flush()

    def close(self) -> None:
        if _mine() is None:  # the stream belongs to the process, not to an answer
            self._real.close()

    @property
    def buffer(self) -> Any:
        return _Bytes(self) if _mine() is not None else self._real.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _bounded_setrecursionlimit(limit: int) -> None:
    """`sys.setrecursionlimit`, but a captured thread cannot ask for more than the C stack holds."""
    allowed = min(limit, MAX_RECURSION) if _mine() is not None else limit
    _before["setrecursionlimit"](allowed)


def enter(thread: threading.Thread, capture: Capture) -> None:
    """From now on the thread's text goes to `capture`, and its recursion is bounded."""
    with _lock:
        if not _captures:
            _before.update(
                stdout=sys.stdout,
                stderr=sys.stderr,
                setrecursionlimit=sys.setrecursionlimit,
                recursion_limit=sys.getrecursionlimit(),
            )
            sys.stdout, sys.stderr = _Router(sys.stdout), _Router(sys.stderr)
            sys.setrecursionlimit = _bounded_setrecursionlimit
        _captures[thread] = capture
        _entered_with[thread] = sys.stdout, sys.stderr
        if sys.getrecursionlimit() > _DEFAULT_RECURSION:
            with contextlib.suppress(RecursionError):  # the caller itself is deeper than that
                _before["setrecursionlimit"](_DEFAULT_RECURSION)


def leave(thread: threading.Thread, late: bool = False) -> None:
    """The thread is done; after the last one, everything that the process shares is put back.

    `late`: the thread had been given up, so the streams may belong to somebody else by now.
    """
    with _lock:
        streams = _entered_with.pop(thread, None)
        if _captures.pop(thread, None) is None:
            return
        if _captures:  # one that was given up still needs its router, also when this one took it away
            if streams is not None and not late:
                sys.stdout, sys.stderr = streams
            return
        for name in ("stdout", "stderr"):
            if not late or isinstance(getattr(sys, name), _Router):
                setattr(sys, name, _before[name])
        sys.setrecursionlimit = _before["setrecursionlimit"]
        if sys.getrecursionlimit() != _before["recursion_limit"]:
            with contextlib.suppress(RecursionError):
                sys.setrecursionlimit(_before["recursion_limit"])
        _before.clear()


def is_captured() -> bool:
    """Whether the calling thread is one whose text is captured: an answer that is being checked."""
    return _mine() is not None
