"""Examinations of the machine: what must be right before anything is started.

disk(LocalBackend(Layout.here()))        # Finding("disk", "ok", "79.1 GB free")
"""

import os
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Final

import psutil

from streamlab.stack import ports
from streamlab.stack.doctor.finding import Backend, Said, examination, note, ok, wrong

OLDEST_PYTHON: Final = (3, 11)
MEMORY_BYTES: Final = 800_000_000
"""Two servers of about 250 MB each, and a notebook's kernel."""
LEAST_MEMORY_BYTES: Final = 300_000_000
"""With less, the system ends one of the servers while it starts."""

CONTROL_GROUP: Final = Path("/sys/fs/cgroup")
"""Where Linux tells the memory limit of a container (control groups, version 2)."""

_HOSTS_FILE: Final = f"Add the line `{ports.LOOPBACK} localhost` to the hosts file."


@examination("Python")
def python_version(_backend: Backend) -> Said:
    """Python is new enough."""
    have = ".".join(str(number) for number in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return wrong(f"{have} is too old", "Install Python 3.11 or newer, then `make lab`.")
    return ok(have)


@examination("folders")
def folders(backend: Backend) -> Said:
    """Both folders can be written, or made."""
    for variable, folder in _folders(backend):
        nearest = next(candidate for candidate in (folder, *folder.parents) if candidate.exists())
        reason = None
        if not nearest.is_dir():
            reason = "is no folder"
        elif not os.access(nearest, os.W_OK | os.X_OK):
            reason = "cannot be written"
        if reason:
            help_ = f"Mend the permissions of {nearest}, or set {variable} to another folder."
            return wrong(f"{nearest} {reason}", help_)
    return ok("state and downloads can be written")


@examination("disk")
def disk(backend: Backend) -> Said:
    """Both folders have room."""
    for variable, folder in _folders(backend):
        free = backend.free_bytes(existing(folder))
        if free < backend.needed_bytes:
            needed = f"{backend.needed_bytes / 1e6:,.0f} MB are needed"
            cause = f"{free / 1e6:,.0f} MB free below {folder}; {needed}"
            return wrong(cause, f"Make room, or set {variable} to a folder on another disk.")
    return ok(f"{backend.free_bytes(existing(backend.layout.state)) / 1e9:,.1f} GB free")


@examination("memory")
def memory(_backend: Backend) -> Said:
    """There is memory for two servers, in this container if it is one."""
    available = psutil.virtual_memory().available
    left = _left_in_container()
    whose = ""
    if left is not None and left < available:
        available, whose = left, " in this container"
    if available < LEAST_MEMORY_BYTES:
        cause = f"{available / 1e6:,.0f} MB available{whose}; {MEMORY_BYTES / 1e6:,.0f} MB are needed"
        return wrong(cause, "Close other programs, or raise the container's memory limit.")
    if available < MEMORY_BYTES:
        return note(f"{available / 1e6:,.0f} MB available{whose}", "Close other programs if it is slow.")
    return ok(f"{available / 1e9:,.1f} GB available{whose}")


@examination("localhost", helps_when_hanging=_HOSTS_FILE)
def localhost(_backend: Backend) -> Said:
    """The name localhost leads to the loopback address that the servers listen on."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo("localhost", None)}
    except OSError as error:
        return wrong(f"the name is not known ({error})", _HOSTS_FILE)
    if ports.LOOPBACK not in found:
        return wrong(f"it leads to {', '.join(map(str, sorted(found)))}", _HOSTS_FILE)
    return ok(f"leads to {ports.LOOPBACK}")


@examination("proxy")
def proxy(_backend: Backend) -> Said:
    """No proxy stands between this machine and itself."""
    proxies = [name for name in urllib.request.getproxies() if name != "no"]
    if proxies and not urllib.request.proxy_bypass(ports.LOOPBACK):
        cause = "a proxy is set, and it is not told to leave loopback alone"
        return note(cause, f"For your own clients: export NO_PROXY={ports.LOOPBACK},localhost")
    return ok("loopback is reached directly")


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.is_dir())


def _folders(backend: Backend) -> tuple[tuple[str, Path], ...]:
    return (("STREAMLAB_HOME", backend.layout.state), ("STREAMLAB_CACHE", backend.layout.cache))


def _left_in_container() -> int | None:
    """Bytes below the limit of this control group; None without one. What is only cached counts as free."""
    try:
        limit = int((CONTROL_GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((CONTROL_GROUP / "memory.current").read_text(encoding="ascii"))
        facts = (CONTROL_GROUP / "memory.stat").read_text(encoding="ascii").splitlines()
        cached = next(int(line.split()[1]) for line in facts if line.startswith("inactive_file "))
    except (OSError, ValueError, StopIteration):
        return None
    return limit - used + cached
