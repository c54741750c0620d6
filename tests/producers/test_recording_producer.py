"""The producer double: it remembers, and it fails, delays and keeps silent when it is told to."""

import pytest
from confluent_kafka import KafkaError, Message

from streamlab.producers import EventProducer, ManualClock, RecordedLog, RecordingProducer, ReliableProducer
from streamlab.producers.deliveries import Undelivered

Report = tuple[str | None, bytes | None]


class Reports:
    """Collects delivery reports."""

    def __init__(self) -> None:
        self.all: list[Report] = []

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self.all.append((None if error is None else error.name(), message.value()))


def test_a_report_comes_from_poll_or_flush_and_from_nowhere_else() -> None:
    producer, reports = RecordingProducer(), Reports()
    producer.produce("t", b"1", on_delivery=reports)
    assert (reports.all, len(producer), producer.messages("t")) == ([], 1, [])
    assert producer.poll(0) == 1
    assert (reports.all, len(producer), len(producer.messages("t"))) == ([(None, b"1")], 0, 1)
    producer.produce("t", b"2", on_delivery=reports)
    assert producer.flush() == 0
    assert reports.all[1:] == [(None, b"2")]


def test_what_is_told_to_fail_is_reported_and_not_in_the_log() -> None:
    producer, reports = RecordingProducer(), Reports()
    producer.fail(2, KafkaError.MSG_SIZE_TOO_LARGE)
    for value in (b"1", b"2", b"3"):
        producer.produce("t", value, on_delivery=reports)
    producer.flush()
    assert reports.all == [("MSG_SIZE_TOO_LARGE", b"1"), ("MSG_SIZE_TOO_LARGE", b"2"), (None, b"3")]
    assert [message.value() for message in producer.messages("t")] == [b"3"]


def test_a_delay_holds_delivery_and_report_back_by_the_clock() -> None:
    clock, reports = ManualClock(), Reports()
    producer = RecordingProducer(clock=clock)
    producer.delay(2.0)
    producer.produce("t", b"1", on_delivery=reports)
    assert producer.poll(0) == 0
    assert producer.flush(1.5) == 1
    assert clock.seconds() == pytest.approx(1.5)
    assert producer.poll(10) == 1
    assert clock.seconds() == pytest.approx(2.0), "it waits no longer than until the first report"
    assert reports.all == [(None, b"1")]


def test_a_silent_double_shows_what_nobody_heard_of() -> None:
    producer, reports = RecordingProducer(clock=ManualClock()), Reports()
    producer.produce("t", b"1", on_delivery=reports)
    producer.keep_silent()
    producer.produce("t", b"2", on_delivery=reports)
    producer.delay(0)
    producer.produce("t", b"3", on_delivery=reports)
    assert producer.flush(5) == 1
    assert [value for _, value in reports.all] == [b"1", b"3"]


def test_waiting_without_end_for_a_silent_double_is_an_error_and_no_hanging_test() -> None:
    producer = RecordingProducer(clock=ManualClock())
    producer.keep_silent()
    producer.produce("t", b"1")
    with pytest.raises(RuntimeError, match="give a timeout"):
        producer.flush()


def test_a_purge_reports_everything_that_is_left() -> None:
    producer, reports = RecordingProducer(clock=ManualClock()), Reports()
    producer.keep_silent()
    producer.produce("t", b"1", on_delivery=reports)
    producer.purge()
    assert producer.poll(0) == 1
    assert reports.all == [("_PURGE_QUEUE", b"1")]


def test_a_timestamp_that_is_not_given_is_the_clocks() -> None:
    producer = RecordingProducer(clock=ManualClock(now_ms=1_767_607_200_000))
    producer.produce("t", b"1")
    producer.produce("t", b"2", timestamp=5)
    producer.flush()
    assert sorted(message.timestamp()[1] for message in producer.messages("t")) == [5, 1_767_607_200_000]


def test_topics_may_have_a_number_of_partitions_of_their_own() -> None:
    log = RecordedLog(partitions=2, topics={"wide": 24})
    assert (log.partitions("wide"), log.partitions("other")) == (24, 2)
    with pytest.raises(ValueError, match="has 24 partitions, not 3"):
        log.create_topic("wide", 3)
    with pytest.raises(ValueError, match="at least one"):
        log.create_topic("none", 0)


# The account on top


def test_a_double_and_the_producer_on_top_of_it_have_one_interface() -> None:
    def takes(producer: EventProducer) -> int:
        producer.produce("t", b"1", key=b"k", timestamp=1)
        return producer.flush(1)

    double = RecordingProducer()
    assert takes(double) == takes(ReliableProducer(double)) == 0


def test_a_full_queue_is_waited_for_and_counted_and_nothing_is_lost() -> None:
    clock = ManualClock()
    double = RecordingProducer(queue_capacity=10, clock=clock)
    double.delay(0.5)
    producer = ReliableProducer(double, clock=clock)
    for number in range(100):
        producer.produce("t", str(number))
    assert producer.flush(5) == 0
    account = producer.deliveries()
    assert account.complete
    assert (account.sent, account.failed) == (100, 0)
    assert account.backpressure_waits > 0
    assert account.waited_seconds == pytest.approx(4.5, abs=0.01), "nine times the delay: ten by ten"
    assert {message.value() for message in double.messages("t")} == {str(n).encode() for n in range(100)}


def test_a_queue_that_stays_full_is_given_up_by_a_report_and_not_by_an_exception() -> None:
    clock = ManualClock()
    double = RecordingProducer(queue_capacity=2, clock=clock)
    double.keep_silent()
    producer = ReliableProducer(double, clock=clock, patience_seconds=3)
    for value in (b"1", b"2", b"3"):
        producer.produce("t", value)
    account = producer.deliveries()
    assert (account.sent, account.failed, account.outstanding) == (3, 1, 2)
    assert account.by_error == {"_QUEUE_FULL": 1}
    assert producer.undelivered[0].value == b"3"
    assert clock.seconds() == pytest.approx(3, abs=0.1)


def test_every_undelivered_event_is_told_with_key_value_and_reason() -> None:
    double = RecordingProducer(RecordedLog(topics={"t": 1}))
    told: list[Undelivered] = []
    producer = ReliableProducer(double, on_undelivered=told.append)
    double.fail(1)
    reports = Reports()
    producer.produce("t", b"v", key=b"k", on_delivery=reports)
    producer.flush(1)
    assert told == producer.undelivered
    assert told[0][:5] == ("t", 0, b"k", b"v", "_MSG_TIMED_OUT")
    assert "timed out" in told[0].reason
    assert reports.all == [("_MSG_TIMED_OUT", b"v")], "who gave a callback hears it too"


def test_what_the_client_refuses_at_once_is_a_report_too() -> None:
    producer = ReliableProducer(RecordingProducer(RecordedLog(partitions=2)))
    producer.produce("t", bytes(2_000_000))
    producer.produce("t", b"x", partition=9)
    assert producer.deliveries().by_error == {"MSG_SIZE_TOO_LARGE": 1, "_UNKNOWN_PARTITION": 1}
    assert (producer.deliveries().sent, len(producer)) == (2, 0)
    assert [lost.partition for lost in producer.undelivered] == [None, 9]


def test_the_list_of_the_undelivered_is_bounded_and_their_count_is_not() -> None:
    double = RecordingProducer()
    producer = ReliableProducer(double)
    double.fail(1_500)
    for _ in range(1_500):
        producer.produce("t", b"x")
    producer.flush(1)
    assert (len(producer.undelivered), producer.deliveries().failed) == (1_000, 1_500)


def test_the_account_is_balanced_at_every_moment() -> None:
    clock = ManualClock()
    double = RecordingProducer(queue_capacity=5, clock=clock)
    producer = ReliableProducer(double, clock=clock)
    for number in range(60):
        double.delay(0.01 * (number % 7))
        double.fail(number % 2)
        producer.produce("t", str(number), key=str(number))
        producer.poll(0)
        now = producer.deliveries()
        assert now.sent == now.delivered + now.failed + now.outstanding == number + 1
        assert now.outstanding == len(producer)
        assert sum(now.by_partition.values()) == now.delivered
        assert sum(now.by_error.values()) == now.failed


def test_the_account_as_json_names_its_partitions() -> None:
    producer = ReliableProducer(RecordingProducer(RecordedLog(partitions=1)))
    producer.produce("t", b"x")
    producer.flush(1)
    assert producer.deliveries().as_json()["by_partition"] == {"t[0]": 1}
