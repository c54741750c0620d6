"""Apicurio by itself, on ports that are free: another registry to compare the course's with.

    with apicurio(folder) as url:                # a few seconds later; "http://127.0.0.1:41081/apis/ccompat/v7"
        httpx.get(f"{url}/subjects")

It runs as the stack runs it: the pinned archive, the same settings and Java flags, its data on disk below
`folder`, the level BACKWARD. Nothing of it is left running afterwards.
"""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import filelock
import psutil
from rich.console import Console

from streamlab import paths
from streamlab.errors import StreamlabError
from streamlab.stack import java, lockfile, processes, unpack
from streamlab.stack.apicurio import ARTIFACT, ApicurioRegistry
from streamlab.stack.component import NotAnswering
from streamlab.stack.downloads import fetch_with_progress
from streamlab.stack.layout import Layout

START_TIMEOUT_SECONDS: Final = 60.0


@contextlib.contextmanager
def apicurio(folder: Path) -> Iterator[str]:
    """A running Apicurio; gives the address of its copy of Confluent's API.

    Args:
        folder: where it keeps its data and its log; nothing else may use it.

    Raises:
        StreamlabError: it could not be fetched or started.
    """
    layout = Layout(folder.resolve(), paths.cache_folder().resolve())
    registry = ApicurioRegistry(_home(layout))
    archives = java.ClassArchives(
        layout, f"{lockfile.lock_digest(lockfile.load_lock())}-java-{java.version()}"
    )
    for needed in (layout.run, layout.logs):
        needed.mkdir(parents=True, exist_ok=True)
    ports = _free_ports(*registry.usual_ports)
    arguments = layout.arguments(registry.name)
    flags = (*archives.flags(registry.name), f"-Djava.io.tmpdir={layout.run}")
    java.write_arguments(arguments, [*flags, *registry.prepare(layout, ports).arguments])
    command = [str(java.executable()), f"@{arguments}"]
    process = psutil.Process(processes.start(command, layout.state, layout.console(registry.name)).pid)
    try:
        _wait(registry, registry.address(ports), process, layout)
        registry.settle(layout, registry.address(ports))
        if not archives.is_made(registry.name):
            archives.make(registry.name, process.pid)
        yield registry.address(ports)
    finally:
        processes.stop([process])


def _home(layout: Layout) -> Path:
    """The unpacked archive; fetched and unpacked now if need be."""
    archive = next(one for one in lockfile.load_lock() if one.artifact == ARTIFACT)
    fetch_with_progress([archive], layout, Console(stderr=True))
    with filelock.FileLock(layout.cache / "artifacts.lock"):
        return unpack.unpacked(layout.artifacts / archive.file_name, layout.unpacked, archive.sha256)


def _free_ports(*purposes: str) -> dict[str, int]:
    with contextlib.ExitStack() as held:
        sockets = {one: held.enter_context(socket.create_server(("127.0.0.1", 0))) for one in purposes}
        return {purpose: int(one.getsockname()[1]) for purpose, one in sockets.items()}


def _wait(registry: ApicurioRegistry, address: str, process: psutil.Process, layout: Layout) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        ended = not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        if ended or time.monotonic() > deadline:
            raise StreamlabError(
                f"{registry.product} {'ended while it started' if ended else 'did not answer in time'}.",
                f"Look into {layout.log(registry.name)} and {layout.console(registry.name)}.",
            )
        with contextlib.suppress(NotAnswering):
            registry.probe(address, timeout_seconds=1.0)
            return
        time.sleep(0.03)
