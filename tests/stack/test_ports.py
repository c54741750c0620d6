"""The usual ports if they are free, others if not."""

import random
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.stack import ports

USUAL = {"client": 9092, "controller": 9093}


def test_the_usual_ports_are_taken_when_they_are_free() -> None:
    chosen = ports.choose(USUAL, before={}, free=lambda _port: True)
    assert chosen == ports.Chosen(USUAL, moved=())


def test_a_repaired_server_gets_the_ports_that_it_had() -> None:
    chosen = ports.choose(USUAL, before={"client": 25_000}, free=lambda _port: True)
    assert chosen.ports == {"client": 25_000, "controller": 9093}


def test_a_port_of_somebody_else_is_left_to_him_and_said() -> None:
    chosen = ports.choose(USUAL, before={}, free=lambda port: port != 9092)
    assert chosen.ports["client"] in ports.OTHER_PORTS
    assert chosen.moved == ("client",)


def test_no_free_port_is_an_error_and_not_an_endless_search() -> None:
    with pytest.raises(OSError, match="no free port"):
        ports.choose(USUAL, before={}, free=lambda _port: False)


@given(taken=st.sets(st.integers(9092, 9095)), seed=st.integers())
def test_all_ports_of_a_server_differ_and_are_free(taken: set[int], seed: int) -> None:
    usual = {"a": 9092, "b": 9093, "c": 9092}
    chosen = ports.choose(usual, {}, free=lambda port: port not in taken, rng=random.Random(seed))
    numbers = list(chosen.ports.values())
    assert len(set(numbers)) == len(numbers)
    assert taken.isdisjoint(numbers)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_on_which_somebody_listens_is_not_free(address: str) -> None:
    with socket.socket() as foreign:
        foreign.bind((address, 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_the_owner_of_a_port_is_named() -> None:
    import os

    with socket.socket() as foreign:
        foreign.bind((ports.LOOPBACK, 0))
        foreign.listen()
        owner = ports.owner(foreign.getsockname()[1])
    assert owner is not None
    assert f"process {os.getpid()}" in owner
