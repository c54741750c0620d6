"""What grading costs, beside the learner's own work.

The learner is the solution: its functions are timed while the checks call them, and what a check takes
beyond that is its own cost. The whole lab is timed as `streamlab check` runs it, beside a plain run of the
same cells.
"""

import functools
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from streamlab import build, checks
from streamlab.grading import Status

CHECK_GOAL_SECONDS = 0.3
LAB_GOAL_SECONDS = 3.0


class Stopwatch:
    """Adds up the time that is spent in the callables that it wraps, and in those that they return."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._running = False

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same callable, timed; a call inside a timed call is not counted twice."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            if self._running:
                return function(*arguments, **named)
            self._running, began = True, time.perf_counter()
            try:
                value = function(*arguments, **named)
            finally:
                self._running = False
                self.seconds += time.perf_counter() - began
            return self.wrap(value) if callable(value) else value

        return timed


def solution_of(stem: str) -> dict[str, Any]:
    """What the cells of a solution define, the cells that check being left out."""
    names: dict[str, Any] = {}
    for cell in build.derive_solution(stem).cells:
        if cell.cell_type == "code" and not cell.source.startswith("check."):
            exec(compile(cell.source, stem, "exec"), names)
    return names


def measure_in_notebook(report: Callable[..., None]) -> None:
    """Each check of each chapter, as a cell of a notebook calls it."""
    for chapter, stem in checks.chapters().items():
        solution = solution_of(stem)
        for task in checks.tasks(chapter):
            learner = Stopwatch()
            began = time.perf_counter()
            result = task.result(learner.wrap(solution[task.name]))
            own = time.perf_counter() - began - learner.seconds
            assert result.status is Status.PASSED, result
            report(
                f"check {task.id} {task.name}, beside the learner's work",
                own,
                goal_seconds=CHECK_GOAL_SECONDS,
            )


def measure_whole_lab(
    report: Callable[..., None], streamlab: str, checkout: Path, environment: Mapping[str, str]
) -> None:
    """`streamlab check` on each solution, minus what its cells take when they just run."""
    for chapter, stem in checks.chapters().items():
        notebook = checkout / "solutions" / f"{stem}.ipynb"
        began = time.perf_counter()
        subprocess.run(
            [streamlab, "check", chapter, "--notebook", str(notebook)],
            cwd=checkout,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        whole = time.perf_counter() - began
        report(f"streamlab check {chapter}, the whole command", whole)
        own = whole - seconds_of_cells(stem)
        report(f"streamlab check {chapter}, beside its cells", own, goal_seconds=LAB_GOAL_SECONDS)


def seconds_of_cells(stem: str) -> float:
    """What the cells of a solution take in a kernel, as the kernel's own messages time them."""
    from nbclient import NotebookClient

    notebook = build.derive_solution(stem)
    NotebookClient(notebook, record_timing=True, timeout=120).execute()
    return sum(_cell_seconds(cell) for cell in notebook.cells if cell.cell_type == "code")


def _cell_seconds(cell: Any) -> float:
    times = cell.metadata.execution
    began, ended = times["iopub.execute_input"], times["iopub.status.idle"]
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
