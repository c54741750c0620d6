"""A broker or a registry that is away, or goes away in the middle, is never called the learner's mistake."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from lab_answers import solutions

from streamlab import stack
from streamlab.checks import ch03_registry_wire_format as check
from streamlab.grading import Status


class Registry:
    """A registry that passes every request on to the real one, until it dies."""

    def __init__(self, upstream: str) -> None:
        upstream_root = upstream.partition("/apis")[0]

        class Handler(BaseHTTPRequestHandler):
            def passed_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {"Content-Type": self.headers.get("Content-Type", "application/json")}
                url = upstream_root + self.path
                answer = httpx.request(self.command, url, content=body, headers=headers, trust_env=False)
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_DELETE = passed_on  # noqa: N815 (the server's names)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{upstream.removeprefix(upstream_root)}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def die(self) -> None:
        """Refuse every connection from now on; dying twice is dying once."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


@pytest.fixture
def mortal_registry(live_stack: stack.Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    registry = Registry(live_stack.schema_registry_url)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", registry.url)
    yield registry
    registry.die()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_without_a_stack_publish_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{unused_port()}")
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{unused_port()}")
    result = check.publish.result(solutions()["publish"], seed=1)
    assert result.status is Status.ENVIRONMENT_BROKEN
    assert result.mistake is None


@pytest.mark.stack
def test_the_solution_passes_through_another_address_of_the_registry(mortal_registry: Registry) -> None:
    assert check.publish.result(solutions()["publish"], seed=1).passed


@pytest.mark.stack
@pytest.mark.parametrize("fatal_call", [1, 2, 3, 4, 5])
def test_a_registry_that_dies_during_a_call_is_a_broken_environment(
    mortal_registry: Registry, fatal_call: int
) -> None:
    """The calls: transactions, an empty list, one that is too large (twice), an unregistered contract."""
    publish, calls = solutions()["publish"], []

    def publish_while_the_registry_dies(transactions: Any, topic: str) -> None:
        calls.append(topic)
        if len(calls) == fatal_call:
            mortal_registry.die()
        publish(transactions, topic)

    result = check.publish.result(publish_while_the_registry_dies, seed=1)
    assert result.status is Status.ENVIRONMENT_BROKEN, result.message
    assert len(calls) >= fatal_call


@pytest.mark.faults
@pytest.mark.parametrize("part", ["broker", "registry"])
def test_a_part_that_freezes_in_any_call_is_a_broken_environment(
    part: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path_factory.mktemp("frozen")))
    stack.up()
    try:
        publish = solutions()["publish"]
        for fatal_call in (1, 4):
            # `up` starts anew what does not come to itself soon enough after it was frozen.
            pid = next(known.pid for known in stack.status().parts if known.name == part)
            assert pid is not None
            calls: list[str] = []

            def publish_while_it_freezes(
                transactions: Any, topic: str, calls: list[str] = calls, fatal_call: int = fatal_call,
                pid: int = pid,
            ) -> None:  # fmt: skip
                calls.append(topic)
                if len(calls) == fatal_call:
                    os.kill(pid, signal.SIGSTOP)
                publish(transactions, topic)

            try:
                result = check.publish.result(publish_while_it_freezes, seed=1)
            finally:
                os.kill(pid, signal.SIGCONT)
            assert result.status is Status.ENVIRONMENT_BROKEN, f"call {fatal_call}: {result.message}"
            stack.up()
    finally:
        stack.down()


@pytest.mark.faults
def test_a_broker_that_is_killed_during_a_call_is_a_broken_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home: Path = tmp_path_factory.mktemp("killed")
    monkeypatch.setenv("STREAMLAB_HOME", str(home))
    stack.up()
    try:
        broker = next(part.pid for part in stack.status().parts if part.name == "broker")
        assert broker is not None
        publish = solutions()["publish"]

        def publish_while_the_broker_dies(transactions: Any, topic: str) -> None:
            process = psutil.Process(broker)
            os.kill(broker, signal.SIGKILL)
            psutil.wait_procs([process], timeout=10)
            publish(transactions, topic)

        result = check.publish.result(publish_while_the_broker_dies, seed=1)
        assert result.status is Status.ENVIRONMENT_BROKEN, result.message
        assert "streamlab" in result.message, "the command that helps is named"
    finally:
        stack.down()
