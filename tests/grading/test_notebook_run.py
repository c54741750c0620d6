"""A lab is run in its own process, and every task gets a status whatever became of its cell."""

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from streamlab.grading import Status
from streamlab.grading.notebook_run import Fate, Limits, run_notebook
from streamlab.grading.submission import Report, check_submission
from tests.grading.toy_lab import TASKS

pytestmark = pytest.mark.slow

SETUP = "from tests.grading import toy_lab as check"
DOUBLE = "def double(n):\n    if n < 0: raise ValueError('negative')\n    return 2 * n"
CHECK_DOUBLE = "check.double(double)"
GREET = "def greet(name): return 'Hello ' + name"
CHECK_GREET = "check.greet(greet)"
HOLE = "def {0}(x):\n    raise NotImplementedError('{0}: replace this line with your answer')"
SHORT = Limits(cell_seconds=4, whole_seconds=40)


@pytest.fixture(autouse=True)
def own_progress(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path_factory.mktemp("state")))


def written(folder: Path, *cells: str) -> Path:
    notebook = new_notebook(cells=[new_markdown_cell("# A lab"), *map(new_code_cell, cells)])
    path = folder / "lab.ipynb"
    path.write_text(json.dumps(notebook))
    return path


def checked(folder: Path, *cells: str, limits: Limits = SHORT) -> Report:
    path = written(folder, *cells)
    before = path.read_bytes(), path.stat().st_mtime_ns
    report = check_submission("toy", TASKS, path, limits)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [file.name for file in folder.iterdir()] == ["lab.ipynb"]
    assert [result.task for result in report.results] == ["toy.1", "toy.2"]
    return report


def statuses(report: Report) -> list[Status]:
    return [result.status for result in report.results]


def test_a_solved_lab_passes(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, DOUBLE, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert report.passed
    assert statuses(report) == [Status.PASSED, Status.PASSED]


def test_an_untouched_lab_is_not_attempted(tmp_path: Path) -> None:
    cells = SETUP, HOLE.format("double"), CHECK_DOUBLE, HOLE.format("greet"), CHECK_GREET
    assert statuses(checked(tmp_path, *cells)) == [Status.NOT_ATTEMPTED, Status.NOT_ATTEMPTED]


def test_a_wrong_answer_does_not_keep_the_next_task_from_passing(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, "def double(n): return n * n", CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.PASSED]
    assert report.results[0].mistake == "squared"
    assert not report.passed


def test_a_syntax_error_above_a_check_is_named_with_its_cell(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, "def double(n:\n    return 2", CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.PASSED]
    assert "Cell 3 does not run: SyntaxError" in report.results[0].message
    assert "(line 1)" in report.results[0].message


def test_a_check_cell_that_was_deleted_is_said(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.NOT_ATTEMPTED, Status.PASSED]
    assert "No cell of the notebook calls check.double(double)" in report.results[0].message


def test_an_answer_that_was_never_defined_is_named(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.PASSED]
    assert "NameError: name 'double' is not defined" in report.results[0].message


def test_a_broken_first_cell_is_blamed_for_every_task(tmp_path: Path) -> None:
    report = checked(tmp_path, "import nothing_here", DOUBLE, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert all("Cell 2 does not run: ModuleNotFoundError" in result.message for result in report.results)


@pytest.mark.parametrize("death", ["import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"])
def test_a_kernel_that_dies_is_said_and_the_rest_is_not_attempted(tmp_path: Path, death: str) -> None:
    dies = f"def double(n):\n    {death}"
    report = checked(tmp_path, SETUP, dies, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.NOT_ATTEMPTED]
    assert "Cell 4 ended the kernel" in report.results[0].message
    assert "because cell 4 ended the kernel" in report.results[1].message


def test_a_kernel_that_dies_above_the_first_check_fails_that_task(tmp_path: Path) -> None:
    report = checked(tmp_path, SETUP, "import os; os._exit(1)", CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.NOT_ATTEMPTED]


def test_a_cell_that_loops_for_ever_is_interrupted_and_the_rest_still_runs(tmp_path: Path) -> None:
    loops = "while True:\n    print('flood' * 1000)"
    report = checked(tmp_path, SETUP, loops, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.PASSED]
    assert report.results[0].mistake == "endless"


def test_a_cell_that_cannot_be_interrupted_ends_the_run(tmp_path: Path) -> None:
    holds = "import itertools\ndef double(n): return sum(itertools.repeat(0))"
    report = checked(tmp_path, SETUP, holds, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.WRONG, Status.NOT_ATTEMPTED]
    assert report.results[0].mistake == "endless"


def test_the_time_for_the_whole_notebook_is_bounded(tmp_path: Path) -> None:
    slow = "import time; time.sleep(2)"
    limits = Limits(cell_seconds=10, whole_seconds=3)
    report = checked(tmp_path, SETUP, slow, slow, slow, CHECK_DOUBLE, GREET, CHECK_GREET, limits=limits)
    assert not report.passed
    assert report.seconds < 20


def test_a_check_that_was_replaced_did_not_report(tmp_path: Path) -> None:
    cells = SETUP + "\ncheck.double = print", DOUBLE, CHECK_DOUBLE, GREET, CHECK_GREET
    report = checked(tmp_path, *cells)
    assert statuses(report) == [Status.NOT_ATTEMPTED, Status.PASSED]
    assert "did not report" in report.results[0].message


def test_a_stack_that_is_away_in_another_cell_is_a_broken_environment(tmp_path: Path) -> None:
    error = "stack.StackUnavailable('Kafka does not run.', 'Run `streamlab up`.')"
    asks = f"from streamlab import stack\nraise {error}"
    report = checked(tmp_path, SETUP, asks, CHECK_DOUBLE, GREET, CHECK_GREET)
    assert statuses(report) == [Status.ENVIRONMENT_BROKEN, Status.PASSED]
    assert "streamlab up" in report.results[0].message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[1]",
        b"{}",
        b'{"cells": [1], "nbformat": 4}',
        b'{"cells": [{"cell_type": "code"}], "nbformat": 4}',
        b'{"cells": [], "nbformat": 3}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_notebook_is_said_for_every_task(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lab.ipynb"
    path.write_bytes(content)
    report = check_submission("toy", TASKS, path)
    assert statuses(report) == [Status.NOT_ATTEMPTED] * 2
    assert all("streamlab reset" in result.message for result in report.results)


def test_a_missing_notebook_is_said_for_every_task(tmp_path: Path) -> None:
    report = check_submission("toy", TASKS, tmp_path / "lab.ipynb")
    assert all("There is no notebook lab.ipynb" in result.message for result in report.results)


def test_the_report_is_plain_data(tmp_path: Path) -> None:
    data = checked(tmp_path, SETUP, DOUBLE, CHECK_DOUBLE).as_json()
    assert json.loads(json.dumps(data)) == data
    assert set(data) == {"lab", "notebook", "passed", "seconds", "tasks"}
    assert {"task", "name", "status", "check", "mistake", "message", "summary", "evidence", "seed"} <= set(
        data["tasks"][0]
    )


def test_the_working_folder_is_the_notebooks_own(tmp_path: Path) -> None:
    run = run_notebook(written(tmp_path, "open('lab.ipynb').close()"))
    assert [cell.fate for cell in run.cells] == [Fate.RAN]
