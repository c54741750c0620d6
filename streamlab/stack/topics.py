"""Make a topic that can be used when the call returns, and read one to its end.

    create(here, "txn.events", partitions=3, config={})
    messages = read(here, "txn.events", max_messages=None, timeout_seconds=10)

Notebooks call these through `Stack.create_topic` and `Stack.read_topic`.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, TopicMetadata  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from streamlab.errors import StreamlabError
from streamlab.stack.capabilities import Capability
from streamlab.stack.errors import StackUnavailable

if TYPE_CHECKING:
    from streamlab.stack.clients import Stack

CREATE_TIMEOUT_SECONDS: Final = 10.0
BROKER_DEFAULT: Final = -1
"""As many replicas as the broker's own setting says: one on ours, more on a company's cluster."""

MOST_PARTITIONS: Final = 10_000

_REQUEST_TIMEOUT_SECONDS: Final = 5.0
_BETWEEN_TRIES_SECONDS: Final = 0.02
_NO_ANSWER: Final = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._MSG_TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.REQUEST_TIMED_OUT,
    }
)


def create(here: "Stack", topic: str, partitions: int, config: Mapping[str, str]) -> None:
    """Make the topic and wait for the leaders of its partitions; see `Stack.create_topic`."""
    _look_at_name(topic)
    if not isinstance(partitions, int) or not 1 <= partitions <= MOST_PARTITIONS:
        raise StreamlabError(
            f"A topic cannot have {partitions!r} partitions.",
            f"Give a whole number from 1 to {MOST_PARTITIONS:,}.",
        )
    if config:
        here.require(Capability.TOPIC_SETTINGS)
    admin = here.admin()
    deadline = time.monotonic() + CREATE_TIMEOUT_SECONDS
    new = NewTopic(topic, num_partitions=partitions, replication_factor=BROKER_DEFAULT, config=dict(config))
    try:
        if not here.has(Capability.ADMIN):
            from streamlab.stack.embedded.control import Control

            Control.of(here.bootstrap_servers).call("create_topic", topic=topic, partitions=partitions)
            _is_usable(admin, topic, partitions)
            return
        while not _made(admin, new, deadline):
            time.sleep(_BETWEEN_TRIES_SECONDS)
        while not _is_usable(admin, topic, partitions):
            if time.monotonic() >= deadline:
                raise StackUnavailable(
                    f"The topic {topic} has no leader after {CREATE_TIMEOUT_SECONDS:g} s.",
                    "Run `streamlab status`.",
                )
            time.sleep(_BETWEEN_TRIES_SECONDS)
    except KafkaException as error:
        raise refused(here, f"The topic {topic} could not be made", error) from error


def known(here: "Stack") -> dict[str, TopicMetadata]:
    """The topics that there are, by name.

    Raises:
        StackUnavailable: the broker does not answer.
    """
    try:
        found: dict[str, TopicMetadata] = here.admin().list_topics(timeout=_REQUEST_TIMEOUT_SECONDS).topics
    except KafkaException as error:
        raise refused(here, "The topics could not be listed", error) from error
    return found


def read(here: "Stack", topic: str, max_messages: int | None, timeout_seconds: float) -> list[Message]:
    """Everything up to the end offsets of this moment; see `Stack.read_topic`."""
    _look_at_name(topic)
    if max_messages is not None and max_messages < 0:
        raise StreamlabError(f"{max_messages} messages cannot be read.", "Give 0 or more, or None for all.")
    deadline = time.monotonic() + timeout_seconds
    consumer = here.consumer(enable_partition_eof=True)
    messages: list[Message] = []
    try:
        spans = _spans(consumer, topic, deadline)
        consumer.assign([TopicPartition(topic, partition, low) for partition, (low, _) in spans.items()])
        unread = set(spans)
        while unread:
            if time.monotonic() >= deadline:
                raise StackUnavailable(
                    f"Reading {topic} stopped after {timeout_seconds:g} s with {len(messages)} messages.",
                    "Run `streamlab status`.",
                )
            for message in consumer.consume(num_messages=1000, timeout=0.1):
                partition = message.partition() or 0
                end = spans[partition][1]
                if _keep(message, end):
                    messages.append(message)
                if _is_last(message, end):
                    unread.discard(partition)
    except KafkaException as error:
        raise refused(here, f"The topic {topic} could not be read", error) from error
    finally:
        consumer.close()
    messages.sort(key=lambda message: (message.partition(), message.offset()))
    return messages[:max_messages]


def refused(here: "Stack", what: str, error: KafkaException) -> StreamlabError:
    """What a client's error means for a person: the broker is away, or what was asked is wrong."""
    reason: KafkaError = error.args[0]
    if reason.code() in _NO_ANSWER:
        address = here.bootstrap_servers
        return StackUnavailable(f"{what}: the broker at {address} does not answer.", "Run `streamlab up`.")
    return StreamlabError(f"{what}: {reason.str()}.", "Check its name and settings.")


def _look_at_name(topic: str) -> None:
    if not isinstance(topic, str) or not topic:
        raise StreamlabError(
            f"{topic!r} is no name of a topic.", "Give the name as text, such as txn.events."
        )


def _made(admin: AdminClient, new: NewTopic, deadline: float) -> bool:
    """True when the topic is there, made now or before; False when it is worth another try."""
    try:
        made = admin.create_topics([new], operation_timeout=5, request_timeout=_REQUEST_TIMEOUT_SECONDS)
        made[new.topic].result(timeout=CREATE_TIMEOUT_SECONDS)
    except KafkaException as error:
        code = error.args[0].code()
        if code == KafkaError.TOPIC_ALREADY_EXISTS:
            return True
        # A broker is fenced until its first heartbeat: no replica can be placed yet.
        if code == KafkaError.INVALID_REPLICATION_FACTOR and time.monotonic() < deadline:
            return False
        raise
    return True


def _is_usable(admin: AdminClient, topic: str, partitions: int) -> bool:
    known = admin.list_topics(topic, timeout=_REQUEST_TIMEOUT_SECONDS).topics[topic]
    if known.error is not None or not known.partitions:
        return False
    if len(known.partitions) != partitions:
        raise StreamlabError(
            f"The topic {topic} has {len(known.partitions)} partitions, not {partitions}.",
            "Use another name, or the number of partitions that it has.",
        )
    return all(partition.leader >= 0 for partition in known.partitions.values())


def _spans(consumer: Consumer, topic: str, deadline: float) -> dict[int, tuple[int, int]]:
    """First and end offset of each partition that holds messages."""
    known = consumer.list_topics(topic, timeout=_left(deadline)).topics[topic]
    if known.error is not None:
        raise StreamlabError(f"There is no topic {topic}.", "Make it with `create_topic` first.")
    spans = {}
    for partition in sorted(known.partitions):
        span = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_left(deadline))
        if span is not None and span[1] > span[0]:
            spans[partition] = span
    return spans


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())


def _keep(message: Message, end: int) -> bool:
    error = message.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return error is None and (message.offset() or 0) < end


def _is_last(message: Message, end: int) -> bool:
    """The end of the partition is known by its event too: aborted messages at the end are never given out."""
    return message.error() is not None or (message.offset() or 0) + 1 >= end
