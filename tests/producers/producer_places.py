"""Places with producers and consumers, so that one test can be asked of each."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from confluent_kafka import KafkaError, Message

from streamlab.producers import ManualClock, RecordedLog, RecordingConsumer, RecordingProducer
from streamlab.stack import Capability, Stack

PATIENCE_SECONDS = 20.0
Report = tuple[KafkaError | None, Message]


class Place(Protocol):
    """Where messages go."""

    def topic(self, partitions: int = 1) -> str:
        """A new topic."""
        ...

    def producer(self, *, queue_capacity: int = 100_000) -> Any:
        """The plain client, or its double."""
        ...

    def unheard_producer(self) -> Any:
        """A producer whose messages do not arrive, and are reported so within two seconds."""
        ...

    def consumer(self, **config: Any) -> Any:
        """The plain client, or its double."""
        ...

    def has(self, capability: Capability) -> bool:
        """What the broker can do."""
        ...


class InMemory:
    """The doubles."""

    def __init__(self) -> None:
        self.log = RecordedLog()
        self._topics = 0

    def topic(self, partitions: int = 1) -> str:
        self._topics += 1
        self.log.create_topic(f"topic-{self._topics}", partitions)
        return f"topic-{self._topics}"

    def producer(self, *, queue_capacity: int = 100_000) -> RecordingProducer:
        return RecordingProducer(self.log, queue_capacity=queue_capacity)

    def unheard_producer(self) -> RecordingProducer:
        producer = RecordingProducer(self.log, clock=ManualClock())
        producer.fail(1_000)
        producer.delay(1)
        return producer

    def consumer(self, **config: Any) -> RecordingConsumer:
        return RecordingConsumer(self.log, **config)

    def has(self, capability: Capability) -> bool:
        return capability is Capability.OFFSETS_BY_TIME


class OnStack:
    """The real clients on a broker."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def topic(self, partitions: int = 1) -> str:
        name = self.stack.unique("contract")
        self.stack.create_topic(name, partitions)
        return name

    def producer(self, *, queue_capacity: int = 100_000) -> Any:
        return self.stack.producer(queue_buffering_max_messages=queue_capacity)

    def unheard_producer(self) -> Any:
        return self.stack.producer(
            bootstrap_servers="127.0.0.1:1", delivery_timeout_ms=300, request_timeout_ms=200
        )

    def consumer(self, **config: Any) -> Any:
        return self.stack.consumer(**config)

    def has(self, capability: Capability) -> bool:
        return self.stack.has(capability)


class Embedded(OnStack):
    """The real clients on the embedded broker."""


class Reports:
    """Collects delivery reports."""

    def __init__(self) -> None:
        self.all: list[Report] = []

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self.all.append((error, message))

    @property
    def values(self) -> list[bytes | None]:
        return [message.value() for _, message in self.all]

    @property
    def errors(self) -> list[str | None]:
        return [None if error is None else error.name() for error, _ in self.all]


def send(place: Place, topic: str, *values: bytes, **arguments: Any) -> None:
    """Have these values in the topic."""
    producer = place.producer()
    for value in values:
        producer.produce(topic, value, **arguments)
    assert producer.flush(PATIENCE_SECONDS) == 0


def polled(consumer: Any, count: int) -> list[Message]:
    """So many messages, of no matter which partitions."""
    return take(count, poll_until_patience_ends(consumer))


def take(count: int, messages: Iterator[Message]) -> list[Message]:
    """The first so many."""
    found = []
    while len(found) < count:
        found.append(next(messages))
    return found


def poll_until_patience_ends(consumer: Any) -> Iterator[Message]:
    """Messages and events as they come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is not None:
            yield message


def wait_until(claim: Callable[[], bool]) -> None:
    """Return when the claim holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
