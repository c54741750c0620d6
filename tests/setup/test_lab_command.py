"""`streamlab lab` as a learner meets it: what it prints, what it opens, what Ctrl-C stops."""

import os
import signal
import subprocess
import sys

import pytest

from streamlab.lab_server import LabServer
from streamlab.paths import PROJECT
from streamlab.stack import Stack

COMMAND = [sys.executable, "-c", "from streamlab.cli import main; main()", "lab"]


def start() -> "subprocess.Popen[str]":
    """Start the command where there is no browser."""
    terminal = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    return subprocess.Popen(
        COMMAND, cwd=PROJECT, env=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.stack
def test_lab_prints_the_start_page_and_ctrl_c_stops_jupyterlab_but_not_kafka(live_stack: Stack) -> None:
    first = start()
    assert first.stdout is not None
    said: list[str] = []
    while not said or not said[-1].startswith("Stop:"):
        said.append(first.stdout.readline())
        assert said[-1], f"it ended early: {said} {first.stderr and first.stderr.read()}"
    running = LabServer.here().running()
    assert running is not None
    assert f"    {running.url}\n" in said
    assert "make down" in said[-1]

    second = start()
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0
    assert "is running already" in out
    assert running.url in out

    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=60)
    assert (first.returncode, err) == (0, "")
    assert out.startswith("JupyterLab is stopped.")
    assert LabServer.here().running() is None
    live_stack.check_health()
