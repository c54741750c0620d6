"""Columns to Avro messages: the bytes are those of an encoder of single records."""

from typing import Any

import polars as pl
import pytest
from columnar_messages import body, framed, schema
from feature_streams import START, click, device, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features.columnar import decode_bodies, encode, encoding
from streamlab.wire import SchemaId

WRITER = schema("transaction", 3)
TEXTS = st.one_of(st.sampled_from(("", "é", "x" * 63, "x" * 64, "y" * 9_000)), st.text(max_size=9))
RECORDS = st.fixed_dictionaries(
    {
        "txn_id": TEXTS,
        "amount": st.floats(allow_nan=False),
        "currency": st.sampled_from(("USD", "EUR", "GBP", "JPY", "CHF")),
        "event_time": st.integers(-(2**63), 2**63 - 1),
        "country": st.none() | TEXTS,
        "ip_address": st.none() | TEXTS,
    }
).map(lambda fields: transaction(START) | fields)


def frame_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    texts = {name: pl.String for name, value in transaction(START).items() if value is None}
    return pl.DataFrame(records, schema_overrides=texts)


@settings(deadline=None, max_examples=40)
@given(st.lists(RECORDS, min_size=1, max_size=8), st.sampled_from((3, 16_384)))
def test_a_frame_becomes_the_bytes_of_its_records_and_they_become_the_frame(
    records: list[dict[str, Any]], piece_rows: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "PIECE_ROWS", piece_rows)
        bodies = encode(frame_of(records), WRITER)
    assert bodies == [body(record, WRITER) for record in records]
    again = decode_bodies(bodies, WRITER, WRITER)
    assert again.frame.drop("row").to_dicts() == records
    assert encode(again.frame, WRITER) == bodies


def test_a_schema_id_frames_every_message() -> None:
    records = [transaction(START), transaction(START + 1, country="CH")]
    expected = [framed(7, body(record, WRITER)) for record in records]
    assert encode(frame_of(records), WRITER, SchemaId(7)) == expected


@pytest.mark.parametrize(
    ("contract", "event"), [("click", click(START, category="zoo")), ("device", device(START, is_proxy=True))]
)
def test_the_other_streams_are_encoded_too(contract: str, event: dict[str, Any]) -> None:
    assert encode(pl.DataFrame([event]), schema(contract, 1)) == [body(event, schema(contract, 1))]


def test_bytes_floats_and_numbers_of_one_byte_to_five() -> None:
    two = {"type": "fixed", "name": "Two", "size": 2}
    kinds: dict[str, Any] = {"a": "int", "b": "float", "c": "bytes", "d": two, "e": ["string", "null"]}
    writer = {"type": "record", "name": "R", "fields": [{"name": n, "type": k} for n, k in kinds.items()]}
    records = [
        {
            "a": number,
            "b": 0.5,
            "c": b"\xff" * (number % 5),
            "d": b"\x00\xff",
            "e": None if number % 2 else "x",
        }
        for number in (0, 1, -1, 63, 64, -65, 8_192, 2**31 - 1, -(2**31))
    ]
    assert encode(pl.DataFrame(records), writer) == [body(record, writer) for record in records]


def test_no_rows_are_no_messages() -> None:
    assert encode(frame_of([transaction(START)]).clear(), WRITER) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"currency": "XXX"}, "'currency' cannot be 'XXX'"), ({"txn_id": None}, "'txn_id' cannot be None")],
)
def test_a_value_that_the_schema_has_no_bytes_for_is_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        encode(frame_of([transaction(START), transaction(START, **wrong)]), WRITER)


def test_a_fixed_of_another_size_is_named() -> None:
    kind = {"type": "fixed", "name": "Two", "size": 2}
    writer = {"type": "record", "name": "R", "fields": [{"name": "a", "type": kind}]}
    with pytest.raises(ValueError, match="'a' cannot be b'abc'"):
        encode(pl.DataFrame({"a": [b"ab", b"abc", b"a"]}), writer)
