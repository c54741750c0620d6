"""The two joins by device: as of the payment, in order, on the operator's watermark."""

from typing import Any

import pytest
from feature_oracle import joined
from feature_streams import START, click, device, minutes, seconds, transaction
from hypothesis import given
from hypothesis import strategies as st

from streamlab.features.joins import DeviceJoins

MINUTE = 60_000


def one(*events: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    """The only joined record of some events."""
    joins = DeviceJoins(allowed_lateness_seconds=86_400)
    for stream, event in events:
        assert joins.add(stream, event) is None
    (record,) = joins.drain()
    return record


PAYMENT = ("txn", transaction(minutes(100), device_id="d"))


def test_a_payment_sees_the_latest_profile_up_to_its_time_and_none_of_the_future() -> None:
    record = one(
        PAYMENT,
        ("device", device(minutes(90), "e1", kind="PHONE", country="CH")),
        ("device", device(minutes(95), "e2", kind="TABLET", country="DE", is_proxy=True)),
        ("device", device(minutes(101), "e3", kind="DESKTOP")),
    )
    assert (record["device_kind"], record["device_country"], record["device_is_proxy"]) == (
        "TABLET",
        "DE",
        True,
    )
    assert record["device_profile_age_min"] == 5.0


def test_a_profile_of_the_payment_s_own_time_is_seen_and_of_two_the_greater_name() -> None:
    profiles = [
        ("device", device(minutes(100), name, kind=kind)) for name, kind in (("e2", "A"), ("e1", "B"))
    ]
    assert one(PAYMENT, *profiles)["device_kind"] == "A"


@pytest.mark.parametrize(("age_ms", "kind"), [(60 * MINUTE - 1, "PHONE"), (60 * MINUTE, None)])
def test_a_profile_is_unknown_after_an_hour(age_ms: int, kind: str | None) -> None:
    assert one(PAYMENT, ("device", device(minutes(100) - age_ms)))["device_kind"] == kind


@pytest.mark.parametrize(
    ("age_ms", "count"), [(-1, 0), (0, 1), (10 * MINUTE - 1, 1), (10 * MINUTE, 0), (10 * MINUTE + 1, 0)]
)
def test_ten_minutes_before_a_payment_hold_their_end_and_not_their_start(age_ms: int, count: int) -> None:
    record = one(PAYMENT, ("click", click(minutes(100) - age_ms, device_id="d")))
    assert record["device_clicks_10m"] == count


def test_a_payment_without_device_joins_nothing() -> None:
    record = one(
        ("txn", transaction(minutes(100))), ("click", click(minutes(100))), ("device", device(minutes(100)))
    )
    assert (record["device_id"], record["device_kind"], record["device_clicks_10m"]) == (None, None, 0)


def test_a_payment_waits_for_the_slowest_of_the_three_streams() -> None:
    joins = DeviceJoins(5.0, idle_after_seconds=60.0, clock=lambda: 0)
    joins.assign("device", [0])
    joins.assign("click", [0])
    joins.add("txn", transaction(seconds(10), "t1", device_id="d"))
    joins.add("txn", transaction(seconds(60), "t2", device_id="d"))
    joins.add("click", click(seconds(60)))
    assert joins.release(0) == []
    joins.add("device", device(seconds(9)))
    assert joins.release(0) == []
    joins.add("device", device(seconds(15) + 1, "e2", kind="DESKTOP"))
    assert [(r["txn_id"], r["device_kind"]) for r in joins.release(0)] == [("t1", "PHONE")]


def test_an_idle_stream_is_not_waited_for_and_late_for_the_operator_when_it_wakes_up() -> None:
    joins = DeviceJoins(5.0, idle_after_seconds=60.0, clock=lambda: 0)
    joins.assign("device", [0])
    joins.add("txn", transaction(seconds(10), "t1", device_id="d"))
    joins.add("txn", transaction(seconds(60), "t2"))
    assert joins.release(59_999) == []
    joins.add("txn", transaction(seconds(61), "t3"))
    assert [r["txn_id"] for r in joins.release(60_000)] == ["t1"]
    late = joins.add("device", device(seconds(9)))
    assert late is not None
    assert (late.partition, late.watermark_ms) == (("device", 0), seconds(56))


NAMES = st.sampled_from((None, "d1", "d2"))
TIMES = st.integers(0, 14).map(lambda number: START + number * 5 * MINUTE)


@given(
    st.lists(st.tuples(TIMES, NAMES), max_size=8),
    st.lists(st.tuples(TIMES, NAMES), max_size=8),
    st.lists(st.tuples(TIMES, st.sampled_from(("d1", "d2")), st.booleans()), max_size=8),
    st.randoms(use_true_random=False),
)
def test_both_joins_are_the_oracle_s_payment_by_payment_in_any_order(
    payments: Any, clicked: Any, seen: Any, random: Any
) -> None:
    # The names sort the other way round than the streams are to be taken.
    a = [transaction(time, f"a{i}", device_id=name) for i, (time, name) in enumerate(payments)]
    b = [click(time, f"k{i}", device_id=name) for i, (time, name) in enumerate(clicked)]
    c = [device(time, f"z{i}", name, is_proxy=proxy) for i, (time, name, proxy) in enumerate(seen)]
    arrived = [("txn", e) for e in a] + [("click", e) for e in b] + [("device", e) for e in c]
    random.shuffle(arrived)
    joins, found = DeviceJoins(allowed_lateness_seconds=86_400), []
    for stream, event in arrived:
        joins.add(stream, event)
        found += joins.release(0)
    assert found + joins.drain() == joined(a, b, c)


@given(
    st.lists(
        st.tuples(st.sampled_from(("txn", "click", "device")), NAMES, st.integers(0, 600_000)), max_size=60
    )
)
def test_released_on_the_way_is_as_released_at_the_end(steps: Any) -> None:
    make = {"txn": transaction, "click": click, "device": device}
    events: dict[str, list[Any]] = {"txn": [], "click": [], "device": []}
    joins, found, now = DeviceJoins(5.0), [], START
    for index, (stream, name, step) in enumerate(steps):
        now += step
        event = make[stream](now, f"{index:02d}") | {
            "device_id": name or ("d3" if stream == "device" else None)
        }
        events[stream].append(event)
        assert joins.add(stream, event) is None
        found += joins.release(0)
    assert found + joins.drain() == joined(events["txn"], events["click"], events["device"])


def test_the_state_of_the_joins_is_bounded() -> None:
    joins, sizes = DeviceJoins(5.0), []
    for minute in range(600):
        for stream, event in (
            ("device", device(minutes(minute), f"e{minute}", f"d{minute}")),
            ("click", click(minutes(minute), f"k{minute}", device_id=f"d{minute}")),
            ("txn", transaction(minutes(minute), f"t{minute}", device_id=f"d{minute}")),
        ):
            joins.add(stream, event)  # type: ignore[arg-type]
        joins.release(0)
        sizes.append(joins.state_size())
    assert max(size.keys for size in sizes) <= 60 + 30 + 1
    assert max(size.waiting for size in sizes) <= 3
