"""Topics in memory: what a `RecordingProducer` writes and a `RecordingConsumer` reads.

    log = RecordedLog(partitions=4)
    log.append("txn.events", 3, key=b"card-1", value=b"...", timestamp_ms=1_767_607_200_000)     # offset 0
    log.messages("txn.events")               # [Message, …] by partition and offset
    log.committed["fraud", "txn.events", 3]  # what a group has committed

Messages are confluent-kafka's own objects. Which partition a key belongs to is what librdkafka's default
partitioner says (`consistent_random`: CRC-32 of the key; a message without a key goes anywhere).
"""

from collections.abc import Mapping
from random import Random
from zlib import crc32

from confluent_kafka import TIMESTAMP_CREATE_TIME, Message, TopicPartition

from streamlab.producers.interface import Headers


class RecordedLog:
    """Topics, their partitions and the groups' commits.

    Args:
        partitions: of a topic that is made by its first use.
        topics: topics with another number of partitions.
        seed: for messages without a key.

    Attributes:
        committed: by group, topic and partition: the place, with offset and metadata.
    """

    def __init__(self, partitions: int = 4, topics: Mapping[str, int] | None = None, seed: int = 0) -> None:
        self.committed: dict[tuple[str, str, int], TopicPartition] = {}
        self._default = partitions
        self._random = Random(seed)
        self._topics: dict[str, list[list[Message]]] = {}
        for topic, count in (topics or {}).items():
            self.create_topic(topic, count)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that there are."""
        return tuple(self._topics)

    def create_topic(self, topic: str, partitions: int) -> None:
        """Make a topic; nothing happens if it is there with so many partitions.

        Raises:
            ValueError: it is there with another number, or the number is not positive.
        """
        if partitions < 1:
            raise ValueError("a topic has at least one partition")
        if len(self._topics.setdefault(topic, [[] for _ in range(partitions)])) != partitions:
            raise ValueError(f"{topic} has {len(self._topics[topic])} partitions, not {partitions}")

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has; it is made if it is not there."""
        if topic not in self._topics:
            self.create_topic(topic, self._default)
        return len(self._topics[topic])

    def partition_of(self, topic: str, key: bytes | None) -> int:
        """The partition that a message without a given one goes to."""
        count = self.partitions(topic)
        return crc32(key) % count if key else self._random.randrange(count)

    def append(
        self,
        topic: str,
        partition: int,
        *,
        key: bytes | None = None,
        value: bytes | None = None,
        timestamp_ms: int = 0,
        headers: Headers | None = None,
    ) -> int:
        """Put a message at the end of a partition; its offset."""
        self.partitions(topic)
        messages = self._topics[topic][partition]
        offset = len(messages)
        messages.append(
            Message(
                topic=topic, partition=partition, offset=offset, key=key, value=value,
                timestamp=(TIMESTAMP_CREATE_TIME, timestamp_ms), headers=as_read(headers), leader_epoch=0,
            )
        )  # fmt: skip
        return offset

    def end(self, topic: str, partition: int) -> int:
        """The offset that the next message will have."""
        return len(self._topics[topic][partition]) if topic in self._topics else 0

    def at(self, topic: str, partition: int, offset: int) -> Message | None:
        """The message at an offset; None beyond the end."""
        messages = self._topics[topic][partition] if topic in self._topics else []
        return messages[offset] if 0 <= offset < len(messages) else None

    def messages(self, topic: str, partition: int | None = None) -> list[Message]:
        """Everything in a topic, or in one of its partitions, by partition and offset."""
        partitions = self._topics.get(topic, [])
        chosen = partitions if partition is None else partitions[partition : partition + 1]
        return [message for messages in chosen for message in messages]

    def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int | None:
        """The first offset with this time or a later one; None if there is none."""
        for message in self.messages(topic, partition):
            if message.timestamp()[1] >= timestamp_ms:
                return message.offset()
        return None


def as_read(headers: Headers | None) -> Headers | None:
    """Headers as a consumer gets them: a list of pairs, values as bytes; None if there is none."""
    if not headers:
        return None
    pairs = headers.items() if isinstance(headers, dict) else headers
    return [(name, value.encode() if isinstance(value, str) else value) for name, value in pairs]
