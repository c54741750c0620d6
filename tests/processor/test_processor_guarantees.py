"""Each guarantee on the live stack: what comes out is what the features are, and the books balance."""

import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import fastavro
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import Schema
from processor_runs import Load, plain, read_all

from streamlab.encoding import framed
from streamlab.encoding import plain as plain_schema
from streamlab.errors import StreamlabError
from streamlab.features import UserFeatures
from streamlab.generators import World, stream
from streamlab.processor import Account, Guarantee, Processor
from streamlab.processor.guarantees import Moment
from streamlab.processor.partition import Step
from streamlab.sinks.redis_features import RedisFeatures
from streamlab.stack import Stack
from streamlab.wire import SchemaId

pytestmark = [pytest.mark.stack, pytest.mark.slow]

EVENTS = 2_000


def loaded(stack: Stack, seed: int) -> Load:
    load = Load(stack, seed=seed, events=EVENTS, poison_every=100)
    load.produce()
    return load


def run(
    load: Load, guarantee: str, drain: bool = False, max_events: int | None = None, **options: Any
) -> Account:
    processor = Processor(
        load.stack,
        "card",
        guarantee,
        topic=load.topic,
        group=load.topic,
        out=load.out,
        max_batch=300,
        **options,
    )
    return processor.run(until_idle_seconds=0.5, drain=drain, max_events=max_events)


def newest(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The row that a reader should find, by card."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows.values(), key=lambda row: (row["event_time"], row["txn_id"])):
        found[row["card_id"]] = row
    return found


@pytest.mark.parametrize("guarantee", ["at-most-once", "at-least-once", "exactly-once"])
def test_kafka_and_redis_have_the_features_of_every_event_that_is_complete(
    live_stack: Stack, guarantee: str
) -> None:
    load = loaded(live_stack, seed=31)
    sink = RedisFeatures(live_stack.redis(), "card")
    expected, dead = load.uninterrupted()
    for card in newest(expected):
        live_stack.redis().delete(*sink.keys(card))
    account = run(load, guarantee)
    outcome = load.outcome()
    assert (outcome.expected, outcome.lost, outcome.doubled, outcome.different) == (len(expected), 0, 0, 0)
    assert (outcome.dead_expected, outcome.dead_lost, outcome.dead_doubled) == (len(dead), 0, 0)
    assert (account.events_in, account.out, account.dead) == (EVENTS, len(expected), len(dead))
    assert account.waiting == EVENTS - len(expected) - len(dead) > 0
    assert account.balances
    cards = newest(expected)
    assert dict(zip(cards, sink.read_latest(list(cards)), strict=True)) == cards
    assert account.applied == len(expected)
    assert sum(load.committed().values()) == EVENTS


@pytest.mark.parametrize("guarantee", ["at-most-once", "at-least-once", "exactly-once"])
def test_ended_in_order_and_begun_again_nothing_is_lost_or_doubled_up_to_the_last_event(
    live_stack: Stack, guarantee: str
) -> None:
    load = loaded(live_stack, seed=32)
    expected, dead = load.uninterrupted()
    first = run(load, guarantee, max_events=700, store=False)
    second = run(load, guarantee, drain=True, store=False)
    assert first.events_in + second.events_in == EVENTS
    assert first.waiting == second.taken_over > 0
    assert second.restored_events > 0
    assert (second.waiting, second.out + first.out) == (0, EVENTS - len(dead))
    rows = [load.features_of(message) for message in read_all(live_stack, load.out)]
    assert len(rows) == EVENTS - len(dead)
    assert max(Counter(row["txn_id"] for row in rows).values()) == 1
    assert sum(row == expected.get(row["txn_id"]) for row in rows) == len(expected)
    third = run(load, guarantee, drain=True, store=False)
    assert (third.events_in, third.out, third.waiting) == (0, 0, 0)


def test_a_group_with_another_lateness_is_refused_in_one_sentence(live_stack: Stack) -> None:
    load = loaded(live_stack, seed=33)
    run(load, Guarantee.AT_LEAST_ONCE, store=False, max_events=EVENTS)
    with pytest.raises(StreamlabError, match="with a lateness of 5 s, not 7 s"):
        run(load, Guarantee.AT_LEAST_ONCE, store=False, lateness_seconds=7.0)


def test_what_waited_and_was_deleted_from_the_log_is_counted_as_lost(live_stack: Stack) -> None:
    load = loaded(live_stack, seed=35)
    first = run(load, Guarantee.AT_LEAST_ONCE, store=False)
    ends = [TopicPartition(load.topic, number, offset) for number, offset in load.committed().items()]
    admin = live_stack.admin()
    for deleted in admin.delete_records(ends).values():
        deleted.result(timeout=10)
    second = run(load, Guarantee.AT_LEAST_ONCE, store=False, drain=True)
    assert (second.lost_to_retention, second.taken_over, second.waiting) == (first.waiting, 0, 0)
    assert first.out + first.dead + second.lost_to_retention == EVENTS


def test_clicks_become_the_features_of_users_in_redis(live_stack: Stack) -> None:
    clicks = stream("click", World(seed=34, users=100), late_share=0.02, max_disorder_seconds=5)
    topic = live_stack.unique("click.events")
    live_stack.create_topic(topic, 3, {"retention.ms": "-1"})
    schema = Schema(json.dumps(clicks.schema), "AVRO")
    schema_id = live_stack.registry().register_schema(f"{topic}-value", schema)
    encode, producer = framed(clicks.schema, SchemaId(schema_id)), live_stack.producer()
    for event in clicks.events(0, 500):
        producer.produce(topic, key=clicks.key(event), value=encode(event), timestamp=event["event_time"])
    assert producer.flush(20) == 0
    features = UserFeatures(allowed_lateness_seconds=5.0)
    late = 0
    for message in live_stack.read_topic(topic):
        event = fastavro.schemaless_reader(
            io.BytesIO(message.value()[5:]), plain_schema(clicks.schema), None  # type: ignore[index]
        )  # fmt: skip
        late += features.add(event, message.partition()) is not None  # type: ignore[arg-type]
    rows = sorted(features.drain(), key=lambda row: (row["event_time"], row["click_id"]))
    latest = {row["user_id"]: plain(row) for row in rows}
    sink = RedisFeatures(live_stack.redis(), "user")
    for user in latest:
        live_stack.redis().delete(*sink.keys(user))
    processor = Processor(live_stack, "user", "at-least-once", topic=topic, group=topic)
    account = processor.run(until_idle_seconds=0.5, drain=True)
    assert (account.events_in, account.out, account.dead, account.waiting) == (500, len(rows), late, 0)
    assert dict(zip(latest, sink.read_latest(list(latest)), strict=True)) == latest


def test_a_drain_whose_transaction_was_given_up_is_not_counted_and_comes_out_the_next_time(
    live_stack: Stack,
) -> None:
    load = loaded(live_stack, seed=38)
    _, dead = load.uninterrupted()

    def fail_at_the_drain(moment: Moment, steps: Sequence[Step]) -> None:
        if moment is Moment.AFTER_SINKS and not any(step.events_in for step in steps):
            raise KafkaException(KafkaError(KafkaError._FAIL))

    processor = Processor(
        live_stack, "card", "exactly-once", topic=load.topic, group=load.topic, out=load.out, store=False
    )
    first = processor.run(until_idle_seconds=0.5, drain=True, on_moment=fail_at_the_drain)
    assert first.aborted == 1
    assert first.waiting == EVENTS - first.out - len(dead) > 0
    second = run(load, "exactly-once", drain=True, store=False)
    assert (second.taken_over, second.waiting) == (first.waiting, 0)
    rows = [load.features_of(message)["txn_id"] for message in read_all(live_stack, load.out)]
    assert (len(rows), len(set(rows))) == (EVENTS - len(dead), len(rows))
