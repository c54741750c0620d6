"""Read one source in `chapters/`: its cells, each with the line where its text starts.

    source = read(PROJECT / "chapters" / "start.py")
    source.cells[0].kind, source.cells[0].text          # "markdown", "# Start here\\n..."
    source.at(source.cells[0])                          # "chapters/start.py:3"

The text is "percent" text: each cell starts with a line `# %%` (code) or `# %% [markdown]`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jupytext

from streamlab.errors import StreamlabError

ANSWER = "answer"
"""The tag of a code cell whose output answers a prediction: committed with its output folded."""

_SPACING = ("lines_to_next_cell", "lines_to_end_of_cell_marker")
"""What jupytext notes about blank lines; it is no part of a notebook."""

_CELL_START = re.compile(r"^#\s*%%(?:\s|$)")


class SourceError(StreamlabError):
    """A source in `chapters/` breaks a rule of the course; the text starts with file and line."""

    def __init__(self, place: str, what: str, next_step: str) -> None:
        super().__init__(f"{place}: {what}", next_step)
        self.place = place


@dataclass(frozen=True)
class Cell:
    """One cell of a source; `first_line` is the line of the file that holds the first line of `text`."""

    kind: Literal["code", "markdown"]
    text: str
    first_line: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One source and its cells; `name` is its path as people write it, from the project's folder."""

    name: str
    cells: tuple[Cell, ...]

    def at(self, cell: Cell, line_in_cell: int = 0) -> str:
        """The place of a cell's line, as `file:line`; `line_in_cell` counts from 0."""
        return f"{self.name}:{cell.first_line + line_in_cell}"


def read(path: Path, name: str | None = None) -> Source:
    """Read a source.

    Raises:
        SourceError: it has no cells, text before the first cell, a raw cell, an empty cell, a tag that the
            course does not know, or metadata that would hide something.
    """
    name = name or f"{path.parent.name}/{path.name}"
    text = path.read_text(encoding="utf-8")
    cells = jupytext.reads(text, fmt="py:percent").cells
    starts = _cell_starts(text)
    if not cells or len(cells) != len(starts):
        raise SourceError(
            f"{name}:1",
            f"{len(starts)} lines start a cell, but {len(cells)} cells were read.",
            "Start the file and each of its cells with `# %%` or `# %% [markdown]`.",
        )
    return Source(name, tuple(_cell(name, node, line) for node, line in zip(cells, starts, strict=True)))


def _cell_starts(text: str) -> list[int]:
    """The lines, from 1, that start a cell. A `# %%` inside a string starts none; jupytext decides that."""
    from jupytext.stringparser import StringParser

    parser, starts = StringParser("python"), []
    for number, line in enumerate(text.splitlines(), start=1):
        if _CELL_START.match(line) and not parser.is_quoted():
            starts.append(number)
        parser.read_line(line)
    return starts


def _cell(name: str, node: dict[str, object], start: int) -> Cell:
    place = f"{name}:{start}"
    kind, text, metadata = node["cell_type"], str(node["source"]), node["metadata"]
    assert isinstance(metadata, dict)
    tags = tuple(metadata.pop("tags", ()))
    for spacing in _SPACING:
        metadata.pop(spacing, None)
    if kind not in ("code", "markdown"):
        raise SourceError(place, f"a cell of the kind {kind}.", "Write `# %%` or `# %% [markdown]`.")
    if not text.strip():
        raise SourceError(place, "an empty cell.", "Give it text or remove its `# %%`.")
    if metadata:
        raise SourceError(
            place,
            f"a cell carries {', '.join(sorted(metadata))}.",
            f'The course knows no other cell metadata than `tags=["{ANSWER}"]`; put words into the text.',
        )
    if "NBVAL_" in text:
        raise SourceError(
            place, "a comment that keeps outputs from being compared.", "Make the output repeatable."
        )
    if set(tags) - {ANSWER} or (tags and kind != "code"):
        raise SourceError(
            place, f"the tags {', '.join(tags)}.", f'A code cell may carry `tags=["{ANSWER}"]`; nothing else.'
        )
    return Cell("code" if kind == "code" else "markdown", text, start + 1, tags)
