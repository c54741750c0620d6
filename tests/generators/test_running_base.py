"""A generator is two hooks; everything else is given to it, so a test needs neither Kafka nor time."""

import json
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from streamlab.encoding import framed
from streamlab.errors import StreamlabError
from streamlab.generators import World, stream
from streamlab.generators.base import Event, EventGenerator, Run
from streamlab.generators.rate import Rate
from streamlab.generators.running import StreamGenerator, live_world
from streamlab.producers import Deliveries, ManualClock, RecordedLog, RecordingProducer, ReliableProducer
from streamlab.wire import SchemaId, unframe


class Readings(EventGenerator):
    """The smallest generator."""

    def generate_event(self, index: int) -> Event:
        return {"sensor": f"s-{index % 3}", "celsius": self.random.random(), "event_time": 1_000 * index + 5}

    def partition_key(self, event: Event) -> str:
        key: str = event["sensor"]
        return key


def as_bytes(event: Event) -> bytes:
    return json.dumps(event).encode()


def readings(
    per_second: float | None = None, capacity: int = 1_000_000, seed: int = 1
) -> tuple[Readings, RecordingProducer, ManualClock]:
    clock = ManualClock()
    double = RecordingProducer(RecordedLog(3), clock=clock, queue_capacity=capacity)
    rate = Rate(per_second, clock=clock)
    generator = Readings("t", double, serialize=as_bytes, rate=rate, clock=clock, random=Random(seed))
    return generator, double, clock


def test_a_run_sends_so_many_events_with_key_and_event_time() -> None:
    generator, double, _ = readings()
    run = generator.run(count=30)
    assert run.ok
    assert (run.deliveries.sent, run.deliveries.delivered, run.stopped) == (30, 30, False)
    assert {message.key() for message in double.messages("t")} == {b"s-0", b"s-1", b"s-2"}
    for message in double.messages("t"):
        event = json.loads(message.value() or b"")
        assert message.key() == event["sensor"].encode()
        assert message.timestamp() == (1, event["event_time"])
    for number in range(3):
        times = [message.timestamp()[1] for message in double.messages("t", number)]
        assert times == sorted(times)


def test_two_runs_with_one_seed_are_equal_and_with_another_are_not() -> None:
    values = []
    for seed in (1, 1, 2):
        generator, double, _ = readings(seed=seed)
        generator.run(count=10)
        values.append([message.value() for message in double.messages("t")])
    assert values[0] == values[1] != values[2]


def test_a_run_of_so_many_seconds_sends_what_is_due_in_them() -> None:
    generator, _, clock = readings(per_second=100)
    run = generator.run(seconds=3)
    assert run.deliveries.sent == 300
    assert clock.seconds() == pytest.approx(2.99, abs=0.01)
    assert generator.run(seconds=3, count=7).deliveries.sent == 7


def test_a_run_without_a_rate_ends_when_its_time_is_up() -> None:
    generator, double, clock = readings()
    produce = double.produce

    def slowly(*arguments: Any, **named: Any) -> None:
        clock.advance(0.1)
        produce(*arguments, **named)

    double.produce = slowly  # type: ignore[method-assign]
    assert generator.run(seconds=1.05).deliveries.sent == 11


def test_a_slow_rate_does_not_keep_a_run_beyond_its_time() -> None:
    generator, _, clock = readings(per_second=0.1)
    assert generator.run(seconds=3).deliveries.sent == 1
    assert clock.seconds() <= 3.1


def test_a_stopped_run_sends_no_more_and_accounts_for_what_was_sent() -> None:
    clock = ManualClock()
    double = RecordingProducer(clock=clock)
    stop = threading.Event()

    class Stopping(Readings):
        def generate_event(self, index: int) -> Event:
            if index == 9:
                stop.set()
            return super().generate_event(index)

    generator = Stopping("t", double, serialize=as_bytes, rate=Rate(10, clock=clock), clock=clock, stop=stop)
    run = generator.run(count=1_000)
    assert run.stopped
    assert (run.deliveries.sent, run.deliveries.delivered) == (10, 10)


def test_a_full_queue_is_backpressure_and_neither_an_error_nor_a_loss() -> None:
    generator, double, _ = readings(capacity=10)
    double.delay(0.2)
    run = generator.run(count=95)
    assert run.ok
    assert run.deliveries.backpressure_waits > 0
    assert run.deliveries.waited_seconds > 0
    assert len(double.messages("t")) == 95


def test_what_does_not_arrive_is_counted_and_the_run_is_not_ok() -> None:
    generator, double, _ = readings()
    double.fail(4)
    run = generator.run(count=10)
    assert not run.ok
    assert (run.deliveries.delivered, run.deliveries.failed) == (6, 4)
    assert [lost.key for lost in generator.producer.undelivered] == [b"s-0", b"s-1", b"s-2", b"s-0"]


def test_what_was_never_reported_is_counted_too() -> None:
    generator, double, _ = readings()
    double.keep_silent()
    run = generator.run(count=10)
    assert not run.ok
    assert run.deliveries.outstanding == 10


def test_an_error_in_a_hook_ends_the_run_after_the_reports_of_what_was_sent() -> None:
    generator, double, _ = readings()
    good = generator.generate_event

    def failing(index: int) -> Event:
        if index == 5:
            raise ZeroDivisionError
        return good(index)

    generator.generate_event = failing  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        generator.run(count=10)
    assert len(double.messages("t")) == 5
    assert generator.producer.deliveries().complete


def test_a_second_run_has_an_account_of_its_own() -> None:
    generator, double, _ = readings()
    double.fail(1)
    first, second = generator.run(count=5), generator.run(count=7, first=5)
    assert (first.deliveries.sent, second.deliveries.sent) == (5, 7)
    assert second.ok
    assert second.deliveries.by_error == {}
    assert sum(second.deliveries.by_partition.values()) == 7


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    generator, _, _ = readings(per_second=100)
    told: list[Deliveries] = []
    run = generator.run(seconds=2, progress=told.append)
    assert 10 <= len(told) <= 21
    assert told[-1] == run.deliveries
    assert [one.sent for one in told] == sorted(one.sent for one in told)


def test_a_producer_that_accounts_already_is_taken_as_it_is() -> None:
    producer = ReliableProducer(RecordingProducer())
    assert Readings("t", producer, serialize=as_bytes).producer is producer


def test_a_generator_without_its_hooks_cannot_be_made() -> None:
    with pytest.raises(TypeError, match=r"generate_event.*partition_key"):
        EventGenerator("t", RecordingProducer(), serialize=as_bytes)  # type: ignore[abstract]


def test_a_run_of_no_time_has_no_rate() -> None:
    assert Run(0, 0, False, Deliveries()).events_per_second == 0


# Streams of a world


def streaming(name: str, **arguments: Any) -> tuple[StreamGenerator, RecordingProducer]:
    source = stream(name, World(seed=3))
    double = RecordingProducer(RecordedLog(source.contract.partitions or 1))
    serialize = framed(source.schema, SchemaId(7))
    return StreamGenerator(source, double, serialize=serialize, **arguments), double


@pytest.mark.parametrize("name", ["txn", "click", "device", "order"])
def test_a_stream_is_sent_framed_to_its_topic_under_its_key_at_its_time(name: str) -> None:
    from io import BytesIO

    import fastavro

    generator, double = streaming(name)
    assert generator.run(count=40).ok
    source = generator.source
    sent = {source.key(event): event for event in source.events(0, 40)}
    messages = double.messages(source.contract.topic or "")
    assert len(messages) == 40
    for message in messages:
        schema_id, body = unframe(message.value() or b"")
        assert schema_id == 7
        event = fastavro.schemaless_reader(BytesIO(body), source.schema)
        assert source.key(event).encode() == message.key()
        time_ms = event[source.time_field].timestamp() * 1_000
        assert message.timestamp()[1] == pytest.approx(time_ms, abs=0.5)
    assert {(message.key() or b"").decode() for message in messages} == sent.keys()


def test_any_order_of_indices_gives_the_same_events() -> None:
    generator, _ = streaming("txn")
    asked = [5, 6, 7, 3, 4, 100, 7, 8]
    assert [generator.generate_event(index) for index in asked] == [generator.source.event(i) for i in asked]


def test_a_topic_that_is_named_is_taken() -> None:
    generator, double = streaming("txn", topic="elsewhere")
    generator.run(count=3)
    assert len(double.messages("elsewhere")) == 3


NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize("name", ["txn", "click", "device", "order"])
def test_the_events_of_a_live_world_come_as_time_passes_and_never_from_the_future(name: str) -> None:
    world = live_world(name, rate=500, events=5_000, now_ms=NOW_MS)
    source = stream(name, world)
    for index in (0, 1, 500, 4_999):
        sent_ms = NOW_MS + index * 2
        assert source.arrival_ms(index) == pytest.approx(sent_ms, abs=10)
        assert source.event_time_ms(source.event(index)) <= sent_ms + 10


def test_a_world_that_is_sent_faster_than_it_happens_ends_now() -> None:
    for arguments in ({"rate": None}, {"rate": 10_000.0, "payments_per_second": 100.0}):
        world = live_world("txn", events=5_000, now_ms=NOW_MS, **arguments)
        source = stream("txn", world)
        sending_ms = 500 if arguments["rate"] else 0
        assert source.arrival_ms(4_999) == pytest.approx(NOW_MS + sending_ms, abs=10)


def test_a_world_with_a_given_start_is_the_same_in_every_run() -> None:
    def made(now_ms: int) -> World:
        return live_world("txn", rate=500, events=5_000, now_ms=now_ms, start_ms=123_456_789_000)

    assert made(NOW_MS) == made(NOW_MS + 86_400_000)
    assert made(NOW_MS).start_ms == 123_456_789_000


def test_an_endless_run_needs_a_start() -> None:
    with pytest.raises(StreamlabError, match="Give a count"):
        live_world("txn", rate=None, events=float("inf"), now_ms=NOW_MS)


def test_an_event_that_is_not_its_schemas_is_no_message() -> None:
    source = stream("txn", World(seed=3))
    serialize: Callable[[Event], bytes] = framed(source.schema, SchemaId(7))
    for wrong in ({"amount": None}, {"currency": "XXX"}, {"user_id": 5}):
        with pytest.raises((ValueError, TypeError)):
            serialize(source.event(0) | wrong)
