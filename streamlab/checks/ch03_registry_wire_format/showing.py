"""Short texts for evidence.

spaced(b"\\x00\\x00\\x00\\x01\\x02body")        # "00 00 00 01 02 62 6f 64 79"
"""

SHOWN_BYTES = 16


def spaced(message: bytes) -> str:
    """Bytes in hexadecimal with spaces; the middle of a long message is left out."""
    if not message:
        return "no bytes"
    if len(message) <= SHOWN_BYTES:
        return message.hex(" ")
    return f"{message[: SHOWN_BYTES - 4].hex(' ')} … {message[-2:].hex(' ')} ({len(message)} bytes)"
