"""The derived files on disk: compare them with their sources, write them, keep a learner's work.

for difference in check():          # what is missing, extra or different, and the command that mends it
    print(difference)
built = build(["start"])            # the paths that were written; nothing is written when a cell fails
keep_copy(PROJECT / "labs" / "ch03_registry_wire_format.ipynb")     # labs/….kept-2026-11-20T101500.ipynb
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import nbformat
from nbformat import NotebookNode

from streamlab.build import outputs
from streamlab.build.derive import Derivation, Kind, derivations, is_edited, stems
from streamlab.build.execution import CellFailed, execute
from streamlab.build.source import SourceError
from streamlab.paths import PROJECT

if TYPE_CHECKING:
    from streamlab.stack import Stack


@dataclass(frozen=True)
class Difference:
    """A derived file that is not what its source says: which file, what differs, and what mends it."""

    file: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}. {self.mend}"


@dataclass(frozen=True)
class Written:
    """A derived file that was written, and the copy of a learner's work that was kept beside it, if any."""

    name: str
    kept: Path | None = None


class StoredOutputRefused(SourceError):
    """An output breaks the rules for stored notebooks."""


def check(only: Iterable[str] | None = None, project: Path = PROJECT) -> list[Difference]:
    """Compare the derived files with their sources; needs no stack and runs nothing.

    Args:
        only: the stems to look at; all, and files without a source, if not given.

    Raises:
        SourceError: a source breaks a rule.
    """
    wanted = [d for stem in (stems(project) if only is None else only) for d in derivations(stem, project)]
    found = [difference for derivation in wanted for difference in _differences(derivation, project)]
    if only is None:
        known = {derivation.path(project) for derivation in wanted}
        found += [
            Difference(name, "no source in chapters/ stands behind it", f"`git rm {name}` mends it.")
            for kind in Kind
            for file in sorted((project / kind.value).glob("*.ipynb"))
            if file not in known and not is_kept_copy(file)
            for name in [f"{kind.value}/{file.name}"]
        ]
    return found


def build(
    only: Iterable[str] | None = None,
    project: Path = PROJECT,
    here: "Stack | None" = None,
    report: Callable[[str], None] = lambda _: None,
    run: Callable[[NotebookNode, Path, "Stack | None"], NotebookNode] = execute,
) -> list[Written]:
    """Derive, run and write the notebooks; all or, when anything is refused, none.

    Args:
        only: the stems to build; all if not given.
        here: the stack to run on; its addresses may not be stored.
        report: told the name of each file before it is run.
        run: how a derived notebook gets its outputs, given the folder that it will lie in and the stack.

    Raises:
        SourceError: a source breaks a rule, a cell fails, or an output must not be stored.
    """
    wanted = [d for stem in (stems(project) if only is None else only) for d in derivations(stem, project)]
    finished: list[tuple[Derivation, NotebookNode]] = []
    for derivation in wanted:
        notebook = derivation.notebook
        if derivation.kind.is_executed:
            report(derivation.name)
            notebook = _executed(derivation, derivation.path(project).parent, here, run)
        finished.append((derivation, notebook))
    return [_write(derivation, notebook, project) for derivation, notebook in finished]


def serialise(notebook: NotebookNode) -> str:
    """The notebook as its file's text; the same notebook always gives the same text."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def write_notebook(path: Path, notebook: NotebookNode) -> None:
    """Replace a notebook's file as one step: a reader sees the old one or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(serialise(notebook))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def keep_copy(path: Path) -> Path:
    """Copy a learner's notebook to a dated name beside it and return that; no earlier copy is replaced."""
    content = path.read_bytes()
    stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H%M%S")
    for number in count(1):
        kept = path.with_name(f"{path.stem}.kept-{stamp}{f'-{number}' if number > 1 else ''}{path.suffix}")
        try:
            file = kept.open("xb")
        except FileExistsError:
            continue
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return kept
    raise AssertionError("unreachable: count() does not end")


def is_kept_copy(path: Path) -> bool:
    """Whether a file is a copy that `keep_copy` made."""
    return ".kept-" in path.name


def _executed(
    derivation: Derivation,
    folder: Path,
    here: "Stack | None",
    run: Callable[[NotebookNode, Path, "Stack | None"], NotebookNode],
) -> NotebookNode:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        notebook = run(derivation.notebook, folder, here)
    except CellFailed as failure:
        place = derivation.place(failure.cell_index, failure.line_in_cell)
        what = f"cell {failure.cell_index + 1} of {derivation.name} failed: {failure.error.rstrip('.')}."
        raise SourceError(place, what, failure.next_step) from failure
    private = _addresses(here) if here else ()
    for fault in outputs.faults(notebook, private):
        place = derivation.place(fault.cell_index or 0)
        where = (
            derivation.name
            if fault.cell_index is None
            else f"cell {fault.cell_index + 1} of {derivation.name}"
        )
        raise StoredOutputRefused(place, f"{where} would store {fault.sentence}.", "Nothing was written.")
    return notebook


def _addresses(here: "Stack") -> tuple[str, ...]:
    """Where the stack is, as an output must not say."""
    urls = filter(None, (here.schema_registry_url, here.redis_url))
    return (here.bootstrap_servers, *(urlsplit(url).netloc for url in urls))


def _write(derivation: Derivation, notebook: NotebookNode, project: Path) -> Written:
    path = derivation.path(project)
    kept = keep_copy(path) if derivation.kind is Kind.LAB and path.exists() and _holds_work(path) else None
    write_notebook(path, notebook)
    return Written(derivation.name, kept)


def _holds_work(path: Path) -> bool:
    """Whether a lab's file holds more than the build wrote; a file that cannot be read may."""
    notebook = _read(path)
    return notebook is None or is_edited(notebook)


def _read(path: Path) -> NotebookNode | None:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (ValueError, AttributeError, KeyError, nbformat.ValidationError):
        return None
    return notebook


def _differences(derivation: Derivation, project: Path) -> Iterator[Difference]:
    mend = f"`streamlab build {derivation.stem}` mends it"
    mend += " (an edited lab is kept as a dated copy)." if derivation.kind is Kind.LAB else "."
    path = derivation.path(project)
    if not path.is_file():
        yield Difference(derivation.name, "it is missing", mend)
        return
    notebook = _read(path)
    if notebook is None:
        yield Difference(derivation.name, "it is not a notebook", mend)
        return
    if what := _first_difference(derivation, notebook):
        yield Difference(derivation.name, what, mend)
        return
    for fault in outputs.faults(notebook):
        where = "" if fault.cell_index is None else f"cell {fault.cell_index + 1} "
        yield Difference(derivation.name, f"{where}stores {fault.sentence}", mend)


def _first_difference(derivation: Derivation, notebook: NotebookNode) -> str | None:
    wanted = derivation.notebook
    if notebook.metadata != wanted.metadata or notebook.nbformat_minor != wanted.nbformat_minor:
        return "the notebook's metadata differ"
    executed = derivation.kind.is_executed
    code_cells = 0
    for index, (cell, expected) in enumerate(zip(notebook.cells, wanted.cells, strict=False)):
        where = f"cell {index + 1} (from {derivation.place(index)})"
        for part in ("cell_type", "source", "id", "metadata"):
            if cell.get(part) != expected.get(part):
                return f"{where} differs in its {part.replace('cell_type', 'kind').replace('source', 'text')}"
        if cell.cell_type == "code":
            code_cells += 1
            if cell.execution_count != (code_cells if executed else None):
                return f"{where} was {'not run in order' if executed else 'run'}"
            if cell.outputs and not executed:
                return f"{where} has outputs"
    if len(notebook.cells) != len(wanted.cells):
        return f"it has {len(notebook.cells)} cells, its source {len(wanted.cells)}"
    return None
