"""The contract of producers and consumers: the same assertions on the doubles, on embedded and on Kafka.

What a test relies on that runs on a double alone has to be true of the real thing. Where it is not, it stands
in `WHERE_DOUBLES_LIE`.
"""

import itertools
from typing import Any
from zlib import crc32

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException, Message, TopicPartition
from producer_places import PATIENCE_SECONDS, Place, Reports, polled, send

from streamlab.producers import ReliableProducer
from streamlab.stack import Capability

# Producing


def test_each_message_is_reported_once_with_its_place_and_content(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    for number in range(5):
        producer.produce(topic, b"v%d" % number, key=b"k", on_delivery=reports)
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert reports.errors == [None] * 5
    facts = [(m.topic(), m.partition(), m.offset(), m.key(), m.value()) for _, m in reports.all]
    assert facts == [(topic, 0, number, b"k", b"v%d" % number) for number in range(5)]
    assert all((message.latency() or 0) >= 0 for _, message in reports.all)


def test_no_report_comes_before_it_is_asked_for(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"v", on_delivery=reports)
    assert reports.all == []
    assert len(producer) >= 1
    while not reports.all:
        producer.poll(0.2)
    assert producer.flush(PATIENCE_SECONDS) == len(producer) == 0


def test_poll_says_how_many_reports_it_served(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"v", on_delivery=reports)
    served = 0
    while not reports.all:
        served += producer.poll(PATIENCE_SECONDS)
    assert served >= len(reports.all) == 1, "the client counts its own events too"


def test_callback_is_another_name_for_on_delivery(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"v", callback=reports)
    producer.flush(PATIENCE_SECONDS)
    assert reports.errors == [None]


def test_a_report_has_no_headers_even_if_the_message_had_some(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"v", headers={"reason": "late"}, on_delivery=reports)
    producer.flush(PATIENCE_SECONDS)
    assert reports.all[0][1].headers() is None


def test_texts_are_sent_in_utf_8_and_nothing_as_nothing(place: Place) -> None:
    topic, producer = place.topic(), place.producer()
    producer.produce(topic, "värde", key="nøgle")
    producer.produce(topic, None, key=None)
    producer.produce(topic, b"", key=b"")
    producer.flush(PATIENCE_SECONDS)
    consumer = reading(place, topic)
    assert [(m.key(), m.value()) for m in polled(consumer, 3)] == [
        ("nøgle".encode(), "värde".encode()), (None, None), (b"", b""),
    ]  # fmt: skip
    consumer.close()


@pytest.mark.parametrize("headers", [{"a": "x", "n": None}, [("a", "x"), ("n", None)]])
def test_headers_and_timestamp_come_back_from_the_log(place: Place, headers: Any) -> None:
    topic = place.topic()
    send(place, topic, b"v", headers=headers, timestamp=1_767_607_200_123)
    consumer = reading(place, topic)
    [message] = polled(consumer, 1)
    assert message.headers() == [("a", b"x"), ("n", None)]
    assert message.timestamp() == (1, 1_767_607_200_123)
    consumer.close()


def test_a_key_has_one_partition_which_its_checksum_tells_and_stays_in_order(place: Place) -> None:
    topic, reports, producer = place.topic(partitions=3), Reports(), place.producer()
    for number in range(60):
        producer.produce(topic, b"%d" % number, key=b"card-%d" % (number % 7), on_delivery=reports)
    producer.flush(PATIENCE_SECONDS)
    assert all(m.partition() == crc32(m.key() or b"") % 3 for _, m in reports.all)
    consumer = reading(place, topic, 0, 1, 2)
    came = sorted(polled(consumer, 60), key=lambda m: m.key() or b"")
    for _, of_key in itertools.groupby(came, Message.key):
        numbers = [int(m.value() or b"") for m in of_key]
        assert numbers == sorted(numbers)
    consumer.close()


def test_a_partition_that_is_given_is_taken(place: Place) -> None:
    topic, reports, producer = place.topic(partitions=3), Reports(), place.producer()
    producer.produce(topic, b"v", key=b"k", partition=(crc32(b"k") + 1) % 3, on_delivery=reports)
    producer.flush(PATIENCE_SECONDS)
    assert reports.all[0][1].partition() == (crc32(b"k") + 1) % 3


def test_a_full_queue_is_a_buffer_error_until_reports_are_served(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer(queue_capacity=10)
    for _ in range(10):
        producer.produce(topic, b"v", on_delivery=reports)
    with pytest.raises(BufferError, match="Local: Queue full"):
        producer.produce(topic, b"one too many")
    while not reports.all:
        producer.poll(0.2)
    producer.produce(topic, b"w", on_delivery=reports)
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert reports.values == [b"v"] * 10 + [b"w"]


def test_what_is_too_large_is_refused_at_once(place: Place) -> None:
    with pytest.raises(KafkaException) as refusal:
        place.producer().produce(place.topic(), bytes(1_000_001))
    assert refusal.value.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE


@pytest.mark.parametrize("arguments", [{"value": 3}, {"key": 3.5}, {"value": [b"x"]}, {"colour": b"red"}])
def test_what_is_no_message_is_a_type_error(place: Place, arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        place.producer().produce(place.topic(), **arguments)


def test_an_error_in_a_callback_comes_out_of_poll_or_flush(place: Place) -> None:
    def fail(error: KafkaError | None, message: Message) -> None:
        raise ValueError("in the callback")

    producer = place.producer()
    producer.produce(place.topic(), b"v", on_delivery=fail)
    with pytest.raises(ValueError, match="in the callback"):
        producer.flush(PATIENCE_SECONDS)


def test_a_callback_may_produce_and_flush_waits_for_that_too(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"1", on_delivery=lambda *_: producer.produce(topic, b"2", on_delivery=reports))
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert reports.values == [b"2"]


def test_a_closed_producer_has_sent_everything_and_takes_nothing(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.producer()
    producer.produce(topic, b"v", on_delivery=reports)
    producer.close()
    assert reports.errors == [None]
    with pytest.raises(RuntimeError, match="closed"):
        producer.produce(topic, b"w")


def test_a_message_that_does_not_arrive_is_reported_without_an_offset(place: Place) -> None:
    topic, reports, producer = place.topic(), Reports(), place.unheard_producer()
    producer.produce(topic, b"v", key=b"k", headers={"a": "x"}, on_delivery=reports)
    assert producer.flush(PATIENCE_SECONDS) == 0
    [(error, message)] = reports.all
    assert error is not None
    assert (error.name(), error.code()) == ("_MSG_TIMED_OUT", KafkaError._MSG_TIMED_OUT)
    assert (message.topic(), message.key(), message.value()) == (topic, b"k", b"v")
    assert (message.offset(), message.headers(), message.timestamp()[0]) == (None, None, 0)


def test_flush_says_how_many_it_leaves_behind(place: Place) -> None:
    producer = place.unheard_producer()
    for _ in range(3):
        producer.produce("t", b"v")
    assert producer.flush(0.01) >= 3
    producer.purge()
    assert producer.flush(PATIENCE_SECONDS) == 0


def test_a_purge_is_reported_message_by_message(place: Place) -> None:
    reports, producer = Reports(), place.unheard_producer()
    producer.produce("t", b"v", on_delivery=reports)
    producer.purge()
    producer.poll(PATIENCE_SECONDS)
    assert reports.errors == ["_PURGE_QUEUE"]


# The account on top of it


def test_a_producer_with_an_account_loses_nothing_when_its_queue_is_full(place: Place) -> None:
    topic, reports = place.topic(partitions=3), Reports()
    producer = ReliableProducer(place.producer(queue_capacity=20))
    for number in range(500):
        producer.produce(topic, b"%d" % number, key=b"%d" % (number % 10), on_delivery=reports)
    assert producer.flush(PATIENCE_SECONDS) == 0
    account = producer.deliveries()
    assert (account.sent, account.delivered, account.failed, account.outstanding) == (500, 500, 0, 0)
    assert account.backpressure_waits >= 1
    assert {int(value or b"") for value in reports.values} == set(range(500))
    assert sum(account.by_partition.values()) == 500


def test_a_producer_with_an_account_reports_every_event_that_does_not_arrive(place: Place) -> None:
    producer = ReliableProducer(place.unheard_producer())
    for number in range(10):
        producer.produce("t", b"%d" % number, key=b"k")
    assert producer.flush(PATIENCE_SECONDS) == 0
    account = producer.deliveries()
    assert (account.sent, account.delivered, account.failed) == (10, 0, 10)
    assert account.by_error == {"_MSG_TIMED_OUT": 10}
    assert {lost.value for lost in producer.undelivered} == {b"%d" % number for number in range(10)}


# Consuming


def reading(place: Place, topic: str, *partitions: int, offset: int = 0, **config: Any) -> Any:
    """A consumer that is assigned these partitions (0, if none is named)."""
    consumer = place.consumer(**config)
    consumer.assign([TopicPartition(topic, number, offset) for number in partitions or (0,)])
    return consumer


def code_of(refusal: "pytest.ExceptionInfo[KafkaException]") -> int:
    code: int = refusal.value.args[0].code()
    return code


def test_a_subscriber_gets_every_partition_and_is_told_what_it_gets_and_gives_back(place: Place) -> None:
    topic = place.topic(partitions=3)
    for number in range(3):
        send(place, topic, b"v%d" % number, partition=number)
    told: list[tuple[str, list[int]]] = []
    consumer = place.consumer()
    consumer.subscribe(
        [topic],
        on_assign=lambda _, parts: told.append(("assigned", sorted(p.partition for p in parts))),
        on_revoke=lambda _, parts: told.append(("revoked", sorted(p.partition for p in parts))),
    )
    assert told == [], "a callback runs in poll alone"
    assert {m.value() for m in polled(consumer, 3)} == {b"v0", b"v1", b"v2"}
    assert sorted(p.partition for p in consumer.assignment()) == [0, 1, 2]
    consumer.close()
    assert told == [("assigned", [0, 1, 2]), ("revoked", [0, 1, 2])]


def test_a_position_is_unknown_until_something_was_read_and_then_the_next_offset(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1", b"2", b"3")
    consumer, here = reading(place, topic, offset=2), [TopicPartition(topic, 0)]
    assert consumer.position(here)[0].offset == OFFSET_INVALID
    assert [m.offset() for m in polled(consumer, 2)] == [2, 3]
    assert consumer.position(here)[0].offset == 4
    consumer.close()


def test_a_second_consumer_of_the_group_goes_on_where_the_first_one_committed(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1", b"2")
    first = reading(place, topic, group_id=f"readers of {topic}")
    message = polled(first, 2)[0]
    committed = first.commit(message, asynchronous=False)
    assert [(one.topic, one.partition, one.offset) for one in committed] == [(topic, 0, 1)]
    first.close()
    second = reading(place, topic, offset=OFFSET_INVALID, group_id=f"readers of {topic}")
    assert polled(second, 1)[0].value() == b"1"
    assert second.committed([TopicPartition(topic, 0)], timeout=10)[0].offset == 1
    second.close()


def test_an_offset_that_is_named_is_committed_with_its_metadata(place: Place) -> None:
    topic = place.topic(partitions=2)
    consumer = reading(place, topic, group_id=f"noting {topic}")
    consumer.commit(offsets=[TopicPartition(topic, 0, 7, metadata="watermark=5")], asynchronous=False)
    first, second = consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], timeout=10)
    assert (first.offset, first.metadata) == (7, "watermark=5")
    assert second.offset == OFFSET_INVALID
    consumer.close()


def test_what_was_polled_is_committed_by_a_commit_without_arguments_once(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1")
    consumer = reading(place, topic, group_id=f"group of {topic}")
    with pytest.raises(KafkaException) as refusal:
        consumer.commit(asynchronous=False)
    assert code_of(refusal) == KafkaError._NO_OFFSET
    polled(consumer, 2)
    assert [one.offset for one in consumer.commit(asynchronous=False) if one.offset >= 0] == [2]
    with pytest.raises(KafkaException) as refusal:
        consumer.commit(asynchronous=False)
    assert code_of(refusal) == KafkaError._NO_OFFSET
    consumer.close()


def test_who_stores_offsets_by_hand_commits_what_was_stored_and_not_what_was_polled(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1")
    config = {"group_id": f"careful {topic}", "enable_auto_offset_store": False}
    consumer = reading(place, topic, **config)
    first, _ = polled(consumer, 2)
    consumer.store_offsets(first)
    consumer.commit(asynchronous=False)
    assert consumer.committed([TopicPartition(topic, 0)], timeout=10)[0].offset == 1
    consumer.store_offsets(offsets=[TopicPartition(topic, 0, 2)])
    consumer.commit(asynchronous=False)
    assert consumer.committed([TopicPartition(topic, 0)], timeout=10)[0].offset == 2
    consumer.close()


def test_offsets_that_the_client_stores_itself_cannot_be_stored_by_hand(place: Place) -> None:
    consumer = reading(place, topic := place.topic())
    with pytest.raises(KafkaException) as refusal:
        consumer.store_offsets(offsets=[TopicPartition(topic, 0, 1)])
    assert code_of(refusal) == KafkaError._INVALID_ARG
    consumer.close()


def test_seeking_goes_back_and_makes_the_position_unknown(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1")
    consumer = reading(place, topic)
    polled(consumer, 2)
    consumer.seek(TopicPartition(topic, 0, 0))
    assert consumer.position([TopicPartition(topic, 0)])[0].offset == OFFSET_INVALID
    assert polled(consumer, 1)[0].value() == b"0"
    consumer.close()


def test_what_is_not_assigned_cannot_be_sought(place: Place) -> None:
    consumer = place.consumer()
    with pytest.raises(KafkaException) as refusal:
        consumer.seek(TopicPartition(place.topic(), 0, 0))
    assert code_of(refusal) == KafkaError._UNKNOWN_PARTITION
    consumer.close()


def test_a_paused_partition_gives_nothing_and_the_others_do(place: Place) -> None:
    topic = place.topic(partitions=2)
    for number in range(2):
        send(place, topic, b"v%d" % number, partition=number)
    consumer = reading(place, topic, 0, 1)
    consumer.pause([TopicPartition(topic, 0)])
    assert polled(consumer, 1)[0].partition() == 1
    assert consumer.poll(0.3) is None
    consumer.resume([TopicPartition(topic, 0)])
    assert polled(consumer, 1)[0].partition() == 0
    consumer.close()


def test_the_end_of_a_partition_is_told_once_by_who_asks_for_it(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0")
    consumer = reading(place, topic, enable_partition_eof=True)
    message, end = polled(consumer, 2)
    assert message.error() is None
    error = end.error()
    assert error is not None
    assert (error.code(), end.topic(), end.partition(), end.offset()) == (
        KafkaError._PARTITION_EOF,
        topic,
        0,
        1,
    )
    assert consumer.poll(0.3) is None
    consumer.close()


def test_partitions_come_and_go_one_by_one(place: Place) -> None:
    topic = place.topic(partitions=2)
    for number in range(2):
        send(place, topic, b"v%d" % number, partition=number)
    consumer = reading(place, topic, 0)
    polled(consumer, 1)
    consumer.incremental_assign([TopicPartition(topic, 1, 0)])
    assert polled(consumer, 1)[0].partition() == 1
    consumer.incremental_unassign([TopicPartition(topic, 0)])
    assert [one.partition for one in consumer.assignment()] == [1]
    consumer.close()


def test_a_group_without_commits_begins_where_it_was_told_to(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0", b"1")
    earliest = reading(place, topic, offset=OFFSET_INVALID, auto_offset_reset="earliest")
    assert polled(earliest, 1)[0].offset() == 0
    earliest.close()


def test_watermarks_are_the_first_offset_and_the_next_one(place: Place) -> None:
    topic = place.topic(partitions=2)
    send(place, topic, b"0", b"1", partition=1)
    consumer = place.consumer()
    assert consumer.get_watermark_offsets(TopicPartition(topic, 1), timeout=10) == (0, 2)
    assert consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (0, 0)
    consumer.close()


def test_an_offset_is_found_by_the_records_time(place: Place) -> None:
    if not place.has(Capability.OFFSETS_BY_TIME):
        pytest.skip("this broker finds no offsets by time; it is listed")
    topic = place.topic()
    for number in range(3):
        send(place, topic, b"v", timestamp=1_767_607_200_000 + 1_000 * number)
    consumer = place.consumer()

    def offset_at(time_ms: int) -> int:
        offset: int = consumer.offsets_for_times([TopicPartition(topic, 0, time_ms)], timeout=10)[0].offset
        return offset

    asked = (1_767_607_200_000, 1_767_607_200_001, 1_767_607_202_000, 1_767_607_203_000)
    assert [offset_at(time_ms) for time_ms in asked] == [0, 1, 2, -1]
    consumer.close()


def test_a_batch_has_at_most_the_number_that_was_asked_for(place: Place) -> None:
    topic = place.topic()
    send(place, topic, *(b"%d" % number for number in range(10)))
    consumer = reading(place, topic)
    came: list[Message] = []
    while len(came) < 10:
        batch = consumer.consume(4, 0.5)
        assert len(batch) <= 4
        came += batch
    assert [m.value() for m in came] == [b"%d" % number for number in range(10)]
    assert consumer.consume(0, 0.1) == []
    with pytest.raises(ValueError, match="num_messages"):
        consumer.consume(-1, 0.1)
    consumer.close()


def test_a_commit_is_of_a_message_or_of_offsets_and_not_of_both(place: Place) -> None:
    topic = place.topic()
    send(place, topic, b"0")
    consumer = reading(place, topic)
    [message] = polled(consumer, 1)
    with pytest.raises(ValueError, match="mutually exclusive"):
        consumer.commit(message, offsets=[], asynchronous=False)
    assert consumer.commit(message, asynchronous=True) is None
    consumer.close()


def test_a_closed_consumer_answers_nothing_and_may_be_closed_again(place: Place) -> None:
    consumer = place.consumer()
    consumer.close()
    for question in (lambda: consumer.poll(0), consumer.assignment, lambda: consumer.subscribe(["t"])):
        with pytest.raises(RuntimeError, match="closed"):
            question()
    consumer.close()
