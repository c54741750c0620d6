"""Avro bytes to columns: what comes out is what a decoder of single messages says, and nothing is lost."""

import math
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from columnar_messages import body, framed, schema, strictly
from feature_streams import START, click, device, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features.columnar import Decoded, UnsupportedSchema, decode, decode_bodies, decoding

READER = schema("transaction", 3)
WRITERS = {1: schema("transaction", 1), 2: schema("transaction", 2), 3: READER}
DEFAULTS = {field["name"]: field["default"] for field in READER["fields"] if "default" in field}

TEXTS = st.one_of(
    st.sampled_from(("", "a", "card-000017", "é", "x" * 63, "x" * 64, "y" * 9_000)), st.text(max_size=20)
)
MAYBE = st.none() | TEXTS
RECORDS = st.fixed_dictionaries(
    {
        "txn_id": TEXTS,
        "card_id": TEXTS,
        "user_id": TEXTS,
        "amount": st.floats(allow_nan=False),
        "currency": st.sampled_from(("USD", "EUR", "GBP")),
        "event_time": st.integers(-(2**63), 2**63 - 1),
        "merchant_id": MAYBE,
        "risk_score": st.floats(allow_nan=False),
        "merchant_category": MAYBE,
        "country": MAYBE,
        "device_id": MAYBE,
        "session_id": MAYBE,
        "ip_address": MAYBE,
    }
)


@pytest.fixture(autouse=True, params=[3, 16_384], ids=["pieces of three", "one piece"])
def pieces(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "PIECE_MESSAGES", request.param)
        yield


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with some of them changed, cut off, added or doubled."""
    place = draw(st.integers(0, len(whole)))
    return draw(
        st.sampled_from(
            (
                whole[:place],
                whole[:place] + whole[place + 1 :],
                whole[:place] + draw(st.binary(min_size=1, max_size=2)) + whole[place + 1 :],
                whole[:place] + draw(st.binary(min_size=1, max_size=11)) + whole[place:],
                whole + whole,
            )
        )
    )


@st.composite
def batches(draw: st.DrawFn) -> list[bytes]:
    messages = []
    for record in draw(st.lists(RECORDS, max_size=8)):
        schema_id = draw(st.sampled_from((1, 2, 3, 3)))
        message = framed(schema_id, body(record, WRITERS[schema_id]))
        if draw(st.integers(0, 2)) == 0:
            message = draw(damaged(message))
        messages.append(message)
    return messages


def judged(message: bytes) -> tuple[str, dict[str, Any] | None]:
    """What a decoder of single messages says."""
    if len(message) < 5 or message[0] != 0:
        return decoding.NOT_FRAMED, None
    writer = WRITERS.get(int.from_bytes(message[1:5], "big"))
    if writer is None:
        return decoding.UNKNOWN_ID, None
    record = strictly(message[5:], writer)
    return decoding.UNDECODABLE, None if record is None else DEFAULTS | record


def same(left: Any, right: Any) -> bool:
    both_nan = isinstance(left, float) and math.isnan(left) and math.isnan(right)
    return both_nan or (left == right and type(left) is type(right))


@settings(deadline=None, max_examples=50)
@given(batches())
def test_every_message_is_decoded_as_alone_or_rejected_with_its_reason(messages: list[bytes]) -> None:
    decoded = decode(messages, WRITERS, READER)
    rows = {row.pop("row"): row for row in decoded.frame.to_dicts()}
    rejected = {row["row"]: row["reason"] for row in decoded.rejected.to_dicts()}
    assert sorted([*rows, *rejected]) == list(range(len(messages)))
    assert decoded.frame["row"].is_sorted()
    assert decoded.rejected["row"].is_sorted()
    for number, message in enumerate(messages):
        reason, record = judged(message)
        assert rejected.get(number) == (None if record else reason)
        if record:
            assert all(same(rows[number][name], value) for name, value in record.items())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_whatever_stop_a_batch(messages: list[bytes]) -> None:
    whole = framed(3, body(transaction(START), READER))
    decoded = decode([whole, *messages, whole], WRITERS, READER)
    assert decoded.frame["txn_id"][0] == decoded.frame["txn_id"][-1] == "t"
    assert decoded.frame.height + decoded.rejected.height == len(messages) + 2


def details(decoded: Decoded) -> dict[int, str]:
    return dict(decoded.rejected.select("row", "detail").iter_rows())


def test_a_damaged_body_is_named_and_moves_no_other_one() -> None:
    bodies = [body(transaction(START + second, f"t{second}", country="CH"), READER) for second in range(9)]
    # A string of 2 bytes that says 1 would hand its second byte to the next field.
    place = bodies[4].index(b"\x04CH")
    bodies[4] = bodies[4][:place] + b"\x02" + bodies[4][place + 1 :]
    bodies[6] += b"\x00"
    bodies[7] = b""
    decoded = decode_bodies(bodies, READER, READER)
    assert decoded.frame["txn_id"].to_list() == ["t0", "t1", "t2", "t3", "t5", "t8"]
    assert details(decoded) == {
        4: "field 'device_id' is not what the schema says",
        6: "bytes are left over after the last field",
        7: "field 'txn_id' is not what the schema says",
    }


def test_text_that_is_not_utf_8_is_named_by_its_field() -> None:
    bodies = [
        body(transaction(START, country="CH"), READER).replace(b"CH", pair)
        for pair in (b"CH", b"\xff\xfe", b"DE")
    ]
    decoded = decode_bodies(bodies, READER, READER)
    assert decoded.frame["country"].to_list() == ["CH", "DE"]
    assert details(decoded) == {1: "field 'country' is not UTF-8"}


def test_what_is_in_front_of_a_body_is_checked_and_named() -> None:
    whole = framed(3, body(transaction(START), READER))
    decoded = decode([b"", b"\x00\x00", b"\x01" + whole[1:], whole, framed(9, whole[5:])], WRITERS, READER)
    assert decoded.frame["row"].to_list() == [3]
    assert details(decoded) == {
        0: "0 bytes are too few for the 5-byte header",
        1: "2 bytes are too few for the 5-byte header",
        2: "the first byte is 0x01, not the magic byte 0x00",
        4: "no schema has id 9",
    }


def test_a_batch_of_no_messages_has_the_columns_of_any_other() -> None:
    some = decode([framed(3, body(transaction(START), READER))], WRITERS, READER)
    none = decode([], WRITERS, READER)
    assert none.frame.schema == some.frame.schema
    assert none.rejected.schema == some.rejected.schema


def test_wanted_columns_alone_are_made_but_all_fields_are_checked() -> None:
    good, bad = body(transaction(START), READER), body(transaction(START, ip_address="::1"), READER)[:-1]
    decoded = decode_bodies([good, bad], READER, READER, ["event_time", "amount"])
    assert decoded.frame.columns == ["row", "amount", "event_time"]
    assert details(decoded) == {1: "field 'ip_address' is not what the schema says"}


@pytest.mark.parametrize(
    ("contract", "event"),
    [
        ("click", click(START, action="PURCHASE", category="books")),
        ("device", device(START, is_proxy=True, country="CH")),
    ],
)
def test_the_other_streams_are_decoded_too(contract: str, event: dict[str, Any]) -> None:
    its = schema(contract, 1)
    decoded = decode_bodies([body(event, its)], its, its)
    assert decoded.frame.drop("row").to_dicts() == [event]


def record(*fields: Any) -> dict[str, Any]:
    names = "abcdefgh"
    return {
        "type": "record",
        "name": "R",
        "fields": [
            field
            if isinstance(field, dict) and "name" in field and "type" in field and field["type"] != "enum"
            else {"name": names[i], "type": field}
            for i, field in enumerate(fields)
        ],
    }


def test_numbers_are_promoted_as_schema_resolution_says() -> None:
    writer, reader = record("int", "long", "float", "int"), record("long", "double", "double", "float")
    decoded = decode_bodies([body({"a": -1, "b": 2, "c": 0.5, "d": 7}, writer)], writer, reader)
    assert decoded.frame.rows() == [(0, -1, 2.0, 0.5, 7.0)]
    assert decoded.frame.dtypes[1:] == [pl.Int64, pl.Float64, pl.Float64, pl.Float32]


def colours(*symbols: str, **more: str) -> dict[str, Any]:
    return {"type": "enum", "name": "Colour", "symbols": list(symbols), **more}


def test_a_symbol_is_read_by_its_name_and_an_unknown_one_by_the_enums_default() -> None:
    writer = record(colours("RED", "GREEN", "BLUE"))
    bodies = [body({"a": symbol}, writer) for symbol in ("BLUE", "RED", "GREEN")]
    reader = record(colours("GREEN", "BLUE", "OTHER", default="OTHER"))
    assert decode_bodies(bodies, writer, reader).frame["a"].to_list() == ["BLUE", "OTHER", "GREEN"]


def test_a_symbol_that_the_reader_does_not_know_is_rejected_without_a_default() -> None:
    writer, reader = record(colours("RED", "GREEN")), record(colours("GREEN"))
    decoded = decode_bodies([body({"a": symbol}, writer) for symbol in ("GREEN", "RED")], writer, reader)
    assert decoded.frame["a"].to_list() == ["GREEN"]
    assert decoded.rejected["row"].to_list() == [1]


def test_null_is_rejected_where_the_reader_takes_none() -> None:
    writer, reader = record(["null", "long"]), record("long")
    decoded = decode_bodies([body({"a": value}, writer) for value in (5, None)], writer, reader)
    assert decoded.frame["a"].to_list() == [5]
    assert decoded.rejected["row"].to_list() == [1]


def test_a_reader_of_nothing_that_the_writer_wrote_gets_its_defaults() -> None:
    reader = record({"name": "new", "type": ["null", "string"], "default": None})
    writer = record("long")
    decoded = decode_bodies([body({"a": 5}, writer), b""], writer, reader)
    assert decoded.frame.rows() == [(0, None)]
    assert decoded.rejected["row"].to_list() == [1]


def test_null_may_be_the_second_branch() -> None:
    both = record(["string", "null"])
    decoded = decode_bodies([body({"a": value}, both) for value in ("x", None)], both, both)
    assert decoded.frame["a"].to_list() == ["x", None]


def test_fixed_and_bytes_stay_bytes() -> None:
    both = record(
        {"name": "a", "type": {"type": "fixed", "name": "Two", "size": 2}}, "bytes", ["null", "Two"]
    )
    values = {"a": b"\xff\x00", "b": b"\xfe", "c": b"zz"}
    decoded = decode_bodies([body(values, both)], both, both)
    assert decoded.frame.drop("row").to_dicts() == [values]


@pytest.mark.parametrize(
    ("writer", "reader", "words"),
    [
        (record({"type": "array", "items": "int"}), record("int"), "'a' is not a plain one"),
        (record(["null", "int", "string"]), record("int"), "'a' is not a plain one"),
        (record("string"), record("long"), "'a' was written as string and cannot be read as long"),
        (record("long"), record("long", "long"), "no field 'b', and the reader no default"),
        ({"type": "string"}, record("long"), "not a record"),
    ],
)
def test_schemas_that_columns_cannot_hold_are_refused_in_one_sentence(
    writer: Any, reader: Any, words: str
) -> None:
    with pytest.raises(UnsupportedSchema, match=words):
        decode_bodies([], writer, reader)
