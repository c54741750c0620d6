"""The command line as a whole: every command explains itself, and none pays for what another needs."""

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
