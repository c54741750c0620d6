"""The learner's commands: check, hint, progress, reset.

streamlab check ch03             run the lab in its own process; one line a task; exit code 0: all passed
streamlab check ch03 --watch     again at each saving
streamlab hint ch03.2            the next of three hints
streamlab progress               what was tried, passed, asked and predicted
streamlab reset ch03             a fresh lab; the old one is kept under a dated name
"""

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import watchfiles
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamlab import checks, paths
from streamlab.errors import StreamlabError
from streamlab.grading import progress as progress_file
from streamlab.grading.result import Result, Status
from streamlab.grading.task import Task

if TYPE_CHECKING:  # the notebook libraries take long to import; only `check` pays for them
    from streamlab.grading.notebook_run import Limits
    from streamlab.grading.submission import Report

_STYLES = {
    Status.PASSED: "green",
    Status.WRONG: "red",
    Status.NOT_ATTEMPTED: "blue",
    Status.ENVIRONMENT_BROKEN: "yellow",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command("check")(check)
    app.command("hint")(hint)
    app.command("progress")(progress)
    app.command("reset")(reset)


def check(
    lab: Annotated[str, typer.Argument(help="A chapter (ch03), or one task of it (ch03.2).")],
    watch: Annotated[bool, typer.Option("--watch", help="Check again at each saving.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    notebook: Annotated[
        Path | None, typer.Option("--notebook", help="Check this file in place of labs/.")
    ] = None,
    cell_seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="The time that a cell may take.")
    ] = 60.0,
    whole_seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="The time that the notebook may take.")
    ] = 300.0,
) -> None:
    """Run a lab in its own process and say what every task came to."""
    from streamlab.grading.notebook_run import Limits

    stem, tasks = _asked_for(lab)
    if notebook is not None and not notebook.is_file():
        raise StreamlabError(f"There is no file {notebook}.", "Give --notebook the path of a notebook.")
    file = notebook or lab_file(stem)
    limits = Limits(cell_seconds, whole_seconds)
    report = _checked(stem, tasks, file, limits, as_json)
    if watch:
        try:
            folder = file.resolve().parent
            changes = watchfiles.watch(
                folder,
                watch_filter=lambda _, name: Path(name).name == file.name,
                recursive=False,
                debounce=400,
            )
            for _ in changes:
                report = _checked(stem, tasks, file, limits, as_json)
        except KeyboardInterrupt:
            pass
    raise typer.Exit(0 if report.passed else 1)


def hint(task: Annotated[str, typer.Argument(help="The task's id: ch03.2.")]) -> None:
    """Show the next hint of a task; asking is recorded."""
    found = _asked_for(task)[1]
    if len(found) != 1:
        ids = ", ".join(one.id for one in found)
        raise StreamlabError(f"A hint is for one task, not for {task!r}.", f"Name one of {ids}.")
    found[0].hint()


def progress() -> None:
    """Show what was tried, passed, asked and predicted."""
    try:
        done, guesses = progress_file.tasks(), progress_file.predictions()
    except (sqlite3.Error, OSError) as error:
        raise StreamlabError(
            f"The progress file {progress_file.file()} cannot be read: {error}.",
            "Look at the permissions of that folder and the space on the disk.",
        ) from error
    table = Table("task", "name", "status", "attempts", "hints", "last mistake", box=None, pad_edge=False)
    for chapter in checks.chapters():
        for task in checks.tasks(chapter):
            table.add_row(task.id, task.name, *_row(done.get(task.id)))
    console = Console(highlight=False)
    console.print(table)
    if guesses:
        said = Table("prediction", "first guess", "last guess", box=None, pad_edge=False)
        for guess in guesses:
            said.add_row(guess.claim, Text(guess.first_guess), Text(guess.last_guess))
        console.print()
        console.print(said)


def reset(lab: Annotated[str, typer.Argument(help="A chapter: ch03.")]) -> None:
    """Make a fresh lab; what is there now is kept beside it under a dated name."""
    from streamlab import build

    stem, _ = _asked_for(lab)
    fresh = build.derive_lab(stem)
    file = lab_file(stem)
    kept = build.keep_copy(file) if file.exists() else None
    build.write_notebook(file, fresh)
    typer.echo(f"{file.name} is fresh again.")
    if kept is not None:
        typer.echo(f"Your copy is kept as {kept.name}.")


def lab_file(stem: str) -> Path:
    """Where the lab of a chapter is."""
    return paths.PROJECT / "labs" / f"{stem}.ipynb"


def _asked_for(name: str) -> tuple[str, tuple[Task, ...]]:
    """The stem and the tasks that `ch03`, `ch03.2` or a stem stands for."""
    chapter, dot, _ = name.partition(".")
    tasks = checks.tasks(chapter)
    stem = checks.chapters().get(chapter, chapter)
    if dot:
        short = next((short for short, full in checks.chapters().items() if full == stem), chapter)
        wanted = f"{short}{name[len(chapter) :]}"
        tasks = tuple(task for task in tasks if task.id == wanted)
        if not tasks:
            ids = ", ".join(task.id for task in checks.tasks(chapter))
            raise StreamlabError(f"There is no task {name!r}.", f"The tasks of {chapter} are {ids}.")
    return stem, tasks


def _checked(stem: str, tasks: tuple[Task, ...], file: Path, limits: "Limits", as_json: bool) -> "Report":
    from streamlab.grading.submission import check_submission

    report = check_submission(stem, tasks, file, limits)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        _print(report)
    return report


def _print(report: "Report") -> None:
    """One aligned line a task, then a count."""
    console = Console(highlight=False, soft_wrap=True)
    names = max(len(f"{result.task} {result.name}") for result in report.results)
    mistakes = max(len(result.mistake or "-") for result in report.results)
    for result in report.results:
        line = Text(f"{result.task} {result.name}".ljust(names) + "  ")
        line.append(f"{result.status:<18}", _STYLES[result.status])
        line.append(f"  {(result.mistake or '-').ljust(mistakes)}  {_sentence(result)}")
        console.print(line)
    passed = sum(result.passed for result in report.results)
    console.print(f"{passed} of {len(report.results)} passed in {report.seconds:.1f} s.")


def _sentence(result: Result) -> str:
    if result.passed:
        return result.summary
    check_name = f" [{result.check}]" if result.check else ""
    return f"{result.summary}{check_name} {result.try_next}"


def _row(done: progress_file.TaskProgress | None) -> tuple[str, str, str, str]:
    if done is None:
        return "", "", "", ""
    status = str(Status.PASSED) if done.passed else done.last_status
    return status, str(done.attempts or ""), str(done.hints or ""), done.last_mistake or ""
