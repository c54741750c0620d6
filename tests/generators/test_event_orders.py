"""An order lives one life, step by step, and is paid by the payment that it names."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from streamlab.generators import World, stream
from streamlab.generators.orders import LIVES

WORLD = World()
ORDER = stream("order", WORLD, late_share=0.1)
TXN = stream("txn", WORLD)
N = 20_000


@pytest.fixture(scope="module")
def lives() -> dict[str, list[dict[str, Any]]]:
    """The orders that are created in this slice and have ended in it, their steps by event time."""
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in ORDER.events(0, N):
        steps[event["order_id"]].append(event)
    return {
        order_id: sorted(events, key=lambda event: event["timestamp"])
        for order_id, events in steps.items()
        if len(events) == 6
    }


def test_the_steps_of_an_order_happen_in_one_of_the_courses(
    lives: dict[str, list[dict[str, Any]]],
) -> None:
    assert len(lives) > 1_000
    counts = Counter(tuple(event["event_type"] for event in events) for events in lives.values())
    assert set(counts) == {life for _, life in LIVES}
    for share, life in LIVES:
        expected = len(lives) * share / 100
        assert abs(counts[life] - expected) < 4 * expected**0.5


def test_an_order_created_in_the_stream_is_seen_whole(lives: dict[str, list[dict[str, Any]]]) -> None:
    created = [event for event in ORDER.events(0, N // 5) if event["event_type"] == "ORDER_CREATED"]
    assert created
    assert all(event["order_id"] in lives for event in created)


def test_the_shares_of_the_courses_sum_to_one_hundred() -> None:
    assert sum(share for share, _ in LIVES) == 100
    assert {len(life) for _, life in LIVES} == {6}


def test_items_sum_to_the_total_in_the_currency(lives: dict[str, list[dict[str, Any]]]) -> None:
    for events in lives.values():
        payload = events[0]["payload"]
        total = sum(item["quantity"] * round(item["unit_price"] * 100) for item in payload["items"])
        assert total == round(payload["total_amount"] * 100)
        assert all(item["unit_price"] > 0 and item["quantity"] >= 1 for item in payload["items"])
        assert {event["payload"]["currency"] for event in events} == {payload["currency"]}
        if payload["currency"] == "JPY":
            assert all(item["unit_price"] == round(item["unit_price"]) for item in payload["items"])


def test_the_payment_that_an_order_names_is_its_own_and_comes_between_its_steps(
    lives: dict[str, list[dict[str, Any]]],
) -> None:
    for events in list(lives.values())[:400]:
        index = int(events[-1]["payload"]["payment_id"].rsplit("-", 1)[1])
        payment = TXN.event(index)
        created = events[0]["payload"]
        assert payment["txn_id"] == events[-1]["payload"]["payment_id"]
        assert (payment["amount"], payment["currency"]) == (created["total_amount"], created["currency"])
        assert payment["session_id"] == created["metadata"]["session_id"]
        assert payment["device_id"] == created["metadata"]["device_id"]
        assert events[0]["timestamp"] < payment["event_time"] < events[1]["timestamp"]


def test_an_order_knows_its_payment_from_the_authorization_on(
    lives: dict[str, list[dict[str, Any]]],
) -> None:
    for events in lives.values():
        types = [event["event_type"] for event in events]
        authorized = types.index("PAYMENT_AUTHORIZED")
        known = [event["payload"]["payment_id"] is not None for event in events]
        assert known == [n >= authorized for n in range(6)]
