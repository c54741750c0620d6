"""Registries in processes of their own, so that they can be killed as a machine failure would.

with RegistryProcess(here.bootstrap_servers, topic) as registry:
    registry.client.get("/subjects")
    registry.kill()                 # SIGKILL
    registry.start()                # the same port
    registry.pause()                # SIGSTOP: it does not know that time passes
    registry.resume()
"""

import signal
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

import httpx

_SERVE = (
    "import logging, sys; logging.basicConfig(level=logging.WARNING);"
    "from streamlab.registry import forwarding; from streamlab.registry.serving import run;"
    "forwarding.TIMEOUT_SECONDS = float(sys.argv[4]);"
    "run('127.0.0.1', int(sys.argv[1]), kafka=sys.argv[2], topic=sys.argv[3])"
)
START_TIMEOUT_SECONDS = 60.0


class RegistryProcess:
    """One registry on a topic."""

    def __init__(self, bootstrap_servers: str, topic: str, forward_seconds: float = 10.0) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._arguments = [str(self.port), bootstrap_servers, topic, str(forward_seconds)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.client.close()

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _SERVE, *self._arguments])
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            assert self._process.poll() is None, "the registry ended while it started"
            assert time.monotonic() < deadline, "the registry did not answer in time"
            try:
                self.client.get("/subjects")
                return
            except httpx.TransportError:
                time.sleep(0.02)

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("/health/schema-registry").json()
        return found

    def contents(self) -> dict[tuple[str, int], tuple[int, str]]:
        """Every version, deleted ones included: subject and version to id and text."""
        rows = self.client.get("/schemas?deleted=true").json()
        return {(row["subject"], row["version"]): (row["id"], row["schema"]) for row in rows}

    def wait_for(self, position: int) -> None:
        """Return when the registry has read its log so far."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while self.health()["store"]["position"] < position:
            assert time.monotonic() < deadline, "the registry did not read its log"
            time.sleep(0.02)
