"""Start, recognise and stop the stack's processes.

    identity = processes.start([java, "@/…/run/broker.args"], folder, console)
    processes.find(identity, mark)       # the live process, or None: dead, or somebody else's by now
    processes.marked(mark)               # every live process with that mark, whoever started it
    processes.stop([process])            # SIGTERM, then SIGKILL; returns when they are gone

A process is known by its pid and its mark, an argument of its command line that names a file of this stack;
and, in the moment before it has a command line, by its creation time. A pid alone is reused by the system,
and a creation time alone moves with the clock of the machine, by hours after a laptop's sleep.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from streamlab.stack.errors import StackUnavailable

GRACE_SECONDS: Final = 10.0
"""How long a server may take to close its files after SIGTERM."""

_CREATED_TOLERANCE_SECONDS: Final = 2.0
"""Creation times are rounded, and the clock of the machine is adjusted while a server starts."""

_ENDING_SECONDS: Final = 2.0

_FOREIGN_PREFIXES: Final = ("QUARKUS_", "APICURIO_", "KAFKA_", "LOG4J_")
_FOREIGN: Final = frozenset(
    {"CLASSPATH", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "PYTHONWARNINGS", "PYTHONINSPECT"}
)
"""Variables by which the person's own Java and Python tools would reconfigure our servers."""

_children: Final[dict[int, "subprocess.Popen[bytes]"]] = {}
"""Kept so that a child which ends is reaped here, and no warning comes when the object is collected."""


@dataclass(frozen=True)
class Identity:
    """A process as it was started: its pid, and when it was created (seconds since the epoch)."""

    pid: int
    created: float


def start(command: Sequence[str], folder: Path, console: Path) -> Identity:
    """Start a process of its own session, which outlives us; its output replaces `console`."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN_PREFIXES) and k not in _FOREIGN
    }
    with console.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
            if sys.platform == "win32"
            else 0,
        )
    _children[child.pid] = child
    return Identity(child.pid, psutil.Process(child.pid).create_time())


def find(identity: Identity, mark: str) -> psutil.Process | None:
    """The live process that `identity` names and that carries `mark`, or None."""
    try:
        process = psutil.Process(identity.pid)
        same_birth = abs(process.create_time() - identity.created) <= _CREATED_TOLERANCE_SECONDS
    except psutil.Error:
        return None
    is_ours = _has_mark(process, mark) or (same_birth and _is_starting(process))
    return process if is_ours and _is_alive(process) else None


def marked(*marks: str) -> list[psutil.Process]:
    """Every live process that carries one of `marks`: also those that no record knows."""
    return [p for p in psutil.process_iter() if any(_has_mark(p, mark) for mark in marks) and _is_alive(p)]


def family(process: psutil.Process) -> set[int]:
    """The process and its children: on Windows an environment's `python` starts the real one as a child."""
    try:
        return {process.pid, *(child.pid for child in process.children())}
    except psutil.Error:
        return {process.pid}


def listens(process: psutil.Process, port: int) -> bool:
    """Whether the process or a child of it listens on the port; true where the system does not say."""
    try:
        held = [c for p in (process, *process.children()) for c in p.net_connections("tcp")]
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        return True
    return any(c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port for c in held)


def crashed(code: int | None) -> bool:
    """Whether this exit code says that the program broke by itself: nobody else sends these signals."""
    return code in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGILL, -getattr(signal, "SIGBUS", 10)}


def exit_code(identity: Identity) -> int | None:
    """How a child of ours ended (minus the signal that ended it); None if it lives or is not ours."""
    child = _children.get(identity.pid)
    try:
        # A process that ends has lost its command line, and with it its mark, a moment before it is gone.
        return None if child is None else child.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def is_stopped(process: psutil.Process) -> bool:
    """Whether the process was frozen by SIGSTOP (or Ctrl-Z)."""
    try:
        return bool(process.status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def stop(processes: Iterable[psutil.Process], grace_seconds: float = GRACE_SECONDS) -> None:
    """End the processes: ask all of them first, then insist; returns when none is left.

    Raises:
        StackUnavailable: one is another user's; the others have ended.
    """
    asked, refused = [], []
    for process in processes:
        try:
            _signal(process.terminate)
            # A frozen process takes SIGTERM only when it continues.
            _signal(process.resume)
            asked.append(process)
        except psutil.AccessDenied:
            refused.append(process)
    _, alive = psutil.wait_procs(asked, timeout=grace_seconds)
    for process in alive:
        _signal(process.kill)
    psutil.wait_procs(alive, timeout=grace_seconds)
    _reap()
    for process in refused:
        raise StackUnavailable(
            f"Process {process.pid} of this stack was started by another user ({_user(process)}).",
            "Run the same command as that user, or with `sudo`.",
        )


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:
        return


def _user(process: psutil.Process) -> str:
    try:
        return str(process.username())
    except psutil.Error:
        return "not known"


def _is_alive(process: psutil.Process) -> bool:
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return bool(process.is_running())
    except psutil.Error:
        return False
    _reap()
    return False


def _has_mark(process: psutil.Process, mark: str) -> bool:
    """Whether an argument is the mark, or was it until the folder of the stack, where it works, was moved."""
    file = Path(mark.removeprefix("@"))
    try:
        arguments = process.cmdline()
        if mark in arguments:
            return True
        before = any(a.startswith("@") and Path(a).parts[-2:] == file.parts[-2:] for a in arguments)
        return before and Path(process.cwd()).is_relative_to(file.parent.parent)
    except (psutil.Error, OSError):
        return False


def _is_starting(process: psutil.Process) -> bool:
    """Whether it has no command line yet: a moment while the system replaces its program, seen with Java."""
    try:
        return not process.cmdline()
    except (psutil.Error, OSError):
        return False


def _reap() -> None:
    for child in _children.values():
        child.poll()
