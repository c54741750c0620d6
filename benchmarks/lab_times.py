"""What a learner waits for: set-up, start of the stack, checks.

with lab_times.stack(with_setup=False) as lab:       # a stack of its own, stopped at the end
    lab.warm_starts()
    lab.checks()
lab.section("start", "Start")
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import checks, machine
from benchmarks.report import Section
from streamlab.paths import PROJECT

WARM_STARTS = 3
WARM_START_GOAL_SECONDS = 4.0


def seconds_of(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    """Run a command to its end; its wall-clock seconds.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def megabytes(folder: Path) -> float:
    """What the files below a folder take, in megabytes of a million bytes; linked files count once."""
    sizes = {stat.st_ino: stat.st_size for file in folder.rglob("*") if (stat := file.lstat())}
    return sum(sizes.values()) / 1e6


class Lab:
    """A checkout with a stack of its own, and what was measured on it."""

    def __init__(self, checkout: Path, environment: Mapping[str, str]) -> None:
        self.checkout, self.environment = checkout, environment
        self.streamlab = str(Path(sys.executable).with_name("streamlab"))
        self._rows: list[list[str]] = []

    def set_up(self) -> None:
        """Clone, install, download and start with nothing in any cache."""
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(self.checkout)], check=True)
        took = seconds_of([sys.executable, "bootstrap.py"], self.checkout, self.environment)
        self.add("set-up: packages into .venv, empty caches", took, megabytes(self.checkout / ".venv"))
        self.streamlab = str(self.checkout / ".venv/bin/streamlab")
        took = seconds_of([self.streamlab, "up"], self.checkout, self.environment)
        cache = Path(self.environment["STREAMLAB_CACHE"])
        self.add("stack ready, cold: downloads and first start", took, megabytes(cache))

    def up(self) -> None:
        """Start, not measured."""
        seconds_of([self.streamlab, "up"], self.checkout, self.environment)

    def down(self) -> None:
        """Stop."""
        seconds_of([self.streamlab, "down"], self.checkout, self.environment)

    def warm_starts(self) -> None:
        """Stop and start again, the data and the downloads being there."""
        took = []
        for _ in range(WARM_STARTS):
            self.down()
            took.append(seconds_of([self.streamlab, "up"], self.checkout, self.environment))
        what = f"stack ready, warm: median of {WARM_STARTS}"
        self.add(what, statistics.median(took), goal_seconds=WARM_START_GOAL_SECONDS)

    def checks(self) -> None:
        """What grading costs."""
        os.environ.update(self.environment)
        checks.measure_in_notebook(self.add)
        checks.measure_whole_lab(self.add, self.streamlab, self.checkout, self.environment)

    def add(
        self, what: str, seconds: float, size_mb: float | None = None, goal_seconds: float | None = None
    ) -> None:
        """Add one measurement, and whether it meets its goal."""
        size = f"{size_mb:,.0f}" if size_mb is not None else ""
        verdict = "met" if goal_seconds is not None and seconds <= goal_seconds else "MISSED"
        goal = f"<= {goal_seconds} s: {verdict}" if goal_seconds is not None else ""
        self._rows.append([what, f"{seconds:.2f}", size, goal])

    def section(self, part: str, title: str, circumstances: dict[str, str]) -> Section:
        """What was added since the last section."""
        rows, self._rows = self._rows, []
        return Section(part, title, [], ["what", "seconds", "MB", "goal"], rows, circumstances=circumstances)


@contextlib.contextmanager
def stack(with_setup: bool) -> Iterator[tuple[Lab, list[Section]]]:
    """A running stack of its own: of a fresh clone that is set up now, or of this checkout.

    Comes with the sections that this took, if it is set up.
    """
    circumstances = machine.circumstances()
    with tempfile.TemporaryDirectory(prefix="streamlab-bench-") as name:
        folder, sections = Path(name), []
        environment = {**os.environ, "STREAMLAB_HOME": str(folder / "state")}
        if with_setup:
            environment |= {"STREAMLAB_CACHE": str(folder / "cache"), "PIP_CACHE_DIR": str(folder / "pip")}
            lab = Lab(folder / "clone", environment)
            lab.set_up()
            sections.append(lab.section("setup", "Set-up with empty caches", circumstances))
        else:
            lab = Lab(PROJECT, environment)
            lab.up()
        try:
            yield lab, sections
        finally:
            lab.down()
