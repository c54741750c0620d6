"""What every producer here can do: the part of confluent-kafka's interface that the course uses.

    def announce(producer: EventProducer) -> None:
        producer.produce("txn.events", b"value", key=b"card-1", on_delivery=report)
        producer.poll(0)                     # serves the reports that have come
        assert producer.flush(10) == 0       # how many messages are still without a report

    def report(error: KafkaError | None, message: Message) -> None: ...

`produce` puts a message into a local queue and returns; what became of it is told to `on_delivery`, from
within `poll` or `flush` and from nowhere else. Names, arguments and objects are the client's own, so that
what is written against a double runs on Kafka unchanged.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from confluent_kafka import KafkaError, Message

DeliveryCallback: TypeAlias = Callable[[KafkaError | None, Message], Any]
"""Told once for each message: the error is None exactly if it was delivered."""

Headers: TypeAlias = dict[str, str | bytes | None] | list[tuple[str, str | bytes | None]]

ANY_PARTITION = -1
"""Let the partitioner choose, by the key."""


class EventProducer(Protocol):
    """A producer, whatever is behind it."""

    def produce(
        self,
        topic: str,
        value: str | bytes | None = None,
        key: str | bytes | None = None,
        partition: int = ANY_PARTITION,
        *,
        on_delivery: DeliveryCallback | None = None,
        timestamp: int = 0,
        headers: Headers | None = None,
    ) -> None:
        """Put a message into the local queue.

        Args:
            timestamp: the record's time in milliseconds since the epoch; 0 is now.

        Raises:
            BufferError: the local queue is full.
            KafkaException: the client refuses it: too large, or no such partition.
        """
        ...

    def poll(self, timeout: float = -1) -> int:
        """Serve reports; wait for the first one for at most so many seconds (-1: for ever). How many came."""
        ...

    def flush(self, timeout: float = -1) -> int:
        """Send everything and serve all reports, within so many seconds (-1: for ever). How many are left."""
        ...

    def __len__(self) -> int:
        """How many messages have no report yet; the real client adds events of its own, such as log lines."""
        ...
