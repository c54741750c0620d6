"""Where a `RecordingConsumer` reads: its partitions, how far it is in each, and what it gives next.

    reading = Reading(log, group="fraud", from_start=True, tells_end=False)
    reading.add([TopicPartition("txn.events", 3)])
    reading.take()                           # the next message of any partition, or None

Apart from the consumer so that the consumer is nothing but the client's interface.
"""

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from streamlab.producers.recorded_log import RecordedLog

Place = tuple[str, int]


class Reading:
    """The partitions that are read.

    Attributes:
        next_offsets: by topic and partition, the offset that is given next.
        positions: the offset after the last message that was given.
        stored: what `commit()` commits.
        paused: of which nothing is given.
    """

    def __init__(self, log: RecordedLog, group: str, *, from_start: bool, tells_end: bool) -> None:
        self.next_offsets: dict[Place, int] = {}
        self.positions: dict[Place, int] = {}
        self.stored: dict[Place, TopicPartition] = {}
        self.paused: set[Place] = set()
        self._at_end: set[Place] = set()
        self._log = log
        self._group = group
        self._from_start = from_start
        self._tells_end = tells_end

    def add(self, partitions: list[TopicPartition]) -> None:
        """Read these too, from the offsets that they name."""
        for one in partitions:
            self.next_offsets[place(one)] = self._start(one)

    def remove(self, partitions: list[TopicPartition]) -> None:
        """Read these no more."""
        for gone in map(place, partitions):
            self.next_offsets.pop(gone, None)
            self.positions.pop(gone, None)
            self.stored.pop(gone, None)
            self.paused.discard(gone)
            self._at_end.discard(gone)

    def seek(self, partition: TopicPartition) -> None:
        """Go on at the offset that it names."""
        self.next_offsets[place(partition)] = self._start(partition)
        self.positions.pop(place(partition), None)
        self._at_end.discard(place(partition))

    def take(self) -> Message | None:
        """The next message, or the end of a partition if it is to be told."""
        for here in sorted(self.next_offsets.keys() - self.paused):
            message = self._log.at(*here, self.next_offsets[here])
            if message is not None:
                self.next_offsets[here] = self.positions[here] = (message.offset() or 0) + 1
                self._at_end.discard(here)
                return message
            if self._tells_end and here not in self._at_end:
                self._at_end.add(here)
                end = KafkaError(KafkaError._PARTITION_EOF)
                return Message(topic=here[0], partition=here[1], offset=self.next_offsets[here], error=end)
        return None

    def _start(self, partition: TopicPartition) -> int:
        """Where reading begins: named by the assignment, else committed, else as the group is set up."""
        if partition.offset >= 0:
            return partition.offset
        if partition.offset == OFFSET_BEGINNING:
            return 0
        committed = self._log.committed.get((self._group, *place(partition)))
        if partition.offset != OFFSET_END and committed is not None:
            return committed.offset
        if partition.offset != OFFSET_END and self._from_start:
            return 0
        return self._log.end(*place(partition))


def place(partition: TopicPartition) -> Place:
    """Topic and number."""
    return partition.topic, partition.partition


def places(message: Message | None, offsets: list[TopicPartition] | None) -> list[TopicPartition]:
    """What a message or a list of offsets means to `commit` and `store_offsets`.

    Raises:
        ValueError: both are given.
    """
    if message is not None and offsets is not None:
        raise ValueError("message and offsets are mutually exclusive")
    if message is not None:
        return [TopicPartition(message.topic() or "", message.partition() or 0, (message.offset() or 0) + 1)]
    return offsets or []


def refused(code: int, reason: str) -> KafkaException:
    """The client's no, with its reason."""
    return KafkaException(KafkaError(code, reason))
