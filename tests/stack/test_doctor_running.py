"""The doctor's findings about what runs, each from servers that behave so."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fake_broker import FakeBroker
from toy_http import always, answering, dripping

from streamlab.paths import PROJECT
from streamlab.stack import Stack
from streamlab.stack.doctor import examining, running
from streamlab.stack.health import SCHEMA
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.processes import Identity
from streamlab.stack.records import Record, write

pytestmark = pytest.mark.usefixtures("no_given_addresses")


@pytest.fixture
def backend(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    monkeypatch.setattr(running, "_TIMEOUT_SECONDS", 0.3)
    return LocalBackend(layout)


@pytest.fixture
def patient(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """For servers that do answer, on a machine that may be busy."""
    monkeypatch.setattr(running, "_TIMEOUT_SECONDS", 10.0)


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_stack_that_was_not_started_is_worth_a_note_and_no_examination_calls_it_wrong(
    backend: LocalBackend,
) -> None:
    for examination in (
        running.parts, running.broker_round_trip, running.advertised_listener,
        running.registry_round_trip, running.compatibility_level,
    ):  # fmt: skip
        found = examination(backend)
        assert (found.verdict, found.command) == ("note", "Run `streamlab up`."), found


def test_a_part_that_died_is_found(backend: LocalBackend, closed_port: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    gone = Identity(child.pid, time.time())
    write(
        backend.layout, {"broker": Record("Kafka", f"127.0.0.1:{closed_port}", {"client": closed_port}, gone)}
    )
    found = running.parts(backend)
    assert (found.verdict, found.command) == ("wrong", "Run `streamlab up`.")
    assert "broker dead" in found.cause


@pytest.fixture
def open_to_all(backend: LocalBackend) -> Iterator[int]:
    """A process of the stack that listens on every address; its port."""
    code = (
        "import socket, time; s = socket.create_server(('0.0.0.0', 0)); print(s.getsockname()[1], flush=True)"
    )
    mark = f"@{backend.layout.arguments('registry')}"
    child = subprocess.Popen(
        [sys.executable, "-c", f"{code}; time.sleep(600)", mark], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    yield int(child.stdout.readline())
    child.kill()
    child.wait()
    child.stdout.close()


def test_a_server_of_ours_that_the_network_can_reach_is_found(
    backend: LocalBackend, open_to_all: int
) -> None:
    found = running.loopback_only(backend)
    assert (found.verdict, found.cause) == ("wrong", f"listens on 0.0.0.0:{open_to_all}")
    assert "streamlab down" in found.command


def test_a_broker_where_nobody_answers_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{closed_port}")
    for examination in (running.broker_round_trip, running.advertised_listener):
        found = examination(backend)
        assert (found.verdict, str(closed_port) in found.cause) == ("wrong", True), found
        assert "streamlab up" in found.command


def test_a_broker_that_accepts_and_says_nothing_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{silent.getsockname()[1]}")
        assert running.broker_round_trip(backend).verdict == "wrong"


def test_a_broker_that_sends_its_clients_to_a_name_they_do_not_know_is_found(
    backend: LocalBackend, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeBroker(advertised=("kafka.invalid", 9092)) as broker:
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
        found = running.advertised_listener(backend)
    assert found.verdict == "wrong"
    assert f"the broker at {broker.address} sends its clients to kafka.invalid:9092" in found.cause
    assert "advertised.listeners" in found.command


def test_a_broker_that_sends_its_clients_to_a_closed_port_is_found(
    backend: LocalBackend, patient: None, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    with FakeBroker(advertised=("127.0.0.1", closed_port)) as broker:
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
        found = running.advertised_listener(backend)
    assert (found.verdict, f"127.0.0.1:{closed_port}" in found.cause) == ("wrong", True)


def test_a_broker_that_sends_its_clients_to_where_it_listens_is_well(
    backend: LocalBackend, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeBroker() as broker:
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
        found = running.advertised_listener(backend)
    assert (found.verdict, found.cause) == ("ok", broker.address)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>a proxy's page</html>"),
        (200, []),
        (200, {"id": "seven"}),
        (200, {"id": 7, "schema": '"string"'}),
        (500, {"error_code": 50001, "message": "Error in the backend data store"}),
        (404, {"error_code": 404, "message": "HTTP 404 Not Found"}),
    ],
)
def test_a_registry_that_answers_garbage_or_another_schema_is_found(
    backend: LocalBackend, patient: None, monkeypatch: pytest.MonkeyPatch, status: int, body: object
) -> None:
    with answering(always(status, body)) as port:
        monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{port}")
        found = running.registry_round_trip(backend)
    assert (found.verdict, str(port) in found.cause) == ("wrong", True), found
    assert found.command


def test_a_registry_that_gives_back_what_it_got_is_well(
    backend: LocalBackend, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(always(200, {"id": 1, "schema": SCHEMA})) as port:
        monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{port}")
        assert running.registry_round_trip(backend).verdict == "ok"


def test_a_registry_where_nobody_answers_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{closed_port}")
    for examination in (running.registry_round_trip, running.compatibility_level):
        found = examination(backend)
        assert (found.verdict, str(closed_port) in found.cause) == ("wrong", True), found


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        ({"compatibilityLevel": "BACKWARD"}, "ok", "BACKWARD"),
        ({"compatibilityLevel": "FULL"}, "note", "the global level is FULL"),
        ({"compatibilityLevel": "NONE"}, "wrong", "every schema is let through"),
        ({}, "wrong", "does not work"),
        (b"garbage", "wrong", "does not work"),
    ],
)
def test_the_registrys_compatibility_level_is_judged(
    backend: LocalBackend,
    patient: None,
    monkeypatch: pytest.MonkeyPatch,
    body: object,
    verdict: str,
    words: str,
) -> None:
    with answering(always(200, body)) as port:
        monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{port}")
        found = running.compatibility_level(backend)
    assert (found.verdict, words in found.cause) == (verdict, True), found
    assert bool(found.command) is (verdict != "ok")


def test_a_registry_whose_answer_never_ends_is_a_finding_and_not_a_hang(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dripping() as port:
        monkeypatch.setenv("SCHEMA_REGISTRY_URL", f"http://127.0.0.1:{port}")
        (found,) = examining.examine(backend, [replace(running.registry_round_trip, within_seconds=0.5)])
    assert found.verdict == "wrong"
    assert found.cause.endswith("does not work (ReadTimeout).")
    assert found.command


@pytest.mark.stack
def test_the_command_for_a_registry_at_none_mends_it(live_stack: Stack) -> None:
    backend = LocalBackend(Layout.here())
    live_stack.registry().set_compatibility(level="NONE")
    try:
        found = running.compatibility_level(backend)
        assert found.verdict == "wrong"
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        subprocess.run(found.command, shell=True, env=environment, check=True, timeout=60)
        assert running.compatibility_level(backend).verdict == "ok"
    finally:
        live_stack.registry().set_compatibility(level="BACKWARD")
