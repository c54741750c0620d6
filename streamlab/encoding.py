"""Events to messages: the Avro body behind the registry's header.

    encode = framed(contracts.load("transaction", 3), SchemaId(7))
    producer.produce("txn.events", encode(event), key=...)

The id comes from whoever has registered the schema, or found it registered; nothing is registered here.

Times are integer milliseconds everywhere in the course; `plain` is how fastavro is told so.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

import fastavro

from streamlab.wire import SchemaId, frame

Encode = Callable[[Mapping[str, Any]], bytes]


def framed(schema: Any, schema_id: SchemaId) -> Encode:
    """How records of this schema become messages with this id; one that does not fit raises."""
    header = frame(schema_id, b"")
    parsed = fastavro.parse_schema(plain(schema))
    new, write = io.BytesIO, fastavro.schemaless_writer

    def encode(record: Mapping[str, Any]) -> bytes:
        stream = new()
        stream.write(header)
        write(stream, parsed, record)
        return stream.getvalue()

    return encode


def plain(schema: Any) -> Any:
    """The schema without what encoding and decoding do not need: docs, and the logical type timestamp-millis.

    Such a time is then its integer for fastavro. Other logical types stay: a time in microseconds must not be
    taken for one in milliseconds. Defaults are data, and stay as they are.
    """
    if isinstance(schema, dict):
        left = {
            key: value if key == "default" else plain(value) for key, value in schema.items() if key != "doc"
        }
        if left.get("logicalType") == "timestamp-millis":
            del left["logicalType"]
        return left
    if isinstance(schema, list):
        return [plain(branch) for branch in schema]
    return schema
