"""The doctor as a whole: every examination comes to its word, in bounded time, for people and machines."""

import json
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streamlab.paths import PROJECT
from streamlab.stack import commands, doctor
from streamlab.stack.doctor import examining
from streamlab.stack.doctor.finding import Backend, Examination, Said, note, ok, wrong
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend

FINE = Examination("fine", lambda _backend: ok("it is"))
NOTED = Examination("noted", lambda _backend: note("a thing", "Nothing."))
BROKEN = Examination("broken", lambda _backend: wrong("a [thing]", "Mend `it`."))


def fail(_backend: Backend) -> Said:
    raise KeyError("gone")


def leave(_backend: Backend) -> Said:
    raise SystemExit(3)


@pytest.fixture
def backend(layout: Layout) -> LocalBackend:
    return LocalBackend(layout)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_given_addresses: None) -> typer.Typer:
    """The commands, in a place where nothing was ever started."""
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("STREAMLAB_CACHE", str(tmp_path / "cache"))
    app = typer.Typer()
    commands.add_to(app)
    return app


@pytest.fixture
def hanging() -> Iterator[Examination]:
    """An examination that waits until the test is over."""
    over = threading.Event()
    yield Examination("hanging", lambda _backend: ok(str(over.wait())), 0.3, "Pull the plug.")
    over.set()
    for thread in threading.enumerate():
        if thread.name.startswith("examination of hanging"):
            thread.join()


def test_every_examination_has_a_name_of_its_own_a_bound_and_help() -> None:
    names = [one.name for one in doctor.EXAMINATIONS]
    assert len(set(names)) == len(names)
    assert all(0 < one.within_seconds <= 60 and one.helps_when_hanging for one in doctor.EXAMINATIONS)


def test_an_examination_that_crashes_is_a_finding_and_the_others_come(backend: Backend) -> None:
    crashing = [Examination("crashing", fail), Examination("leaving", leave)]
    found = list(examining.examine(backend, [FINE, *crashing, BROKEN]))
    assert [one.name for one in found] == ["fine", "crashing", "leaving", "broken"]
    assert [one.verdict for one in found] == ["ok", "wrong", "wrong", "wrong"]
    assert "the examination itself failed (KeyError: 'gone', fail line" in found[1].cause
    assert "SystemExit" in found[2].cause
    assert found[1].command


def test_examinations_that_all_hang_end_together_at_their_bound(
    backend: Backend, hanging: Examination
) -> None:
    found = list(examining.examine(backend, [FINE, *[hanging] * 20, BROKEN]))
    assert [one.verdict for one in found] == ["ok", *["wrong"] * 21]
    assert (found[1].cause, found[1].command) == ("no answer within 0.3 s", "Pull the plug.")
    assert examining.still_running()


def test_the_doctor_says_every_finding_of_a_machine_on_which_nothing_was_started(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    said = json.loads(result.output)
    assert [one["name"] for one in said["findings"]] == [one.name for one in doctor.EXAMINATIONS]
    assert all(one["cause"] for one in said["findings"])
    assert all(one["command"] for one in said["findings"] if one["verdict"] != "ok")
    assert said["wrong"] == sum(one["verdict"] == "wrong" for one in said["findings"])
    assert result.exit_code == (1 if said["wrong"] else 0)


@pytest.mark.parametrize(
    ("examinations", "code", "last"),
    [
        ((FINE, NOTED), 0, "Nothing is wrong."),
        ((FINE, NOTED, BROKEN), 1, "1 of 3 examinations found something wrong."),
    ],
)
def test_the_exit_code_is_0_only_if_nothing_is_wrong(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch,
    examinations: tuple[Examination, ...], code: int, last: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(doctor, "EXAMINATIONS", examinations)
    for arguments in (["doctor"], ["doctor", "--json"]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code
    table = CliRunner().invoke(app, ["doctor"]).output
    assert table.splitlines()[-1] == last
    assert ("a [thing]" in table) is (BROKEN in examinations), "what looks like markup is shown as it is"


def test_a_machine_gets_name_verdict_cause_and_command(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "EXAMINATIONS", (BROKEN,))
    assert json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output) == {
        "wrong": 1,
        "findings": [{"name": "broken", "verdict": "wrong", "cause": "a [thing]", "command": "Mend `it`."}],
    }


def test_the_command_ends_though_what_it_asks_never_answers(tmp_path: Path) -> None:
    """A pool's threads are waited for at the end of Python: the command must not get there."""
    code = textwrap.dedent(
        """
        import subprocess, time, typer
        from concurrent.futures import ThreadPoolExecutor
        from streamlab.stack import commands, doctor
        from streamlab.stack.doctor.finding import Examination

        def in_a_pool(_backend):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(time.sleep, 3600).result()

        def in_a_child(_backend):
            subprocess.run(["sleep", "3600"])

        doctor.EXAMINATIONS = (Examination("pool", in_a_pool, 0.5), Examination("child", in_a_child, 0.5))
        app = typer.Typer()
        commands.add_to(app)
        app(["doctor", "--json"])
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"STREAMLAB_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert [one["name"] for one in json.loads(done.stdout)["findings"]] == ["pool", "child"]
