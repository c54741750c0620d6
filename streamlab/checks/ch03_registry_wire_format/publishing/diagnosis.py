"""Which mistake a message in the topic betrays, or an error of `publish`.

explain_value(value, schema_id, payments)         # "json-body", "framed-twice", ..., or None
explain_key(key, record)                          # "key-missing", ...
explain_error(error, "txn.events.x7f3")           # "topic-ignored" or "raised"
"""

import json
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from streamlab import wire
from streamlab.grading.comparing import same
from streamlab.grading.showing import error_text

from ..records import TRANSACTION_V1, Record, decode, encode

_NO_SUCH_TOPIC = frozenset(
    {
        KafkaError._MSG_TIMED_OUT,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
"""What a producer reports for a topic that does not exist, when topics are not made by themselves."""


def record_of(value: bytes, schema_id: int, payments: list[Record]) -> Record | None:
    """The transaction that a value holds, None when it is not one of those that were given."""
    try:
        came_id, payload = wire.unframe(value)
        record = decode(payload, TRANSACTION_V1)
    except Exception:  # noqa: BLE001 - bytes of any kind: whatever is wrong with them, they are refused
        return None
    given = came_id == schema_id and any(same(record, payment) for payment in payments)
    return record if given else None


def explain_value(value: bytes, schema_id: int, payments: list[Record]) -> str | None:
    """The mistake that a value betrays, None when it betrays none."""
    header = wire.frame(wire.SchemaId(schema_id), b"")
    bodies = [encode(TRANSACTION_V1, payment) for payment in payments]
    if _is_json(value) or _is_json(value[len(header) :]):
        return "json-body"
    if value in bodies:
        return "not-framed"
    if value.startswith(header * 2):
        return "framed-twice"
    if value.startswith(header):
        return "record-changed"
    return "other-schema-id" if value[:1] == b"\x00" and len(value) > len(header) else "not-framed"


def _is_json(text: bytes) -> bool:
    """Whether it is an object or a list in JSON: Python's own notation of a dict is not."""
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def explain_key(key: bytes | None, record: Record) -> str:
    """The mistake that a key betrays which is not the card_id of its record."""
    if not key:
        return "key-missing"
    if key in [str(record[name]).encode() for name in record if name != "card_id"]:
        return "key-by-wrong-field"
    return "key-not-plain" if record["card_id"].encode() in key else "key-not-card-id"


def explain_error(error: Any, topic: str, arrived: int) -> str:
    """The mistake behind an error that a healthy stack gave."""
    text = error_text(error)
    other_subject = "-value" in text and topic not in text
    code = error.args[0].code() if isinstance(error, KafkaException) and error.args else None
    nowhere = arrived == 0 and code in _NO_SUCH_TOPIC
    return "topic-ignored" if other_subject or nowhere else "raised"
