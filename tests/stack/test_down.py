"""`down` leaves no process behind, whatever became of the folder in the meantime."""

import shutil
import sys
from collections.abc import Iterator

import pytest
from breaking import running

from streamlab.errors import StreamlabError
from streamlab.stack import processes
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend


@pytest.fixture
def with_a_process(layout: Layout) -> Iterator[LocalBackend]:
    """A stack in whose name one process runs, that has no record."""
    backend = LocalBackend(layout)
    layout.state.mkdir()
    mark = f"@{layout.arguments('registry')}"
    program = "import time; time.sleep(60)"
    processes.start([sys.executable, "-c", program, mark], layout.state, layout.state / "out")
    yield backend
    processes.stop(processes.marked(mark), grace_seconds=0.1)


def test_what_runs_is_ended_though_its_folder_was_deleted(with_a_process: LocalBackend) -> None:
    shutil.rmtree(with_a_process.layout.state)
    assert with_a_process.down() == ("registry",)
    assert running(with_a_process) == []
    assert not with_a_process.layout.state.exists()


@pytest.mark.parametrize("name", ["record", "lock"])
def test_what_runs_is_ended_though_the_folder_cannot_be_used(with_a_process: LocalBackend, name: str) -> None:
    getattr(with_a_process.layout, name).mkdir()
    with pytest.raises(StreamlabError, match=r"folder .* cannot be used \(Is a directory\)"):
        with_a_process.down()
    assert running(with_a_process) == []
