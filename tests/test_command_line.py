"""The command line as a whole: every command explains itself, and none pays for what another needs."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from streamlab import cli

HEAVY = (
    "numpy",
    "polars",
    "matplotlib",
    "redis",
    "fastavro",
    "nbclient",
    "jupytext",
    "jsonschema",
    "uvicorn",
)


def test_starting_a_command_imports_no_library_that_only_others_need() -> None:
    code = f"import sys, streamlab.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def commands() -> dict[str, Any]:
    """Every command, and every command of a group, by the words that call it."""
    found = {}
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        for inner, one in getattr(command, "commands", {"": command}).items():
            found[f"{name} {inner}".strip()] = one
    return found


@pytest.mark.parametrize("words", commands())
def test_every_command_explains_itself_and_its_options(words: str) -> None:
    command = commands()[words]
    assert command.help.split("\n\n")[0].rstrip().endswith((".", "?"))
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    assert [option.name for option in options if not option.help] == []


def ends(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["streamlab", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    "line",
    [
        "process --until-idle nan",
        "process --until-idle -1",
        "process --until-idle inf",
        "generate --count 99999999999999999999999",
        "dlq show --last 99999999999999999999999",
        "check ch03 --cell-seconds nan",
        "check ch03 --cell-seconds 0",
        "check ch03 --whole-seconds inf",
        "lab --port -1",
        "lab --port 99999",
        "registry serve --port 99999",
        "registry serve --port -1",
    ],
)
def test_a_number_out_of_its_bounds_is_refused_by_the_name_of_its_option(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(monkeypatch, *line.split()) == 2
    option = next(word for word in line.split() if word.startswith("--"))
    assert f"Invalid value for '{option}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check ch03 --notebook nowhere.ipynb", "There is no file nowhere.ipynb. Give --notebook"),
        ("check ch03 --notebook .", "There is no file .. Give --notebook"),
        ("registry serve --host a..b", "cannot listen on a..b"),
        ("schemas register --registry http://a..b", "http://a..b does not answer"),
        ("dlq replay --topic txn.events --to _schemas", "_schemas belongs to Kafka or to the registry"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("streamlab.stack.connect", lambda: None)
    assert ends(monkeypatch, *line.split()) in (1, 2)
    printed = capsys.readouterr()
    assert said in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("url", ["http://[::1", "127.0.0.1:8081", "http://a..b"])
def test_an_address_that_is_none_is_said_to_be_none(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", url)
    assert ends(monkeypatch, "status") == 1
    assert "registry" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["generate --stream nope --json", "check ch99 --json"])
def test_an_error_is_json_too_where_json_is_asked_for(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(monkeypatch, *line.split()) == 1
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["ok"] is False
    assert f"{told['error']['what']} {told['error']['next_step']}\n" == printed.err


def test_an_output_that_knows_only_ascii_gets_the_code_of_a_character() -> None:
    code = "import sys; from streamlab import cli; cli.app = lambda: print('a\u2026'); cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a\\u2026\n"


def test_a_folder_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", "/" + "x" * 300)
    assert ends(monkeypatch, "down") == 1
    assert capsys.readouterr().err.endswith(
        "cannot be used: File name too long. Look at its rights and the space on the disk.\n"
    )


def test_a_registry_that_cannot_start_says_what_to_look_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start_fails(*_: object, **__: object) -> None:
        sys.exit(3)

    monkeypatch.setattr("streamlab.registry.serving.run", start_fails)
    assert ends(monkeypatch, "registry", "serve") == 1
    assert "did not start, for the reason above. Look at --bootstrap-servers" in capsys.readouterr().err
