"""Right answers to the task `unframe` that are written differently from ours."""

import struct
from io import BytesIO
from typing import NamedTuple


def unpacked_from(message: bytes) -> tuple[int, bytes]:
    try:
        magic, schema_id = struct.unpack_from(">bi", message)
    except struct.error as error:
        raise ValueError(f"too short: {len(message)} bytes") from error
    if magic:
        raise ValueError(f"not the magic byte: {magic}")
    return schema_id, message[5:]


class Framed(NamedTuple):
    schema_id: int
    payload: bytes


class NotFramedError(ValueError):
    def __str__(self) -> str:
        return "this message is not framed"


def named_parts(message: bytes) -> Framed:
    if not (len(message) >= 5 and message.startswith(b"\x00")):
        raise NotFramedError
    return Framed(int(message[1:5].hex(), 16), message[5:])


def read_as_a_stream(message: bytes) -> tuple[int, bytes]:
    stream = BytesIO(message)
    header = stream.read(5)
    if len(header) != 5:
        raise ValueError("header", header)
    first, *rest = header
    if first:
        raise ValueError(f"{first=}")
    return sum(byte << shift for byte, shift in zip(rest, (24, 16, 8, 0), strict=True)), stream.read()


def through_a_view(message: bytes) -> tuple[int, bytes]:
    view = memoryview(message)
    match view[:1].tobytes():
        case b"\x00" if len(view) > 4:
            return int.from_bytes(view[:5]), bytes(view[5:])
        case _:
            raise ValueError(f"cannot read {message[:5]!r}")
