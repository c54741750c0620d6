"""The lab's own answers, taken from its percent text: as they stand, and with one thing changed.

solutions()["frame"]                                      # the solution as a function
mutated("frame", '"big"', '"little"')                     # the same with one text replaced
solution_lines("frame")                                   # the lines of its hole
"""

import linecache
from functools import cache
from typing import Any

from streamlab.build.derive import derive_lab, derive_solution
from streamlab.checks import ch03_registry_wire_format as check
from streamlab.grading import Task

STEM = "ch03_registry_wire_format"
TASKS = {task.name: task for task in check.TASKS}
PURE = tuple(task for task in check.TASKS if not task.needs_stack)


def solutions() -> dict[str, Any]:
    """A fresh namespace in which all cells of the solution have run, but for the checks."""
    return _run(_solution(), {})


def stubs() -> dict[str, Any]:
    """A fresh namespace in which all cells of the untouched lab have run, but for the checks."""
    return _run(_lab(), {})


def mutated(name: str, old: str, new: str) -> Any:
    """The solution with `old` replaced in the cell that defines `name`; the other cells as they are."""
    source = cell_of(name)
    assert source.count(old) == 1, f"{old!r} is {source.count(old)} times in the solution of {name}"
    changed = source.replace(old, new)
    assert changed != source
    return _run(_solution(), {source: changed})[name]


def cell_of(name: str) -> str:
    """The solution's cell that defines `name`."""
    found = [cell.source for cell in _code(_solution()) if f"def {name}(" in cell.source]
    assert len(found) == 1
    return f"{found[0]}\n"


@cache
def solution_lines(name: str) -> tuple[str, ...]:
    """The lines that the solution has and the lab has not, without those that say nothing on their own."""
    lab = {line for cell in _code(_lab()) for line in cell.source.splitlines()}
    lines = [line.strip() for line in cell_of(name).splitlines() if line not in lab]
    return tuple(line for line in lines if len(line) > 12)


@cache
def _solution() -> Any:
    return derive_solution(STEM)


@cache
def _lab() -> Any:
    return derive_lab(STEM)


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _run(notebook: Any, replaced: dict[str, str]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "lab"}
    for number, cell in enumerate(_code(notebook)):
        if not cell.source.startswith("check."):
            text = replaced.get(f"{cell.source}\n", cell.source)
            file = f"<cell {number} {hash(text)}>"
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
            exec(compile(text, file, "exec"), namespace)
    return namespace


def task_of(name: str) -> Task:
    """The task with that name."""
    return TASKS[name]
