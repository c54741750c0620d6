"""The topics of dead letters, looked at.

    for letter in letters(stack, "dlq.txn.events"): ...          # Letter(reason="late", topic=…, offset=…)

`replaying` puts messages back where they came from.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.dead_letter import ATTEMPTS, Header, text_of
from streamlab.processor.settings import DEAD_LETTER_PREFIX
from streamlab.stack import Stack, StackUnavailable
from streamlab.stack.topics import known as known_topics

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
    return sorted(name for name in known_topics(stack) if name.startswith(DEAD_LETTER_PREFIX))


def letters(stack: Stack, topic: str) -> Iterator[Letter]:
    """Every letter that is in the topic now, one partition after the other."""
    consumer = stack.consumer(enable_partition_eof=True)
    try:
        for message in messages_of(stack, consumer, topic, {}):
            yield Letter.of(message)
    finally:
        consumer.close()


def messages_of(stack: Stack, consumer: Consumer, topic: str, start: dict[int, int]) -> Iterator[Message]:
    """From the given offsets, or else the beginning, to the ends of this moment."""
    try:
        spans = {
            partition: consumer.get_watermark_offsets(
                TopicPartition(topic, partition), timeout=REQUEST_SECONDS
            )
            for partition in partitions_of(stack, consumer, topic)
        }
    except KafkaException as error:
        raise away(stack) from error
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
            raise away(stack)


def partitions_of(stack: Stack, consumer: Consumer, topic: str) -> list[int]:
    """The numbers of a topic's partitions.

    Raises:
        StreamlabError: there is no such topic.
    """
    try:
        known = consumer.list_topics(topic, timeout=REQUEST_SECONDS).topics[topic]
    except KafkaException as error:
        raise away(stack) from error
    if known.error is not None:
        raise StreamlabError(
            f"There is no topic {topic}.",
            "`streamlab process` makes it when it sets the first message aside.",
        )
    return sorted(known.partitions)


def away(stack: Stack) -> StackUnavailable:
    """What to say when the broker does not answer."""
    return StackUnavailable(
        f"The broker at {stack.bootstrap_servers} does not answer.", "Run `streamlab up`."
    )


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
