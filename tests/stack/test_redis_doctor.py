"""The doctor's findings about the feature store, each from one that is so."""

from pathlib import Path

import pytest
from fake_redis import echoing_get, fake_redis

from streamlab.stack import redis_program
from streamlab.stack.doctor import files, running
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.redis_program import Program

pytestmark = pytest.mark.usefixtures("no_given_addresses")

EMPTY = Program("redis-server", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
"""A program of no bytes, and their sha256."""


@pytest.fixture
def backend(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    monkeypatch.setattr(redis_program, "candidates", lambda: (EMPTY,))
    monkeypatch.setattr(running, "_TIMEOUT_SECONDS", 10.0)
    return LocalBackend(layout)


@pytest.fixture
def unpacked(backend: LocalBackend) -> Path:
    """The program, as it should be."""
    file = backend.layout.unpacked / redis_program.ARTIFACT / EMPTY.member
    file.parent.mkdir(parents=True)
    file.touch(mode=0o755)
    return file


def test_a_store_that_was_not_started_is_worth_a_note(backend: LocalBackend) -> None:
    found = running.store_round_trip(backend)
    assert (found.verdict, found.command) == ("note", "Run `streamlab up`.")


def test_a_value_that_comes_back_is_well(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_redis(echoing_get) as url:
        monkeypatch.setenv("REDIS_URL", url)
        assert running.store_round_trip(backend).verdict == "ok"


@pytest.mark.parametrize(
    ("answer", "words", "helps"),
    [
        (b"+OK\r\n$3\r\nold\r\n", "did not come back", "streamlab up"),
        (b"+OK\r\n$-1\r\n", "did not come back", "streamlab up"),
        (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "is full", "expire"),
        (b"-MISCONF Errors writing to the AOF file: No space left on device\r\n", "No space", "streamlab up"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "LOADING", "streamlab up"),
        (b"<html>\r\n", "does not work", "streamlab up"),
    ],
)
def test_a_store_that_does_not_keep_a_value_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, answer: bytes, words: str, helps: str
) -> None:
    with fake_redis(answer) as url:
        monkeypatch.setenv("REDIS_URL", url)
        found = running.store_round_trip(backend)
    assert (found.verdict, words in found.cause, helps in found.command) == ("wrong", True, True), found


def test_a_store_where_nobody_answers_is_found_and_its_password_is_not_shown(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:secret@127.0.0.1:1/0")
    found = running.store_round_trip(backend)
    assert (found.verdict, "redis://:***@127.0.0.1:1/0" in found.cause) == ("wrong", True), found
    for part in backend.status().parts:
        assert "secret" not in str(part)


def test_a_stack_that_has_no_store_lacks_nothing_that_is_wrong(layout: Layout) -> None:
    found = running.store_round_trip(EmbeddedBackend(layout))
    assert (found.verdict, "REDIS_URL" in found.command) == ("note", True)
    assert files.redis_server(EmbeddedBackend(layout)).verdict == "ok"


def test_a_server_with_the_right_content_is_well(backend: LocalBackend, unpacked: Path) -> None:
    assert files.redis_server(backend).verdict == "ok"


def test_a_server_with_another_content_is_found(backend: LocalBackend, unpacked: Path) -> None:
    unpacked.write_bytes(b"another")
    found = files.redis_server(backend)
    assert (found.verdict, "redis-server is damaged" in found.cause) == ("wrong", True)
    assert "unpacks it again" in found.command


def test_a_server_that_cannot_be_executed_is_found(backend: LocalBackend, unpacked: Path) -> None:
    unpacked.chmod(0o644)
    assert files.redis_server(backend).verdict == "wrong"


def test_a_server_that_was_never_fetched_is_worth_a_note(backend: LocalBackend) -> None:
    found = files.redis_server(backend)
    assert (found.verdict, "streamlab up" in found.command) == ("note", True)


def test_a_machine_without_a_server_is_worth_a_note(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_program, "candidates", lambda: ())
    assert [files.redis_server(backend).verdict, running.store_round_trip(backend).verdict] == ["note"] * 2


def test_a_given_store_needs_no_server_here(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert files.redis_server(backend).cause == "REDIS_URL names one"
