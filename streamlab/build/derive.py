"""What a source in `chapters/` stands for: up to three notebooks, without outputs. Pure and repeatable.

derive_lesson("ch03_registry_wire_format")        # chapters/<stem>.py     -> notebooks/<stem>.ipynb
derive_lab("ch03_registry_wire_format")           # chapters/<stem>_lab.py -> labs/<stem>.ipynb
derive_solution("ch03_registry_wire_format")      # chapters/<stem>_lab.py -> solutions/<stem>.ipynb
is_edited(notebook)                               # has a learner changed this lab?
"""

import copy
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from streamlab.build import holes
from streamlab.build.source import ANSWER, Cell, Source, SourceError, read
from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT

_LAB_SUFFIX = "_lab"
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_FOLDED = {"tags": [ANSWER], "jupyter": {"outputs_hidden": True}, "collapsed": True}


class Kind(StrEnum):
    """The three kinds of derived notebooks; the value is the folder that holds them."""

    LESSON = "notebooks"
    LAB = "labs"
    SOLUTION = "solutions"

    @property
    def is_executed(self) -> bool:
        """Lessons and solutions are stored with their outputs, labs without."""
        return self is not Kind.LAB


@dataclass(frozen=True)
class Derivation:
    """One derived notebook: what it holds, where it lies, and the place in the source of each cell."""

    kind: Kind
    stem: str
    notebook: NotebookNode
    source: Source

    @property
    def name(self) -> str:
        """Its path as people write it, from the project's folder."""
        return f"{self.kind.value}/{self.stem}.ipynb"

    def path(self, project: Path = PROJECT) -> Path:
        """Where it lies."""
        return project / self.kind.value / f"{self.stem}.ipynb"

    def place(self, cell_index: int, line_in_cell: int = 0) -> str:
        """The place in the source of a cell, as `file:line`."""
        return self.source.at(self.source.cells[cell_index], line_in_cell)


def stems(project: Path = PROJECT) -> tuple[str, ...]:
    """The stems of all chapters, sorted: each has a lesson, a lab or both."""
    return tuple(
        sorted({file.stem.removesuffix(_LAB_SUFFIX) for file in (project / "chapters").glob("*.py")})
    )


def derivations(stem: str, project: Path = PROJECT) -> tuple[Derivation, ...]:
    """Everything that is derived from the sources of one stem: lesson, lab, solution.

    Raises:
        StreamlabError: there is no such stem.
        SourceError: a source breaks a rule.
    """
    has_lesson, has_lab = (_source(stem, suffix, project).is_file() for suffix in ("", _LAB_SUFFIX))
    if not has_lesson and not has_lab:
        raise StreamlabError(
            f"There is no chapter {stem!r}.", f"There is: {', '.join(stems(project)) or 'none'}."
        )
    kinds = [Kind.LESSON] * has_lesson + [Kind.LAB, Kind.SOLUTION] * has_lab
    return tuple(derive(kind, stem, project) for kind in kinds)


def derive_lesson(stem: str, project: Path = PROJECT) -> NotebookNode:
    """The lesson `notebooks/<stem>.ipynb`, without outputs."""
    return derive(Kind.LESSON, stem, project).notebook


def derive_lab(stem: str, project: Path = PROJECT) -> NotebookNode:
    """The lab `labs/<stem>.ipynb`: each solution region replaced by a stub."""
    return derive(Kind.LAB, stem, project).notebook


def derive_solution(stem: str, project: Path = PROJECT) -> NotebookNode:
    """The solution `solutions/<stem>.ipynb`, without outputs."""
    return derive(Kind.SOLUTION, stem, project).notebook


def derive(kind: Kind, stem: str, project: Path = PROJECT) -> Derivation:
    """Derive one notebook.

    Raises:
        SourceError: its source is missing or breaks a rule.
    """
    path = _source(stem, "" if kind is Kind.LESSON else _LAB_SUFFIX, project)
    if not path.is_file():
        raise SourceError(
            f"chapters/{path.name}", "there is no such source.", "See `chapters/` for those there are."
        )
    source = read(path)
    if kind is not Kind.LESSON and not any(
        holes.regions(source, c) for c in source.cells if c.kind == "code"
    ):
        raise holes.MarkerError(
            source.at(source.cells[0]), "a lab without a hole.", f"Add a {holes.BEGIN!r} region."
        )
    notebook = _node({"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA, "cells": []})
    seen: set[str] = set()
    for cell in source.cells:
        common, text = _texts(kind, source, cell)
        notebook.cells.append(_cell_node(cell, text, _cell_id(stem, cell, common, seen)))
    if kind is Kind.LAB:
        notebook.metadata["streamlab"] = {"derived": fingerprint(notebook)}
    nbformat.validate(notebook)
    return Derivation(kind, stem, notebook, source)


def fingerprint(notebook: NotebookNode) -> str:
    """A digest of what the cells say: their kinds and texts; outputs, ids and metadata do not matter."""
    cells = [[cell.cell_type, cell.source.rstrip()] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:32]


def is_edited(notebook: NotebookNode) -> bool:
    """Whether a lab's cells are no longer those that the build (this one or an earlier one) wrote."""
    written = notebook.metadata.get("streamlab", {}).get("derived")
    return bool(written != fingerprint(notebook))


def _source(stem: str, suffix: str, project: Path) -> Path:
    return project / "chapters" / f"{stem}{suffix}.py"


def _texts(kind: Kind, source: Source, cell: Cell) -> tuple[str, str]:
    """The text that lab and solution share (it gives the cell its id), and the text for this kind."""
    if kind is Kind.LESSON:
        holes.refuse_markers(source, cell, "a lesson has no solution regions.")
        return cell.text, cell.text
    if cell.kind == "markdown":
        holes.refuse_markers(source, cell, "a solution region belongs into a code cell.")
        return cell.text, cell.text
    lab = holes.with_hole(source, cell)
    return lab, lab if kind is Kind.LAB else holes.without_markers(source, cell)


def _cell_node(cell: Cell, text: str, cell_id: str) -> NotebookNode:
    common = {"cell_type": cell.kind, "id": cell_id, "metadata": {}, "source": text}
    if cell.kind == "markdown":
        return _node(common)
    folded = {"metadata": _FOLDED} if ANSWER in cell.tags else {}
    return _node(common | {"execution_count": None, "outputs": []} | folded)


def _node(content: dict[str, Any]) -> NotebookNode:
    """`content` as a notebook's node; a copy, however deep."""
    node: NotebookNode = nbformat.from_dict(copy.deepcopy(content))  # type: ignore[no-untyped-call]
    return node


def _cell_id(stem: str, cell: Cell, text: str, seen: set[str]) -> str:
    """An id from the stem and the cell's own text, so that it survives changes of the cells around it."""
    occurrence = 0
    while True:
        words = json.dumps([stem, cell.kind, text, occurrence])
        cell_id = hashlib.sha256(words.encode()).hexdigest()[:12]
        if cell_id not in seen:
            seen.add(cell_id)
            return cell_id
        occurrence += 1
