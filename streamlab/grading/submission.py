"""Check a whole lab: run its notebook, and give every task a status, whatever became of its cell.

report = check_submission("ch03_registry_wire_format", tasks, path)
report.passed, [result.status for result in report.results]
report.as_json()                 # what `streamlab check --json` prints
"""

import ast
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.grading.notebook_run import Cell, Fate, Limits, NotANotebook, Run, run_notebook
from streamlab.grading.result import Result, Status
from streamlab.grading.task import Task


@dataclass(frozen=True)
class Report:
    """The result of every task of a lab, in its order."""

    stem: str
    notebook: Path
    results: tuple[Result, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every task passed."""
        return bool(self.results) and all(result.passed for result in self.results)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data; the names of its fields do not change."""
        return {
            "lab": self.stem,
            "notebook": str(self.notebook),
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "tasks": [result.as_json() for result in self.results],
        }


def check_submission(
    stem: str, tasks: Sequence[Task], notebook: Path, limits: Limits | None = None
) -> Report:
    """Run the notebook and judge every task."""
    started = time.monotonic()
    try:
        run = run_notebook(notebook, limits)
    except NotANotebook as error:
        results = [_result(task, Status.NOT_ATTEMPTED, error.what, error.next_step) for task in tasks]
    else:
        results = [run.results.get(task.id) or _unreported(task, tasks, run) for task in tasks]
    return Report(stem, notebook, tuple(results), time.monotonic() - started)


def _unreported(task: Task, tasks: Sequence[Task], run: Run) -> Result:
    """Why a task has no result: its check is gone, or its cell did not get that far."""
    place = next((at for at, cell in enumerate(run.cells) if _checks(cell, task)), None)
    if place is None:
        return _result(
            task,
            Status.NOT_ATTEMPTED,
            f"No cell of the notebook calls check.{task.name}({task.name}).",
            "Put that cell back below your answer.",
        )
    others = [other for other in tasks if other.id != task.id]
    first = next(
        (at + 1 for at in range(place - 1, -1, -1) if any(_checks(run.cells[at], other) for other in others)),
        0,
    )
    own = [cell for cell in run.cells[first : place + 1] if cell.fate is not Fate.RAN]
    earlier = [cell for cell in run.cells[:first] if cell.fate is not Fate.RAN]
    cause = _cause(own, earlier)
    if cause is None:
        return _result(
            task,
            Status.NOT_ATTEMPTED,
            f"Cell {run.cells[place].number} ran, but its check did not report.",
            f"Let the cell call check.{task.name}({task.name}), and keep `check` as it was imported.",
        )
    return _from_cause(task, cause, cause in own)


def _cause(own: Sequence[Cell], earlier: Sequence[Cell]) -> Cell | None:
    """The cell to blame, out of those that failed: the task's own, or an earlier one that it stands on."""
    if own and own[0].fate is not Fate.NOT_REACHED:
        missing = re.search(r"NameError: name '(\w+)'", own[0].error)
        if missing:
            roots = [cell for cell in earlier if missing[0] not in cell.error]
            mentions = [cell for cell in roots if re.search(rf"\b{missing[1]}\b", cell.source)]
            return next(iter([*mentions, *roots, own[0]]))
        return own[0]
    stopped = [cell for cell in earlier if cell.fate in (Fate.KERNEL_DIED, Fate.TOO_SLOW)]
    return next(iter([*stopped[-1:], *own, *earlier[-1:]]), None)


def _from_cause(task: Task, cause: Cell, is_own: bool) -> Result:
    cell = f"Cell {cause.number}"
    if cause.fate is Fate.RAISED:
        broken = "StackUnavailable" in cause.error
        return _result(
            task,
            Status.ENVIRONMENT_BROKEN if broken else Status.WRONG,
            f"{cell} does not run: {cause.error}",
            "Your answer was not judged." if broken else "Run that cell in the notebook and mend it first.",
        )
    if cause.fate is Fate.NOT_REACHED:
        return _result(
            task,
            Status.NOT_ATTEMPTED,
            f"{cell} was not reached before the time for the whole notebook was over.",
            "Look which cell takes so long; `streamlab check` runs them all from the top.",
        )
    endless = cause.fate is Fate.TOO_SLOW
    if not is_own:
        return _result(
            task,
            Status.NOT_ATTEMPTED,
            f"This check was not reached, because cell {cause.number} {cause.fate}.",
            "Mend that cell first, then check again.",
        )
    return _result(
        task,
        Status.WRONG,
        f"{cell} {cause.fate}.",
        "Ask of each loop and each wait in it what ends it."
        if endless
        else "Look for os._exit, a crash in a library, or memory that filled up; restart the kernel.",
        mistake="endless" if endless else None,
    )


def _checks(cell: Cell, task: Task) -> bool:
    """Whether the cell calls the task's check, as `check.frame(...)` under whatever name `check` has."""
    try:
        tree = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError):
        return re.search(rf"^\s*\w+\.{task.name}\(", cell.source, re.MULTILINE) is not None
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        isinstance(called, ast.Attribute) and called.attr == task.name and isinstance(called.value, ast.Name)
        for called in calls
    )


def _result(task: Task, status: Status, summary: str, try_next: str, mistake: str | None = None) -> Result:
    return Result(task.id, task.name, status, summary, None, mistake=mistake, try_next=try_next)
