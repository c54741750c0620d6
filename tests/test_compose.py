"""The containers of docker-compose.yml, as far as they can be judged where no container engine runs.

The Compose specification's JSON schema and a real parser read the file; Kafka starts with the settings that
the image's own start-up class makes of it; the health checks run against live servers.
"""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamlab import paths
from streamlab.stack import Stack, capabilities, java, kafka, redis_store
from streamlab.stack.kafka import KafkaBroker
from streamlab.stack.layout import Layout
from streamlab.stack.maven import Artifact, from_maven_central

FILE = paths.PROJECT / "docker-compose.yml"
DOCKER = paths.PROJECT / "docker"
TWO_GB = 2_000_000_000
SERVERS = ["kafka", "schema-registry", "redis"]
CHECKER = shutil.which(
    "check-jsonschema", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
)
needs_checker = pytest.mark.skipif(
    CHECKER is None,
    reason="no check-jsonschema, which carries the schema: .venv/bin/uv pip install check-jsonschema",
)


def parser() -> list[str]:
    """A Compose that can read a file; `config` needs no engine."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True)
    if plugin and plugin.returncode == 0:
        return ["docker", "compose"]
    pytest.skip("no Compose to read the file: apt-get install docker-compose (or `docker compose`)")


def parsed(file: Path = FILE, **variables: str) -> dict[str, Any]:
    """The file as Compose understands it, variables filled in."""
    done = subprocess.run(
        [*parser(), "--file", str(file), "config"],
        env={k: v for k, v in os.environ.items() if not k.endswith("_PORT")} | variables,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = yaml.safe_load(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services as they are written, variables at their defaults."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", FILE.read_text(encoding="utf-8"))
    found = yaml.safe_load(text)["services"]
    assert isinstance(found, dict)
    return found


def judged(file: Path) -> "subprocess.CompletedProcess[str]":
    """The verdict of the Compose specification's schema, in the version that check-jsonschema carries."""
    command = [str(CHECKER), "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True)


@needs_checker
def test_the_file_is_valid_by_the_compose_specification() -> None:
    done = judged(FILE)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@needs_checker
@pytest.mark.parametrize(
    ("written", "wrong"),
    [("mem_limit:", "memlimit:"), ("ports:", "port:"), ("condition:", "when:")],
)
def test_the_schema_refuses_what_is_misspelt(tmp_path: Path, written: str, wrong: str) -> None:
    bad = tmp_path / "docker-compose.yml"
    bad.write_text(FILE.read_text(encoding="utf-8").replace(written, wrong), encoding="utf-8")
    assert judged(bad).returncode == 1


def test_a_real_parser_reads_the_file_and_finds_every_service() -> None:
    assert sorted(parsed()["services"]) == sorted([*SERVERS, "lab"])


def test_another_port_of_kafka_is_published_and_advertised_alike() -> None:
    broker = parsed(KAFKA_PORT="31999")["services"]["kafka"]
    assert "EXTERNAL://127.0.0.1:31999" in broker["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert re.search(r"127\.0\.0\.1.*31999.*9092", json.dumps(broker["ports"])), broker["ports"]


def test_every_image_is_pinned_to_a_whole_version(services: dict[str, dict[str, Any]]) -> None:
    images = {name: service["image"] for name, service in services.items()}
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images.values()), images
    assert images["kafka"].removeprefix("apache/kafka:") in KafkaBroker([]).product
    assert images["schema-registry"].startswith("confluentinc/cp-schema-registry:8.3.")


def test_every_port_is_published_on_loopback_alone(services: dict[str, dict[str, Any]]) -> None:
    published = [port for service in services.values() for port in service["ports"]]
    assert len(published) == len(services)
    assert [port for port in published if not str(port).startswith("127.0.0.1:")] == []


def test_the_memory_limits_sum_to_no_more_than_two_gigabytes(services: dict[str, dict[str, Any]]) -> None:
    limits = {name: int(service["mem_limit"].removesuffix("m")) * 2**20 for name, service in services.items()}
    assert sum(limits.values()) <= TWO_GB


def test_a_health_check_uses_nothing_that_its_image_lacks(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        words = re.findall(r"[\w-]+", " ".join(service["healthcheck"]["test"]))
        assert words, name
        assert {"curl", "wget", "nc", "NONE"}.isdisjoint(words), name


def test_a_service_waits_until_what_it_needs_is_healthy(services: dict[str, dict[str, Any]]) -> None:
    needs = {name: service.get("depends_on", {}) for name, service in services.items()}
    assert sorted(needs["schema-registry"]) == ["kafka"]
    assert sorted(needs["lab"]) == sorted(SERVERS)
    assert {how["condition"] for need in needs.values() for how in need.values()} == {"service_healthy"}


def test_data_outlives_its_container_in_a_named_volume(services: dict[str, dict[str, Any]]) -> None:
    named = set(yaml.safe_load(FILE.read_text(encoding="utf-8"))["volumes"])
    mounts = {mount.split(":")[0]: mount for s in services.values() for mount in s.get("volumes", [])}
    used = {source for source in mounts if not source.startswith(".")}
    assert used == named
    assert mounts["kafka-data"].endswith(services["kafka"]["environment"]["KAFKA_LOG_DIRS"])
    assert all((paths.PROJECT / source).is_file() for source in mounts.keys() - used)


def test_containers_and_the_host_are_each_sent_to_an_address_that_they_reach(
    services: dict[str, dict[str, Any]],
) -> None:
    environment = services["kafka"]["environment"]
    advertised = dict(entry.split("://") for entry in environment["KAFKA_ADVERTISED_LISTENERS"].split(","))
    listening = dict(entry.split("://") for entry in environment["KAFKA_LISTENERS"].split(","))
    inside, outside = advertised["INTERNAL"], advertised["EXTERNAL"]
    assert services["lab"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == inside
    assert services["schema-registry"]["environment"][
        "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"
    ].endswith(f"//{inside}")
    assert inside == f"{services['kafka']['hostname']}{listening['INTERNAL']}"
    assert services["kafka"]["ports"] == [f"{outside}{listening['EXTERNAL']}"]
    assert listening["CONTROLLER"].startswith("localhost:"), "nobody else needs the controller"


def test_the_lab_finds_its_servers_by_environment(services: dict[str, dict[str, Any]]) -> None:
    given = services["lab"]["environment"]
    assert given["SCHEMA_REGISTRY_URL"] == "http://schema-registry:8081"
    assert given["REDIS_URL"].startswith("redis://redis:6379")


def test_the_broker_is_set_as_the_local_one_is_but_for_its_addresses(
    services: dict[str, dict[str, Any]],
) -> None:
    own = dict(line.split("=", 1) for line in kafka._PROPERTIES.splitlines() if "=" in line)
    container = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in services["kafka"]["environment"].items()
    }
    differ = {name for name in own if container.get(name) != own[name]}
    assert {
        name for name in differ if not re.search(r"listener|quorum|log\.dirs|^broker\.(session|heart)", name)
    } == set()


def test_redis_is_set_as_the_local_one_is_but_for_its_memory(services: dict[str, dict[str, Any]]) -> None:
    program, *words = services["redis"]["command"]
    container = dict(zip([word.removeprefix("--") for word in words[::2]], words[1::2], strict=True))
    assert program == "redis-server"
    assert container.keys() == {"appendonly", "maxmemory", "maxmemory-policy"}
    assert {name for name in container if redis_store.SETTINGS[name] != container[name]} == {"maxmemory"}
    allowed, limit = (
        int(re.sub(r"\D", "", text)) for text in (container["maxmemory"], services["redis"]["mem_limit"])
    )
    assert allowed <= limit * 2 / 3, "what it writes, its clients and its child process need memory too"


def test_the_image_takes_the_locked_packages_and_is_not_root() -> None:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    assert "FROM python:3.12-slim" in lines
    assert "RUN pip install --require-hashes -r requirements.lock" in lines
    assert [line.split()[1] for line in lines if line.startswith("USER")] == ["learner"]
    assert lines.index("USER learner") > max(i for i, line in enumerate(lines) if line.startswith("RUN"))


def test_the_image_holds_all_that_the_course_needs_and_nothing_of_this_machine() -> None:
    lines = (paths.PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    held = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "streamlab",
        "schemas",
        "labs",
        "docker",
    } <= held
    assert all((paths.PROJECT / name).exists() for name in held)
    assert held.isdisjoint({".git", ".venv", ".streamlab"})


class ToyServer(http.server.BaseHTTPRequestHandler):
    """Answers everything with one text."""

    answer = b"{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def toy_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), ToyServer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def health(script: str, url: str) -> int:
    """The exit code of a health check."""
    command = [sys.executable, str(DOCKER / script), url]
    return subprocess.run(command, capture_output=True, timeout=60).returncode


def test_a_lab_that_tells_its_version_is_healthy(toy_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health("lab_health.py", toy_server) != 0
    monkeypatch.setattr(ToyServer, "answer", b'{"version": "2.0"}')
    assert health("lab_health.py", toy_server) == 0


@pytest.mark.parametrize("answer", [b"{}", b"not JSON", b'{"id": 1, "schema": "\\"string\\""}'])
def test_a_registry_that_answers_something_else_is_not_healthy(
    toy_server: str, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(ToyServer, "answer", answer)
    assert health("registry_health.py", toy_server) != 0


@pytest.mark.parametrize("script", ["lab_health.py", "registry_health.py"])
def test_a_server_that_is_not_there_is_not_healthy(script: str) -> None:
    assert health(script, "http://127.0.0.1:1") != 0


@pytest.mark.stack
def test_a_live_registry_is_healthy_by_the_check_of_its_container(live_stack: Stack) -> None:
    assert health("registry_health.py", live_stack.schema_registry_url) == 0
    assert health("registry_health.py", live_stack.schema_registry_url) == 0, "the second time as well"


def jars() -> str:
    return str(Layout.here().artifacts / "*")


def set_up_as_the_image_does(settings: dict[str, str], folder: Path) -> Path:
    """Run the class that the image runs before Kafka: settings to properties, and a formatted data folder."""
    for name in ("defaults", "mounted", "config"):
        (folder / name).mkdir()
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folder / "defaults" / name).touch()
    where = ("--default-configs-dir", "defaults", "--mounted-configs-dir", "mounted")
    tool = [str(java.executable()), "-cp", jars(), "kafka.docker.KafkaDockerWrapper", "setup", *where]
    done = subprocess.run(
        [*tool, "--final-configs-dir", "config"],
        cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "config" / "server.properties"


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


@pytest.fixture(scope="module")
def kafka_of_the_file(
    live_stack: Stack, services: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Kafka as the file sets it, but for ports, folder and the name `kafka`; where its two listeners are."""
    folder = tmp_path_factory.mktemp("kafka")
    internal, external, controller = free_ports(3)
    moved = {"19092": internal, "9092": external, "9093": controller}
    settings = {
        name: re.sub(r"(?<=:)(19092|9092|9093)\b", lambda found: str(moved[found[1]]), value).replace(
            "//kafka:", "//127.0.0.1:"
        )
        for name, value in services["kafka"]["environment"].items()
    }
    properties = set_up_as_the_image_does({**settings, "KAFKA_LOG_DIRS": str(folder / "data")}, folder)
    command = [str(java.executable()), *java.SERVER_FLAGS, "-cp", jars(), "kafka.Kafka", str(properties)]
    with (folder / "console").open("wb") as console:
        broker = subprocess.Popen(command, cwd=folder, stdout=console, stderr=subprocess.STDOUT)
    addresses = f"127.0.0.1:{internal}", f"127.0.0.1:{external}"
    try:
        deadline = time.monotonic() + 60
        while not answers(addresses[1]):
            assert broker.poll() is None, (folder / "console").read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < deadline, "it did not answer"
        yield addresses
    finally:
        broker.terminate()
        broker.wait(timeout=30)


def answers(address: str) -> bool:
    from streamlab.stack.component import NotAnswering

    try:
        KafkaBroker([]).probe(address, timeout_seconds=1)
    except NotAnswering:
        return False
    return True


@pytest.mark.stack
@pytest.mark.faults
def test_kafka_starts_with_the_settings_of_the_file_and_serves_both_listeners(
    kafka_of_the_file: tuple[str, str],
) -> None:
    from streamlab.stack import health as round_trip

    for address in kafka_of_the_file:
        broker = Stack("environment", address, "", capabilities.KAFKA)
        assert [f"{host}:{port}" for host, port in round_trip.advertised_brokers(broker, 5)] == [address]
        round_trip.check_broker(broker, 20)


@pytest.mark.stack
@pytest.mark.faults
def test_the_health_check_of_kafka_passes_on_it_and_on_nothing_else(
    kafka_of_the_file: tuple[str, str], services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """The image's script calls this class; its jar is not among those of the course, so it is fetched."""
    version = services["kafka"]["image"].split(":")[1]
    tools = Artifact("org.apache.kafka", "kafka-tools", version, "", "jar", 0, "")
    try:
        jar = from_maven_central(tools, tmp_path, lambda _count: None)
    except (OSError, RuntimeError) as error:
        pytest.skip(
            f"Kafka's tools could not be fetched ({type(error).__name__}); connect this machine and run again"
        )
    _, script = services["kafka"]["healthcheck"]["test"]
    arguments = re.search(r"kafka-e2e-latency\.sh (.*)", script)
    assert arguments
    flags = re.findall(r"-X[^ \"]+", script)
    assert len(flags) == 3
    class_path = f"{jar}{os.pathsep}{jars()}"
    tool = [str(java.executable()), *flags, "-cp", class_path, "org.apache.kafka.tools.EndToEndLatency"]
    for _ in range(2):
        words = arguments[1].replace("kafka:19092", kafka_of_the_file[0]).split()
        assert subprocess.run([*tool, *words], capture_output=True, timeout=60).returncode == 0
    words = arguments[1].replace("kafka:19092", "127.0.0.1:1").split()
    with pytest.raises(subprocess.TimeoutExpired):  # Compose's own time limit makes it unhealthy
        subprocess.run([*tool, *words], capture_output=True, timeout=3)
