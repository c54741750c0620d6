"""A framed Avro message taken apart: which bytes belong to which field, and what they say.

    parts = dissect(frame(SchemaId(7), body), schema)
    print(parts)                                  # a table: position, bytes, part, meaning
    parts["amount"].data                          # b"\\x00\\x00\\x00\\x00\\x00\\x50\\x60\\x40"
    plots.message_bytes(parts)                    # the same as a picture

fastavro reads the fields, one after the other; the parts are where it stopped. Source of the layout: Avro
specification 1.12, "Binary encoding"; the five bytes in front are `streamlab.wire`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import accumulate
from typing import Any, cast

from fastavro import schemaless_reader
from fastavro.schema import expand_schema

from streamlab.wire import HEADER, unframe

BYTES_A_LINE = 8


@dataclass(frozen=True)
class Part:
    """A run of bytes with one meaning.

    Args:
        name: the field's name; "magic byte" or "schema id" in the header.
        data: the bytes.
        meaning: what they say, as text.
        length_bytes: how many of them, at the start, only say how long the rest is.
        is_header: the part is framing and not Avro.
        is_hidden: the bytes differ from run to run, so they are shown as `··`.
    """

    name: str
    data: bytes
    meaning: str
    length_bytes: int = 0
    is_header: bool = False
    is_hidden: bool = False

    def hex_bytes(self) -> list[str]:
        """Each byte as it is shown: two hexadecimal digits, or `··`."""
        return ["··" if self.is_hidden else f"{byte:02x}" for byte in self.data]


@dataclass(frozen=True)
class Dissection:
    """All parts of a message, in order; together they are the message."""

    parts: tuple[Part, ...]

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts)

    def __getitem__(self, name: str) -> Part:
        """The part of that name.

        Raises:
            KeyError: the message has no such part; the text says which it has.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(f"{name!r} is not one of {[part.name for part in self.parts]}")

    @property
    def message(self) -> bytes:
        """The bytes that were taken apart."""
        return b"".join(part.data for part in self.parts)

    def __str__(self) -> str:
        width = max(len(part.name) for part in self.parts)
        starts = accumulate((len(part.data) for part in self.parts), initial=0)
        lines = [f"{'at':>4}  {'bytes':<{BYTES_A_LINE * 3 - 1}}  {'part':<{width}}  meaning"]
        for at, part in zip(starts, self.parts, strict=False):
            shown = part.hex_bytes()
            rows = [" ".join(shown[i : i + BYTES_A_LINE]) for i in range(0, len(shown), BYTES_A_LINE)]
            first, *more = rows or [""]
            lines.append(f"{at:>4}  {first:<{BYTES_A_LINE * 3 - 1}}  {part.name:<{width}}  {part.meaning}")
            lines += [f"{'':>4}  {row}" for row in more]
        return "\n".join(lines)

    __repr__ = __str__


def dissect(message: bytes, schema: dict[str, Any], *, hide_schema_id: bool = False) -> Dissection:
    """The parts of a framed message whose payload was written with `schema`, a record.

    Args:
        message: magic byte, schema id, Avro body.
        schema: the writer's schema; its type must be a record.
        hide_schema_id: show the id as `··`, because another registry gives another one.

    Raises:
        NotFramed: the message has no header.
        ValueError: the body is longer than the schema's fields; a shorter one raises what fastavro raises.
    """
    schema_id, body = unframe(message)
    id_meaning = "given by the registry" if hide_schema_id else str(schema_id)
    parts = [
        Part("magic byte", message[:1], "framing version 0", is_header=True),
        Part("schema id", message[1 : HEADER.size], id_meaning, is_header=True, is_hidden=hide_schema_id),
    ]
    stream = BytesIO(body)
    fields: list[dict[str, Any]] = cast(dict[str, Any], expand_schema(schema))["fields"]
    for field in fields:
        start = stream.tell()
        value = schemaless_reader(stream, field["type"], None)
        data = body[start : stream.tell()]
        parts.append(_part(field, data, value))
    if left := len(body) - stream.tell():
        raise ValueError(f"{left} bytes are left over: the body was not written with this schema")
    return Dissection(tuple(parts))


def _part(field: dict[str, Any], data: bytes, value: Any) -> Part:
    kind = field["type"]["type"] if isinstance(field["type"], dict) else field["type"]
    meaning, length_bytes = str(value), 0
    if kind in ("string", "bytes"):
        content = value.encode() if kind == "string" else value
        length_bytes = len(data) - len(content)
        meaning = f"length {len(content)}, then {value!r}"
    elif kind == "enum":
        meaning = f"symbol number {field['type']['symbols'].index(value)}: {value}"
    elif isinstance(value, datetime):
        meaning = value.isoformat(timespec="milliseconds")
    return Part(field["name"], data, meaning, length_bytes)
