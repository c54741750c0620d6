"""Wrong answers that people give to the task `frame`; `catalogue` says by what each is refused."""

# ruff: noqa: ARG001, B006 - these answers do what people do, also where the rules say no

import json
import struct
from typing import Any


def little_endian(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "little") + payload


def packed_like_a_c_struct(schema_id: int, payload: bytes) -> bytes:
    return struct.pack("bI", 0, schema_id) + payload


def packed_little(schema_id: int, payload: bytes) -> bytes:
    return struct.pack("<bI", 0, schema_id) + payload


def no_magic_byte(schema_id: int, payload: bytes) -> bytes:
    return schema_id.to_bytes(4, "big") + payload


def magic_character(schema_id: int, payload: bytes) -> bytes:
    return b"0" + schema_id.to_bytes(4, "big") + payload


def magic_one(schema_id: int, payload: bytes) -> bytes:
    return struct.pack(">bI", 1, schema_id) + payload


def id_in_decimal(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + f"{schema_id:04d}".encode() + payload


def id_in_hexadecimal(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + f"{schema_id:08x}".encode() + payload


def id_in_one_byte(schema_id: int, payload: bytes) -> bytes:
    return bytes([0, 0, 0, 0, schema_id % 256]) + payload


def id_that_must_fit_one_byte(schema_id: int, payload: bytes) -> bytes:
    return bytes([0, 0, 0, 0, schema_id]) + payload


def id_in_two_bytes(schema_id: int, payload: bytes) -> bytes:
    return struct.pack(">bH", 0, schema_id & 0xFFFF) + payload


def id_in_eight_bytes(schema_id: int, payload: bytes) -> bytes:
    return struct.pack(">bQ", 0, schema_id) + payload


def id_as_short_as_possible(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes((schema_id.bit_length() + 7) // 8, "big") + payload


def header_behind(schema_id: int, payload: bytes) -> bytes:
    return payload + b"\x00" + schema_id.to_bytes(4, "big")


def payload_cleaned(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + payload.strip(b"\x00")


def payload_as_text(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + payload.hex().encode()


def payload_as_json(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + json.dumps(payload.decode("latin-1")).encode()


def payload_with_length(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + len(payload).to_bytes(4, "big") + payload


def header_of_the_example(schema_id: int, payload: bytes) -> bytes:
    return b"\x00\x00\x00\x01\x02" + payload


def id_as_avro_writes(schema_id: int, payload: bytes) -> bytes:
    left, varint = schema_id << 1, b""
    while left > 0x7F:
        varint += bytes([left & 0x7F | 0x80])
        left >>= 7
    return b"\x00" + varint + bytes([left]) + payload


def id_in_three_bytes(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + (schema_id & 0xFFFFFF).to_bytes(3, "big") + payload


def bytes_of_a_number(schema_id: int, payload: bytes) -> bytes:
    return bytes(1) + bytes(schema_id) + payload


def framed_left_alone(schema_id: int, payload: bytes) -> bytes:
    header = b"\x00" + schema_id.to_bytes(4, "big")
    return payload if payload.startswith(header) else header + payload


def magic_in_raw_text(schema_id: int, payload: bytes) -> bytes:
    return rb"\x00" + schema_id.to_bytes(4, "big") + payload


def magic_behind_the_id(schema_id: int, payload: bytes) -> bytes:
    return struct.pack(">IB", schema_id, 0) + payload


def five_bytes_backwards(schema_id: int, payload: bytes) -> bytes:
    return schema_id.to_bytes(5, "little") + payload


def framed_by_its_look(schema_id: int, payload: bytes) -> bytes:
    if payload[:1] == b"\x00":
        return payload
    return b"\x00" + schema_id.to_bytes(4, "big") + payload


def nothing_for_nothing(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + payload if payload else b""


def payload_decoded(schema_id: int, payload: bytes) -> bytes:
    text = payload.decode()
    return b"\x00" + schema_id.to_bytes(4, "big") + text.encode()


def all_in_hexadecimal(schema_id: int, payload: bytes) -> bytes:
    return f"00{schema_id:08x}{payload.hex()}".encode()


def kept_by_payload(schema_id: int, payload: bytes, kept: dict[bytes, bytes] = {}) -> bytes:
    return kept.setdefault(payload, b"\x00" + schema_id.to_bytes(4, "big") + payload)


def one_less(schema_id: int, payload: bytes) -> bytes:
    return b"\x00" + (schema_id - 1).to_bytes(4, "big") + payload


class EqualToAll(bytes):
    """Bytes that claim to equal any others, whole or in part."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __getitem__(self, place: Any) -> Any:
        return self

    __hash__ = bytes.__hash__


def equal_to_all(schema_id: int, payload: bytes) -> bytes:
    return EqualToAll(payload[::-1])
