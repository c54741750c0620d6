"""Task 4: `publish`, on the live stack: a registered contract, a key, and nothing lost.

    task.result(lambda transactions, topic: None).mistake           # flush-forgotten: nothing arrived

The check does the pipeline's work (topic, registration), calls the answer, and reads the topic back. What it
expects are the transactions that it gave.
"""

import time
import types
import zlib

from confluent_kafka import Message
from confluent_kafka.schema_registry import SchemaRegistryClient

from streamlab.grading import Attempt, Call
from streamlab.grading.comparing import is_a
from streamlab.grading.showing import show

from ..records import Record, transaction
from .diagnosis import explain_error, explain_key, explain_value, record_of
from .pipeline import PARTITIONS, SMALL_BYTES, Topics, hesitating, prepared, refusing
from .reading import Reading

ARRIVES = "every transaction is in the topic when the function returns"
VALUES = "each value is a framed message, written with the registered contract"
KEYS = "each key is the card_id"
EMPTY = "an empty list is fine"
REFUSED = "a message that the broker refuses makes it raise"
UNREGISTERED = "an unregistered contract makes it raise, and stays unregistered"

REFUSED_RAISES = "an exception: the broker refused a message"
WITHIN_SECONDS = 12.0


def examine(attempt: Attempt) -> None:
    """Prepare as the pipeline does, publish, read back; then take the room away, then the contract."""
    with prepared(attempt.stack) as topics, Reading(attempt.stack, topics.admin, topics.usual) as reading:
        _examine_delivery(attempt, topics, reading)
        with attempt.check(REFUSED):
            _examine_refused(attempt, topics.small, reading)
        with attempt.check(UNREGISTERED):
            _examine_unregistered(attempt, topics.unregistered, topics.registry, reading)


def _examine_delivery(attempt: Attempt, topics: Topics, reading: Reading) -> None:
    random = attempt.random
    cards = [f"card_{number}" for number in random.sample(range(1000, 10_000), 5)]
    payments = [transaction(random, card_id=random.choice(cards)) for _ in range(30)]
    with attempt.check(ARRIVES):
        messages = _published(attempt, payments, topics.usual, reading)
    with attempt.check(VALUES):
        records = [_expect_value(attempt, message, topics.schema_id, payments) for message in messages]
        _expect_all(attempt, records, payments)
    with attempt.check(KEYS):
        for message, record in zip(messages, records, strict=True):
            _expect_key(attempt, message, record)
    with attempt.check(EMPTY):
        attempt.call([], topics.usual, within_seconds=WITHIN_SECONDS)


def _publish(
    attempt: Attempt, payments: list[Record], topic: str, what: str, expected: str = "no error"
) -> Call:
    shown = f"{attempt.answer_name}({what}, topic)"
    call = attempt.observe(payments, topic, shown=shown, within_seconds=WITHIN_SECONDS, expected=expected)
    if is_a(call.value, types.GeneratorType):
        attempt.refuse("returned-generator", called=call.shown, came="a generator", expected="None")
    return call


def _published(attempt: Attempt, payments: list[Record], topic: str, reading: Reading) -> list[Message]:
    """What the topic holds at the moment when the answer returns: a message for each payment."""
    reading.count(topic)
    with hesitating(attempt.stack):
        call = _publish(attempt, payments, topic, f"{len(payments)} transactions")
        at_return = reading.count(topic)
    if call.error is not None:
        attempt.refuse(
            explain_error(call.error, topic, at_return),
            called=call.shown,
            came=call.came,
            expected="no error: the contract is registered and the topic is there",
        )
    messages = reading.messages(at_least=len(payments) if at_return >= len(payments) else 0)
    if at_return < len(payments) or len(messages) < len(payments):
        mistake, arrived = _explain_missing(at_return, len(messages), len(payments), topic, reading)
        attempt.refuse(
            mistake,
            called=call.shown,
            came=f"{arrived} messages in the topic",
            expected=f"{len(payments)} messages in the topic",
        )
    return messages


def _explain_missing(
    at_return: int, readable: int, wanted: int, topic: str, reading: Reading
) -> tuple[str, int]:
    """The mistake, and how many messages had arrived."""
    if readable == 0 and at_return >= wanted:
        return "transaction-left-open", 0
    arrived = min(at_return, readable)
    if at_return == 0:
        return "flush-forgotten", arrived
    time.sleep(0.5)
    return ("flush-forgotten" if reading.count(topic) > at_return else "not-all-sent"), arrived


def _expect_value(attempt: Attempt, message: Message, schema_id: int, payments: list[Record]) -> Record:
    value = message.value() or b""
    record = record_of(value, schema_id, payments)
    if record is None:
        attempt.refuse(
            explain_value(value, schema_id, payments),
            called=f"{attempt.answer_name}({len(payments)} transactions, topic)",
            came=f"a value {show(value, 120)}",
            expected=f"a framed message with schema id {schema_id} and one of the transactions",
        )
    return record


def _expect_all(attempt: Attempt, records: list[Record], payments: list[Record]) -> None:
    ids = [record["txn_id"] for record in records]
    missing = [payment["txn_id"] for payment in payments if payment["txn_id"] not in ids]
    if missing or len(ids) > len(payments):
        none = f", but none with the txn_id {missing[0]}" if missing else ""
        attempt.refuse(
            "sent-twice",
            called=f"{attempt.answer_name}({len(payments)} transactions, topic)",
            came=f"{len(records)} messages{none}",
            expected=f"{len(payments)} messages: each transaction once",
        )


def _expect_key(attempt: Attempt, message: Message, record: Record) -> None:
    key, card_id = message.key(), record["card_id"].encode()
    if key != card_id:
        attempt.refuse(
            explain_key(key, record),
            called=f"{attempt.answer_name}(transactions, topic)",
            came=f"the key {show(key)} for the card {record['card_id']}",
            expected=f"the key {show(card_id)}",
        )


def _examine_refused(attempt: Attempt, topic: str, reading: Reading) -> None:
    """One message of three is too large; its report is the first of all reports once, and the last once."""
    for big_at in (0, PARTITIONS - 1):
        payments = [_payment_for(attempt, partition, partition == big_at) for partition in range(PARTITIONS)]
        before = reading.count(topic)
        with refusing(attempt.stack, big_at):
            what = "[3 transactions, one larger than the topic allows]"
            call = _publish(attempt, payments, topic, what, REFUSED_RAISES)
        arrived = reading.count(topic) - before  # a broker that died made it raise as well, and is found here
        if call.error is None:
            attempt.refuse(
                "swallowed-delivery-error",
                called=call.shown,
                came=f"no error, and {arrived} of 3 messages in the topic",
                expected=REFUSED_RAISES,
            )


def _payment_for(attempt: Attempt, partition: int, is_big: bool) -> Record:
    """A transaction whose key the client's partitioner sends to the partition."""
    random = attempt.random
    user_id = random.randbytes(4 * SMALL_BYTES).hex() if is_big else "user_1"
    payment = transaction(random, user_id=user_id)
    while zlib.crc32(payment["card_id"].encode()) % PARTITIONS != partition:
        payment["card_id"] = f"card_{random.randint(1000, 9999)}"
    return payment


def _examine_unregistered(
    attempt: Attempt, topic: str, registry: SchemaRegistryClient, reading: Reading
) -> None:
    expected = "an exception, and no new subject"
    call = _publish(attempt, [transaction(attempt.random)], topic, "[transaction]", expected)
    registered = [subject for subject in registry.get_subjects() if topic in subject]
    if registered:
        attempt.refuse(
            "auto-registration-on", called=call.shown, came="a new subject in the registry", expected=expected
        )
    arrived = reading.count(topic)
    if call.error is None:
        attempt.refuse(
            "registry-not-asked" if arrived else "swallowed-registry-error",
            called=call.shown,
            came=f"no error, and {arrived} messages in the topic",
            expected=expected,
        )
