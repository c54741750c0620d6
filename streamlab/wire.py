"""The wire format of a registry's clients: one magic byte, a four-byte schema id, the payload.

    >>> frame(SchemaId(7), b"body")
    b'\\x00\\x00\\x00\\x00\\x07body'
    >>> unframe(b"\\x00\\x00\\x00\\x00\\x07body")
    (7, b'body')

Source: Confluent documentation, "Formats, Serializers, and Deserializers", section "Wire format".
The payload of an Avro message is its binary encoding with no schema and no header of its own.
"""

import struct
from typing import NewType

SchemaId = NewType("SchemaId", int)

MAGIC_BYTE = 0
HEADER = struct.Struct(">bI")
"""Magic byte, then the schema id as an unsigned big-endian integer of four bytes."""

MAX_SCHEMA_ID = 2**32 - 1


class NotFramed(ValueError):
    """The bytes are not a framed message; the text says which part is not."""


def frame(schema_id: SchemaId, payload: bytes) -> bytes:
    """Put the five-byte header in front of `payload` (which may be empty).

    Raises:
        ValueError: `schema_id` does not fit in four unsigned bytes.
    """
    if not 0 <= schema_id <= MAX_SCHEMA_ID:
        raise ValueError(f"a schema id is between 0 and {MAX_SCHEMA_ID}, not {schema_id}")
    return HEADER.pack(MAGIC_BYTE, schema_id) + payload


def unframe(message: bytes) -> tuple[SchemaId, bytes]:
    """Split a framed message into its schema id and its payload.

    A message of exactly five bytes is framed: its payload is empty, as the encoding of Avro's `null` is.

    Raises:
        NotFramed: the message is shorter than its header, or starts with another byte than the magic one.
    """
    if len(message) < HEADER.size:
        raise NotFramed(f"{len(message)} bytes are too few for the {HEADER.size}-byte header")
    magic, schema_id = HEADER.unpack_from(message)
    if magic != MAGIC_BYTE:
        raise NotFramed(f"the first byte is 0x{message[0]:02x}, not the magic byte 0x{MAGIC_BYTE:02x}")
    return SchemaId(schema_id), message[HEADER.size :]
