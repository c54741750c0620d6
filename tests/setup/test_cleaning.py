"""`make clean` removes what can be made again, and nothing that a learner wrote."""

from pathlib import Path

import pytest

from streamlab.errors import StreamlabError
from streamlab.setup.cleaning import clean


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that was set up and worked with."""
    monkeypatch.delenv("STREAMLAB_HOME")
    monkeypatch.setenv("STREAMLAB_CACHE", str(tmp_path / "cache"))
    project = tmp_path / "checkout"
    for file in (
        ".venv/streamlab-setup.json",
        ".streamlab/data/broker/segment",
        ".streamlab/stack.json",
        ".streamlab/logs/broker.log",
        ".streamlab/progress.sqlite",
        ".streamlab/jupyter/config/lab/user-settings/theme",
        "labs/ch03.ipynb",
        "labs/ch03.kept-2026-11-20T101500.ipynb",
        "../cache/wheels/tiny.whl",
    ):
        path = project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return project


def test_it_removes_the_environment_and_the_stacks_data_and_says_so(checkout: Path) -> None:
    said: list[str] = []
    clean(checkout, said.append)
    assert not (checkout / ".venv").exists()
    assert not (checkout / ".streamlab" / "data").exists()
    assert not (checkout / ".streamlab" / "stack.json").exists(), (
        "which registry gave the ids is gone with them"
    )
    assert any(str(checkout / ".venv") in line for line in said)


def test_it_keeps_labs_progress_settings_and_downloads(checkout: Path) -> None:
    clean(checkout, lambda _: None)
    assert (checkout / ".streamlab" / "progress.sqlite").exists()
    assert (checkout / ".streamlab" / "jupyter" / "config" / "lab" / "user-settings" / "theme").exists()
    assert len(list((checkout / "labs").iterdir())) == 2
    assert (checkout.parent / "cache" / "wheels" / "tiny.whl").exists()


def test_it_can_be_run_twice(checkout: Path) -> None:
    clean(checkout, lambda _: None)
    clean(checkout, lambda _: None)


def test_a_stack_that_does_not_stop_keeps_everything_in_place(checkout: Path) -> None:
    command = checkout / ".venv" / "bin" / "streamlab"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\necho 'The broker does not stop.' >&2\nexit 1\n")
    command.chmod(0o755)
    with pytest.raises(StreamlabError, match="The broker does not stop"):
        clean(checkout, lambda _: None)
    assert command.exists()


def test_an_environment_of_somebody_else_is_not_removed(checkout: Path) -> None:
    (checkout / ".venv" / "streamlab-setup.json").rename(checkout / ".venv" / "precious")
    with pytest.raises(StreamlabError, match="left alone"):
        clean(checkout, lambda _: None)
    assert (checkout / ".venv" / "precious").exists()
