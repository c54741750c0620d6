"""Which mistake a message betrays that `frame` made wrongly.

diagnose(7, b"body", b"\\x07\\x00\\x00\\x00body")        # "little-endian"
"""

import struct
from collections.abc import Sequence

from ..records import framed


def diagnose(schema_id: int, payload: bytes, message: bytes, earlier: Sequence[int] = ()) -> str | None:
    """The id of the mistake that explains `message`, None when none does.

    Args:
        earlier: the ids of earlier messages and of the example in the task's text.
    """
    big = schema_id.to_bytes(4, "big")
    little = big[::-1]
    if message[:5] == b"\x00" + big:
        return "payload-changed"
    if message == payload:
        return "no-header"
    if payload and message in (payload + b"\x00" + big, payload + big, payload + b"\x00" + little):
        return "header-behind-payload"
    if message == (b"\x00" + big + payload).hex().encode():
        return "id-as-text"
    if any(message[:5] == framed(other, b"") for other in earlier if other != schema_id):
        return "hard-coded"
    if not message.endswith(payload):
        return None
    header = message[: len(message) - len(payload)]
    texts = [prefix + text for prefix in (b"", b"\x00") for text in _texts(schema_id)]
    explanations = {
        "magic-byte-missing": header == big and big[0] != 0,
        "magic-byte-behind-id": big[0] != 0 and header == big + b"\x00",
        "wrong-magic-byte": header[:1] != b"\x00" and header[1:].endswith(big),
        "little-endian": header in (little, b"\x00" + little, little + b"\x00"),
        "native-layout": header == struct.pack("@bI", 0, schema_id),
        "id-as-text": header in texts,
        "id-not-four-bytes": header[:1] == b"\x00" and _is_of_another_width(header[1:], schema_id),
    }
    return next((mistake for mistake, explains in explanations.items() if explains), None)


def _texts(schema_id: int) -> list[bytes]:
    """The id as people write it: in decimal or hexadecimal digits, filled up or not."""
    digits = (str(schema_id), f"{schema_id:x}", f"{schema_id:X}", f"{schema_id:#x}", f"{schema_id:#010x}")
    return [f"{text:{fill}>{width}}".encode() for text in digits for fill in "0 " for width in (0, 4, 8, 10)]


def _is_of_another_width(part: bytes, schema_id: int) -> bool:
    """Whether the bytes are the id in fewer or more bytes than four, or so many of its low bytes."""
    if len(part) != 4:
        return len(part) < 4 or schema_id in (int.from_bytes(part, "big"), int.from_bytes(part, "little"))
    return any(int.from_bytes(part, "big") == schema_id % 256**width != schema_id for width in (1, 2, 3))
