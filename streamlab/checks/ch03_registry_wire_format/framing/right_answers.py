"""Right answers to the task `frame` that are written differently from ours."""

import struct
from io import BytesIO


def packed(schema_id: int, payload: bytes) -> bytes:
    return struct.pack(">bI", 0, schema_id) + payload


def five_bytes_at_once(schema_id: int, payload: bytes) -> bytes:
    return schema_id.to_bytes(5, byteorder="big") + payload


def grown(schema_id: int, payload: bytes) -> bytes:
    message = bytearray(1)
    for shift in (24, 16, 8, 0):
        message.append(schema_id >> shift & 0xFF)
    message.extend(payload)
    return bytes(message)


def from_hexadecimal(schema_id: int, payload: bytes) -> bytes:
    return b"".join((bytes.fromhex(f"00{schema_id:08x}"), payload))


def written(schema_id: int, payload: bytes) -> bytes:
    out = BytesIO()
    out.write(bytes([0]))
    out.write(schema_id.to_bytes(4))
    out.write(payload)
    return out.getvalue()


class Framer:
    header = struct.Struct("!BL")

    def __call__(self, schema_id: int, payload: bytes) -> bytes:
        if schema_id <= 0:
            raise ValueError(schema_id)
        return self.header.pack(0, schema_id) + payload
