"""Putting dead letters back where they came from.

    replayable(stack, "dlq.txn.events", reasons, target="")          # {"undecodable": 12}: not done yet
    replay(stack, "dlq.txn.events", reasons, target="")              # {"undecodable": 12}: done

What was put back already is not put back again: for each reason and target a consumer group of its own keeps
how far it came, and its offsets are committed in the transaction that puts the messages back (KIP-98). Where
there are no transactions, they are committed when the broker has taken all messages of a batch.
"""

from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.dead_letter import ATTEMPTS, Header, Reason, headers_of, text_of
from streamlab.processor.dead_letters_topic import (
    BATCH,
    REQUEST_SECONDS,
    Letter,
    away,
    messages_of,
    partitions_of,
)
from streamlab.processor.settings import DEAD_LETTER_BYTES
from streamlab.stack import Capability, Stack
from streamlab.stack.topics import known as known_topics


def replayable(stack: Stack, topic: str, reasons: Iterable[Reason], target: str = "") -> dict[str, int]:
    """How many messages `replay` would put back now, by reason."""
    counts = {}
    for reason in reasons:
        consumer = _reader(stack, topic, reason, target)
        try:
            start = _committed(stack, consumer, topic)
            counts[reason.value] = sum(
                text_of(message, Header.REASON) == reason
                for message in messages_of(stack, consumer, topic, start)
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
    if target:
        _make_target(stack, topic, target)
    return {reason.value: _replay(stack, topic, reason, target) for reason in reasons}


def _make_target(stack: Stack, topic: str, target: str) -> None:
    """A target that is not there is made: with the partitions of the dead letters, and without retention."""
    there = known_topics(stack)
    if target not in there and topic in there:
        # What is put back keeps its old timestamp; by default Kafka deletes what is older than a week.
        settings = {"retention.ms": "-1"} if stack.has(Capability.TOPIC_SETTINGS) else None
        stack.create_topic(target, len(there[topic].partitions), settings)


def _replay(stack: Stack, topic: str, reason: Reason, target: str) -> int:
    consumer = _reader(stack, topic, reason, target)
    transactional = stack.has(Capability.TRANSACTIONS)
    refused: list[KafkaError] = []
    told = None if transactional else refused
    options: dict[str, Any] = {
        "message_max_bytes": DEAD_LETTER_BYTES,
        "on_delivery": lambda error, _: refused.append(error) if error else None,
    }
    if transactional:
        options["transactional_id"] = _group(topic, reason, target)
    producer = stack.producer(**options)
    count, batch = 0, []
    try:
        if transactional:
            producer.init_transactions(REQUEST_SECONDS)
        for message in messages_of(stack, consumer, topic, _committed(stack, consumer, topic)):
            batch.append(message)
            if len(batch) >= BATCH:
                count += _put_back(consumer, producer, batch, reason, target, told)
                batch = []
        count += _put_back(consumer, producer, batch, reason, target, told)
    except KafkaException as error:
        raise StreamlabError(
            f"After {count} messages the broker refused: {error.args[0].str()}.",
            "Run the same command again: what was put back is not put back twice."
            if transactional
            else "Run the same command again; some of the last batch may be put back twice.",
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
    refused: list[KafkaError] | None,
) -> int:
    """Put a batch back; in a transaction, unless what is refused is told otherwise."""
    if not batch:
        return 0
    chosen = [message for message in batch if text_of(message, Header.REASON) == reason]
    ends = {
        (str(message.topic()), message.partition() or 0): (message.offset() or 0) + 1 for message in batch
    }
    offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]
    own = {*Header, ATTEMPTS}
    if refused is None:
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
    if refused is None:
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), REQUEST_SECONDS)
        producer.commit_transaction(REQUEST_SECONDS)
    else:
        if producer.flush(REQUEST_SECONDS):
            raise KafkaException(KafkaError(KafkaError._MSG_TIMED_OUT))
        if refused:
            raise KafkaException(refused[0])
        consumer.commit(offsets=offsets, asynchronous=False)
    return len(chosen)


def _reader(stack: Stack, topic: str, reason: Reason, target: str) -> Consumer:
    return stack.consumer(group_id=_group(topic, reason, target), enable_partition_eof=True)


def _group(topic: str, reason: Reason, target: str) -> str:
    return f"streamlab-replay.{topic}.{reason.value.replace(' ', '-')}.{target or 'source'}"


def _committed(stack: Stack, consumer: Consumer, topic: str) -> dict[int, int]:
    partitions = partitions_of(stack, consumer, topic)
    asked = [TopicPartition(topic, partition) for partition in partitions]
    try:
        found = consumer.committed(asked, timeout=REQUEST_SECONDS)
    except KafkaException as error:
        raise away(stack) from error
    return {one.partition: one.offset for one in found if one.offset >= 0}
