"""One model of visits gives all streams their identifiers: every join key of a payment leads somewhere."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.generators import World, stream
from streamlab.generators.clicks import actions
from streamlab.generators.timetable import EPISODE_VISIT

WORLDS = {
    "usual": World(fraud_share=0.05),
    "dense": World(payments_per_second=100, users=300, day_curve=False, step_seconds=8),
    "at night": World(start_ms=1_767_578_400_000),
}
PAYMENTS = 1_200


class Sent:
    """The first payments of a world, and everything in the other streams that comes before them."""

    def __init__(self, world: World) -> None:
        self.world = world
        streams = {name: stream(name, world, late_share=0.1) for name in ("txn", "click", "device")}
        self.payments = list(streams["txn"].events(0, PAYMENTS))
        until_ms = streams["txn"].arrival_ms(PAYMENTS)
        self.clicks = list(streams["click"].events(0, streams["click"].index_at(until_ms)))
        self.devices = list(streams["device"].events(0, streams["device"].index_at(until_ms)))
        self.clicks_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for click in self.clicks:
            self.clicks_of[click["session_id"]].append(click)
        self.first_seen: dict[str, int] = {}
        for device in self.devices:
            seen = self.first_seen.setdefault(device["device_id"], device["event_time"])
            self.first_seen[device["device_id"]] = min(seen, device["event_time"])


@pytest.fixture(scope="module", params=WORLDS)
def sent(request: pytest.FixtureRequest) -> Sent:
    return Sent(WORLDS[request.param])


def test_the_session_of_a_payment_has_clicks_before_it_of_the_same_user(sent: Sent) -> None:
    joined = [payment for payment in sent.payments if payment["session_id"]]
    assert len(joined) > PAYMENTS * 0.4
    for payment in joined:
        clicks = sent.clicks_of[payment["session_id"]]
        assert len(clicks) >= 4
        assert {click["user_id"] for click in clicks} == {payment["user_id"]}
        assert all(click["event_time"] < payment["event_time"] for click in clicks)
        assert max(clicks, key=lambda click: click["event_time"])["action"] == "PURCHASE"


def test_the_device_of_a_payment_clicked_in_its_session(sent: Sent) -> None:
    for payment in sent.payments:
        if payment["device_id"]:
            devices = {click["device_id"] for click in sent.clicks_of[payment["session_id"]]}
            assert devices - {None} == {payment["device_id"]}


def test_a_device_is_seen_before_its_first_click_or_payment(sent: Sent) -> None:
    for event in (*sent.clicks, *sent.payments):
        if event["device_id"]:
            assert sent.first_seen[event["device_id"]] < event["event_time"]


def test_the_clicks_of_a_session_happen_in_the_order_of_its_journey(sent: Sent) -> None:
    whole = 0
    for session, clicks in sent.clicks_of.items():
        journey = actions(sent.world.visit(int(session.rsplit("-", 1)[1])))
        if len(clicks) == len(journey):
            whole += 1
            in_order = sorted(clicks, key=lambda click: click["event_time"])
            assert tuple(click["action"] for click in in_order) == journey
    assert whole > 100


def test_address_and_country_of_a_payment_on_a_site_are_those_of_its_device_event(sent: Sent) -> None:
    device = stream("device", sent.world, late_share=0.1)
    compared = 0
    for payment in sent.payments:
        if payment["ip_address"]:
            visit = int(payment["session_id"].rsplit("-", 1)[1])
            seen = device.event(device.layout.index_of(visit, 0))
            assert seen["device_id"] == payment["device_id"]
            if seen["ip_address"]:
                compared += 1
                assert (seen["ip_address"], seen["country"]) == (payment["ip_address"], payment["country"])
    assert compared > PAYMENTS * 0.4


def test_a_purchase_is_followed_by_a_payment() -> None:
    world = World()
    txn = stream("txn", world, late_share=0)
    click = stream("click", world, late_share=0)
    bought = [e for e in click.events(25_000, 26_000) if e["action"] == "PURCHASE"]
    assert len(bought) > 100
    for event in bought:
        visit = int(event["session_id"].rsplit("-", 1)[1])
        payment = txn.event(txn.layout.index_of(visit, 0))
        assert payment["session_id"] == event["session_id"]
        assert payment["event_time"] > event["event_time"]


def test_users_have_several_cards_and_devices_and_nobody_elses() -> None:
    world = World(users=1_000)
    users = [world.population.user(number) for number in range(1_000)]
    cards = [card for user in users for card in user.cards]
    devices = [device.device_id for user in users for device in user.devices]
    assert len(cards) == len(set(cards)) == len(devices) == len(set(devices)) == 2_000
    assert {len(user.cards) for user in users} == {1, 2, 3, 4}


def test_visits_that_do_not_pay_have_no_order_and_no_payment() -> None:
    world = World()
    for name in ("txn", "order"):
        kinds = {slot.visit for slot in world.layout(name).slots}
        assert not kinds & set(range(EPISODE_VISIT + 1, 12))


@given(
    start_hour=st.integers(0, 23),
    rate=st.sampled_from((0.05, 1.0, 10.0, 300.0)),
    step_seconds=st.sampled_from((2.0, 30.0)),
    beat=st.integers(1_000, 2_000),
)
@settings(max_examples=25, deadline=None)
def test_two_steps_of_a_visit_are_so_far_apart_that_no_delay_can_swap_them(
    start_hour: int, rate: float, step_seconds: float, beat: int
) -> None:
    world = World(
        start_ms=1_767_571_200_000 + start_hour * 3_600_000,
        payments_per_second=rate,
        step_seconds=step_seconds,
    )
    device, click, order, txn = (stream(name, world) for name in ("device", "click", "order", "txn"))
    for kind in range(EPISODE_VISIT + 1):
        visit = beat * 12 + kind
        steps = [(device, 0), *((click, k) for k in range(len(actions(world.visit(visit)))))]
        steps += [(order, 0), (txn, 0), *((order, k) for k in range(1, 6))]
        arrivals = [one.arrival_ms(one.layout.index_of(visit, step)) for one, step in steps]
        gaps = [after - before for before, after in pairwise(arrivals)]
        assert min(gaps) >= step_seconds * 1_000 - 1


def test_only_the_first_click_of_a_visit_may_not_know_its_device() -> None:
    click = stream("click", World())
    steps = [click.truth(i).step for i, e in enumerate(click.events(0, 3_000)) if not e["device_id"]]
    assert len(steps) > 5
    assert set(steps) == {0}
