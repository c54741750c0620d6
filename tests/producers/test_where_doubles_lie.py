"""Each lie of the doubles is observed: on the double, and the truth on Kafka."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from producer_places import (
    PATIENCE_SECONDS,
    Embedded,
    InMemory,
    OnStack,
    Place,
    Reports,
    polled,
    send,
    wait_until,
)

from streamlab.producers import WHERE_DOUBLES_LIE, Lie, ManualClock, RecordingProducer
from streamlab.producers.lies import Double
from streamlab.stack import Capability

OBSERVED: dict[str, Callable[[InMemory, Embedded, OnStack], None]] = {}


def observes(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def note(observation: Callable[..., None]) -> Callable[..., None]:
        assert name not in OBSERVED
        OBSERVED[name] = observation
        return observation

    return note


def fate(place: Place, topic: str, value: bytes = b"v", **arguments: Any) -> str | None:
    """The error's name in the report of one message; None if it was delivered."""
    reports, producer = Reports(), place.producer()
    producer.produce(topic, value, on_delivery=reports, **arguments)
    assert producer.flush(PATIENCE_SECONDS) == 0
    return reports.errors[0]


def end_of(place: Place, topic: str) -> int:
    consumer = place.consumer()
    end: int = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)[1]
    consumer.close()
    return end


@observes("sends only when asked")
def sending(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    producer = memory.producer()
    producer.produce(topic := memory.topic(), b"v")
    assert end_of(memory, topic) == 0
    for place in (embedded, kafka):
        producer = place.producer()
        producer.produce(topic := place.topic(), b"v")
        wait_until(lambda place=place, topic=topic: end_of(place, topic) == 1)
        assert len(producer) >= 1, "and nobody has asked for the report"
        producer.flush()


@observes("takes no time")
def latency(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    def latency_seconds(producer: Any, topic: str) -> float | None:
        reports = Reports()
        producer.produce(topic, b"v", on_delivery=reports)
        producer.flush(PATIENCE_SECONDS)
        seconds: float | None = reports.all[0][1].latency()
        return seconds

    assert latency_seconds(RecordingProducer(memory.log, clock=ManualClock()), memory.topic()) == 0
    assert (latency_seconds(kafka.producer(), kafka.topic()) or 0) > 0


@observes("does not try again")
def trying(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    producer, reports = memory.producer(), Reports()
    producer.fail(1, KafkaError.NOT_LEADER_FOR_PARTITION)
    producer.produce(memory.topic(), b"v", on_delivery=reports)
    producer.flush()
    assert reports.errors == ["NOT_LEADER_FOR_PARTITION"]
    with embedded.stack.injection() as broker:
        topic = embedded.topic()
        broker.errors("Produce", "NOT_LEADER_FOR_PARTITION")
        assert fate(embedded, topic) is None


@observes("knows every partition beforehand")
def partitions(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    with pytest.raises(KafkaException):
        memory.producer().produce(memory.topic(), b"v", partition=9)
    assert fate(kafka, kafka.topic(), partition=9) == "_UNKNOWN_PARTITION"


@observes("has every topic")
def topics(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    assert fate(memory, "never.made") is None
    reports = Reports()
    producer = kafka.stack.producer(topic_metadata_propagation_max_ms=200)
    producer.produce(kafka.stack.unique("never.made"), b"v", on_delivery=reports)
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert reports.errors[0] in {"_UNKNOWN_TOPIC", "UNKNOWN_TOPIC_OR_PART"}


@observes("accepts every size")
def sizes(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    assert fate(memory, memory.topic(), bytes(5_000)) is None
    small = kafka.stack.unique("small")
    kafka.stack.create_topic(small, config={"max.message.bytes": "1000"})
    assert fate(kafka, small, bytes(5_000)) == "MSG_SIZE_TOO_LARGE"


def in_two_hours() -> int:
    return (int(time.time()) + 7_200) * 1_000


@observes("accepts every time")
def times(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    assert fate(memory, memory.topic(), timestamp=in_two_hours()) is None
    assert fate(kafka, kafka.topic(), timestamp=in_two_hours()) == "INVALID_TIMESTAMP"


@observes("accepts every time, too")
def embedded_times(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    assert fate(embedded, embedded.topic(), timestamp=in_two_hours()) is None


@observes("waits for nothing")
def waiting(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    consumer = memory.consumer()
    consumer.subscribe([memory.topic()])
    assert consumer.poll(3_600) is None, "or this test would never end"
    for place in (embedded, kafka):
        consumer = place.consumer()
        consumer.assign([TopicPartition(place.topic(), 0, 0)])
        began = time.monotonic()
        assert consumer.poll(0.3) is None
        assert time.monotonic() - began >= 0.29
        consumer.close()


@observes("groups have one member")
def groups(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    topic = memory.topic(partitions=2)
    send(memory, topic, *(b"%d" % number for number in range(20)))
    both = [memory.consumer(group_id="g"), memory.consumer(group_id="g")]
    for consumer in both:
        consumer.subscribe([topic])
        assert len(consumer.consume(100)) == 20
    topic, group = kafka.topic(partitions=2), kafka.stack.unique("g")
    both = [kafka.consumer(group_id=group), kafka.consumer(group_id=group)]
    for consumer in both:
        consumer.subscribe([topic])

    def divided() -> bool:
        for consumer in both:
            assert consumer.poll(0.1) is None
        return [len(consumer.assignment()) for consumer in both] == [1, 1]

    wait_until(divided)
    for number in range(2):
        send(kafka, topic, *(b"%d" % n for n in range(10)), partition=number)
    for consumer in both:
        assert len({message.partition() for message in polled(consumer, 10)}) == 1
        assert consumer.poll(0.3) is None
    for consumer in both:
        consumer.close()


@observes("has no transactions")
def transactions(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    assert not hasattr(memory.producer(), "begin_transaction")
    assert hasattr(kafka.producer(), "begin_transaction")
    assert kafka.has(Capability.TRANSACTIONS)


@observes("shows aborted messages")
def aborted(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    for place, seen in ((embedded, [b"aborted", b"committed"]), (kafka, [b"committed"])):
        topic = place.topic()
        producer = place.stack.producer(transactional_id=place.stack.unique("t"))
        producer.init_transactions(PATIENCE_SECONDS)
        producer.begin_transaction()
        producer.produce(topic, b"aborted")
        producer.flush(PATIENCE_SECONDS)
        producer.abort_transaction(PATIENCE_SECONDS)
        producer.begin_transaction()
        producer.produce(topic, b"committed")
        producer.commit_transaction(PATIENCE_SECONDS)
        assert [message.value() for message in place.stack.read_topic(topic)] == seen


@observes("checks no sequence numbers")
def sequence_numbers(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    def stored(patience_seconds: float) -> int:
        """How often a message is in the log whose answer was lost after `patience_seconds`."""
        topic, reports = embedded.topic(), Reports()
        producer = embedded.stack.producer(reconnect_backoff_ms=10, reconnect_backoff_max_ms=50)
        producer.produce(topic, b"before")
        producer.flush(PATIENCE_SECONDS)
        with embedded.stack.injection() as broker:
            broker.delay(30)
            producer.produce(topic, b"v", on_delivery=reports)
            time.sleep(patience_seconds)
            broker.down()
            broker.delay(0)
            broker.up()
            assert producer.flush(PATIENCE_SECONDS) == 0
        assert reports.errors == [None]
        return [message.value() for message in embedded.stack.read_topic(topic)].count(b"v")

    assert 2 in (stored(patience_seconds) for patience_seconds in (0.3, 1, 3)), "sent again, stored again"
    topic = kafka.topic()
    assert fate(kafka, topic) is None
    assert end_of(kafka, topic) == 1


@observes("reports another time")
def reported_times(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    def reported(place: Place) -> tuple[int, int]:
        reports, producer = Reports(), place.producer()
        producer.produce(place.topic(), b"v", timestamp=1_767_607_200_000, on_delivery=reports)
        producer.flush(PATIENCE_SECONDS)
        return reports.all[0][1].timestamp()

    assert reported(embedded) == (2, 1234)
    assert reported(kafka) == reported(memory) == (1, 1_767_607_200_000)


@observes("finds no offset by time")
def offsets_by_time(memory: InMemory, embedded: Embedded, kafka: OnStack) -> None:
    def found(place: Place) -> int:
        send(place, topic := place.topic(), b"v", timestamp=1_767_607_200_000)
        consumer = place.consumer()
        [offset] = consumer.offsets_for_times([TopicPartition(topic, 0, 0)], timeout=10)
        consumer.close()
        return offset.offset

    assert found(embedded) < 0
    assert found(kafka) == found(memory) == 0


@pytest.mark.stack
@pytest.mark.parametrize("lie", WHERE_DOUBLES_LIE, ids=lambda lie: lie.name)
def test_a_listed_lie_is_one(lie: Lie, request: pytest.FixtureRequest) -> None:
    embedded = Embedded(request.getfixturevalue("embedded_stack"))
    OBSERVED[lie.name](InMemory(), embedded, OnStack(request.getfixturevalue("live_stack")))


def test_every_lie_is_listed_once_and_observed_and_nothing_else_is() -> None:
    names = [lie.name for lie in WHERE_DOUBLES_LIE]
    assert len(set(names)) == len(names)
    assert set(names) == set(OBSERVED)
    assert {lie.double for lie in WHERE_DOUBLES_LIE} == set(Double)


def test_every_lie_says_what_follows_from_it_in_sentences() -> None:
    for lie in WHERE_DOUBLES_LIE:
        assert all(text.endswith(".") for text in (lie.says, lie.truth, lie.so))
