"""What is in a topic: how many messages at this moment, and which.

    with Reading(here, admin, topic) as reading:
        reading.count(topic)              # 30, also those of an open transaction
        reading.messages()                # those that a consumer is given

The connections are open before an answer is called, and the consumer reads along while it runs. A producer
that nobody flushed may deliver some milliseconds later: who connects only then sees all.
"""

import time
from types import TracebackType

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from streamlab import stack
from streamlab.stack import StackUnavailable
from streamlab.stack.passing import TOPIC_IS_NEW

from .pipeline import PARTITIONS

_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_REQUEST_SECONDS = 5.0
_READ_SECONDS = 10.0
_VISIBLE_SECONDS = 1.0


class Reading:
    """A consumer of one topic without a group, and an admin client for counting."""

    def __init__(self, here: stack.Stack, admin: AdminClient, topic: str) -> None:
        self._admin = admin
        self._topic = topic
        self._messages: list[Message] = []
        self._reached = dict.fromkeys(range(PARTITIONS), 0)
        self._consumer = here.consumer(
            enable_partition_eof=True, fetch_wait_max_ms=50, fetch_error_backoff_ms=20
        )
        self._consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])

    def __enter__(self) -> "Reading":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def count(self, topic: str) -> int:
        """How many messages a topic holds now; the marker of a transaction counts as one.

        Raises:
            StackUnavailable: the broker does not answer.
        """
        return sum(self._ends(topic, IsolationLevel.READ_UNCOMMITTED).values())

    def messages(self, at_least: int = 0) -> list[Message]:
        """The messages of the topic; those of a transaction are readable some milliseconds after its commit.

        Args:
            at_least: wait up to a second for so many.
        """
        until = time.monotonic() + _VISIBLE_SECONDS
        self._read_to(self._ends(self._topic, IsolationLevel.READ_COMMITTED))
        while len(self._messages) < at_least and time.monotonic() < until:
            time.sleep(0.02)
            self._read_to(self._ends(self._topic, IsolationLevel.READ_COMMITTED))
        return sorted(self._messages, key=lambda message: (message.partition(), message.offset()))

    def _ends(self, topic: str, isolation: IsolationLevel) -> dict[int, int]:
        """The offset behind the last message of each partition; waits for a topic that was made just now."""
        wanted = {TopicPartition(topic, number): _LATEST for number in range(PARTITIONS)}
        until = time.monotonic() + _REQUEST_SECONDS
        while True:
            ends = self._admin.list_offsets(
                wanted, isolation_level=isolation, request_timeout=_REQUEST_SECONDS
            )
            try:
                known = {
                    at.partition: int(end.result(2 * _REQUEST_SECONDS).offset) for at, end in ends.items()
                }
            except KafkaException as error:
                if error.args[0].code() not in TOPIC_IS_NEW or time.monotonic() >= until:
                    raise
                time.sleep(0.005)
                continue
            if min(known.values()) < 0:  # how the client says that no answer came
                raise StackUnavailable(f"The broker did not count {topic}.", "Run `streamlab status`.")
            return known

    def _read_to(self, ends: dict[int, int]) -> None:
        until = time.monotonic() + _READ_SECONDS
        while any(self._reached[partition] < end for partition, end in ends.items()):
            if time.monotonic() >= until:
                raise StackUnavailable(f"Reading {self._topic} did not end.", "Run `streamlab status`.")
            message = self._consumer.poll(0.1)
            if message is not None:
                self._take(message)

    def _take(self, message: Message) -> None:
        """Keep a message; note how far its partition has been read, at its end too."""
        error, offset = message.error(), message.offset() or 0
        if error is None:
            self._messages.append(message)
            self._reached[message.partition() or 0] = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            self._reached[message.partition() or 0] = offset
        elif error.code() not in TOPIC_IS_NEW:
            raise KafkaException(error)
