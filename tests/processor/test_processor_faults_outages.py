"""What the processor leans on goes away and comes back: nothing is lost, nothing doubled, and it goes on."""

import os
import time
from typing import Any

import pytest
from breakable_stack import Breakable
from processor_runs import Child, Load, read_all

from streamlab.processor import replaying
from streamlab.processor.dead_letter import Header, Reason, text_of
from streamlab.sinks.redis_features import RedisFeatures

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

LONG = "STREAMLAB_LONG_FAULTS" in os.environ
SEED = int(os.environ.get("STREAMLAB_SEED", "20261122"))
EVENTS, RATE = (60_000, 3_000) if LONG else (8_000, 1_500)
KILLS_OF_THE_BROKER = 5 if LONG else 1
REDIS_AWAY_SECONDS = 10 if LONG else 2
UNTIL_IDLE = {"until_idle_seconds": 1.0}


def test_a_broker_that_is_killed_under_load_costs_nothing(breakable: Breakable) -> None:
    load = Load(breakable.stack, SEED, EVENTS)
    with load.produced_at(RATE):
        child = Child(load, guarantee="exactly-once")
        child.wait_until_it_works()
        for _ in range(KILLS_OF_THE_BROKER):
            breakable.kill("broker")
            time.sleep(1)
            breakable.repair()
            taken = child.progress["in"]
            child.wait_until(lambda said, taken=taken: said["in"] > taken)  # type: ignore[misc]
    in_topic = load.in_topic()
    assert in_topic >= EVENTS
    child.wait_until(lambda said: said["idle"] and said["in"] == in_topic)
    account = child.stop()
    outcome = load.outcome()
    told = f"STREAMLAB_SEED={SEED}: {outcome} {account}"
    print(f"\nbroker killed {KILLS_OF_THE_BROKER} times, {told}")
    assert (outcome.lost, outcome.doubled, outcome.different) == (0, 0, 0), told
    assert (outcome.dead_lost, outcome.dead_doubled) == (0, 0), told


def test_while_redis_is_away_the_processor_waits_and_stays_in_its_group(breakable: Breakable) -> None:
    load = Load(breakable.stack, SEED + 1, EVENTS)
    with load.produced_at(RATE):
        child = Child(load, guarantee="at-least-once", store=True)
        child.wait_until_it_works()
        breakable.kill("store")
        time.sleep(REDIS_AWAY_SECONDS)
        breakable.repair()
    child.wait_until(lambda said: said["idle"] and said["in"] == EVENTS)
    account = child.stop()
    outcome = load.outcome()
    told = f"STREAMLAB_SEED={SEED}: {outcome} {account}\n{child.log()}"
    print(f"\nRedis away {REDIS_AWAY_SECONDS} s, STREAMLAB_SEED={SEED}: {outcome}")
    assert "Redis does not answer" in child.log()
    assert account["handed_over"] == 0, told
    assert (outcome.lost, outcome.doubled, outcome.different, outcome.dead_lost) == (0, 0, 0, 0), told
    newest: dict[str, dict[str, Any]] = {}
    for row in load.uninterrupted()[0].values():
        old = newest.get(row["card_id"])
        if old is None or (row["event_time"], row["txn_id"]) > (old["event_time"], old["txn_id"]):
            newest[row["card_id"]] = row
    sink = RedisFeatures(breakable.stack.redis(), "card")
    assert sink.read_latest(list(newest)) == list(newest.values()), told


def test_new_ids_wait_while_the_registry_is_away_and_cached_ids_go_on(breakable: Breakable) -> None:
    load = Load(breakable.stack, SEED + 2, 4_000)
    half = load.events // 2
    load.produce(0, half // 2)
    child = Child(load, guarantee="exactly-once")
    child.wait_until(lambda said: said.get("in") == half // 2)
    load.use_new_schema(start=half)
    breakable.kill("registry")
    load.produce(half // 2, half)
    child.wait_until(lambda said: said["in"] == half)
    load.produce(half)
    child.wait_until(lambda said: said["blocked"] == load.partitions)
    assert child.progress["in"] == half
    breakable.repair()
    child.wait_until(lambda said: said["in"] == load.events)
    child.stop()
    outcome = load.outcome()
    told = f"STREAMLAB_SEED={SEED}: {outcome}"
    assert (outcome.lost, outcome.doubled, outcome.different) == (0, 0, 0), told
    assert (outcome.dead_lost, outcome.dead_doubled) == (0, 0), told


def test_new_ids_become_dead_letters_where_that_is_wished_and_stay_it_after_a_restart(
    breakable: Breakable,
) -> None:
    load = Load(breakable.stack, SEED + 3, 3_000)
    half = load.events // 2
    load.produce(0, half)
    options = {"guarantee": "exactly-once", "unknown_schema": "dead-letter"}
    child = Child(load, **options)
    child.wait_until(lambda said: said.get("in") == half)
    load.use_new_schema(start=half)
    breakable.kill("registry")
    load.produce(half)
    child.wait_until(lambda said: said["in"] == load.events)
    first = child.stop()
    breakable.repair()
    assert first["dead_letters"]["unknown id"] == load.events - half
    # The registry knows the id by now: what is read again must stay what it became.
    second = Child(load, UNTIL_IDLE, **options).account()
    assert (second["in"], second["out"]) == (0, 0)
    assert second["taken_over"] == first["waiting"] == second["waiting"]

    dlq = f"dlq.{load.topic}"
    wished = [Reason.UNKNOWN_ID]
    assert replaying.replayable(load.stack, dlq, wished) == {"unknown id": load.events - half}
    assert replaying.replay(load.stack, dlq, wished) == {"unknown id": load.events - half}
    assert replaying.replay(load.stack, dlq, wished) == {"unknown id": 0}
    third = Child(load, UNTIL_IDLE, **options).account()
    assert third["in"] == load.events - half
    assert set(third["dead_letters"]) <= {"late"}


def test_a_poison_pill_every_hundredth_message_stops_nothing(breakable: Breakable) -> None:
    load = Load(breakable.stack, SEED + 4, 5_000, poison_every=100)
    load.produce()
    account = Child(load, UNTIL_IDLE, guarantee="exactly-once").account()
    outcome = load.outcome()
    told = f"STREAMLAB_SEED={SEED}: {outcome} {account}"
    assert (outcome.lost, outcome.doubled, outcome.different) == (0, 0, 0), told
    assert (outcome.dead_lost, outcome.dead_doubled) == (0, 0), told
    assert account["dead_letters"].pop("late") > 0
    assert account["dead_letters"] == {"not framed": 20, "undecodable": 20, "unknown id": 10}
    originals = {(m.partition(), m.offset()): m for m in read_all(load.stack, load.topic)}
    for letter in read_all(load.stack, f"dlq.{load.topic}"):
        at = (int(text_of(letter, Header.PARTITION)), int(text_of(letter, Header.OFFSET)))
        original = originals[at]
        assert (letter.key(), letter.value()) == (original.key(), original.value())
        assert text_of(letter, Header.TIMESTAMP) == str(original.timestamp()[1])
