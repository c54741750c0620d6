"""The partitions of the topic that this processor holds: taken over, read, committed, given up.

    source = Source(stack, settings, new_partition, given_up, stop)
    source.fetch()                       # {3: [message, …]}: at most a batch, of partitions that are held
    source.commit(steps)                 # those of them that could be committed
    source.reopen([3])                   # back to what is committed, with the state that belongs to it

Assignment is cooperative (KIP-429): partitions that stay are not disturbed. Callbacks run inside `fetch` and
`keep_alive` alone, between two batches, so that at a revocation nothing of a partition is half done: what was
consumed has been committed or will be read again by whoever is next.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.consumer_settings import consumer_settings
from streamlab.processor.partition import Partition, Step
from streamlab.processor.plans import Plans
from streamlab.processor.restore import Plan
from streamlab.processor.settings import Guarantee, Settings
from streamlab.processor.waiting import Interrupted, Patience, broker_is_away, group_is_changing
from streamlab.stack import Stack

log = logging.getLogger("streamlab.processor")

FETCH_SECONDS: Final = 0.02

NewPartition = Callable[[int, Plan], Partition]


class Source:
    """A member of the consumer group.

    Attributes:
        held: the partitions that are held now, by number.
    """

    def __init__(
        self, stack: Stack, settings: Settings, new_partition: NewPartition,
        given_up: Callable[[Partition], None], stop: threading.Event,
    ) -> None:  # fmt: skip
        self.held: dict[int, Partition] = {}
        self.patience = Patience(stop, self.keep_alive)
        self._settings = settings
        self._new_partition = new_partition
        self._given_up = given_up
        self._blocked: set[int] = set()
        self._spare: list[Message] = []
        self._failure: BaseException | None = None
        self._by_timer = settings.guarantee is Guarantee.AUTO_COMMIT
        self.consumer = stack.consumer(**consumer_settings(settings))
        self._plans = Plans(self.consumer, settings, self.patience)
        self.consumer.subscribe(
            [settings.topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )

    def fetch(self, seconds: float = FETCH_SECONDS) -> dict[int, list[Message]]:
        """The next messages of held partitions, at most a batch; waits for at most `seconds`.

        A partition that is restored comes without messages, too, when the end of its log is met.

        Raises:
            StreamlabError: the topic or the group cannot be read.
        """
        messages = self._spare or self._poll(self._settings.max_batch, seconds)
        self._spare = []
        batch: defaultdict[int, list[Message]] = defaultdict(list)
        for message in messages:
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                self._meet_end(message, batch)
            elif error is not None:
                self._look_at(message, error)
            else:
                batch[message.partition()].append(message)  # type: ignore[index]
        return {number: part for number, part in batch.items() if number in self.held}

    def keep_alive(self, seconds: float) -> None:
        """Stay in the group without taking messages; what comes all the same is kept for `fetch`."""
        assignment = self.consumer.assignment()
        self.consumer.pause(assignment)
        # Polling may take partitions away, and with them what was kept of them.
        came = self._poll(1, seconds)
        self._spare += came
        self._resume(set(self.held))

    def block(self, partition: Partition) -> None:
        """Fetch nothing from a partition until `unblock`; go back to what it has not taken."""
        partition.end_seen = -1
        self._blocked.add(partition.number)
        self.consumer.pause([self._at(partition.number)])
        self.consumer.seek(self._at(partition.number, partition.next_offset))

    def unblock(self) -> None:
        """Let blocked partitions be fetched again."""
        blocked, self._blocked = self._blocked, set()
        self._resume(blocked)

    def commit(self, steps: Sequence[Step]) -> list[Step]:
        """Commit what was done; gives back the steps whose partitions are still held.

        Raises:
            StackUnavailable: the broker was away for too long.
        """

        def attempt() -> None:
            offsets = self.offsets(self.still_held(steps))
            if offsets:
                _raise_the_first(self.consumer.commit(offsets=offsets, asynchronous=False))

        def passing(error: BaseException) -> bool:
            return broker_is_away(error) or group_is_changing(error)

        self.patience.wait_for(attempt, passing, "The broker", self._settings.broker_timeout_seconds)
        return self.still_held(steps)

    def offsets(self, steps: Iterable[Step]) -> list[TopicPartition]:
        """What to commit for these steps."""
        topic = self._settings.topic
        return [TopicPartition(topic, s.partition, s.next_offset, metadata=s.note.text()) for s in steps]

    def still_held(self, steps: Iterable[Step]) -> list[Step]:
        """The steps whose partitions were not taken away since; one that went and came back is another."""
        return [step for step in steps if self.held.get(step.partition) is step.holder]

    def reopen(self, numbers: Iterable[int]) -> dict[int, Partition]:
        """Forget what was done since the last commit; gives back the new state of each partition."""
        numbers = [number for number in numbers if number in self.held]
        plans = self._plans.of(numbers)
        for number, plan in plans.items():
            self.held[number] = self._new_partition(number, plan)
            self._move(self._at(number, plan.start))
        self._spare = [message for message in self._spare if message.partition() not in plans]
        return {number: self.held[number] for number in plans}

    def lag(self) -> dict[int, int]:
        """Messages that are in the log and have not been taken, by partition, as of the last fetch."""
        lags = {}
        for number, partition in self.held.items():
            known = self.consumer.get_watermark_offsets(self._at(number), cached=True)
            if known is not None and known[1] >= 0:
                reached = max(partition.next_offset, partition.live, partition.end_seen)
                lags[number] = max(0, known[1] - reached)
        return lags

    def is_at_end(self) -> bool:
        """Whether all was taken, as of the last fetch; what has not been looked at yet may hold anything."""
        looked_at = all(one.end_seen >= 0 and not one.restoring for one in self.held.values())
        return looked_at and not any(self.lag().values())

    def close(self) -> None:
        """Leave the group."""
        self.consumer.close()

    def store_for_timer(self, batch: dict[int, list[Message]]) -> None:
        """What a consumer with auto-commit does when it hands messages out: note them as done."""
        if self._by_timer:
            offsets = [
                self._at(number, (part[-1].offset() or 0) + 1)
                for number, part in batch.items()
                if part and not self.held[number].restoring
            ]
            if offsets:
                self.consumer.store_offsets(offsets=offsets)

    def _poll(self, count: int, seconds: float) -> list[Message]:
        messages = self.consumer.consume(count, timeout=seconds)
        if self._failure is not None:
            raise self._failure
        return messages

    def _move(self, to: TopicPartition) -> None:
        try:
            self.consumer.seek(to)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._STATE:
                raise
            # Fetching has ended with an error, and begins again with an assignment.
            self.consumer.incremental_unassign([to])
            self.consumer.incremental_assign([to])

    def _resume(self, numbers: set[int]) -> None:
        wanted = [self._at(number) for number in numbers - self._blocked if number in self.held]
        if wanted:
            self.consumer.resume(wanted)

    def _meet_end(self, message: Message, batch: defaultdict[int, list[Message]]) -> None:
        """Everything before this offset is in the batch, or was given out before."""
        partition = self.held.get(message.partition() or 0)
        if partition is not None:
            partition.end_seen = message.offset() or 0
            if partition.restoring:
                batch.setdefault(partition.number, [])

    def _look_at(self, message: Message, error: KafkaError) -> None:
        if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            log.warning("Partition %s: the log no longer has the next message.", message.partition())
            self.reopen([message.partition() or 0])
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise StreamlabError(
                f"There is no topic {self._settings.topic}.", "Produce to it first, or give --topic."
            )
        elif error.code() == KafkaError.FENCED_INSTANCE_ID:
            raise StreamlabError(
                f"Another processor of the group has the name {self._settings.instance!r}.",
                "Give each its own: --instance.",
            )
        else:
            log.warning("Reading %s: %s", self._settings.topic, error.str())

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        numbers = [one.partition for one in partitions]
        try:
            plans = self._plans.of(numbers)
        except (StreamlabError, KafkaException, Interrupted) as failure:
            # Raised again from `fetch`: the client must come out of its callback in good order.
            self._failure = failure
            plans = {}
        topic = self._settings.topic
        consumer.incremental_assign(
            [TopicPartition(topic, n, plans[n].start if n in plans else 0) for n in numbers]
        )
        for number, plan in plans.items():
            self.held[number] = self._new_partition(number, plan)

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            self._blocked.discard(one.partition)
            partition = self.held.pop(one.partition, None)
            if partition is not None:
                self._given_up(partition)
        gone = {one.partition for one in partitions}
        self._spare = [message for message in self._spare if message.partition() not in gone]

    def _at(self, number: int, offset: int = -1001) -> TopicPartition:
        return TopicPartition(self._settings.topic, number, offset)


def _raise_the_first(committed: list[TopicPartition] | None) -> None:
    """The client raises what concerns all partitions, and hands back what concerns some."""
    for one in committed or ():
        if one.error is not None:
            raise KafkaException(one.error)
