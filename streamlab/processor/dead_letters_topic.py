"""The topics of dead letters: looking at them, and putting messages back where they came from.

    for letter in letters(stack, "dlq.txn.events"): ...          # Letter(reason="late", topic=…, offset=…)
    replayable(stack, "dlq.txn.events", reasons, target="")          # {"undecodable": 12}: not done yet
    replay(stack, "dlq.txn.events", reasons, target="")              # {"undecodable": 12}: done

What was put back already is not put back again: for each reason and target a consumer group of its own keeps
how far it came, and its offsets are committed in the transaction that puts the messages back (KIP-98).
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.dead_letter import ATTEMPTS, Header, Reason, headers_of, text_of
from streamlab.processor.settings import DEAD_LETTER_PREFIX
from streamlab.stack import Capability, Stack, StackUnavailable

BATCH: Final = 1_000
QUIET_SECONDS: Final = 10.0
REQUEST_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Letter:
    """A dead letter as it was kept; what a header did not say is empty, or None."""

    reason: str
    error: str
    topic: str
    partition: int | None
    offset: int | None
    schema_id: int | None
    at_ms: int | None
    attempts: int
    key: bytes | None
    value: bytes | None

    @classmethod
    def of(cls, message: Message) -> "Letter":
        """Read the headers."""

        def number(name: str) -> int | None:
            text = text_of(message, name)
            return int(text) if text.lstrip("-").isdigit() else None

        return cls(
            reason=text_of(message, Header.REASON),
            error=text_of(message, Header.ERROR),
            topic=text_of(message, Header.TOPIC),
            partition=number(Header.PARTITION),
            offset=number(Header.OFFSET),
            schema_id=number(Header.SCHEMA_ID),
            at_ms=number(Header.AT),
            attempts=number(ATTEMPTS) or 0,
            key=_bytes(message.key()),
            value=_bytes(message.value()),
        )


def topics(stack: Stack) -> list[str]:
    """The topics of dead letters that there are."""
    try:
        known = stack.admin().list_topics(timeout=REQUEST_SECONDS).topics
    except KafkaException as error:
        raise _away(stack) from error
    return sorted(name for name in known if name.startswith(DEAD_LETTER_PREFIX))


def letters(stack: Stack, topic: str) -> Iterator[Letter]:
    """Every letter that is in the topic now, one partition after the other."""
    consumer = stack.consumer(enable_partition_eof=True)
    try:
        for message in _messages(stack, consumer, topic, {}):
            yield Letter.of(message)
    finally:
        consumer.close()


def replayable(stack: Stack, topic: str, reasons: Iterable[Reason], target: str = "") -> dict[str, int]:
    """How many messages `replay` would put back now, by reason."""
    counts = {}
    for reason in reasons:
        consumer = _reader(stack, topic, reason, target)
        try:
            start = _committed(stack, consumer, topic)
            counts[reason.value] = sum(
                text_of(message, Header.REASON) == reason
                for message in _messages(stack, consumer, topic, start)
            )
        finally:
            consumer.close()
    return counts


def replay(stack: Stack, topic: str, reasons: Iterable[Reason], target: str = "") -> dict[str, int]:
    """Put messages back, with their own key, value, timestamp and headers, and one that counts the attempts.

    Args:
        topic: the topic of the dead letters.
        reasons: only letters with one of these.
        target: where to; the topic that each came from if empty. A late event stays late there.

    Returns:
        How many were put back, by reason.
    """
    return {reason.value: _replay(stack, topic, reason, target) for reason in reasons}


def _replay(stack: Stack, topic: str, reason: Reason, target: str) -> int:
    consumer = _reader(stack, topic, reason, target)
    transactional = stack.has(Capability.TRANSACTIONS)
    options: dict[str, Any] = {"message_max_bytes": 4_000_000}
    if transactional:
        options["transactional_id"] = _group(topic, reason, target)
    producer = stack.producer(**options)
    count, batch = 0, []
    try:
        if transactional:
            producer.init_transactions(REQUEST_SECONDS)
        for message in _messages(stack, consumer, topic, _committed(stack, consumer, topic)):
            batch.append(message)
            if len(batch) >= BATCH:
                count += _put_back(consumer, producer, batch, reason, target, transactional)
                batch = []
        count += _put_back(consumer, producer, batch, reason, target, transactional)
    except KafkaException as error:
        raise StreamlabError(
            f"After {count} messages the broker refused: {error.args[0].str()}.",
            "Run the same command again: what was put back is not put back twice.",
        ) from error
    finally:
        consumer.close()
    return count


def _put_back(
    consumer: Consumer,
    producer: Producer,
    batch: list[Message],
    reason: Reason,
    target: str,
    transactional: bool,
) -> int:
    if not batch:
        return 0
    chosen = [message for message in batch if text_of(message, Header.REASON) == reason]
    ends = {
        (str(message.topic()), message.partition() or 0): (message.offset() or 0) + 1 for message in batch
    }
    offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]
    own = {*Header, ATTEMPTS}
    if transactional:
        producer.begin_transaction()
    for message in chosen:
        letter = Letter.of(message)
        kept = [(name, value) for name, value in headers_of(message) if name not in own]
        timestamp = text_of(message, Header.TIMESTAMP)
        producer.produce(
            target or letter.topic, key=message.key(), value=message.value(),
            headers=[*kept, (ATTEMPTS, str(letter.attempts + 1).encode())],
            timestamp=max(0, int(timestamp or 0)),
        )  # fmt: skip
    if transactional:
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), REQUEST_SECONDS)
        producer.commit_transaction(REQUEST_SECONDS)
    else:
        if producer.flush(REQUEST_SECONDS):
            raise KafkaException(KafkaError(KafkaError._MSG_TIMED_OUT))
        consumer.commit(offsets=offsets, asynchronous=False)
    return len(chosen)


def _reader(stack: Stack, topic: str, reason: Reason, target: str) -> Consumer:
    return stack.consumer(group_id=_group(topic, reason, target), enable_partition_eof=True)


def _group(topic: str, reason: Reason, target: str) -> str:
    return f"streamlab-replay.{topic}.{reason.value.replace(' ', '-')}.{target or 'source'}"


def _committed(stack: Stack, consumer: Consumer, topic: str) -> dict[int, int]:
    partitions = _partitions(stack, consumer, topic)
    asked = [TopicPartition(topic, partition) for partition in partitions]
    try:
        found = consumer.committed(asked, timeout=REQUEST_SECONDS)
    except KafkaException as error:
        raise _away(stack) from error
    return {one.partition: one.offset for one in found if one.offset >= 0}


def _messages(stack: Stack, consumer: Consumer, topic: str, start: dict[int, int]) -> Iterator[Message]:
    """From the given offsets, or else the beginning, to the ends of this moment."""
    try:
        spans = {
            partition: consumer.get_watermark_offsets(
                TopicPartition(topic, partition), timeout=REQUEST_SECONDS
            )
            for partition in _partitions(stack, consumer, topic)
        }
    except KafkaException as error:
        raise _away(stack) from error
    firsts = {partition: max(start.get(partition, 0), low) for partition, (low, _) in spans.items()}
    unread = {partition for partition, (_, high) in spans.items() if firsts[partition] < high}
    consumer.assign([TopicPartition(topic, partition, firsts[partition]) for partition in unread])
    deadline = time.monotonic() + QUIET_SECONDS
    while unread:
        for message in consumer.consume(BATCH, timeout=0.1):
            deadline = time.monotonic() + QUIET_SECONDS
            failed, partition = message.error(), message.partition() or 0
            end = spans[partition][1]
            if failed is not None:
                if failed.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(failed)
                unread.discard(partition)
                continue
            offset = message.offset() or 0
            if offset + 1 >= end:
                unread.discard(partition)
            if offset < end:
                yield message
        if time.monotonic() > deadline:
            raise _away(stack)


def _partitions(stack: Stack, consumer: Consumer, topic: str) -> list[int]:
    try:
        known = consumer.list_topics(topic, timeout=REQUEST_SECONDS).topics[topic]
    except KafkaException as error:
        raise _away(stack) from error
    if known.error is not None:
        raise StreamlabError(
            f"There is no topic {topic}.",
            "`streamlab process` makes it when it sets the first message aside.",
        )
    return sorted(known.partitions)


def _away(stack: Stack) -> StackUnavailable:
    return StackUnavailable(
        f"The broker at {stack.bootstrap_servers} does not answer.", "Run `streamlab up`."
    )


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
