"""What the checks of this lab are made of: schemas, records, and a registry that lives in memory.

    payment = transaction(random, card_id="card_7")             # a record of Transaction v1
    registry = Registry({7: TRANSACTION_V1})
    message = framed(7, encode(TRANSACTION_V1, payment))
    registry.fetch(7); registry.asked                           # the schema; [7]

Everything varies with the `random` that is given, so that no answer can know it beforehand.
"""

import copy
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

import fastavro

from streamlab import contracts

Record = dict[str, Any]
Schema = dict[str, Any]
Fetch = Callable[[int], Schema]
Decode = Callable[[bytes], Record]
Pill = tuple[bytes, str]
Consumed = tuple[list[Record], list[Pill]]
Consume = Callable[[Iterable[bytes], Fetch, Schema], Consumed]

TRANSACTION_V1: Schema = contracts.load("transaction", version=1)
TRANSACTION_V2: Schema = contracts.load("transaction", version=2)

TRANSACTION_V1_TEXT = json.dumps(TRANSACTION_V1)
"""The contract as a registry takes it."""

CLICK: Schema = {
    "type": "record",
    "name": "Click",
    "namespace": "com.streamingfs.events",
    "fields": [
        {"name": "user_id", "type": "string"},
        {"name": "page", "type": "string"},
        {"name": "dwell_ms", "type": "long"},
    ],
}

HEARTBEAT: Schema = {
    "type": "record",
    "name": "Heartbeat",
    "namespace": "com.streamingfs.events",
    "fields": [],
}
"""A record without fields: its payload is empty, and its message has exactly five bytes."""

MAX_ID = 2**31 - 1
"""The largest id that the registries in use give out: a positive signed integer of four bytes."""


class Registry:
    """Schemas by id, and a record of every question.

    `fetch` is a plain function, so that a copy of it still counts here.

    `failures` is the number of questions, from now on, that are met by a `ConnectionError`.

    Args:
        schemas: what it knows; every answer is a copy.
        when_asked: sees each question before it is answered.
    """

    def __init__(
        self, schemas: dict[int, Schema], when_asked: Callable[[object], None] | None = None
    ) -> None:
        self.asked: list[object] = []
        self.failures = 0

        def fetch_schema(schema_id: int) -> Schema:
            self.asked.append(schema_id)
            if when_asked is not None:
                when_asked(schema_id)
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the registry did not answer")
            if type(schema_id) in (bool, float) or schema_id not in schemas:
                raise KeyError(f"no schema has the id {schema_id!r}")
            return copy.deepcopy(schemas[schema_id])

        self.fetch: Callable[[int], Schema] = fetch_schema


def subject_of(topic: str) -> str:
    """The subject of a topic's values under the usual naming strategy."""
    return f"{topic}-value"


def encode(schema: Schema, record: Record) -> bytes:
    """The Avro binary encoding of a record: no header, no schema."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema, record)
    return body.getvalue()


def decode(payload: bytes, writer: Schema, reader: Schema | None = None) -> Record:
    """The record of an Avro binary encoding, in the reader's schema if one is given."""
    record: Any = fastavro.schemaless_reader(io.BytesIO(payload), writer, reader)
    return cast(Record, record)


def framed(schema_id: int, payload: bytes) -> bytes:
    """A framed message, put together by its definition."""
    return b"\x00" + schema_id.to_bytes(4, "big") + payload


def schema_ids(random: Random, count: int) -> list[int]:
    """Different ids of every width, none of them the same when its bytes are read from the wrong end."""
    ids: list[int] = []
    while len(ids) < count:
        bits = random.choice((8, 16, 24, 31))
        candidate = random.randint(2 ** (bits - 8) + 1, 2**bits - 1)
        taken = {one for known in ids for one in (known, swapped(known))}
        if not {candidate, swapped(candidate)} & taken and candidate != swapped(candidate):
            ids.append(candidate)
    return ids


_used: set[int] = set()


def unused_id(random: Random) -> int:
    """A large id that no check of this process has used, so that no answer remembers it from an earlier."""
    candidate = random.randint(2**24, MAX_ID)
    while candidate in _used or candidate == swapped(candidate):
        candidate = random.randint(2**24, MAX_ID)
    _used.add(candidate)
    return candidate


def swapped(schema_id: int) -> int:
    """The number that the four bytes of an id mean when they are read from the wrong end."""
    return int.from_bytes(schema_id.to_bytes(4, "big"), "little")


def transaction(random: Random, **given: Any) -> Record:
    """A record of Transaction v1; the fields given win."""
    return {
        "txn_id": f"txn_{random.getrandbits(40):010x}",
        "card_id": f"card_{random.randint(1000, 9999)}",
        "user_id": f"user_{random.randint(1000, 9999)}",
        "amount": random.randint(1, 500_000) / 100,
        "currency": random.choice(("USD", "EUR", "GBP")),
        "event_time": datetime(2026, 11, 20, tzinfo=UTC)
        + timedelta(milliseconds=random.randrange(86_400_000)),
        **given,
    }


def transaction_v2(random: Random, **given: Any) -> Record:
    """A record of Transaction v2, with a currency that v1 knows too; the fields given win."""
    return {
        **transaction(random),
        "merchant_id": f"shop_{random.randint(100, 999)}",
        "risk_score": random.randint(1, 99) / 100,
        **given,
    }


def click(random: Random) -> Record:
    """A record of `CLICK`."""
    return {
        "user_id": f"user_{random.randint(1000, 9999)}",
        "page": f"/product/{random.randint(1, 999)}",
        "dwell_ms": random.randint(1, 60_000),
    }
