"""Run a learner's notebook in a process of its own and say what became of each cell.

    run = run_notebook(path, limits=Limits(cell_seconds=60, whole_seconds=180))
    run.cells[4].fate          # Fate.RAISED
    run.cells[4].error         # "SyntaxError: invalid syntax"
    run.results                # what the checks in it reported, by task id

The file is read once and never written. Every cell runs, also below one that failed, as far as the kernel
lives and the time lasts.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from streamlab import paths
from streamlab.errors import StreamlabError
from streamlab.grading.notebook_libraries import (
    AsyncKernelManager,
    CellTimeoutError,
    DeadKernelError,
    KernelSpec,
    NotebookClient,
    nbformat,
)
from streamlab.grading.result import CheckFailed, Result
from streamlab.grading.task import RESULTS_VARIABLE

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CELL_FILE = re.compile(r"\([^()\s]+\.py, line")
_INTERRUPT_SECONDS = 3
_PYTHON_VERSION_OF_FORMAT = 4


class NotANotebook(StreamlabError):
    """The file is missing, or is not a notebook."""


class Fate(StrEnum):
    """What became of a cell."""

    RAN = "ran"
    RAISED = "raised"
    TOO_SLOW = "did not end in time"
    KERNEL_DIED = "ended the kernel"
    NOT_REACHED = "was not reached"


@dataclass(frozen=True)
class Limits:
    """How long a cell may take, and the whole notebook."""

    cell_seconds: float = 60.0
    whole_seconds: float = 300.0


@dataclass
class Cell:
    """One code cell: its number as one counts cells in the notebook, from 1."""

    number: int
    source: str
    fate: Fate = Fate.NOT_REACHED
    error: str = ""


@dataclass
class Run:
    """The code cells in order, and the last result of each task that was checked."""

    cells: list[Cell]
    results: dict[str, Result] = field(default_factory=dict)


def run_notebook(path: Path, limits: Limits | None = None) -> Run:
    """Run every code cell of the notebook.

    Raises:
        NotANotebook: there is no notebook to run.
    """
    notebook = read_notebook(path)
    with tempfile.TemporaryDirectory(prefix="streamlab-check-", ignore_cleanup_errors=True) as folder:
        results = Path(folder, "results.jsonl")
        given = os.environ.get("PYTHONPATH", "")
        environment = {
            **os.environ,
            RESULTS_VARIABLE: str(results),
            "IPYTHONDIR": folder,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.PROJECT), given])),
        }
        run = asyncio.run(_run_cells(notebook, path.resolve().parent, environment, limits or Limits()))
        run.results = _collected(results)
    return run


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook, read only.

    Raises:
        NotANotebook: the file is missing, or is not a notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotANotebook(
            f"There is no notebook {path.name}.",
            "`streamlab reset` makes a fresh lab; nothing is lost by it.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotANotebook(f"{path.name} cannot be read: {error}.", _RESET) from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"{path.name} is not a notebook: it is not JSON.", _RESET) from error
    try:
        if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
            raise TypeError("it has no cells")
        if data.get("nbformat") != _PYTHON_VERSION_OF_FORMAT:
            raise TypeError(f"its format is {data.get('nbformat')!r}, not 4")
        if not all(isinstance(cell, dict) and "source" in cell for cell in data["cells"]):
            raise TypeError("it has a cell without source")
        notebook: nbformat.NotebookNode = _node(data)
        for cell in notebook.cells:
            cell.source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
            cell.setdefault("metadata", _node({}))
    except (TypeError, AttributeError) as error:
        raise NotANotebook(f"{path.name} is not a notebook: {error}.", _RESET) from error
    notebook.setdefault("metadata", _node({}))
    return notebook


def _node(data: dict[str, Any]) -> Any:
    return nbformat.from_dict(data)  # type: ignore[no-untyped-call]


_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
_RESET = "`streamlab reset` keeps a copy of it and makes a fresh lab."


class _ThisPython(AsyncKernelManager):
    """A kernel of the Python that runs this command, whatever kernels the user has installed."""

    @property
    def kernel_spec(self) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        quiet = ["--HistoryManager.enabled=False"]
        return KernelSpec(argv=command + quiet, display_name="Python 3", language="python")


class _Client(NotebookClient):
    """A client that keeps errors and drops what is printed, of which there may be no end."""

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            return None
        return super().process_message(msg, cell, cell_index)


async def _run_cells(
    notebook: nbformat.NotebookNode, folder: Path, environment: dict[str, str], limits: Limits
) -> Run:
    code = [(at, cell) for at, cell in enumerate(notebook.cells) if cell.get("cell_type") == "code"]
    run = Run([Cell(at + 1, cell.source) for at, cell in code])
    manager = _ThisPython(kernel_name="python3")
    client = _Client(
        notebook,
        km=manager,
        allow_errors=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )
    client.log.disabled = True
    ends = time.monotonic() + limits.whole_seconds
    async with client.async_setup_kernel(env=environment, cleanup_kc=True, **_SILENT):
        for cell, (at, node) in zip(run.cells, code, strict=True):
            left_seconds = ends - time.monotonic()
            if left_seconds <= 0:
                break
            client.timeout = max(1, round(min(limits.cell_seconds, left_seconds)))
            if not await _run_cell(client, cell, at, node):
                break
    return run


async def _run_cell(client: NotebookClient, cell: Cell, at: int, node: nbformat.NotebookNode) -> bool:
    """Run one cell and note its fate; whether the kernel can take another."""
    try:
        await client.async_execute_cell(node, at)
    except CellTimeoutError:
        cell.fate = Fate.TOO_SLOW
        return await _interrupted(client)
    except DeadKernelError:
        cell.fate = Fate.KERNEL_DIED
        return False
    errors = [
        output
        for output in node.get("outputs", [])
        if output.get("output_type") == "error" and output.get("ename") != CheckFailed.__name__
    ]  # a check that failed has reported; its cell did what it is there for
    cell.fate = Fate.RAISED if errors else Fate.RAN
    cell.error = _one_line(errors[-1]) if errors else ""
    return True


async def _interrupted(client: NotebookClient) -> bool:
    """Interrupt the cell that runs; whether the kernel answers again."""
    manager: Any = client.km
    channel: Any = client.kc
    await manager.interrupt_kernel()
    asked = channel.execute("", silent=True)
    until = time.monotonic() + _INTERRUPT_SECONDS
    while (left := until - time.monotonic()) > 0:
        try:
            reply = await channel.shell_channel.get_msg(timeout=left)
        except Exception:  # noqa: BLE001 - an empty queue, or a channel that closed: no answer
            return False
        if reply["parent_header"].get("msg_id") == asked:
            return True
    return False


def _one_line(error: dict[str, Any]) -> str:
    text = _ANSI.sub("", f"{error.get('ename', 'Error')}: {error.get('evalue', '')}")
    text = _CELL_FILE.sub("(line", text)
    return " ".join(text.split())[:300].rstrip(": ")


def _collected(file: Path) -> dict[str, Result]:
    """The last result of each task; a line that is no result is left out."""
    lines: Sequence[str] = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    results: dict[str, Result] = {}
    for line in lines:
        try:
            result = Result.from_json(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        results[result.task] = result
    return results
