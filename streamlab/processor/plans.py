"""Asking the broker where each partition begins: what was committed, and from where the state is rebuilt.

    plans = Plans(consumer, settings, patience)
    plans.of([3, 4])                     # {3: Plan(start=4120, live=5000, …), …}

One request for all partitions, and one more for each. Offsets of a transaction that is
still open are not given out: whoever asks waits until it is decided.
"""

import logging
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.commit_note import Note
from streamlab.processor.restore import Plan, restoration
from streamlab.processor.settings import Settings
from streamlab.processor.waiting import Patience, broker_is_away

log = logging.getLogger("streamlab.processor")

REQUEST_SECONDS: Final = 5.0


class Plans:
    """The plans of a group's partitions; waits while the broker is away."""

    def __init__(self, consumer: Consumer, settings: Settings, patience: Patience) -> None:
        self._consumer = consumer
        self._settings = settings
        self._patience = patience

    def of(self, numbers: list[int]) -> dict[int, Plan]:
        """How to restore each of these partitions.

        Raises:
            StreamlabError: they were committed with another lateness.
            StackUnavailable: the broker was away for too long.
        """
        if not numbers:
            return {}
        limit = self._settings.broker_timeout_seconds
        plans = self._patience.wait_for(
            lambda: self._ask(numbers), broker_is_away, "The broker", limit, asleep=True
        )
        for number, plan in plans.items():
            if plan.incomplete:
                log.warning(
                    "Partition %d: the log begins at %d, later than the state needs; %d were deleted "
                    "unread, and features of the next hour of event time may be too small.",
                    number, plan.start, plan.lost,
                )  # fmt: skip
        return plans

    def _ask(self, numbers: list[int]) -> dict[int, Plan]:
        committed = self._consumer.committed([self._at(n) for n in numbers], timeout=REQUEST_SECONDS)
        for one in committed:
            if one.error is not None:
                raise KafkaException(one.error)
        offsets = {one.partition: one.offset for one in committed if one.offset >= 0}
        notes = {one.partition: Note.read(one.metadata) for one in committed if one.offset >= 0}
        for number, note in notes.items():
            self._refuse_other_lateness(number, note)
        return {n: restoration(offsets.get(n), notes.get(n), self._low(n)) for n in numbers}

    def _low(self, number: int) -> int:
        low, _ = self._consumer.get_watermark_offsets(self._at(number), timeout=REQUEST_SECONDS)
        return int(low)

    def _refuse_other_lateness(self, number: int, note: Note | None) -> None:
        if note is not None and note.lateness_ms != self._settings.lateness_ms:
            raise StreamlabError(
                f"The group {self._settings.group} committed partition {number} with a lateness of "
                f"{note.lateness_ms / 1000:g} s, not {self._settings.lateness_seconds:g} s.",
                "Use the same, or another --group, which begins at the start of the log.",
            )

    def _at(self, number: int) -> TopicPartition:
        return TopicPartition(self._settings.topic, number)
