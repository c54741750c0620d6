"""Task 1: `frame`, the five-byte header in front of a payload.

    task.result(lambda schema_id, payload: schema_id.to_bytes(4, "big") + payload).mistake
    # magic-byte-missing

Expected values are the laws of the format: the first byte is 0, the four bytes after it are the id, most
significant first, and the rest is the payload.
"""

import struct
from collections.abc import Sequence

from streamlab.grading import Attempt
from streamlab.grading.comparing import plain

from ..records import MAX_ID, framed
from ..showing import spaced
from .diagnosis import diagnose

MAGIC = "the magic byte comes first"
ID = "four bytes of id, the most significant first"
PAYLOAD = "the payload follows, unchanged"
OTHER_HEADER = "The message begins with the header of an earlier message, or of the example."

EXAMPLE_ID = 258
"""The id of the example in the task's text."""


def examine(attempt: Attempt) -> None:
    """Ask for messages and hold each against the laws."""
    random = attempt.random
    payload = bytes(random.randint(1, 255) for _ in range(6))
    earlier = [EXAMPLE_ID]
    with attempt.check(MAGIC):
        for schema_id in (random.randint(2, 100), random.randint(2**24, 2**25)):
            _expect(attempt, schema_id, payload, bytes_from_start=1)
            earlier.append(schema_id)
    with attempt.check(ID):
        for schema_id in (1, 255, 256, 65_536, MAX_ID, random.randint(2**24, MAX_ID - 1)):
            _expect(attempt, schema_id, payload, bytes_from_start=5, earlier=earlier)
            earlier.append(schema_id)
    with attempt.check(PAYLOAD):
        edges = (
            b"",
            b"\x00",
            b"\x00\x00\x00\x00\x07",
            b" \n",
            b"\x00" + payload + b"\x00",
            bytes(range(256)),
        )
        for edge in (*edges, random.randbytes(100_000)):
            _expect(attempt, random.randint(2, MAX_ID - 1), edge)
        framed_id = random.randint(2, MAX_ID - 1)
        _expect(attempt, framed_id, framed(framed_id, payload))


def _expect(
    attempt: Attempt,
    schema_id: int,
    payload: bytes,
    bytes_from_start: int | None = None,
    earlier: Sequence[int] = (),
) -> None:
    too_narrow: dict[type[BaseException], str] = {UnicodeError: "payload-changed"}
    if bytes_from_start:
        too_narrow |= dict.fromkeys((ValueError, OverflowError, struct.error), "id-not-four-bytes")
    call = attempt.call(schema_id, payload, when_raises=too_narrow)
    attempt.expect_type(call, bytes)
    message = plain(call.value)
    lawful = framed(schema_id, payload)
    if message[:bytes_from_start] != lawful[:bytes_from_start]:
        mistake = diagnose(schema_id, payload, message, earlier)
        attempt.refuse(
            mistake,
            called=call.shown,
            came=spaced(message),
            expected=spaced(lawful),
            message=OTHER_HEADER if mistake == "hard-coded" else None,
        )
