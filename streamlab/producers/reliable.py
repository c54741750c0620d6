"""A producer that accounts for every event: delivered, or reported by name.

    producer = ReliableProducer.of(stack.connect())
    producer.produce("txn.events", value, key=key, timestamp=event_time_ms)
    producer.poll(0)
    producer.flush(10)
    producer.deliveries().failed, producer.undelivered        # counted, and listed with the reason

It is a thin layer on a client with `EventProducer`'s interface: the real one of the stack (idempotent,
acks=all), or a double. What it adds:

- A full local queue is backpressure, not an exception: `produce` waits by serving reports until there is
  room, and counts the waits. (Reports that are served meanwhile run in `produce`.)
- What the client refuses at once (too large, no such partition) comes as a report too: there is one way to
  hear that an event did not arrive.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self

from confluent_kafka import KafkaError, KafkaException, Message

from streamlab.producers.clock import Clock, SystemClock
from streamlab.producers.deliveries import Account, Deliveries, Undelivered, unsent
from streamlab.producers.interface import ANY_PARTITION, DeliveryCallback, EventProducer, Headers

if TYPE_CHECKING:
    from streamlab.stack import Stack

PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


class ReliableProducer:
    """A producer with an account.

    Args:
        client: what sends.
        on_undelivered: told of every event that did not arrive.
        clock: for measuring the waits.
        patience_seconds: how long a full queue may stay full; then the event is reported as undelivered.
            A real client gives up what it cannot send within its `delivery.timeout.ms`, so room comes before.

    Attributes:
        undelivered: the first thousand events that did not arrive; `deliveries().failed` counts them all.
    """

    def __init__(
        self,
        client: EventProducer,
        *,
        on_undelivered: Callable[[Undelivered], Any] | None = None,
        clock: Clock | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self._patience_seconds = patience_seconds
        self._account = Account(on_undelivered)
        self.undelivered = self._account.undelivered

    @classmethod
    def of(cls, here: "Stack", **config: Any) -> Self:
        """The producer of a stack.

        Args:
            config: the client's settings, as for `Stack.producer`.
        """
        return cls(here.producer(**config))

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
        """Send an event; wait while the local queue is full.

        Raises:
            TypeError: an argument is of the wrong type.
            RuntimeError: the client was closed.
        """
        report = self._account.add if on_delivery is None else self._reporting_to(on_delivery)
        began: float | None = None
        refusal: KafkaError | None = None
        while True:
            try:
                self._client.produce(
                    topic, value, key, partition, on_delivery=report, timestamp=timestamp, headers=headers
                )
            except BufferError:
                now = self._clock.seconds()
                if began is None:
                    began = now
                    self._account.backpressure_waits += 1
                if now - began < self._patience_seconds:
                    self._client.poll(_POLL_SECONDS)
                    continue
                refusal = KafkaError(KafkaError._QUEUE_FULL)
            except KafkaException as error:
                refusal = error.args[0]
            break
        if began is not None:
            self._account.waited_seconds += self._clock.seconds() - began
        self._account.sent += 1
        if refusal is not None:
            report(refusal, unsent(topic, value, key, partition))

    def poll(self, timeout: float = -1) -> int:
        """Serve reports; see `EventProducer.poll`."""
        return self._client.poll(timeout)

    def flush(self, timeout: float = -1) -> int:
        """Send everything and serve all reports; see `EventProducer.flush`."""
        return self._client.flush(timeout)

    def __len__(self) -> int:
        """How many messages have no report yet."""
        return len(self._client)

    def deliveries(self) -> Deliveries:
        """The account of this moment."""
        return self._account.deliveries()

    def _reporting_to(self, callback: DeliveryCallback) -> DeliveryCallback:
        def both(error: KafkaError | None, message: Message) -> None:
            self._account.add(error, message)
            callback(error, message)

        return both
