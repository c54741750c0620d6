"""Run a derived notebook in a kernel of its own, as a learner's first run would, but repeatably.

    here = stack.connect()
    done = execute(derive_lesson("start"), PROJECT / "notebooks", here)     # a new notebook, with outputs

The kernel's checks use a fixed seed; its IPython profile and its progress file are new and empty.
"""

import asyncio
import copy
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from streamlab.build import outputs
from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT

if TYPE_CHECKING:
    from streamlab.stack import Stack

SEED = 3
"""The seed of the checks in stored notebooks; learners get a fresh one at each call."""

CELL_TIMEOUT_SECONDS = 120

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")


class CellFailed(StreamlabError):
    """A cell raised an error or did not end; `cell_index` and `line_in_cell` (from 0) say where."""

    def __init__(self, cell_index: int, line_in_cell: int, error: str) -> None:
        super().__init__(
            f"Cell {cell_index + 1}, line {line_in_cell + 1}: {error}",
            "Mend the source; nothing was written.",
        )
        self.cell_index = cell_index
        self.line_in_cell = line_in_cell
        self.error = error


def environment(home: Path, here: "Stack | None" = None) -> dict[str, str]:
    """The environment of a kernel whose outputs are to be stored, or compared with stored ones.

    Args:
        home: an empty folder for IPython's profile and for the state that the notebook leaves: what the
            person at the machine guessed and passed gets neither in nor out.
        here: the stack that `stack.connect()` finds in the kernel; none if not given.
    """
    given = {name: value for name, value in os.environ.items() if name != "STREAMLAB_RESULTS"}
    path = os.pathsep.join(filter(None, [str(PROJECT), given.get("PYTHONPATH", "")]))
    fixed = {
        "STREAMLAB_SEED": str(SEED),
        "STREAMLAB_HOME": str(home),
        "IPYTHONDIR": str(home),
        "PYTHONPATH": path,
    }
    if here is not None:
        fixed["KAFKA_BOOTSTRAP_SERVERS"] = here.bootstrap_servers
        fixed["SCHEMA_REGISTRY_URL"] = here.schema_registry_url
        if here.redis_url:
            fixed["REDIS_URL"] = here.redis_url
    return given | fixed


def execute(notebook: NotebookNode, folder: Path = PROJECT, here: "Stack | None" = None) -> NotebookNode:
    """Run all cells and return a new notebook with normalised outputs; the one given stays as it is.

    Args:
        folder: the kernel's working folder.
        here: the stack to run on; a notebook that needs none runs without.

    Raises:
        CellFailed: a cell raised, ran longer than two minutes, or ended the kernel.
    """
    done = copy.deepcopy(notebook)
    started: list[int] = []
    client = NotebookClient(
        done,
        kernel_name=done.metadata.kernelspec.name,
        timeout=CELL_TIMEOUT_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),  # noqa: ARG005 (called by keyword)
    )
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        (Path(name) / "log").open("w+") as log,
    ):
        try:
            asyncio.run(client.async_execute(env=environment(Path(name), here), stderr=log))
        except CellExecutionError as error:
            line = _LINE.search(_ANSI.sub("", error.traceback))
            line_in_cell = int(line.group(1)) - 1 if line else 0
            said = error.evalue or done.cells[started[-1]].source.splitlines()[line_in_cell].strip()
            raise CellFailed(started[-1], line_in_cell, f"{error.ename}: {said}") from error
        except CellTimeoutError as error:
            raise CellFailed(started[-1], 0, f"it ran longer than {CELL_TIMEOUT_SECONDS} s.") from error
        except DeadKernelError as error:
            log.seek(0)
            words = [text.strip() for text in log if text.strip() and not text.startswith("[IPKernelApp]")]
            last_words = f"; its last words: {words[-1]}" if words else "."
            raise CellFailed(started[-1], 0, f"the kernel died{last_words}") from error
    done.metadata = copy.deepcopy(notebook.metadata)  # the client added the version of Python
    outputs.normalise(done)
    return done
