"""Fixtures of the stack's tests: fake artifacts for what needs no network, and stacks that may be broken."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from breaking import recording_console, running

from streamlab import paths
from streamlab.stack.environment import VARIABLES
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.maven import Artifact


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack's folders with nothing in them, the cache included."""
    return Layout(tmp_path / "state", tmp_path / "cache")


@pytest.fixture
def pin() -> Callable[[str, bytes], Artifact]:
    """An artifact with this name and this content."""

    def make(name: str, content: bytes) -> Artifact:
        sha256 = hashlib.sha256(content).hexdigest()
        return Artifact("org.example", name, "1.0", "", "jar", len(content), sha256)

    return make


@pytest.fixture
def no_given_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment keeps the stack from starting its own parts."""
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def breakable(tmp_path: Path, no_given_addresses: None) -> Iterator[LocalBackend]:
    """A stack of its own (not started) on the shared downloads; nothing of it is left afterwards."""
    backend = LocalBackend(Layout(tmp_path / "s", paths.cache_folder().resolve()), recording_console())
    yield backend
    backend.down()
    assert running(backend) == []


@pytest.fixture(scope="module")
def shared_breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBackend]:
    """One started stack for all faults of a module that `up` repairs: each test leaves it well."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        state = tmp_path_factory.mktemp("shared")
        backend = LocalBackend(Layout(state, paths.cache_folder().resolve()), recording_console())
        backend.up()
        yield backend
        backend.down()
        assert running(backend) == []
