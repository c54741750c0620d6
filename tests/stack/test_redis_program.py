"""The server for this machine comes out of its jar whole, with the right content, and only if it runs."""

import hashlib
import platform
import zipfile
from pathlib import Path

import pytest

from streamlab.errors import StreamlabError
from streamlab.stack import Stack, redis_program
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.redis_program import Program

RUNS = b"#!/bin/sh\nexit 0\n"
LACKS_A_LIBRARY = b"#!/bin/sh\necho 'error while loading shared libraries: libssl.so.3' >&2\nexit 127\n"
IS_FOREIGN = b"\x7fELF another machine's"


def program(name: str, content: bytes) -> Program:
    return Program(name, hashlib.sha256(content).hexdigest())


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "redis.jar", "w") as archive:
        for name, content in {"good": RUNS, "lacking": LACKS_A_LIBRARY, "foreign": IS_FOREIGN}.items():
            archive.writestr(name, content)
    return tmp_path / "redis.jar"


def offer(monkeypatch: pytest.MonkeyPatch, *programs: Program) -> None:
    monkeypatch.setattr(redis_program, "candidates", lambda: programs)


GOOD, LACKING, FOREIGN = (
    program("good", RUNS),
    program("lacking", LACKS_A_LIBRARY),
    program("foreign", IS_FOREIGN),
)


def names_below(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("system", "machine", "first", "how_many"),
    [
        ("Linux", "x86_64", "linux-amd64", 2),
        ("Linux", "aarch64", "linux-arm64", 1),
        ("Darwin", "arm64", "darwin-arm64", 2),
        ("Darwin", "x86_64", "darwin-amd64", 1),
        ("Windows", "AMD64", "windows-amd64.exe", 1),
    ],
)
def test_every_platform_of_the_course_has_a_server(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, first: str, how_many: int
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    found = redis_program.candidates()
    assert len(found) == how_many
    assert found[0].member.endswith(first)


def test_a_platform_without_one_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Plan9")
    assert redis_program.candidates() == ()
    with pytest.raises(StreamlabError, match=r"no Redis for Plan9 on .*REDIS_URL"):
        redis_program.unpacked(jar, tmp_path / "u")


def test_it_is_unpacked_once_and_can_be_executed(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path
) -> None:
    offer(monkeypatch, GOOD)
    file = redis_program.unpacked(jar, tmp_path / "u")
    assert (file.read_bytes(), file.stat().st_mode & 0o111) == (RUNS, 0o111)
    before = file.stat().st_mtime_ns
    jar.unlink()
    assert redis_program.unpacked(jar, tmp_path / "u") == file
    assert file.stat().st_mtime_ns == before
    assert names_below(tmp_path / "u") == ["good"]


@pytest.mark.parametrize("damage", [lambda f: f.write_bytes(b"x"), lambda f: f.chmod(0o644)])
def test_a_damaged_one_is_unpacked_again(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path, damage: object
) -> None:
    offer(monkeypatch, GOOD)
    file = redis_program.unpacked(jar, tmp_path / "u")
    assert callable(damage)
    damage(file)
    assert redis_program.present(tmp_path / "u", [GOOD]) is None
    assert redis_program.unpacked(jar, tmp_path / "u").read_bytes() == RUNS


@pytest.mark.parametrize("unusable", [LACKING, FOREIGN])
def test_the_next_one_is_taken_when_the_first_does_not_run(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path, unusable: Program
) -> None:
    offer(monkeypatch, unusable, GOOD)
    assert redis_program.unpacked(jar, tmp_path / "u").name == "good"
    assert names_below(tmp_path / "u") == ["good"], "what does not run is not taken for one that does"


@pytest.mark.parametrize(("system", "helps"), [("Linux", "REDIS_URL"), ("Darwin", "openssl@3")])
def test_when_none_runs_the_systems_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path, system: str, helps: str
) -> None:
    offer(monkeypatch, LACKING, FOREIGN)
    monkeypatch.setattr(platform, "system", lambda: system)
    with pytest.raises(StreamlabError, match=rf"lacking: .*libssl\.so\.3; foreign: .*{helps}"):
        redis_program.unpacked(jar, tmp_path / "u")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [(program("good", b"what the lock says"), "another content"), (program("absent", RUNS), "absent")],
)
def test_a_jar_with_something_else_in_it_is_refused_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, jar: Path, tmp_path: Path, wanted: Program, words: str
) -> None:
    offer(monkeypatch, wanted)
    with pytest.raises(StreamlabError, match=words):
        redis_program.unpacked(jar, tmp_path / "u")
    assert names_below(tmp_path / "u") == []


def test_a_file_that_is_no_jar_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    offer(monkeypatch, GOOD)
    (tmp_path / "no.jar").write_bytes(b"no jar")
    with pytest.raises(StreamlabError, match="could not be unpacked"):
        redis_program.unpacked(tmp_path / "no.jar", tmp_path / "u")


@pytest.mark.stack
def test_the_locked_jar_holds_every_program_with_its_content(live_stack: Stack) -> None:
    here = LocalBackend(Layout.here())
    with zipfile.ZipFile(here.layout.artifacts / here.redis_jar.file_name) as archive:
        for programs in redis_program._PROGRAMS.values():
            for each in programs:
                assert hashlib.sha256(archive.read(each.member)).hexdigest() == each.sha256
