"""Run other programs quietly: output to files, progress by a call now and then, nothing left running.

    failed = run([Job("numpy", (python, "-m", "pip", ...), Path("numpy.log"))], at_once=4, tick=report)
    if failed:
        print(failed.output.read_text())

A job inherits `held`, the open lock file: should this process be killed, the lock stays taken until its
orphans have ended too, so that no second setup writes where they still write.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

#: A learner's own settings that would put packages elsewhere, or bring others in.
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER")


@dataclass(frozen=True)
class Job:
    """One command, where its output goes, and what it changes in the environment."""

    command: tuple[str, ...]
    output: Path
    environment: tuple[tuple[str, str], ...] = ()


def run(
    jobs: Iterable[Job],
    held: int,
    at_once: int = 1,
    tick: Callable[[], None] = lambda: None,
    succeeded: Callable[[Job], None] = lambda _: None,
) -> Job | None:
    """Run all jobs, `at_once` side by side; the first that fails stops the others and is returned.

    `tick` is called about twenty times a second, `succeeded` after each job that ended well. Whatever ends
    this call, no job is left running.
    """
    waiting = list(jobs)
    running: list[tuple[Job, subprocess.Popen[bytes]]] = []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.pop(0)
                running.append((job, _start(job, held)))
            time.sleep(0.05)
            tick()
            for job, process in list(running):
                code = process.poll()
                if code is None:
                    continue
                running.remove((job, process))
                if code != 0:
                    return job
                succeeded(job)
        return None
    finally:
        for _, process in running:
            process.terminate()
        for _, process in running:
            _wait_or_kill(process)


def _start(job: Job, held: int) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    with job.output.open("ab") as output:
        return subprocess.Popen(
            job.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**inherited, **dict(job.environment)},
            pass_fds=() if sys.platform == "win32" else (held,),
        )


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
