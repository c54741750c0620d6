"""The state of a registry is a function of its log: replayed, compacted or not, it comes out the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import InProcess, avro, record

from streamlab.registry.avro_text import inlined_text, kept_text
from streamlab.registry.schemas_topic import CorruptRecordError, Record, decode
from streamlab.registry.state import State

SCHEMAS = ['"string"', '"int"', '"long"', json.dumps(record("a")), json.dumps(record("a", ("b", "int", 0)))]
SUBJECTS = ["s", "t", ":.c:s"]
STEPS = st.one_of(
    st.tuples(st.just("register"), st.sampled_from(SUBJECTS), st.sampled_from(SCHEMAS)),
    st.tuples(st.just("delete"), st.sampled_from(SUBJECTS), st.sampled_from(["", "?permanent=true"])),
    st.tuples(st.just("delete 1"), st.sampled_from(SUBJECTS), st.sampled_from(["", "?permanent=true"])),
    st.tuples(st.just("config"), st.sampled_from(SUBJECTS), st.sampled_from(["NONE", "FULL"])),
    st.tuples(
        st.just("mode"), st.sampled_from(SUBJECTS), st.sampled_from(["READONLY", "READWRITE", "IMPORT"])
    ),
)


def log_of(steps: list[tuple[str, str, str]]) -> tuple[State, list[Record]]:
    registry = InProcess()
    registry.put("/config", json={"compatibility": "NONE"})
    for step, subject, what in steps:
        if step == "register":
            registry.post(f"/subjects/{subject}/versions", json={"schema": what})
        elif step == "delete":
            registry.delete(f"/subjects/{subject}{what}")
        elif step == "delete 1":
            registry.delete(f"/subjects/{subject}/versions/1{what}")
        elif step == "config":
            registry.put(f"/config/{subject}", json={"compatibility": what})
        else:
            registry.put(f"/mode/{subject}", json={"mode": what})
    registry.close()
    return registry.store.state, registry.store.log


def replayed(records: list[tuple[bytes, bytes | None]]) -> State:
    state = State()
    for key, value in records:
        state.apply(decode(key, value))
    return state


@settings(deadline=None, max_examples=60)
@given(st.lists(STEPS, max_size=12))
def test_a_log_replayed_from_its_bytes_gives_the_state(steps: list[tuple[str, str, str]]) -> None:
    state, log = log_of(steps)
    assert replayed([(one.key_bytes, one.value_bytes) for one in log]) == state


@settings(deadline=None, max_examples=60)
@given(st.lists(STEPS, max_size=12))
def test_a_compacted_log_gives_the_same_state(steps: list[tuple[str, str, str]]) -> None:
    state, log = log_of(steps)
    last = {one.key_bytes: index for index, one in enumerate(log)}
    kept = [
        (one.key_bytes, one.value_bytes)
        for index, one in enumerate(log)
        if last[one.key_bytes] == index and one.value is not None
    ]
    assert replayed(kept) == state


@settings(deadline=None, max_examples=60)
@given(st.lists(STEPS, max_size=12))
def test_an_id_never_gets_a_second_schema(steps: list[tuple[str, str, str]]) -> None:
    _, log = log_of(steps)
    texts: dict[tuple[bool, int], str] = {}
    for one in log:
        if one.key_type == "SCHEMA" and one.value is not None:
            place = (one.value["subject"].startswith(":"), one.value["id"])
            assert texts.setdefault(place, one.value["schema"]) == one.value["schema"]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, None, "no key"),
        (b"{", b"{}", "not JSON"),
        (b"[]", b"{}", "not a JSON object"),
        (b'{"keytype":"OTHER","magic":0}', b"{}", "'OTHER' is unknown"),
        (b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":7}', b"{}", "magic number 7"),
        (b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', b"{}", "subject of its value"),
        (b'{"keytype":"SCHEMA","subject":"s","version":true,"magic":1}', None, "version of its key"),
        (b'{"keytype":"MODE","subject":null,"magic":0}', b'{"mode":"ASLEEP"}', "mode 'ASLEEP' is unknown"),
        (b'{"keytype":"CONFIG","magic":0}', None, "subject of its key"),
        (b'{"keytype":"NOOP","magic":0}', b'{"a":"\\ud800"}', "not JSON"),
    ],
)
def test_a_corrupt_record_is_named(key: bytes | None, value: bytes | None, reason: str) -> None:
    with pytest.raises(CorruptRecordError, match=reason):
        decode(key, value)


def test_a_text_is_kept_in_avro_s_order_with_its_own_properties() -> None:
    schema = {
        "doc": "d",
        "fields": [
            {
                "name": "e",
                "type": {"symbols": ["A"], "type": "enum", "name": "E", "default": "A"},
                "default": "A",
            },
            {"z": 1, "name": "again", "type": "n.E", "aliases": ["old"], "order": "IGNORE"},
            {"name": "when", "type": {"logicalType": "date", "type": "int"}},
        ],
        "name": "n.R",
        "type": "record",
    }
    assert kept_text(schema) == (
        '{"type":"record","name":"R","namespace":"n","doc":"d","fields":['
        '{"name":"e","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"},"default":"A"},'
        '{"name":"again","type":"E","order":"ignore","aliases":["old"],"z":1},'
        '{"name":"when","type":{"type":"int","logicalType":"date"}}]}'
    )


def test_names_in_the_kept_text_are_as_short_as_they_can_be() -> None:
    def kept(**more: Any) -> Any:
        written = json.loads(kept_text({"type": "fixed", "name": "F", "size": 1, **more}))
        return written.get("namespace"), written.get("aliases")

    assert kept(namespace="n", aliases=["A", "n.A", ".B", "record"]) == ("n", ["A", ".B", "n.record"])
    assert kept(namespace="n", name=".F", aliases=["A"]) == (None, ["A"])

    inner = {"type": "fixed", "name": "F", "size": 1, "namespace": None}
    assert kept_text(record(("a", inner), ("b", "n.F"), name="n.R")) == (
        '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":'
        '{"type":"fixed","name":"F","size":1}},{"name":"b","type":"F"}]}'
    )


def test_a_number_that_is_written_as_text_is_kept_as_a_number() -> None:
    def kept(kind: Any, default: Any) -> Any:
        return json.loads(kept_text(record(("a", kind, default))))["fields"][0]["default"]

    assert kept("double", "1.5") == kept({"type": "float"}, " 1.5f") == 1.5
    assert kept("double", "-Infinity") == "-Infinity"
    assert kept("string", "1.5") == "1.5"


def test_inlined_text_defines_what_is_referred_to_at_its_first_use() -> None:
    size = {"type": "fixed", "name": "Key", "namespace": "n", "size": 16}
    assert inlined_text(record(("a", "n.Key"), ("b", "n.Key")), [size]) == inlined_text(
        record(("a", size), ("b", "n.Key")), []
    )


def test_what_was_written_is_answered_after_a_replay() -> None:
    registry = InProcess()
    registry.post("/subjects/s/versions", json=avro("string", metadata={"properties": {"owner": "x"}}))
    again = replayed([(one.key_bytes, one.value_bytes) for one in registry.store.log])
    stored = again.by_id(1)
    assert stored is not None
    assert stored.metadata == {"properties": {"owner": "x"}}
    assert stored.guid == registry.get("/subjects/s/versions/1").json()["guid"]
    registry.close()
