"""Task 2: `unframe`, the header taken off again, and what is not framed refused.

    task.result(lambda message: (int.from_bytes(message[1:5], "big"), message[4:])).mistake
    # off-by-one-payload

Expected values are the numbers and bytes that the messages were put together from.
"""

import struct

from streamlab.grading import Attempt
from streamlab.grading.comparing import is_a, same
from streamlab.grading.showing import error_text, show

from ..records import MAX_ID, framed, swapped

PARTS = "a framed message comes apart into id and payload"
EDGES = "every id and every payload survives"
SHORT = "a message shorter than its header is refused with a reason"
MAGIC = "another first byte is refused with a reason"


def examine(attempt: Attempt) -> None:
    """Take framed messages apart, then offer what is not framed."""
    random = attempt.random
    payload = bytes(random.randint(1, 255) for _ in range(6))
    decimal_looking = int(str(random.randint(10_000_000, 79_999_999)), 16)
    with attempt.check(PARTS):
        for schema_id in (decimal_looking, random.randint(2**24, MAX_ID - 1), random.randint(2, 100)):
            _expect_parts(attempt, schema_id, payload, "refuses-framed-message")
    with attempt.check(EDGES):
        for schema_id in (1, 10, 255, 256, 65_536, MAX_ID):
            _expect_parts(attempt, schema_id, payload)
        for edge in (
            b"",
            b"\x00",
            b"\x00\x00\x00\x00\x07",
            b" \n",
            b"\x00" + payload + b"\x00",
            bytes(range(256)),
        ):
            _expect_parts(attempt, random.randint(2, MAX_ID - 1), edge)
        _expect_parts(attempt, random.randint(2, MAX_ID - 1), random.randbytes(100_000))
        framed_id = random.randint(2**24, MAX_ID - 1)
        _expect_parts(attempt, framed_id, framed(framed_id, payload) * 2)
    with attempt.check(SHORT):
        for length in (3, 2, 1, 0, 4):
            _expect_refusal(attempt, bytes(length), "off-by-one-length" if length == 4 else "length-ignored")
    with attempt.check(MAGIC):
        body = random.randbytes(8)
        for first in (random.randint(2, 255), 1, ord("0"), ord("{"), 255):
            _expect_refusal(attempt, bytes([first]) + body, "magic-byte-ignored")


def _expect_parts(
    attempt: Attempt, schema_id: int, payload: bytes, refusal: str = "refuses-some-bytes"
) -> None:
    message = framed(schema_id, payload)
    refusal = refusal if payload else "refuses-empty-payload"
    call = attempt.call(
        message,
        when_raises={UnicodeError: "refuses-some-bytes", ValueError: refusal, AssertionError: refusal},
    )
    if same(call.value, (schema_id, payload)):
        return
    shown, expected = {"called": call.shown, "came": show(call.value)}, show((schema_id, payload))
    if same(call.value, [schema_id, payload]):
        attempt.refuse("returns-list", **shown, expected=expected)
    attempt.expect_type(call, tuple)
    parts = tuple(tuple.__iter__(call.value))
    if len(parts) == 3 and same(parts[0], 0):
        attempt.refuse("magic-byte-returned", **shown, expected=expected)
    if same(parts, (payload, schema_id)):
        attempt.refuse("parts-swapped", **shown, expected=expected)
    if len(parts) == 2 and same(parts[0], message[1:5]):
        attempt.refuse("id-left-as-bytes", **shown, expected=expected)
    attempt.expect_tuple(call, int, bytes)
    mistake: str | None = "payload-changed"
    if not same(parts[0], schema_id):
        mistake = "little-endian" if same(parts[0], swapped(schema_id)) else "id-read-wrongly"
    elif same(parts[1], message):
        mistake = "five-bytes-left-on"
    elif len(payload) > 1 and any(same(parts[1], message[start:]) for start in (1, 2, 3, 4, 6)):
        mistake = "off-by-one-payload"
    attempt.refuse(mistake, **shown, expected=expected)


def _has_parts_of(value: object, message: bytes) -> bool:
    """Whether the value is what comes of cutting the message as if it were framed."""
    return same(value, (int.from_bytes(message[1:5], "big"), message[5:]))


def _expect_refusal(attempt: Attempt, message: bytes, when_accepted: str) -> None:
    expected = "ValueError with a reason"
    call = attempt.observe(message, expected=expected)
    shown = call.shown
    if call.error is None:
        mistake = when_accepted if _has_parts_of(call.value, message) else "none-instead-of-error"
        attempt.refuse(mistake, called=shown, came=call.came, expected=expected)
    if not is_a(call.error, ValueError):
        escaped = {
            AssertionError: "assert-instead-of-valueerror",
            struct.error: "struct-error-escapes",
            IndexError: "indexes-before-measuring",
        }
        mistake = next(
            (escaped[kind] for kind in escaped if is_a(call.error, kind)), "unexpected-exception-type"
        )
        attempt.refuse(mistake, called=shown, came=call.came, expected=expected)
    text = error_text(call.error)
    if len(text.strip()) < 2:  # in some scripts two characters are a sentence
        came = f"ValueError with the text {text!r}" if text else "ValueError without a text"
        attempt.refuse("reason-empty", called=shown, came=came, expected=expected)
