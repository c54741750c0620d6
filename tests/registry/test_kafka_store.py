"""A registry whose log is in Kafka is the same one after a restart, and several on one topic agree."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from in_process import avro, code, record
from registry_process import RegistryProcess

from streamlab.registry import schemas_topic
from streamlab.registry.state import State
from streamlab.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture
def topic(live_stack: Stack) -> str:
    return live_stack.unique("_schemas")


@pytest.fixture
def registry(live_stack: Stack, topic: str) -> Iterator[RegistryProcess]:
    with RegistryProcess(live_stack.bootstrap_servers, topic) as running:
        yield running


@pytest.fixture
def second(live_stack: Stack, topic: str, registry: RegistryProcess) -> Iterator[RegistryProcess]:
    with RegistryProcess(live_stack.bootstrap_servers, topic) as running:
        yield running


def register(registry: RegistryProcess, subject: str, schema: object) -> int:
    answer = registry.client.post(f"/subjects/{subject}/versions", json=avro(schema))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_a_restart_reproduces_the_state(registry: RegistryProcess) -> None:
    register(registry, "s", record("a"))
    register(registry, "s", record("a", ("b", "string", "")))
    register(registry, ":.sales:s", "int")
    register(registry, "gone", "long")
    registry.client.put("/config/s", json={"compatibility": "FULL"})
    registry.client.put("/mode/s", json={"mode": "READONLY"})
    registry.client.delete("/subjects/gone")
    registry.client.delete("/subjects/gone?permanent=true")
    paths = (
        "/schemas?deleted=true",
        "/subjects?deleted=true",
        "/config/s",
        "/mode/s",
        "/contexts",
        "/schemas/ids/1?fetchMaxId=true",
    )
    before = [registry.client.get(path).json() for path in paths]
    registry.kill()
    registry.start()
    assert [registry.client.get(path).json() for path in paths] == before
    assert register(registry, "after", "bytes") == 4


def test_the_topic_holds_records_of_confluent_s_form(
    registry: RegistryProcess, live_stack: Stack, topic: str
) -> None:
    register(registry, "s", "string")
    registry.client.put("/config/s", json={"compatibility": "FULL"})
    registry.client.delete("/subjects/s")
    by_key = {m.key().decode(): m.value() and json.loads(m.value()) for m in live_stack.read_topic(topic)}
    schema = by_key['{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}']
    assert {name: schema[name] for name in ("subject", "version", "id", "schema", "deleted")} == {
        "subject": "s",
        "version": 1,
        "id": 1,
        "schema": '"string"',
        "deleted": False,
    }
    assert by_key['{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}'] == {"subject": "s", "version": 1}
    assert by_key['{"keytype":"CONFIG","subject":"s","magic":0}'] is None
    assert '{"keytype":"NOOP","magic":0}' in by_key


def test_a_write_to_the_follower_is_answered_by_the_leader_and_read_on_both(
    registry: RegistryProcess, second: RegistryProcess
) -> None:
    first_id = register(registry, "s", "string")
    second_id = register(second, "t", "int")
    assert second_id == first_id + 1
    assert registry.health()["store"]["role"] == "leader"
    assert second.health()["store"]["role"] == "follower"
    assert second.client.get(f"/schemas/ids/{second_id}").status_code == 200
    assert second.contents() == registry.contents()
    refused = second.client.post("/subjects/s/versions", json=avro("int"))
    assert code(refused) == (409, 40901)
    assert registry.health()["store"]["role"] == "leader"


def test_writes_to_both_at_once_give_every_schema_one_id(
    registry: RegistryProcess, second: RegistryProcess
) -> None:
    def write(number: int) -> int:
        target = registry if number % 2 else second
        return register(target, f"s{number}", {"type": "fixed", "name": "F", "size": number})

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(write, range(1, 41)))
    assert len(set(ids)) == 40
    second.wait_for(registry.health()["store"]["position"])
    assert second.contents() == registry.contents()


def test_the_follower_succeeds_a_leader_that_was_killed_and_nothing_is_lost(
    registry: RegistryProcess, second: RegistryProcess
) -> None:
    ids = [register(registry, f"s{n}", {"type": "fixed", "name": "F", "size": n}) for n in range(1, 6)]
    before = registry.contents()
    registry.kill()
    assert register(second, "after", "string") == max(ids) + 1
    assert second.health()["store"]["role"] == "leader"
    assert before.items() <= second.contents().items()
    registry.start()
    assert register(registry, "again", "bytes") == max(ids) + 2
    assert registry.health()["store"]["role"] == "follower"
    assert registry.contents() == second.contents()


def test_a_corrupt_record_is_skipped_and_the_health_page_names_its_offset(
    registry: RegistryProcess, live_stack: Stack, topic: str
) -> None:
    register(registry, "s", "string")
    producer = live_stack.producer()
    offsets: list[int] = []
    corrupt = (
        (b"no json", b"{}"),
        (b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', b'{"subject":"s"}'),
        (b'{"keytype":"NEW","magic":0}', None),
        (b'{"keytype":"CONFIG","subject":"s","magic":0}', b'{"compatibilityLevel":"SOMETIMES"}'),
        (b"\xff\xfe", b"\xff"),
    )
    for key, value in corrupt:
        producer.produce(topic, key=key, value=value, on_delivery=lambda _, m: offsets.append(m.offset()))
    assert producer.flush(10) == 0
    assert len(offsets) == len(corrupt)
    registry.wait_for(offsets[-1])
    assert [one["offset"] for one in registry.health()["store"]["skipped_records"]] == offsets
    assert registry.contents() == {("s", 1): (1, '"string"')}
    assert register(registry, "t", "int") == 2
    registry.kill()
    registry.start()
    assert [one["offset"] for one in registry.health()["store"]["skipped_records"]] == offsets
    assert registry.health()["status"] == "healthy"


def test_what_compaction_leaves_gives_no_id_twice(
    registry: RegistryProcess, live_stack: Stack, topic: str
) -> None:
    register(registry, "s", "string")
    highest = register(registry, "t", "int")
    for query in ("", "?permanent=true"):
        assert registry.client.delete(f"/subjects/t{query}").json() == [1]
    compacted = {message.key(): message.value() for message in live_stack.read_topic(topic)}
    state = State()
    for key, value in compacted.items():
        if value is not None:
            state.apply(schemas_topic.decode(key, value))
    assert state.subjects() == ["s"]
    assert state.highest_id() == highest
