"""The course as it runs: solutions pass, an untouched lab is not attempted, and runs do not meet."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from reading import EXECUTED, LABS, name_of

from streamlab import build, checks
from streamlab.build import Derivation, Kind
from streamlab.grading import Status
from streamlab.grading.submission import check_submission
from streamlab.stack import Stack

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("lab", LABS, ids=name_of)
def test_every_check_of_an_untouched_lab_says_not_attempted(lab: Derivation, live_stack: Stack) -> None:
    tasks = checks.tasks(lab.stem)
    report = check_submission(lab.stem, tasks, lab.path())
    assert {r.task: r.status for r in report.results} == {task.id: Status.NOT_ATTEMPTED for task in tasks}
    assert all("NotImplementedError" in result.summary for result in report.results)
    assert not report.passed


@pytest.mark.parametrize("lab", LABS, ids=name_of)
def test_every_solution_passes(lab: Derivation, live_stack: Stack) -> None:
    tasks = checks.tasks(lab.stem)
    solution = build.derive(Kind.SOLUTION, lab.stem)
    report = check_submission(lab.stem, tasks, solution.path())
    assert {r.task: (r.status, r.mistake) for r in report.results} == {
        task.id: (Status.PASSED, None) for task in tasks
    }
    assert report.passed


@pytest.mark.parametrize("derivation", EXECUTED, ids=name_of)
def test_a_notebook_shows_the_same_twice_in_a_row_and_twice_at_once(
    derivation: Derivation, live_stack: Stack
) -> None:
    def run(_: int) -> NotebookNode:
        return build.execute(derivation.notebook, derivation.path().parent, live_stack)

    first = run(0)
    with ThreadPoolExecutor(2) as pool:
        second, third = pool.map(run, range(2))
    stored = nbformat.read(derivation.path(), as_version=4)
    for again in (first, second, third):
        assert shown(again) == shown(stored)


def shown(notebook: NotebookNode) -> list[list[Any]]:
    """What a reader sees under each cell; of a picture, that it is there."""
    return [
        [
            output.get("text")
            or {kind: "" if kind == "image/png" else text for kind, text in output.data.items()}
            for output in cell.outputs
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
