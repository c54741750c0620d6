"""An address from the environment wins over starting that part, each on its own."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from breaking import running

from streamlab.stack import Capability, Stack, StackUnavailable, State, environment
from streamlab.stack.local import LocalBackend
from streamlab.stack.records import Record

PARTS = {"broker": Record("Kafka", "127.0.0.1:9092", {}), "registry": Record("Apicurio", "http://here", {})}


class Confluent8(http.server.BaseHTTPRequestHandler):
    """A registry that knows GUIDs answers about one that cannot exist with an error code of its own."""

    answer = b'{"error_code": 40403, "message": "Schema not found"}'

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Confluent7(Confluent8):
    """An older one does not know the path at all."""

    answer = b'{"error_code": 404, "message": "HTTP 404 Not Found"}'


@pytest.fixture(params=[Confluent7, Confluent8])
def foreign_registry(request: pytest.FixtureRequest) -> Iterator[tuple[str, bool]]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", request.param is Confluent8
        server.shutdown()


def test_what_a_foreign_registry_can_do_is_learnt_from_its_answer(foreign_registry: tuple[str, bool]) -> None:
    url, knows_guids = foreign_registry
    assert (Capability.SCHEMA_GUIDS in environment.registry_capabilities(url)) is knows_guids


def test_each_address_is_taken_from_the_environment_or_else_from_the_record(
    monkeypatch: pytest.MonkeyPatch, no_given_addresses: None
) -> None:
    assert environment.address_of("broker", PARTS) == "127.0.0.1:9092"
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    assert environment.address_of("broker", PARTS) == "kafka.example:9092"
    assert environment.address_of("registry", PARTS) == "http://here"
    with pytest.raises(StackUnavailable, match=r"The registry is not running.*streamlab up"):
        environment.address_of("registry", {})


def test_an_empty_variable_gives_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", " ")
    assert environment.given_address("registry") is None


@pytest.mark.slow
def test_a_given_address_where_nobody_answers_is_named(
    breakable: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1")
    for call in (breakable.connect, breakable.up):
        with pytest.raises(StackUnavailable, match=r"KAFKA_BOOTSTRAP_SERVERS=127\.0\.0\.1:1 .*unset"):
            call()
    assert running(breakable) == []


@pytest.mark.stack
def test_given_addresses_are_used_and_nothing_is_started_or_stopped(
    live_stack: Stack, breakable: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", live_stack.bootstrap_servers)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", live_stack.schema_registry_url + "/")
    monkeypatch.setenv("REDIS_URL", str(live_stack.redis_url))
    report = breakable.up()
    assert report.started == ()
    assert report.stack.backend == "environment"
    assert report.stack.schema_registry_url == live_stack.schema_registry_url
    assert report.stack.redis_url == live_stack.redis_url
    assert breakable.down() == ()
    assert [part.state for part in breakable.status().parts] == [State.RUNNING] * 3
    live_stack.check_health()


@pytest.mark.faults
@pytest.mark.stack
def test_with_a_given_registry_the_broker_is_still_ours(
    live_stack: Stack, breakable: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", live_stack.schema_registry_url)
    report = breakable.up()
    assert report.started == ("broker", "store")
    assert report.stack.backend == "local"
    assert report.stack.bootstrap_servers != live_stack.bootstrap_servers
    assert breakable.down() == ("broker", "store")
    live_stack.check_health()
