"""Sides of a measurement as processes of their own, each with its time, its notes and its highest memory.

    finished = children.run([python, "run.py", ...], environment, timeout_seconds=120)
    finished.told                            # what it printed last, from JSON
    finished.peak_bytes                      # its own, not that of who started it

`launcher` stands between: it sees to the memory.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.errors import StreamlabError

LAUNCHER = Path(__file__).with_name("launcher.py")


class SideFailed(StreamlabError):
    """A side ended without its result."""


@dataclass(frozen=True)
class Finished:
    """What a side said and took."""

    told: dict[str, Any]
    peak_bytes: int


def run(command: Sequence[str], environment: Mapping[str, str], timeout_seconds: float) -> Finished:
    """Run a side to its end.

    Raises:
        SideFailed: it ended with an error, or did not end in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        peak = Path(folder) / "peak"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), str(peak), *command],
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise SideFailed(
                f"It did not end within {timeout_seconds:g} s.", "Nothing of it is counted."
            ) from None
        if process.returncode:
            last = (errors.strip() or "no message").splitlines()[-1]
            raise SideFailed(
                f"It ended with status {process.returncode}: {last[:200]}.", "Run it alone to see more."
            )
        return Finished(json.loads(output.strip().splitlines()[-1]), int(peak.read_text("ascii")))
