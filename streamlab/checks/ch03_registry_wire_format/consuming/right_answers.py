"""Right answers to the task `consume` that are written differently from ours."""

# ruff: noqa: BLE001 - these answers do what people do, also where the rules say no

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

import fastavro

from streamlab.wire import unframe

from ..records import (
    Consumed,
    Fetch,
    Pill,
    Record,
    Schema,
)


def step_by_step(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records: list[Record] = []
    pills: list[Pill] = []
    writers: dict[int, Schema] = {}
    for message in messages:
        try:
            schema_id, payload = unframe(message)
        except ValueError as error:
            pills.append((message, f"not framed: {error}"))
            continue
        try:
            writers[schema_id] = writers.get(schema_id) or fetch_schema(schema_id)
        except KeyError:
            pills.append((message, f"unknown schema id {schema_id}"))
            continue
        try:
            record: Any = fastavro.schemaless_reader(BytesIO(payload), writers[schema_id], reader_schema)
        except Exception:
            pills.append((message, "cannot be read"))
            continue
        records.append(record)
    return records, pills


@dataclass
class Outcome:
    message: bytes
    record: Record | None = None
    error: Exception | None = None


def outcomes_first(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    reader, schema_of = fastavro.parse_schema(reader_schema), cache(fetch_schema)

    def outcome(message: bytes) -> Outcome:
        try:
            if message[:1] != b"\x00" or len(message) < 5:
                raise ValueError(message[:5])
            schema = schema_of(int.from_bytes(message[1:5], "big"))
            record: Any = fastavro.schemaless_reader(BytesIO(message[5:]), schema, reader)
            return Outcome(message, record)
        except Exception as error:
            return Outcome(message, error=error)

    outcomes = [outcome(message) for message in messages]
    return (
        [o.record for o in outcomes if o.record is not None],
        [(o.message, repr(o.error)) for o in outcomes if o.error is not None],
    )


class DeadLetter(NamedTuple):
    message: bytes
    reason: str


class Consumer:
    def __call__(self, messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Any:
        self.schemas: dict[int, Any] = {}
        good: list[Record] = []
        dead: list[DeadLetter] = []
        stream = iter(messages)
        while (message := next(stream, None)) is not None:
            stage = "frame"
            try:
                schema_id, payload = unframe(message)
                stage = "schema"
                if schema_id not in self.schemas:
                    self.schemas[schema_id] = fastavro.parse_schema(fetch_schema(schema_id))
                stage = "payload"
                schema = self.schemas[schema_id]
                record: Any = fastavro.schemaless_reader(BytesIO(payload), schema, reader_schema)
                good.append(record)
            except Exception:
                dead.append(DeadLetter(message, stage))
        return good, dead
