"""The stack's commands: what they print and how they end."""

from pathlib import Path

import pytest
import typer
from breaking import command
from typer.testing import CliRunner

from streamlab.errors import StreamlabError
from streamlab.stack import Stack, commands, doctor
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend

pytestmark = pytest.mark.usefixtures("no_given_addresses")


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    commands.add_to(app)
    return app


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder in which nothing was ever started."""
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path / "none"))
    return tmp_path / "none"


def test_status_of_nothing_is_stopped_and_not_well(app: typer.Typer, elsewhere: Path) -> None:
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert result.output.count("stopped") == 3
    assert "streamlab up" in result.output


def test_down_of_nothing_is_fine_and_makes_no_folder(app: typer.Typer, elsewhere: Path) -> None:
    result = CliRunner().invoke(app, ["down"])
    assert (result.exit_code, result.output) == (0, "Nothing was running.\n")
    assert not elsewhere.exists()


def test_an_unknown_log_is_refused_with_the_known_ones(app: typer.Typer, elsewhere: Path) -> None:
    result = CliRunner().invoke(app, ["logs", "zookeeper"])
    assert isinstance(result.exception, StreamlabError)
    assert "broker, registry, store, clients" in str(result.exception)


@pytest.mark.stack
def test_up_on_a_running_stack_says_so_and_where_it_is(app: typer.Typer, live_stack: Stack) -> None:
    result = CliRunner().invoke(app, ["up"])
    assert result.exit_code == 0
    assert "already running" in result.output
    assert live_stack.bootstrap_servers in result.output
    assert live_stack.schema_registry_url in result.output
    assert str(live_stack.redis_url) in result.output
    assert "streamlab down" in result.output


@pytest.mark.stack
def test_status_of_a_running_stack_is_well(app: typer.Typer, live_stack: Stack) -> None:
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 0
    assert result.output.count("running") == 3


@pytest.mark.stack
def test_the_doctor_finds_nothing_wrong_with_a_running_stack(live_stack: Stack) -> None:
    findings = list(doctor.examine(LocalBackend(Layout.here())))
    assert len(findings) == len(doctor.EXAMINATIONS)
    assert [finding for finding in findings if finding.verdict == "wrong"] == []
    assert {f.name: f.verdict for f in findings}["broker round trip"] == "ok"


@pytest.mark.stack
def test_the_doctor_names_cause_and_command_for_what_is_wrong(live_stack: Stack) -> None:
    backend = LocalBackend(Layout.here(), free_bytes=lambda _folder: 10**6)
    finding = doctor.machine.disk(backend)
    assert finding.verdict == "wrong"
    assert "1 MB free" in finding.cause
    assert "Make room" in finding.command


@pytest.mark.stack
def test_the_doctor_finds_an_address_that_leads_nowhere(
    live_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1")
    finding = doctor.running.registry_round_trip(LocalBackend(Layout.here()))
    assert finding.verdict == "wrong"
    assert "127.0.0.1:1" in finding.cause


def test_an_expected_error_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    with command(tmp_path, "logs", "zookeeper") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.count("\n") == 1
