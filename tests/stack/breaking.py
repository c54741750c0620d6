"""What the fault tests need to break a stack, and to look at what is left."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from rich.console import Console

from streamlab.paths import PROJECT
from streamlab.stack import processes, records
from streamlab.stack.environment import VARIABLES
from streamlab.stack.local import LocalBackend

PATIENCE_SECONDS = 60

COMMAND_LINE = textwrap.dedent(
    """
    import sys, typer
    from streamlab.errors import StreamlabError
    from streamlab.stack import commands
    app = typer.Typer(pretty_exceptions_enable=False)
    commands.add_to(app)
    try:
        app()
    except StreamlabError as error:
        sys.exit(str(error))
    """
)
"""The stack's commands alone: their tests do not depend on the other parts of the project."""


def recording_console() -> Console:
    """A console whose text can be read back with `export_text`."""
    return Console(file=io.StringIO(), record=True, width=300)


def said(backend: LocalBackend) -> str:
    """What the backend told the person since the last call."""
    return backend.console.export_text()


def running(backend: LocalBackend) -> list[int]:
    """Process ids of everything that runs for this stack, recorded or not."""
    marks = [f"@{backend.layout.arguments(name)}" for name in ("broker", "registry", "store", "format")]
    return sorted(process.pid for process in processes.marked(*marks))


def process_of(backend: LocalBackend, name: str) -> int:
    """The recorded process of a part."""
    process = records.read(backend.layout)[name].process
    assert process is not None
    return process.pid


def end(pid: int) -> None:
    """kill -9, and wait until the system has taken it away."""
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)


def freeze(pid: int) -> None:
    """SIGSTOP, and wait until the system shows it."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: processes.is_stopped(psutil.Process(pid)))


def command(state: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A `streamlab` command of the stack in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES.values()}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND_LINE, *arguments],
        env={**environment, "STREAMLAB_HOME": str(state), "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(claim: Callable[[], bool]) -> None:
    """Return when the claim holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
