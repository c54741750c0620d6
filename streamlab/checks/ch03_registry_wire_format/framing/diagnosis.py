"""Which mistake a message betrays that `frame` made wrongly.

diagnose(7, b"body", b"\\x07\\x00\\x00\\x00body")        # "little-endian"
"""

import struct


def diagnose(schema_id: int, payload: bytes, message: bytes) -> str | None:
    """The id of the mistake that explains `message`, None when none does."""
    big = schema_id.to_bytes(4, "big")
    little = big[::-1]
    if message[:5] == b"\x00" + big:
        return "payload-changed"
    if payload and message in (payload + b"\x00" + big, payload + big, payload + b"\x00" + little):
        return "header-behind-payload"
    if not message.endswith(payload):
        return None
    header = message[: len(message) - len(payload)]
    texts = (str(schema_id).encode(), f"{schema_id:x}".encode())
    explanations = {
        "magic-byte-missing": header == big and big[0] != 0,
        "wrong-magic-byte": header[:1] != b"\x00" and header[1:].endswith(big),
        "little-endian": header in (little, b"\x00" + little),
        "native-layout": header == struct.pack("@bI", 0, schema_id),
        "id-as-text": any(text in header.lower() for text in texts),
        "id-not-four-bytes": len(header) != 5 or header[1:4] == bytes(3),
    }
    return next((mistake for mistake, explains in explanations.items() if explains), None)
