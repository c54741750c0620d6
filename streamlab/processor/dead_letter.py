"""A message that cannot be processed, as it is kept: its bytes as they came, and why.

    letter = DeadLetter(Reason.LATE, "older than the watermark by 120 ms", message, schema_id=7)
    letter.headers(now_ms)               # reason, error, topic, partition, offset, schema id, time

Key and value are the original bytes, so that a letter can be put back where it came from without loss.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from confluent_kafka import Message

ATTEMPTS: Final = "dlq.attempts"
"""How often a message was put back; a letter that fails again keeps the count."""


class Reason(StrEnum):
    """Why a message was set aside."""

    LATE = "late"
    NOT_FRAMED = "not framed"
    UNKNOWN_ID = "unknown id"
    UNDECODABLE = "undecodable"
    RULE_BROKEN = "rule broken"
    AHEAD = "ahead of its time"


class Header(StrEnum):
    """The headers of a dead letter. All are text, numbers in decimal."""

    REASON = "dlq.reason"
    ERROR = "dlq.error"
    TOPIC = "dlq.topic"
    PARTITION = "dlq.partition"
    OFFSET = "dlq.offset"
    SCHEMA_ID = "dlq.schema.id"
    TIMESTAMP = "dlq.timestamp"
    AT = "dlq.at"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message and why it was set aside.

    Attributes:
        error: the reason in full, for a person.
        schema_id: of its writer, if it could be read.
    """

    reason: Reason
    error: str
    message: Message
    schema_id: int | None = None

    def headers(self, now_ms: int) -> list[tuple[str, bytes]]:
        """The letter's headers, after those that the message had already (but no older ones of ours)."""
        message = self.message
        own = set(Header)
        kept = [(name, value) for name, value in headers_of(message) if name not in own]
        said = {
            Header.REASON: self.reason,
            Header.ERROR: self.error,
            Header.TOPIC: message.topic(),
            Header.PARTITION: message.partition(),
            Header.OFFSET: message.offset(),
            Header.SCHEMA_ID: "" if self.schema_id is None else self.schema_id,
            Header.TIMESTAMP: message.timestamp()[1],
            Header.AT: now_ms,
        }
        return [*kept, *((str(name), str(value).encode()) for name, value in said.items())]


def headers_of(message: Message) -> list[tuple[str, bytes]]:
    """A message's headers in their order; one without a value has no bytes."""
    given: Any = message.headers() or ()
    return [(name, value.encode() if isinstance(value, str) else value or b"") for name, value in given]


def text_of(message: Message, name: str) -> str:
    """The last header of this name as text; empty if there is none."""
    found = [value for header, value in headers_of(message) if header == name]
    return found[-1].decode("utf-8", "replace") if found else ""
