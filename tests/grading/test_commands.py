# ruff: noqa: ARG005 - a derivation that does not look at its stem
"""The commands check, hint, progress and reset, on the toy lab."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import typer
import watchfiles
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from streamlab import build, checks
from streamlab.errors import StreamlabError
from streamlab.grading import commands
from tests.grading.toy_lab import TASKS

pytestmark = pytest.mark.slow

SOLVED = (
    "from tests.grading import toy_lab as check",
    "def double(n):\n    if n < 0: raise ValueError('negative')\n    return 2 * n",
    "check.double(double)",
    "def greet(name): return 'Hello ' + name",
    "check.greet(greet)",
)
HALF_SOLVED = (*SOLVED[:3], "def greet(name): print(name)", SOLVED[4])


def notebook(*cells: str) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_code_cell(cell, id=f"c{at}") for at, cell in enumerate(cells)])


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the toy lab, half solved."""
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(checks, "chapters", lambda: {"toy": "toy_lab"})

    def tasks(chapter: str) -> Any:
        if chapter not in ("toy", "toy_lab"):
            raise StreamlabError(f"There are no checks for {chapter!r}.", "There is: toy.")
        return TASKS

    monkeypatch.setattr(checks, "tasks", tasks)
    file = tmp_path / "labs" / "toy_lab.ipynb"
    file.parent.mkdir()
    file.write_text(json.dumps(notebook(*HALF_SOLVED)))
    monkeypatch.setattr(commands, "lab_file", lambda stem: tmp_path / "labs" / f"{stem}.ipynb")
    return file


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    commands.add_to(app)
    return app


def run(app: typer.Typer, *arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def test_check_prints_a_line_a_task_and_fails_unless_all_pass(app: typer.Typer, lab: Path) -> None:
    done = run(app, "check", "toy")
    first, second, count = done.stdout.splitlines()
    assert first.split()[:3] == ["toy.1", "double", "passed"]
    assert second.split()[:4] == ["toy.2", "greet", "wrong", "returned-none"]
    assert count.startswith("1 of 2 passed")
    assert done.exit_code == 1


def test_check_of_one_task_looks_at_that_task_alone(app: typer.Typer, lab: Path) -> None:
    assert run(app, "check", "toy.1").exit_code == 0
    assert run(app, "check", "toy.2").exit_code == 1


def test_check_takes_another_notebook_and_speaks_json(app: typer.Typer, lab: Path, tmp_path: Path) -> None:
    other = tmp_path / "solved.ipynb"
    other.write_text(json.dumps(notebook(*SOLVED)))
    done = run(app, "check", "toy_lab", "--notebook", str(other), "--json")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert report["passed"]
    assert [task["status"] for task in report["tasks"]] == ["passed", "passed"]


def test_check_again_at_each_saving_until_interrupted(
    app: typer.Typer, lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def saved_once(*_folders: object, **_options: object) -> Iterator[set[object]]:
        lab.write_text(json.dumps(notebook(*SOLVED)))
        yield set()
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", saved_once)
    done = run(app, "check", "toy", "--watch")
    assert [line[:1] for line in done.stdout.splitlines() if " passed in " in line] == ["1", "2"]
    assert done.exit_code == 0


def test_an_unknown_lab_or_task_is_said_with_what_there_is(app: typer.Typer, lab: Path) -> None:
    for arguments in (("check", "ch99"), ("hint", "toy.9"), ("hint", "toy"), ("reset", "ch99")):
        error = run(app, *arguments).exception
        assert isinstance(error, StreamlabError)
        assert "toy" in str(error)


def test_hints_come_in_three_steps_and_are_recorded(app: typer.Typer, lab: Path) -> None:
    texts = [run(app, "hint", "toy.1").stdout for _ in range(3)]
    assert [text.partition(":")[2].splitlines()[0].strip() for text in texts] == list(TASKS[0].hints)
    assert run(app, "hint", "toy_lab.2").stdout.startswith("Hint 1 of 3 for toy.2")
    row = next(line for line in run(app, "progress").stdout.splitlines() if line.startswith("toy.1"))
    assert row.split() == ["toy.1", "double", "3"]


def test_progress_shows_tasks_and_predictions(app: typer.Typer, lab: Path) -> None:
    from streamlab.grading import progress

    run(app, "check", "toy")
    progress.record_prediction("c15", "once [a message]")
    shown = run(app, "progress").stdout
    assert "once [a message]" in shown
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.startswith("toy.")}
    assert rows["toy.1"] == ["double", "passed", "1"]
    assert rows["toy.2"] == ["greet", "wrong", "1", "returned-none"]


def test_progress_before_anything_was_done_lists_the_tasks(app: typer.Typer, lab: Path) -> None:
    shown = run(app, "progress").stdout
    assert "toy.1" in shown
    assert "prediction" not in shown


def test_reset_keeps_what_was_there_and_makes_a_fresh_lab(
    app: typer.Typer, lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = notebook("fresh")
    monkeypatch.setattr(build, "derive_lab", lambda stem: fresh)
    mine = [f"mine {n}" for n in range(5)]
    for text in mine:
        lab.write_text(text)
        done = run(app, "reset", "toy")
        assert "kept as toy_lab.kept-" in done.stdout
        assert nbformat.read(lab, 4).cells[0].source == "fresh"
    assert sorted(file.read_text() for file in lab.parent.glob("toy_lab.kept-*.ipynb")) == mine


def test_resets_at_the_same_time_lose_no_copy(
    app: typer.Typer, lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "derive_lab", lambda stem: notebook("fresh"))
    lab.write_text("mine")
    resets = [threading.Thread(target=commands.reset, args=("toy",)) for _ in range(6)]
    for reset in resets:
        reset.start()
    for reset in resets:
        reset.join()
    kept = [file.read_text() for file in lab.parent.glob("toy_lab.kept-*.ipynb")]
    assert "mine" in kept
    assert len(kept) == 6
    assert sorted(lab.parent.glob(".*")) == []


def test_reset_that_cannot_derive_changes_nothing(
    app: typer.Typer, lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stem: str) -> None:
        raise StreamlabError("The source is broken.", "Mend it.")

    monkeypatch.setattr(build, "derive_lab", fail)
    before = lab.read_text()
    assert run(app, "reset", "toy").exit_code == 1
    assert lab.read_text() == before
    assert [file.name for file in lab.parent.iterdir()] == [lab.name]


def test_reset_makes_a_lab_that_is_missing(
    app: typer.Typer, lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "derive_lab", lambda stem: notebook("fresh"))
    lab.unlink()
    assert "kept" not in run(app, "reset", "toy").stdout
    assert lab.exists()
