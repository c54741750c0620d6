"""The make targets: listed, explained, and looking for a Python that is new enough."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streamlab.paths import PROJECT

TARGETS = ["lab", "test", "check", "build", "up", "down", "faults", "bench", "clean"]


def make(*arguments: str, **variables: str) -> str:
    """What `make` prints."""
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=PROJECT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
            **variables,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_make_alone_and_make_help_list_every_target_with_what_it_does() -> None:
    explained = dict(re.findall(r"^  make (\w+) +(\S.*)$", make("help"), re.MULTILINE))
    assert [name for name in explained if name != "help"] == TARGETS
    assert make() == make("help")


@pytest.mark.parametrize("target", TARGETS)
def test_every_listed_target_has_something_to_do(target: str) -> None:
    assert make("--dry-run", target, "PYTHON=python3").strip()


def test_an_old_python3_is_passed_over_for_a_newer_one_on_the_path(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # answers "too old" to the question that the Makefile asks
    old.chmod(0o755)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    for tool in ("sh", "make"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    assert "python3.12 bootstrap.py" in make("--dry-run", "setup", PATH=str(tmp_path))


def test_the_python_that_the_caller_names_is_taken() -> None:
    assert make("--dry-run", "setup", "PYTHON=my-python").startswith("my-python bootstrap.py")


def test_ci_calls_what_a_contributor_calls() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "make test"


def test_pytest_has_the_last_word_in_make_test() -> None:
    assert make("--dry-run", "test", "PYTHON=python3").splitlines()[-1].endswith("/pytest")
