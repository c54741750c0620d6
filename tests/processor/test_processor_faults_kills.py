"""kill -9 of the processor at random moments: what is lost, doubled or different afterwards, counted."""

import os
import random
import time

import pytest
from processor_runs import Child, Load, Outcome

from streamlab.stack import Stack

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(1800)]

LONG = "STREAMLAB_LONG_FAULTS" in os.environ
SEED = int(os.environ.get("STREAMLAB_SEED", "20261121"))
EVENTS, KILLS, RATE = (120_000, 50, 800) if LONG else (20_000, 6, 1_600)


def run_with_kills(here: Stack, guarantee: str, seed: int, kills: int, events: int) -> Outcome:
    """Events come all the while; the processor is killed and started again; the last one runs to the end."""
    chance = random.Random(seed)
    load = Load(here, seed, events)
    began = time.monotonic()
    read_again = 0
    with load.produced_at(RATE):
        for _ in range(kills):
            child = Child(load, guarantee=guarantee, instance="a")
            # Most die at work, some while they start or restore.
            if chance.random() < 0.8:
                child.wait_until_it_works()
            time.sleep(chance.uniform(0.0, 1.0))
            child.kill()
            read_again += child.progress.get("restored", 0)
    account = Child(load, {"until_idle_seconds": 1.0}, guarantee=guarantee, instance="a").account()
    read_again += account["restored_events"]
    outcome = load.outcome()
    print(
        f"\n{guarantee}, STREAMLAB_SEED={SEED}: {kills} kills in {time.monotonic() - began:.0f} s, "
        f"{read_again} events read again, the last {account['restored_events']} of them in "
        f"{account['restore_seconds']} s; {outcome}"
    )
    assert outcome.expected > 0.9 * events
    return outcome


def test_exactly_once_loses_nothing_and_doubles_nothing(live_stack: Stack) -> None:
    outcome = run_with_kills(live_stack, "exactly-once", SEED, KILLS, EVENTS)
    told = f"STREAMLAB_SEED={SEED}: {outcome}"
    assert (outcome.lost, outcome.doubled, outcome.different) == (0, 0, 0), told
    assert (outcome.dead_lost, outcome.dead_doubled) == (0, 0), told


def test_at_least_once_loses_nothing(live_stack: Stack) -> None:
    kills, events = (KILLS, EVENTS) if LONG else (3, 8_000)
    outcome = run_with_kills(live_stack, "at-least-once", SEED + 1, kills, events)
    told = f"STREAMLAB_SEED={SEED}: {outcome}"
    assert (outcome.lost, outcome.different, outcome.dead_lost) == (0, 0, 0), told


@pytest.mark.skipif(not LONG, reason="STREAMLAB_LONG_FAULTS=1; in short, the evidence on C29")
def test_committing_by_a_timer_loses(live_stack: Stack) -> None:
    load = Load(live_stack, SEED + 2, 150_000)
    load.produce()
    options = {"guarantee": "auto-commit", "auto_commit_interval_seconds": 0.02, "max_batch": 4_000}
    for _ in range(5):
        child = Child(load, **options)
        child.wait_until_it_works()
        child.kill()
    Child(load, {"until_idle_seconds": 1.0}, **options).account()
    outcome = load.outcome()
    print(f"\nauto-commit, STREAMLAB_SEED={SEED}: 5 kills; {outcome}")
    assert outcome.lost > 0, f"STREAMLAB_SEED={SEED}: {outcome}"
