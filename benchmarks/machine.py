"""The facts of the machine that a figure was measured on, and of the code that was measured.

    print(machine.facts())      # Linux x86_64, 2 cores, 23 GiB, Python 3.11.7
    machine.circumstances()     # with the date, the commit, the processor and the load, by name

They are read when they are asked for: before what they are the circumstances of.
"""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from streamlab.paths import PROJECT

GENERATED = ("benchmarks/RESULTS.md", "benchmarks/results.json", "benchmarks/results.png")


def facts() -> str:
    """Operating system, processor kind, cores, memory and Python version, in one line."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def circumstances() -> dict[str, str]:
    """What a reader needs to judge the figures that are measured next."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "machine": facts(),
        "processor": processor(),
        "load before": f"{os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores",
    }


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "not told"


def commit() -> str:
    """The commit that is checked out, and whether anything beside the generated files differs from it."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    except (OSError, subprocess.CalledProcessError):
        return "not known"
    return head + (" with changes" if any(file not in GENERATED for file in changed) else "")


def _git(*arguments: str) -> str:
    finished = subprocess.run(
        ["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return finished.stdout.rstrip()
