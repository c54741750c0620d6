"""Fixtures of the setup's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_project import StallingIndex, TinyProject


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    """A checkout that was never set up."""
    return TinyProject(tmp_path / "checkout", tmp_path / "index", tmp_path / "cache")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A checkout that was set up once; tests leave it as good as they found it."""
    root = tmp_path_factory.mktemp("made")
    project = TinyProject(root / "checkout", root / "index", root / "cache")
    done = project.set_up()
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def stalling_index(project: TinyProject) -> Iterator[StallingIndex]:
    """The project's index as a server that holds downloads up."""
    index = StallingIndex(project.index)
    yield index
    index.close()
