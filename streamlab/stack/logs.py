"""Read the stack's logs: the last lines, and what comes after them.

    logs.last_lines(layout, "broker", 50)
    for name, line in logs.follow(layout, ["broker", "registry"]): ...        # endless

Each file is bounded where it is written (`kafka.py`, `apicurio.py`, `redis_store.py`, `client_logs.py`): at a
few megabytes it is renamed to `….1` and begun anew.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from streamlab.stack.layout import Layout

PARTS: Final = ("broker", "registry", "store", "clients")
_BETWEEN_LOOKS_SECONDS: Final = 0.2
_LAST_WORDS_CHARACTERS: Final = 200
_SAYS_NOTHING: Final = "Application startup failed"
"""What uvicorn adds below the reason."""


def last_lines(layout: Layout, part: str, count: int) -> list[str]:
    """The last lines of a part: what its process printed (a JVM that could not start), then its log."""
    lines: deque[str] = deque(maxlen=count)
    for file in (layout.console(part), layout.log(part)):
        lines.extend(_lines(file))
    return list(lines)


def follow(
    layout: Layout, parts: Sequence[str], wait: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, str]]:
    """Each new line with the name of its part, for ever; a file that is begun anew is read from its start."""
    ends = {part: _size(layout.log(part)) for part in parts}
    while True:
        for part in parts:
            file = layout.log(part)
            size = _size(file)
            if size < ends[part]:
                ends[part] = 0
            if size > ends[part]:
                complete = _read_complete_lines(file, ends[part])
                ends[part] += len(complete)
                for line in complete.decode("utf-8", "replace").splitlines():
                    yield part, line
        wait(_BETWEEN_LOOKS_SECONDS)


def last_words(layout: Layout, name: str) -> str:
    """The line in which a server says what went wrong, shortened; empty when it said nothing of the kind."""
    for file in (layout.console(name), layout.log(name)):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        # The innermost cause comes last; frames ("at org…") say where, not what.
        for sign in ("Caused by:", "FATAL", "ERROR", "Exception", "Error", "error while loading", " # "):
            said = [line.strip().removeprefix("ERROR:").strip() for line in lines if sign in line]
            telling = [line for line in said if not line.startswith(("at ", _SAYS_NOTHING))]
            if telling:
                return telling[-1][:_LAST_WORDS_CHARACTERS].rstrip(".")
    return ""


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _read_complete_lines(file: Path, offset: int) -> bytes:
    """Bytes from `offset` up to the last line break: a line that is being written waits for the next look."""
    with file.open("rb") as stream:
        stream.seek(offset)
        content = stream.read()
    return content[: content.rfind(b"\n") + 1]
