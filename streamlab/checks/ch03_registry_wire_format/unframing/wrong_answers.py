"""Wrong answers that people give to the task `unframe`; `catalogue` says by what each is refused."""

import re
import struct
from typing import Any


def refusing(message: bytes) -> None:
    """What the wrong answers below that refuse rightly have in common."""
    if len(message) < 5:
        raise ValueError(f"only {len(message)} bytes")
    if message[0] != 0:
        raise ValueError(f"magic byte {message[0]}")


def little_endian(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "little"), message[5:]


def whole_message(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message


def payload_from_four(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message[4:]


def payload_from_six(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message[6:]


def zeros_stripped(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message[5:].strip(b"\x00")


def last_byte_of_the_id(message: bytes) -> Any:
    refusing(message)
    return message[4], message[5:]


def id_from_hexadecimal_as_decimal(message: bytes) -> Any:
    refusing(message)
    return int(message[1:5].hex()), message[5:]


def id_as_bytes(message: bytes) -> Any:
    refusing(message)
    return message[1:5], message[5:]


def parts_swapped(message: bytes) -> Any:
    refusing(message)
    return message[5:], int.from_bytes(message[1:5], "big")


def listed(message: bytes) -> Any:
    refusing(message)
    return [int.from_bytes(message[1:5], "big"), message[5:]]


def three_parts(message: bytes) -> Any:
    refusing(message)
    return (*struct.unpack(">bI", message[:5]), message[5:])


def int_against_bytes(message: bytes) -> Any:
    if len(message) < 5 or message[0] != b"\x00":  # type: ignore[comparison-overlap]
        raise ValueError("not framed")
    return int.from_bytes(message[1:5], "big"), message[5:]


def five_is_too_short(message: bytes) -> Any:
    if len(message) <= 5 or message[0] != 0:
        raise ValueError("not framed")
    return int.from_bytes(message[1:5], "big"), message[5:]


def unmeasured(message: bytes) -> Any:
    if message[:1] not in (b"", b"\x00"):
        raise ValueError("magic byte")
    return int.from_bytes(message[1:5], "big"), message[5:]


def four_is_enough(message: bytes) -> Any:
    if len(message) < 4 or message[0] != 0:
        raise ValueError("not framed")
    return int.from_bytes(message[1:5], "big"), message[5:]


def any_magic_byte(message: bytes) -> Any:
    if len(message) < 5:
        raise ValueError("too short")
    return int.from_bytes(message[1:5], "big"), message[5:]


def none_for_bad(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        return None
    return int.from_bytes(message[1:5], "big"), message[5:]


def nones_for_bad(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        return None, b""
    return int.from_bytes(message[1:5], "big"), message[5:]


def asserting(message: bytes) -> Any:
    assert len(message) >= 5, "too short"
    assert message[0] == 0, "wrong magic byte"
    return int.from_bytes(message[1:5], "big"), message[5:]


def struct_alone(message: bytes) -> Any:
    magic, schema_id = struct.unpack(">bI", message[:5])
    if magic != 0:
        raise ValueError(f"magic byte {magic}")
    return schema_id, message[5:]


def first_byte_first(message: bytes) -> Any:
    if message[0] != 0:
        raise ValueError(f"magic byte {message[0]}")
    if len(message) < 5:
        raise ValueError("too short")
    return int.from_bytes(message[1:5], "big"), message[5:]


def without_reason(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        raise ValueError
    return int.from_bytes(message[1:5], "big"), message[5:]


def header_replaced(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message.replace(message[:5], b"")


def split_at_the_id(message: bytes) -> Any:
    refusing(message)
    return int.from_bytes(message[1:5], "big"), message.split(message[:5])[1]


def matching_lines(message: bytes) -> Any:
    parts = re.fullmatch(rb"\x00(.{4})(.*)", message)
    if parts is None:
        raise ValueError("not framed")
    return int.from_bytes(parts[1], "big"), parts[2]


def false_for_bad(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        return False
    return int.from_bytes(message[1:5], "big"), message[5:]


def minus_one_for_bad(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        return -1, b""
    return int.from_bytes(message[1:5], "big"), message[5:]


def one_letter_as_reason(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        raise ValueError("x")
    return int.from_bytes(message[1:5], "big"), message[5:]


def leaving_the_program(message: bytes) -> Any:
    if len(message) < 5 or message[0] != 0:
        raise SystemExit("not framed")
    return int.from_bytes(message[1:5], "big"), message[5:]
