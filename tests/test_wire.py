"""The wire format, against published bytes, against the client library, and as laws."""

import json
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry.serde import SchemaId as ClientSchemaId
from fastavro import schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from streamlab import contracts
from streamlab.dissection import dissect
from streamlab.wire import HEADER, MAX_SCHEMA_ID, NotFramed, SchemaId, frame, unframe

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data/binary_cases.json").read_text())
schema_ids = st.integers(0, MAX_SCHEMA_ID).map(SchemaId)


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] in kinds]


def body_of(schema: Any, value: Any) -> bytes:
    stream = BytesIO()
    schemaless_writer(stream, schema, value)
    return stream.getvalue()


@pytest.mark.parametrize("case", of_kind("confluent-v0"))
def test_a_framed_message_has_the_published_bytes(case: dict[str, Any]) -> None:
    body = body_of(case["schema"], case["value"])
    assert frame(case["schema_id"], body) == bytes.fromhex(case["hex"])
    assert unframe(bytes.fromhex(case["hex"])) == (case["schema_id"], body)


@pytest.mark.parametrize("case", of_kind("body"))
def test_framing_leaves_the_published_body_as_it_is(case: dict[str, Any]) -> None:
    body = bytes.fromhex(case["hex"])
    assert body == body_of(case["schema"], case["value"])
    assert unframe(frame(SchemaId(1), body)) == (1, body)


@pytest.mark.parametrize("case", of_kind("confluent-v0-protobuf-prefix"))
def test_the_message_indexes_of_protobuf_belong_to_the_payload(case: dict[str, Any]) -> None:
    for prefix in (bytes.fromhex(one["prefix_hex"]) for one in case["cases"]):
        schema_id, rest = unframe(prefix)
        assert (schema_id, rest) == (1, prefix[5:])


@pytest.mark.parametrize("case", of_kind("confluent-v1-header"))
def test_what_is_framed_by_a_header_is_not_a_framed_payload(case: dict[str, Any]) -> None:
    header = bytes.fromhex(case["header_hex"])
    assert header == ClientSchemaId("AVRO", guid=case["guid"]).guid_to_bytes()
    for unframed in (header, bytes.fromhex(case["payload_hex"])):
        with pytest.raises(NotFramed, match="magic byte"):
            unframe(unframed)


@pytest.mark.parametrize("case", of_kind("single-object"))
def test_avros_single_object_encoding_is_another_framing(case: dict[str, Any]) -> None:
    with pytest.raises(NotFramed, match="0xc3"):
        unframe(bytes.fromhex(case["hex"]))


@given(schema_ids, st.binary())
def test_unframe_undoes_frame(schema_id: SchemaId, payload: bytes) -> None:
    assert unframe(frame(schema_id, payload)) == (schema_id, payload)


@given(st.binary())
def test_what_can_be_unframed_is_what_frame_makes(message: bytes) -> None:
    try:
        schema_id, payload = unframe(message)
    except NotFramed:
        assert len(message) < 5 or message[0] != 0
    else:
        assert frame(schema_id, payload) == message


@given(schema_ids, st.binary())
def test_the_client_library_frames_in_the_same_way(schema_id: SchemaId, payload: bytes) -> None:
    assert frame(schema_id, payload) == ClientSchemaId("AVRO", schema_id).id_to_bytes() + payload
    read = ClientSchemaId("AVRO")
    assert read.from_bytes(BytesIO(frame(schema_id, payload))).read() == payload
    assert read.id == schema_id


def test_the_most_significant_byte_of_the_id_comes_first() -> None:
    assert frame(SchemaId(0x01020304), b"") == b"\x00\x01\x02\x03\x04"


def test_a_payload_may_be_empty() -> None:
    assert unframe(b"\x00\x00\x00\x00\x07") == (7, b"")


@pytest.mark.parametrize("length", range(HEADER.size))
def test_a_message_shorter_than_the_header_is_not_framed(length: int) -> None:
    with pytest.raises(NotFramed, match=f"{length} bytes are too few"):
        unframe(bytes(length))


@given(st.integers(1, 255), st.binary(min_size=4))
def test_another_first_byte_is_not_framed(first: int, rest: bytes) -> None:
    with pytest.raises(NotFramed, match=f"0x{first:02x}"):
        unframe(bytes([first]) + rest)


@pytest.mark.parametrize("schema_id", [-1, MAX_SCHEMA_ID + 1])
def test_an_id_that_four_bytes_cannot_hold_is_refused(schema_id: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        frame(SchemaId(schema_id), b"")


def test_the_largest_id_is_unsigned() -> None:
    assert unframe(frame(SchemaId(MAX_SCHEMA_ID), b"")) == (MAX_SCHEMA_ID, b"")


PAYMENT = {
    "txn_id": "t1",
    "card_id": "",
    "user_id": "Zoë",
    "amount": 130.5,
    "currency": "EUR",
    "event_time": 1_700_000_000_000,
}
SCHEMA = contracts.load("transaction", version=1)


def test_the_parts_of_a_message_are_the_message() -> None:
    message = frame(SchemaId(7), body_of(SCHEMA, PAYMENT))
    parts = dissect(message, SCHEMA)
    assert parts.message == message
    assert [part.name for part in parts] == ["magic byte", "schema id", *PAYMENT]


def test_a_string_is_its_length_in_bytes_and_then_its_bytes() -> None:
    parts = dissect(frame(SchemaId(7), body_of(SCHEMA, PAYMENT)), SCHEMA)
    assert parts["txn_id"].data == b"\x04t1"
    assert parts["card_id"].data == b"\x00"
    assert parts["user_id"].data == b"\x08Zo\xc3\xab"
    assert parts["user_id"].length_bytes == 1


def test_a_double_is_little_endian_and_the_id_big_endian() -> None:
    parts = dissect(frame(SchemaId(7), body_of(SCHEMA, PAYMENT)), SCHEMA)
    assert parts["schema id"].data == bytes([0, 0, 0, 7])
    assert parts["amount"].data == struct.pack("<d", 130.5)
    assert parts["currency"].data == b"\x02"


def test_a_hidden_id_is_not_shown_anywhere() -> None:
    body = body_of(SCHEMA, PAYMENT)
    shown = {str(dissect(frame(SchemaId(n), body), SCHEMA, hide_schema_id=True)) for n in (7, 4_000_000_000)}
    assert len(shown) == 1
    assert "·· ·· ·· ··" in shown.pop()


def test_a_type_that_is_named_once_and_used_twice_is_read_twice() -> None:
    colour = {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}
    schema = {
        "type": "record",
        "name": "Pair",
        "fields": [{"name": "a", "type": colour}, {"name": "b", "type": "Colour"}],
    }
    parts = dissect(frame(SchemaId(1), b"\x00\x02"), schema)
    assert (parts["a"].meaning, parts["b"].meaning) == (
        "symbol number 0: RED",
        "symbol number 1: BLUE",
    )


def test_bytes_that_no_field_claims_are_an_error() -> None:
    message = frame(SchemaId(7), body_of(SCHEMA, PAYMENT) + b"\x00")
    with pytest.raises(ValueError, match="1 bytes are left over"):
        dissect(message, SCHEMA)


def test_asking_for_a_part_that_is_not_there_says_which_are() -> None:
    parts = dissect(frame(SchemaId(7), body_of(SCHEMA, PAYMENT)), SCHEMA)
    with pytest.raises(KeyError, match="txn_id"):
        parts["transaction_id"]
