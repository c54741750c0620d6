"""Any event is a function of (seed, index): alone, in any slice, in any process, on any day."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.errors import StreamlabError
from streamlab.generators import STREAMS, World, stream

names = st.sampled_from(STREAMS)
worlds = st.builds(
    World,
    seed=st.integers(-(2**80), 2**80),
    users=st.integers(1, 500),
    payments_per_second=st.sampled_from((0.05, 1.0, 10.0, 3_000.0)),
    fraud_share=st.sampled_from((0.0, 0.02, 0.1)),
    skew=st.sampled_from((0.0, 1.0, 1.3)),
    day_curve=st.booleans(),
)
shares = st.sampled_from((0.0, 0.02, 0.3))

DIGESTS = {
    "txn": "addd31d670d14f5d",
    "click": "8893512f10185455",
    "device": "0fc074487c06019c",
    "order": "c337ce15dea026ae",
}
"""Of a hundred events of seed 7: whoever changes them, changes what everybody has stored."""


def digest(name: str) -> str:
    events = list(stream(name, World(seed=7)).events(1_000, 1_100))
    return hashlib.sha256(json.dumps(events, sort_keys=True).encode()).hexdigest()[:16]


@given(worlds, names, shares, st.integers(0, 10**12), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_an_event_alone_is_the_event_in_any_slice(
    world: World, name: str, late: float, index: int, before: int
) -> None:
    events = stream(name, world, late_share=late)
    start = max(index - before, 0)
    assert list(events.events(start, index + 1))[-1] == events.event(index)


@given(worlds, names, st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_worlds_of_equal_arguments_have_equal_events(world: World, name: str, index: int) -> None:
    again: World = pickle.loads(pickle.dumps(world))
    assert again == world
    assert stream(name, again).event(index) == stream(name, world).event(index)


@given(names, st.lists(st.integers(0, 10**7), min_size=2, max_size=6))
@settings(max_examples=20, deadline=None)
def test_the_order_of_asking_does_not_matter(name: str, indices: list[int]) -> None:
    forwards, backwards = stream(name, World()), stream(name, World())
    asked = {index: forwards.event(index) for index in indices}
    assert {index: backwards.event(index) for index in reversed(indices)} == asked


@pytest.mark.parametrize("name", STREAMS)
def test_a_slice_without_an_end_goes_on(name: str) -> None:
    events = stream(name, World())
    endless = events.events(5)
    assert [next(endless) for _ in range(10)] == list(events.events(5, 15))


def test_another_seed_has_other_events_and_other_identifiers() -> None:
    one, other = (list(stream("txn", World(seed=seed)).events(0, 300)) for seed in (1, 2))
    assert not {e["txn_id"] for e in one} & {e["txn_id"] for e in other}
    assert [e["card_id"] for e in one] != [e["card_id"] for e in other]


def test_an_integer_and_the_same_float_make_one_world() -> None:
    one, other = World(payments_per_second=10), World(payments_per_second=10.0)
    assert one == other
    assert stream("txn", one).event(3) == stream("txn", other).event(3)


@pytest.mark.parametrize("name", STREAMS)
def test_events_are_what_they_have_always_been(name: str) -> None:
    assert digest(name) == DIGESTS[name]


def test_another_process_with_another_hash_seed_makes_the_same_events() -> None:
    code = (
        "from test_event_purity import digest\n"
        "from streamlab.generators import STREAMS\n"
        "print(*(digest(name) for name in STREAMS))"
    )
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": here}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == list(DIGESTS.values())


def test_no_two_events_have_one_identifier() -> None:
    for name, field in (
        ("txn", "txn_id"),
        ("click", "click_id"),
        ("device", "event_id"),
        ("order", "event_id"),
    ):
        events: list[dict[str, Any]] = list(stream(name, World()).events(0, 1_500))
        assert len({event[field] for event in events}) == len(events)


@pytest.mark.parametrize(
    "arguments",
    [{"users": 0}, {"payments_per_second": 0}, {"fraud_share": 0.2}, {"skew": -1}, {"step_seconds": 0}],
)
def test_a_world_that_makes_no_sense_says_what_would(arguments: dict[str, Any]) -> None:
    with pytest.raises(StreamlabError, match="Choose"):
        World(**arguments)


def test_an_unknown_stream_names_those_that_there_are() -> None:
    with pytest.raises(StreamlabError, match="txn, click, device, order"):
        stream("transactions", World())
    with pytest.raises(StreamlabError, match="txn, click, device, order"):
        World().layout("transactions")


@pytest.mark.parametrize("name", STREAMS)
def test_there_is_nothing_before_the_first_event(name: str) -> None:
    events = stream(name, World())
    with pytest.raises(IndexError):
        events.event(-1)
    with pytest.raises(IndexError):
        next(events.events(-1, 3))
