"""Messages for the tests of the columnar execution, and a strict decoder to judge them by.

schema("transaction", 3)
framed(7, body(record, schema("transaction", 3)))
strictly(body, writer)               # {"amount": ...}, or None: not exactly what the schema says
"""

import functools
import io
import json
import struct
from typing import Any

import fastavro

from streamlab.paths import PROJECT
from streamlab.wire import SchemaId, frame

Schema = dict[str, Any]


@functools.cache
def schema(contract: str, version: int) -> Schema:
    text = (PROJECT / "schemas" / contract / f"v{version}.avsc").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@functools.cache
def _parsed(text: str) -> Any:
    return fastavro.parse_schema(json.loads(text), expand=False)


def body(record: dict[str, Any], writer: Schema) -> bytes:
    encoded = io.BytesIO()
    fastavro.schemaless_writer(encoded, _parsed(json.dumps(writer)), record)
    return encoded.getvalue()


def framed(schema_id: int, payload: bytes) -> bytes:
    return frame(SchemaId(schema_id), payload)


class _Broken(Exception):
    pass


class _Bytes:
    """The specification's "Binary encoding", one value after the other, without mercy."""

    def __init__(self, given: bytes) -> None:
        self.given, self.place = given, 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.place + count > len(self.given):
            raise _Broken
        self.place += count
        return self.given[self.place - count : self.place]

    def number(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                if value >= 2**64:
                    break
                return (value >> 1) ^ -(value & 1)
        raise _Broken

    def value(self, kind: Any) -> Any:
        if isinstance(kind, list):
            return self.value(self.one_of(kind))
        if isinstance(kind, dict):
            return self.one_of(kind["symbols"]) if kind["type"] == "enum" else self.value(kind["type"])
        if kind == "null":
            return None
        if kind == "boolean":
            return bool(self.one_of([0, 1], self.take(1)[0]))
        if kind == "double":
            return struct.unpack("<d", self.take(8))[0]
        if kind == "string":
            try:
                return self.take(self.number()).decode()
            except UnicodeDecodeError as error:
                raise _Broken from error
        number = self.number()
        if kind == "int" and not -(2**31) <= number < 2**31:
            raise _Broken
        return number

    def one_of(self, choices: list[Any], index: int | None = None) -> Any:
        index = self.number() if index is None else index
        if not 0 <= index < len(choices):
            raise _Broken
        return choices[index]


def strictly(payload: bytes, writer: Schema) -> dict[str, Any] | None:
    """The record of a body whose every byte is as the writer's schema says, else None."""
    given = _Bytes(payload)
    try:
        record = {field["name"]: given.value(field["type"]) for field in writer["fields"]}
    except _Broken:
        return None
    return record if given.place == len(payload) else None
