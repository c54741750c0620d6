"""A consumer in memory, for tests: it reads what a `RecordingProducer` wrote.

    consumer = RecordingConsumer(producer.log, group_id="fraud")
    consumer.subscribe(["txn.events"])
    message = consumer.poll(1.0)             # confluent-kafka's Message, or None
    consumer.commit(message, asynchronous=False)

    consumer.fail(KafkaError._TRANSPORT)     # the next poll returns a message with this error
    consumer.keep_silent(polls=3)            # the next three return nothing
    consumer.take_away([TopicPartition("txn.events", 3)])     # as a rebalance does; on_revoke is told

Commits live in the log: another consumer of the group goes on there. Lies: `streamlab.producers.lies`.
"""

from collections import deque
from typing import Final

from confluent_kafka import OFFSET_END, OFFSET_INVALID, KafkaError, Message, TopicPartition

from streamlab.producers.recorded_log import RecordedLog
from streamlab.producers.recorded_reading import Reading, place, places, refused
from streamlab.producers.recorded_rebalances import Rebalanced, Rebalances

MOST_MESSAGES: Final = 1_000_000


class RecordingConsumer:
    """The client's `Consumer` on a `RecordedLog`.

    Args:
        log: what is read.
        group_id: whose commits these are.
        auto_offset_reset: where a group without commits begins: "earliest" or "latest".
        enable_auto_offset_store: whether `poll` stores what `commit()` commits; as in the client, a place
            cannot be stored by hand then.
        enable_partition_eof: whether the end of a partition is told, once, by a message with an error.
    """

    def __init__(
        self, log: RecordedLog, *, group_id: str = "group", auto_offset_reset: str = "earliest",
        enable_auto_offset_store: bool = True, enable_partition_eof: bool = False,
    ) -> None:  # fmt: skip
        self.log = log
        self._group = group_id
        from_start = auto_offset_reset == "earliest"
        self._reading = Reading(log, group_id, from_start=from_start, tells_end=enable_partition_eof)
        self._stores = enable_auto_offset_store
        self._rebalances = Rebalances(self, self._reading)
        self._errors: deque[KafkaError] = deque()
        self._silent_polls = 0
        self._closed = False

    def fail(self, error: int = KafkaError._TRANSPORT, times: int = 1) -> None:
        """Answer the next polls with this error."""
        self._errors.extend([KafkaError(error)] * times)

    def keep_silent(self, polls: int) -> None:
        """Answer so many polls with nothing."""
        self._silent_polls = polls

    def take_away(self, partitions: list[TopicPartition], *, lost: bool = False) -> None:
        """Take partitions as a rebalance does: `on_revoke` (or `on_lost`) runs in the next poll."""
        self._rebalances.later("lost" if lost else "revoke", partitions)

    def hand_over(self, partitions: list[TopicPartition]) -> None:
        """Give partitions as a rebalance does: `on_assign` runs in the next poll."""
        self._rebalances.later("assign", partitions)

    def subscribe(
        self, topics: list[str], on_assign: Rebalanced | None = None, on_revoke: Rebalanced | None = None,
        on_lost: Rebalanced | None = None,
    ) -> None:  # fmt: skip
        """Get all partitions of these topics with the next poll."""
        self._must_be_open()
        self._rebalances.tell(on_assign, on_revoke, on_lost or on_revoke)
        self.hand_over([TopicPartition(t, p) for t in topics for p in range(self.log.partitions(t))])

    def unsubscribe(self) -> None:
        """Give everything back; `on_revoke` is told."""
        self._must_be_open()
        self._rebalances.give_back()

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions and no others, from the offsets that they name."""
        self._must_be_open()
        self._reading.remove(self.assignment())
        self._reading.add(partitions)

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions too."""
        self._must_be_open()
        self._reading.add(partitions)

    def unassign(self) -> None:
        """Read nothing."""
        self.assign([])

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """Stop reading these partitions."""
        self._must_be_open()
        self._reading.remove(partitions)

    def assignment(self) -> list[TopicPartition]:
        """The partitions that are read."""
        self._must_be_open()
        return [TopicPartition(*here) for here in sorted(self._reading.next_offsets)]

    def poll(self, timeout: float = -1) -> Message | None:  # noqa: ARG002
        """The next message, or None; it never waits."""
        return next(iter(self.consume(1)), None)

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:  # noqa: ARG002
        """At most so many messages; it never waits.

        Raises:
            ValueError: less than 0 or more than a million.
        """
        self._must_be_open()
        if not 0 <= num_messages <= MOST_MESSAGES:
            raise ValueError("num_messages must be between 0 and 1000000 (1M)")
        self._rebalances.happen()
        if self._silent_polls:
            self._silent_polls -= 1
            return []
        messages: list[Message] = []
        while len(messages) < num_messages and (message := self._take()) is not None:
            messages.append(message)
        return messages

    def store_offsets(
        self, message: Message | None = None, offsets: list[TopicPartition] | None = None
    ) -> None:
        """Note what the next `commit()` commits."""
        self._must_be_open()
        if self._stores:
            raise refused(KafkaError._INVALID_ARG, "StoreOffsets failed: the client stores them itself")
        for one in places(message, offsets):
            if place(one) not in self._reading.next_offsets:
                raise refused(KafkaError._STATE, "StoreOffsets failed: it is not assigned")
            self._reading.stored[place(one)] = one

    def commit(
        self, message: Message | None = None, offsets: list[TopicPartition] | None = None,
        asynchronous: bool = True,
    ) -> list[TopicPartition] | None:  # fmt: skip
        """Commit a message's successor, these offsets, or what was stored; the places if synchronous."""
        self._must_be_open()
        chosen = places(message, offsets)
        if message is None and offsets is None:
            chosen = list(self._reading.stored.values())
            self._reading.stored.clear()
            if not chosen and not asynchronous:
                raise refused(KafkaError._NO_OFFSET, "Commit failed: no offset is stored")
        for one in chosen:
            self.log.committed[self._group, *place(one)] = one
        return None if asynchronous else chosen

    def committed(
        self, partitions: list[TopicPartition], timeout: float = -1  # noqa: ARG002
    ) -> list[TopicPartition]:  # fmt: skip
        """What the group has committed; OFFSET_INVALID where it has nothing."""
        self._must_be_open()
        known = self.log.committed
        return [
            known.get((self._group, *place(one)), TopicPartition(*place(one), OFFSET_INVALID))
            for one in partitions
        ]

    def position(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """The offset after the last message that was read; OFFSET_INVALID where none was."""
        self._must_be_open()
        known = self._reading.positions
        return [TopicPartition(*place(one), known.get(place(one), OFFSET_INVALID)) for one in partitions]

    def seek(self, partition: TopicPartition) -> None:
        """Go on reading at this offset."""
        self._must_be_open()
        if place(partition) not in self._reading.next_offsets:
            raise refused(KafkaError._UNKNOWN_PARTITION, "Failed to seek: it is not assigned")
        self._reading.seek(partition)

    def pause(self, partitions: list[TopicPartition]) -> None:
        """Give nothing of these partitions."""
        self._must_be_open()
        self._reading.paused.update(map(place, partitions))

    def resume(self, partitions: list[TopicPartition]) -> None:
        """Give what is in these partitions again."""
        self._must_be_open()
        self._reading.paused.difference_update(map(place, partitions))

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False  # noqa: ARG002
    ) -> tuple[int, int]:  # fmt: skip
        """The first offset and the one after the last."""
        self._must_be_open()
        return 0, self.log.end(*place(partition))

    def offsets_for_times(
        self, partitions: list[TopicPartition], timeout: float = -1  # noqa: ARG002
    ) -> list[TopicPartition]:  # fmt: skip
        """The first offsets with the times that are given as offsets; OFFSET_END where there is none."""
        self._must_be_open()
        found = [(one, self.log.offset_at(*place(one), one.offset)) for one in partitions]
        return [TopicPartition(*place(one), OFFSET_END if at is None else at) for one, at in found]

    def close(self) -> None:
        """Leave the group; `on_revoke` is told."""
        if not self._closed:
            self._rebalances.give_back()
            self._closed = True

    def __enter__(self) -> "RecordingConsumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> Message | None:
        if self._errors:
            return Message(error=self._errors.popleft())
        message = self._reading.take()
        if message is not None and message.error() is None and self._stores:
            [read] = places(message, None)
            self._reading.stored[place(read)] = read
        return message

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("Consumer closed")
