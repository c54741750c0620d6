"""Processors of one group come and go: each event is processed once, by somebody, with the same features."""

import os

import pytest
from processor_runs import Child, Load

from streamlab.stack import Stack

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(600)]

LONG = "STREAMLAB_LONG_FAULTS" in os.environ
SEED = int(os.environ.get("STREAMLAB_SEED", "20261123"))
EVENTS, RATE, ROUNDS = (60_000, 1_500, 6) if LONG else (8_000, 900, 1)


def test_two_processors_that_join_and_leave_share_the_work_exactly_once(live_stack: Stack) -> None:
    load = Load(live_stack, SEED, EVENTS)
    accounts = []
    with load.produced_at(RATE):
        child = Child(load, guarantee="exactly-once")
        child.wait_until_it_works()
        for _ in range(ROUNDS):
            other = Child(load, guarantee="exactly-once")
            other.wait_until(lambda said: said.get("partitions", 0) > 0)
            other.wait_until_it_works()
            child.wait_until(lambda said: said["partitions"] < load.partitions)
            accounts.append(child.stop())
            other.wait_until(lambda said: said["partitions"] == load.partitions)
            child = other
    child.wait_until(lambda said: said["idle"] and said["partitions"] == load.partitions)
    accounts.append(child.stop())
    outcome = load.outcome()
    told = f"STREAMLAB_SEED={SEED}: {outcome} {accounts}"
    print(f"\n{ROUNDS} joined and left, STREAMLAB_SEED={SEED}: {outcome}")
    assert (outcome.lost, outcome.doubled, outcome.different) == (0, 0, 0), told
    assert (outcome.dead_lost, outcome.dead_doubled) == (0, 0), told
    assert sum(account["in"] for account in accounts) == EVENTS, told
    assert sum(account["out"] for account in accounts) == outcome.expected, told
    assert accounts[0]["handed_over"] > 0, told
