"""The account of a producer: what was sent, what became of it, and what is still open.

deliveries = producer.deliveries()
deliveries.sent == deliveries.delivered + deliveries.failed + deliveries.outstanding     # always
deliveries.by_partition                  # {("txn.events", 3): 120, …}, of delivered messages
deliveries.by_error                      # {"_MSG_TIMED_OUT": 2}
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError, Message

KEPT_UNDELIVERED: Final = 1_000


class Undelivered(NamedTuple):
    """A message that did not arrive, as far as anybody knows.

    Attributes:
        partition: None if none was chosen yet.
        error: the error's name in Kafka's protocol or in the client ("_MSG_TIMED_OUT").
        reason: the error in words.
    """

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    error: str
    reason: str


@dataclass(frozen=True)
class Deliveries:
    """A producer's account at one moment.

    Attributes:
        sent: messages that were given to the producer.
        delivered: of these, those that the broker has confirmed.
        failed: of these, those that were refused or given up; each was reported.
        outstanding: of these, those without a report yet.
        backpressure_waits: how often the local queue was full.
        waited_seconds: how long its user was held back by that.
        by_partition: delivered messages by topic and partition.
        by_error: failed messages by the error's name.
    """

    sent: int = 0
    delivered: int = 0
    failed: int = 0
    outstanding: int = 0
    backpressure_waits: int = 0
    waited_seconds: float = 0.0
    by_partition: Mapping[tuple[str, int], int] = field(default_factory=dict)
    by_error: Mapping[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether everything was delivered."""
        return self.delivered == self.sent

    def as_json(self) -> dict[str, Any]:
        """The account with stable names; partitions as "topic[3]"."""
        return {
            "sent": self.sent,
            "delivered": self.delivered,
            "failed": self.failed,
            "outstanding": self.outstanding,
            "backpressure_waits": self.backpressure_waits,
            "waited_seconds": round(self.waited_seconds, 3),
            "by_partition": {
                f"{topic}[{partition}]": count
                for (topic, partition), count in sorted(self.by_partition.items())
            },
            "by_error": dict(sorted(self.by_error.items())),
        }


class Account:
    """Counts what a producer does; every report must come here.

    Args:
        on_undelivered: told of every message that did not arrive.

    Attributes:
        undelivered: the first of the messages that did not arrive.
    """

    def __init__(self, on_undelivered: Callable[[Undelivered], Any] | None = None) -> None:
        self.undelivered: list[Undelivered] = []
        self._on_undelivered = on_undelivered
        self.sent = 0
        self.failed = 0
        self.delivered = 0
        self.backpressure_waits = 0
        self.waited_seconds = 0.0
        self._by_partition: Counter[tuple[str, int]] = Counter()
        self._by_error: Counter[str] = Counter()

    def add(self, error: KafkaError | None, message: Message) -> None:
        """Count a report."""
        if error is None:
            self.delivered += 1
            self._by_partition[message.topic() or "", message.partition() or 0] += 1
            return
        self.failed += 1
        self._by_error[error.name()] += 1
        content = message.topic() or "", message.partition(), message.key(), message.value()
        lost = Undelivered(*content, error.name(), error.str())
        if len(self.undelivered) < KEPT_UNDELIVERED:
            self.undelivered.append(lost)
        if self._on_undelivered is not None:
            self._on_undelivered(lost)

    def deliveries(self) -> Deliveries:
        """The account of this moment."""
        return Deliveries(
            self.sent,
            self.delivered,
            self.failed,
            self.sent - self.delivered - self.failed,
            self.backpressure_waits,
            self.waited_seconds,
            dict(self._by_partition),
            dict(self._by_error),
        )


def unsent(topic: str, value: str | bytes | None, key: str | bytes | None, partition: int) -> Message:
    """A message that the client never took, as its report shows it."""
    return Message(topic=topic, partition=partition, key=_bytes(key), value=_bytes(value))


def _bytes(given: str | bytes | None) -> bytes | None:
    return given.encode() if isinstance(given, str) else given
