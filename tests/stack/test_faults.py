"""Broken stacks: `status` tells the truth, `up` repairs, `down` leaves no process behind.

Each test breaks a real stack. Those that share one leave it well for the next.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from breaking import command, end, freeze, process_of, running, said, wait_until

from streamlab.errors import StreamlabError
from streamlab.stack import StackUnavailable, State, processes, records
from streamlab.stack.component import NotAnswering
from streamlab.stack.doctor.running import listening_addresses
from streamlab.stack.health import check_registry
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("no_given_addresses")]


def states(backend: LocalBackend) -> dict[str, State]:
    return {part.name: part.state for part in backend.status().parts}


def registry_of(backend: LocalBackend) -> str:
    return records.read(backend.layout)["registry"].address


WELL = {"broker": State.RUNNING, "registry": State.RUNNING, "store": State.RUNNING}


def test_a_second_up_starts_nothing(shared_breakable: LocalBackend) -> None:
    before = running(shared_breakable)
    assert shared_breakable.up().started == ()
    assert running(shared_breakable) == before
    assert len(before) == 3


def test_nothing_listens_beyond_loopback(shared_breakable: LocalBackend) -> None:
    addresses = listening_addresses(shared_breakable)
    assert len(addresses) == 4, "broker, controller, registry, store"
    assert all(address.startswith("127.0.0.1:") for address in addresses)


def test_a_killed_broker_is_seen_and_comes_back_with_its_address_and_its_messages(
    shared_breakable: LocalBackend,
) -> None:
    here = shared_breakable.connect()
    topic = here.unique("kept")
    here.create_topic(topic)
    producer = here.producer()
    producer.produce(topic, b"before the crash")
    producer.flush()
    registry = process_of(shared_breakable, "registry")
    address = here.schema_registry_url

    end(process_of(shared_breakable, "broker"))

    assert states(shared_breakable) == WELL | {"broker": State.DEAD}
    with pytest.raises(StackUnavailable, match=r"The broker has died.*streamlab up"):
        shared_breakable.connect()
    with pytest.raises(StackUnavailable, match=r"broker at .* does not"):
        here.check_health(timeout_seconds=1)
    report = shared_breakable.up()
    assert report.started == ("broker", "registry"), "the registry's log is in the broker: it lives with it"
    assert report.stack.bootstrap_servers == here.bootstrap_servers
    assert report.stack.schema_registry_url == address
    assert process_of(shared_breakable, "registry") != registry
    assert [message.value() for message in here.read_topic(topic)] == [b"before the crash"]


def test_a_killed_registry_is_seen_and_comes_back_with_every_id(shared_breakable: LocalBackend) -> None:
    """Killed in the instant of the last answer: an id that was given out must never mean another schema."""
    from confluent_kafka.schema_registry import Schema

    registry = shared_breakable.connect().registry()
    subject = shared_breakable.connect().unique("kept-value")
    given = {}
    for number in range(20):
        text = json.dumps({"type": "fixed", "name": f"Kept{number}", "size": 8})
        given[registry.register_schema(f"{subject}.{number}", Schema(text, "AVRO"))] = text

    end(process_of(shared_breakable, "registry"))

    assert states(shared_breakable) == WELL | {"registry": State.DEAD}
    with pytest.raises(StackUnavailable, match=r"registry at .* does not work"):
        check_registry(registry_of(shared_breakable), timeout_seconds=2)
    assert shared_breakable.up().started == ("registry",)
    again = shared_breakable.connect().registry()
    for schema_id, text in given.items():
        kept = again.get_schema(schema_id).schema_str
        assert kept is not None
        assert json.loads(kept) == json.loads(text)
    assert again.get_compatibility() == "BACKWARD"


def test_a_frozen_broker_is_unresponsive_and_replaced(shared_breakable: LocalBackend) -> None:
    pid = process_of(shared_breakable, "broker")
    freeze(pid)
    part = shared_breakable.status().part("broker")
    assert (part.state, part.pid) == (State.UNRESPONSIVE, pid)
    broker = shared_breakable.components[0]
    with pytest.raises(NotAnswering):
        broker.probe(str(part.address), timeout_seconds=0.5)
    assert shared_breakable.up().started == ("broker", "registry")
    assert states(shared_breakable) == WELL
    assert not psutil.pid_exists(pid)


def test_a_client_gives_up_on_a_frozen_broker(shared_breakable: LocalBackend) -> None:
    here = shared_breakable.connect()
    here.create_topic(topic := here.unique("frozen"))
    reports: list[object] = []
    producer = here.producer(delivery_timeout_ms=1500, request_timeout_ms=1000)
    freeze(pid := process_of(shared_breakable, "broker"))
    try:
        producer.produce(topic, b"x", on_delivery=lambda error, _message: reports.append(error))
        assert producer.flush(30) == 0
        assert reports[0] is not None, "an undelivered message is reported as such"
        with pytest.raises(StackUnavailable):
            here.read_topic(topic, timeout_seconds=1)
    finally:
        os.kill(pid, signal.SIGCONT)
    shared_breakable.up()


def test_a_lost_record_hides_no_process(shared_breakable: LocalBackend) -> None:
    before = running(shared_breakable)
    shared_breakable.layout.record.unlink()
    report = shared_breakable.status()
    assert {part.state for part in report.parts} == {State.STOPPED}
    assert sorted(pid for part in report.parts for pid in part.orphans) == before
    assert shared_breakable.up().started == ("broker", "registry", "store")
    assert len(running(shared_breakable)) == 3
    assert set(running(shared_breakable)).isdisjoint(before)


def test_a_stale_record_and_a_reused_pid_are_seen_through(shared_breakable: LocalBackend) -> None:
    """The record of a stack that was switched off with the machine; its pids are other people's now."""
    known = records.read(shared_breakable.layout)
    shared_breakable.down()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as foreign:
        try:
            reused = processes.Identity(foreign.pid, psutil.Process(foreign.pid).create_time())
            gone = processes.Identity(2**22 - 3, 1.0)
            stale = {
                "broker": replace(known["broker"], process=reused),
                "registry": replace(known["registry"], process=gone),
                "store": replace(known["store"], process=gone),
            }
            records.write(shared_breakable.layout, stale)
            assert set(states(shared_breakable).values()) == {State.DEAD}
            assert shared_breakable.down() == ()
            assert foreign.poll() is None, "a foreign process was ended"

            records.write(shared_breakable.layout, stale)
            assert shared_breakable.up().started == ("broker", "registry", "store")
            assert foreign.poll() is None, "a foreign process was ended"
        finally:
            foreign.kill()
    assert states(shared_breakable) == WELL


def test_a_foreign_process_on_the_port_keeps_it_and_is_named(shared_breakable: LocalBackend) -> None:
    here = shared_breakable.connect()
    port = int(here.bootstrap_servers.rpartition(":")[2])
    said(shared_breakable)
    end(process_of(shared_breakable, "broker"))
    with closing(socket.create_server(("127.0.0.1", port))):
        part = shared_breakable.status().part("broker")
        assert part.state is State.DEAD
        assert f"port {port} is used by" in part.detail
        moved = shared_breakable.up().stack
        assert moved.bootstrap_servers != here.bootstrap_servers
        moved.check_health()
    assert f"port {port} is used by" in said(shared_breakable).lower()


def test_the_usual_ports_of_others_are_left_to_them_and_said(breakable: LocalBackend) -> None:
    foreign = []
    for port in (9092, 8081, 6379):
        try:
            foreign.append(socket.create_server(("127.0.0.1", port)))
        except OSError:
            continue  # somebody has it already: as good
    try:
        here = breakable.up().stack
        assert not here.bootstrap_servers.endswith(":9092")
        assert not here.schema_registry_url.endswith(":8081")
        assert "6379" not in str(here.redis_url)
    finally:
        for server in foreign:
            server.close()
    told = said(breakable)
    assert "Port 9092 is used by" in told
    assert "Port 8081 is used by" in told
    assert "Port 6379 is used by" in told


def test_a_half_formatted_data_folder_without_messages_is_made_anew(breakable: LocalBackend) -> None:
    data = breakable.layout.data("broker")
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\ncluster.id=half\n")
    breakable.up()
    assert states(breakable) == WELL
    assert "half-formatted" in said(breakable)


def test_a_half_made_database_of_apicurio_is_made_anew(breakable: LocalBackend) -> None:
    breakable.registry = RegistryKind.APICURIO
    data = breakable.layout.data("registry")
    data.mkdir(parents=True)
    (data / "schemas.mv.db").write_bytes(b"half a database" * 1000)
    breakable.up()
    assert states(breakable) == WELL


def test_topics_and_schemas_outlive_down_unless_they_are_to_go(breakable: LocalBackend) -> None:
    here = breakable.up().stack
    here.create_topic(topic := here.unique("kept"))
    assert breakable.down() == ("broker", "registry", "store")
    assert running(breakable) == []
    again = breakable.up().stack
    assert topic in again.admin().list_topics(timeout=5).topics
    breakable.down(delete_data=True)
    assert not breakable.layout.data("broker").exists()
    assert not breakable.layout.record.exists()


def test_the_parent_is_killed_in_the_middle_of_up(breakable: LocalBackend) -> None:
    with command(breakable.layout.state, "up") as parent:
        wait_until(lambda: len(running(breakable)) > 0)
        parent.kill()
        parent.communicate()
    assert not breakable.status().is_well
    breakable.up()
    assert states(breakable) == WELL
    assert len(running(breakable)) == 3


def test_down_ends_what_a_killed_up_left(breakable: LocalBackend) -> None:
    with command(breakable.layout.state, "up") as parent:
        wait_until(lambda: len(running(breakable)) > 0)
        parent.kill()
        parent.communicate()
    breakable.down()
    assert running(breakable) == []
    assert set(states(breakable).values()) == {State.STOPPED}


def test_a_frozen_up_is_named_and_down_ends_it_with_its_processes(breakable: LocalBackend) -> None:
    with command(breakable.layout.state, "up") as parent:
        wait_until(lambda: len(running(breakable)) > 0)
        freeze(parent.pid)
        with pytest.raises(StackUnavailable, match=rf"process {parent.pid}.*streamlab down"):
            breakable.up()
        breakable.down()
        assert parent.wait(10) == -signal.SIGKILL
        parent.communicate()
    assert running(breakable) == []


def test_two_ups_at_once_start_one_stack(breakable: LocalBackend) -> None:
    with command(breakable.layout.state, "up") as one, command(breakable.layout.state, "up") as other:
        outcomes = [process.communicate(timeout=120) for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], outcomes
    assert len(running(breakable)) == 3
    assert sorted("already running" in output for output, _ in outcomes) == [False, True]


def test_too_little_room_is_said_before_anything_starts(breakable: LocalBackend) -> None:
    breakable.free_bytes = lambda _folder: 10**6
    with pytest.raises(StreamlabError, match=r"1 MB free; the stack needs 300 MB.*Make room"):
        breakable.up()
    assert running(breakable) == []


def test_a_damaged_class_archive_costs_a_second_try_and_nothing_else(
    breakable: LocalBackend, tmp_path: Path
) -> None:
    """The JVM looks at the head of an archive alone, and crashes when the rest is not what it was."""
    shared = breakable.archives()
    assert shared is not None
    if not shared.is_made("kafka"):
        breakable.up()
        breakable.down()
    own = LocalBackend(Layout(tmp_path / "own", tmp_path / "cache"), breakable.console)
    archives = own.archives()
    assert archives is not None
    shutil.copytree(shared.folder, archives.folder)
    for name in ("artifacts", "unpacked"):
        (own.layout.cache / name).symlink_to(breakable.layout.cache / name)
    for archive in archives.folder.glob("*.jsa"):
        archive.chmod(0o600)
        with archive.open("r+b") as stream:
            stream.seek(archive.stat().st_size // 2)
            stream.write(b"\xff" * 1_000_000)
    try:
        own.up()
        assert states(own) == WELL
    finally:
        own.down()
    assert running(own) == []


def test_a_server_that_cannot_start_says_its_last_words(breakable: LocalBackend) -> None:
    """Apicurio's database is damaged; what this call started is stopped again."""
    breakable.registry = RegistryKind.APICURIO
    data = breakable.layout.data("registry")
    data.mkdir(parents=True)
    (data / "schemas.mv.db").write_bytes(b"not a database" * 1000)
    (data / "complete").touch()
    with pytest.raises(
        StackUnavailable,
        match=r"The registry ended.*exit code 1.*MVStoreException.*streamlab logs registry.*--delete-data",
    ):
        breakable.up()
    assert running(breakable) == []
    breakable.down(delete_data=True)
    breakable.up()
    assert states(breakable) == WELL
