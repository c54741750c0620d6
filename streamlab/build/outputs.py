"""The rules for what a stored notebook may show: nothing that differs on the next run or another machine.

normalise(notebook)             # counts 1..n, no timing, widgets as text, pictures without versions
faults(notebook, private=())    # sentences, each with the index of its cell; empty when all is well
"""

import base64
import re
import struct
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from streamlab.paths import PROJECT

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PNG = "image/png"

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_COMMENTS = (b"tEXt", b"iTXt", b"zTXt", b"tIME")
_SOMEONES_PATH = re.compile(
    r"(?<![\w:/.<\-])/(?:home|Users|root|tmp|var|private|mnt|workspaces?)/[\w.\-]+|\b[A-Za-z]:\\\w+"
)
_MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True)
class Fault:
    """A broken rule: the index of the cell, or None for the notebook as a whole, and a sentence."""

    cell_index: int | None
    sentence: str


def normalise(notebook: NotebookNode) -> None:
    """Take out of an executed notebook, in place, what is no part of the lesson.

    Execution counts become 1..n; timing, execution metadata and widget state go; a widget keeps its text;
    neighbouring pieces of one stream are joined; pictures lose their comments (software, versions, dates).
    """
    notebook.metadata.pop("widgets", None)
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if PNG in data:
                data[PNG] = base64.b64encode(without_comments(base64.b64decode(data[PNG]))).decode()


def without_comments(png: bytes) -> bytes:
    """A PNG without its chunks of text and time. Source: PNG specification (third edition), section 5."""
    return _PNG_SIGNATURE + b"".join(chunk for name, chunk in _chunks(png) if name not in _PNG_COMMENTS)


def faults(notebook: NotebookNode, private: Iterable[str] = ()) -> list[Fault]:
    """What breaks the rules for stored outputs.

    Args:
        private: further texts that must not occur, such as the addresses of the stack in use.
    """
    found = [Fault(None, "widget state in the metadata")] if "widgets" in notebook.metadata else []
    forbidden = (str(Path.home()), str(PROJECT), tempfile.gettempdir(), *private)
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            found += [Fault(index, sentence) for sentence in _faults_of(output, forbidden)]
    return found


def _faults_of(output: NotebookNode, forbidden: tuple[str, ...]) -> Iterator[str]:
    if output.output_type == "error":
        yield f"an error: {output.ename}: {output.evalue}"
    if output.output_type == "stream" and output.name == "stderr":
        yield f"text on stderr: {_short(output.text)}"
    data = output.get("data", {})
    if WIDGET_VIEW in data:
        yield "a widget without the text that stands for it"
    if PNG in data:
        words = str(data.get("text/plain", ""))
        if not words or words.startswith("<Figure size"):
            yield "a picture without words: show an object whose text says what is plotted"
        if any(name in _PNG_COMMENTS for name, _ in _chunks(base64.b64decode(data[PNG]))):
            yield "a picture that names the software that drew it"
    for text in _texts(output):
        if "Traceback (most recent call last)" in text:
            yield "a raw traceback"
        if address := _MEMORY_ADDRESS.search(text):
            yield f"a memory address, different at each run: {_short(text, address.start())}"
        if path := _SOMEONES_PATH.search(text):
            yield f"an absolute path: {path.group()}"
        for words in forbidden:
            if len(words) > 1 and words in text:
                yield f"what is true on this machine only: {words}"


def _texts(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "stream":
        yield output.text
    for media_type, content in output.get("data", {}).items():
        if not media_type.startswith("image/") or media_type == "image/svg+xml":
            yield content if isinstance(content, str) else str(content)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with neighbouring pieces of one stream as one: how a stream is cut depends on timing."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG as (type, whole chunk with length and checksum)."""
    position = len(_PNG_SIGNATURE)
    while position + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, position)
        end = position + 12 + length
        yield png[position + 4 : position + 8], png[position:end]
        position = end


def _short(text: str, start: int = 0) -> str:
    line = text[max(0, start - 30) :].strip().splitlines()[0] if text.strip() else ""
    return line[:100]
