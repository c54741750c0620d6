"""The registry as a process that is watched: health, metrics, pages, start and end."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from in_process import InProcess, avro, code
from prometheus_client.parser import text_string_to_metric_families
from typer import Typer
from typer.testing import CliRunner

from streamlab.errors import StreamlabError
from streamlab.registry import commands
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.serving import background, run


@pytest.fixture
def registry() -> Iterator[InProcess]:
    running = InProcess()
    yield running
    running.close()


def metrics(registry: InProcess) -> dict[str, float]:
    text = registry.get("/metrics").text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_health_page_has_the_members_that_monitoring_expects(registry: InProcess) -> None:
    before = registry.get("/health/schema-registry").json()
    assert before["last_discovery"] is None
    assert before["cache"] == {"entries": 0, "hit_rate": 0.0, "memory_mb": 0.0}
    registry.register("s", "string")
    registry.register("t", "string")
    health = registry.get("/health/schema-registry").json()
    assert health["status"] == "healthy"
    assert health["cache"]["entries"] > 0
    assert 0 < health["cache"]["hit_rate"] < 1
    assert health["providers"] == {"memory": "healthy"}
    assert health["last_discovery"].endswith("Z")


def test_metrics_count_schemas_cache_checks_and_errors_by_code(registry: InProcess) -> None:
    registry.register("s", "int")
    registry.register("s", "long")
    assert code(registry.post("/subjects/s/versions", json=avro("string"))) == (409, 40901)
    registry.get("/subjects/none/versions")
    counted = metrics(registry)
    assert counted["schema_registry_discoveries_total"] == 2
    assert counted["schema_evolution_migrations_total"] == 1
    assert counted["schema_evolution_compatibility_checks_total allowed"] == 1
    assert counted["schema_evolution_compatibility_checks_total refused"] == 1
    assert counted["schema_registry_errors_total 40901"] == 1
    assert counted["schema_registry_errors_total 40401"] == 1
    assert counted["schema_registry_cache_hits_total"] > 0
    assert counted["schema_registry_cache_misses_total"] > 0


def test_the_openapi_document_and_the_page_list_every_operation(registry: InProcess) -> None:
    document = registry.get("/openapi.json").json()
    described = {(method.upper(), path) for path, row in document["paths"].items() for method in row}
    assert described == {(one.method, one.path) for one in registry.app.router.operations}
    page = registry.get("/docs").text
    assert all(path in page for _, path in described)
    assert "http://" not in page
    assert "https://" not in page


def test_a_head_request_has_the_headers_of_a_get_and_no_body(registry: InProcess) -> None:
    answer = registry.request("HEAD", "/subjects")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == "2"
    assert answer.content == b""


def test_keep_alive_answers_come_at_once_and_in_order() -> None:
    with background(MemoryStore()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/").json() == {}
        answer = client.post("/subjects/s/versions", json=avro("string"))
        for _ in range(20):
            assert json.loads(client.get(f"/schemas/ids/{answer.json()['id']}").json()["schema"]) == "string"


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StreamlabError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            run("127.0.0.1", port, kafka=None)


def test_the_command_is_called_registry_serve() -> None:
    app = Typer()
    commands.add_to(app)
    shown = CliRunner().invoke(app, ["registry", "serve", "--help"])
    assert shown.exit_code == 0
    for option in ("--port", "--store", "--bootstrap-servers", "--topic"):
        assert option in shown.output
