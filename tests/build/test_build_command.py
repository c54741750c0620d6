"""`streamlab build`: what it says, and its exit code."""

from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from streamlab import build as course
from streamlab import build_commands, stack
from streamlab.build import Difference, Written
from streamlab.errors import StreamlabError

STEMS = ("ch03_registry_wire_format", "ch04_evolution", "start")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asked the build for; `differences` and `written` are what the build answers."""
    seen: dict[str, Any] = {"differences": [], "written": []}

    def check(only: list[str] | None) -> list[Difference]:
        seen["checked"] = only
        return list(seen["differences"])

    def build(only: list[str] | None, **_: object) -> list[Written]:
        seen["built"] = only
        return list(seen["written"])

    monkeypatch.setattr(course, "check", check)
    monkeypatch.setattr(course, "build", build)
    monkeypatch.setattr(course, "stems", lambda: STEMS)
    return seen


def run(*arguments: str) -> Result:
    app = typer.Typer()
    build_commands.add_to(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["build", *arguments])


def with_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "connect", lambda: None)


def test_check_prints_a_line_a_difference_and_fails(calls: dict[str, Any]) -> None:
    calls["differences"] = [
        Difference("labs/start.ipynb", "it is missing", "`streamlab build start` mends it.")
    ]
    result = run("--check")
    assert result.exit_code == 1
    assert result.output == "labs/start.ipynb: it is missing. `streamlab build start` mends it.\n"
    assert calls["checked"] is None


def test_check_says_so_when_all_is_well_and_asks_for_no_stack(
    calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "connect", lambda: pytest.fail("a stack was asked for"))
    result = run("--check", "start")
    assert (result.exit_code, result.output) == (0, "Every derived notebook equals its source.\n")
    assert calls["checked"] == ["start"]


def test_without_a_stack_nothing_is_built_and_one_sentence_says_why(
    calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path))
    for given in ("KAFKA_BOOTSTRAP_SERVERS", "SCHEMA_REGISTRY_URL"):
        monkeypatch.delenv(given, raising=False)
    result = run()
    assert isinstance(result.exception, stack.StackUnavailable)
    assert "streamlab up" in str(result.exception)
    assert "built" not in calls


def test_a_chapter_may_be_named_by_the_start_of_its_stem(
    calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_stack(monkeypatch)
    assert run("ch03").exit_code == 0
    assert calls["built"] == ["ch03_registry_wire_format"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("ch", "2 chapters start with 'ch'. Give one of: ch03_registry_wire_format, ch04_evolution."),
        (
            "ch09",
            "No chapters start with 'ch09'. Give one of: ch03_registry_wire_format, ch04_evolution, start.",
        ),
    ],
)
def test_a_name_that_is_not_one_chapter_is_refused(calls: dict[str, Any], given: str, sentence: str) -> None:
    result = run(given)
    assert isinstance(result.exception, StreamlabError)
    assert str(result.exception) == sentence


def test_a_kept_lab_is_told(calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_stack(monkeypatch)
    calls["written"] = [
        Written("notebooks/start.ipynb"),
        Written("labs/ch04.ipynb", Path("labs/ch04.kept-2026-11-20T101500.ipynb")),
    ]
    assert run().output.splitlines() == [
        "wrote   notebooks/start.ipynb",
        "wrote   labs/ch04.ipynb",
        "        it held edits: they are kept in labs/ch04.kept-2026-11-20T101500.ipynb",
    ]
