"""What each feature is, on tiny streams: the edges of the windows, ties, bounds, flags."""

from typing import Any

import pytest
from feature_streams import click, minutes, seconds, transaction

from streamlab.features import CardFeatures, UserFeatures

MINUTE = 60_000


def cards(*events: dict[str, Any]) -> list[dict[str, Any]]:
    pipeline = CardFeatures(allowed_lateness_seconds=86_400)
    for event in events:
        assert pipeline.add(event) is None
    return pipeline.drain()


def users(*events: dict[str, Any]) -> list[dict[str, Any]]:
    pipeline = UserFeatures(allowed_lateness_seconds=86_400)
    for event in events:
        assert pipeline.add(event) is None
    return pipeline.drain()


def burst(count: int, **more: Any) -> list[dict[str, Any]]:
    return [transaction(seconds(index), f"{index:02d}", **more) for index in range(count)]


def test_a_first_transaction_has_every_feature_and_none_divides_by_zero() -> None:
    (first,) = cards(transaction(minutes(0), amount=12.5, currency="EUR"))
    assert first == {
        "card_id": "c", "txn_id": "t", "event_time": minutes(0), "txn_count_5m": 1, "amount_sum_5m": 13.5,
        "amount_avg_5m": 13.5, "amount_sum_1h": 13.5, "unique_countries_5m": 0, "unique_merchants_1h": 0,
        "high_risk_txn_ratio": 0.0, "time_since_last_txn_min": None, "velocity_score": 0.0, "risk_flags": (),
    }  # fmt: skip


@pytest.mark.parametrize(("age_ms", "seen"), [(5 * MINUTE - 1, 2), (5 * MINUTE, 1), (5 * MINUTE + 1, 1)])
def test_five_minutes_hold_their_end_and_not_their_start(age_ms: int, seen: int) -> None:
    end = minutes(100)
    last = cards(transaction(end - age_ms, "a", country="CH"), transaction(end, "b", country="DE"))[-1]
    assert (last["txn_count_5m"], last["unique_countries_5m"]) == (seen, seen)
    assert last["amount_sum_5m"] == 10.0 * seen
    assert last["amount_sum_1h"] == 20.0


@pytest.mark.parametrize(("age_ms", "seen"), [(60 * MINUTE - 1, 2), (60 * MINUTE, 1), (60 * MINUTE + 1, 1)])
def test_an_hour_holds_its_end_and_not_its_start(age_ms: int, seen: int) -> None:
    end = minutes(100)
    risky = transaction(end - age_ms, "a", merchant_id="m1", merchant_category="7995")
    last = cards(risky, transaction(end, "b", merchant_id="m2"))[-1]
    assert (last["amount_sum_1h"], last["unique_merchants_1h"]) == (10.0 * seen, seen)
    assert last["high_risk_txn_ratio"] == (0.5 if seen == 2 else 0.0)
    assert last["time_since_last_txn_min"] == (age_ms / MINUTE if seen == 2 else None)


def test_events_of_one_time_see_each_other_and_none_is_before_the_other() -> None:
    both = cards(transaction(minutes(1), "b"), transaction(minutes(1), "a"), transaction(minutes(0), "z"))[1:]
    assert [one["txn_id"] for one in both] == ["a", "b"]
    assert [one["txn_count_5m"] for one in both] == [3, 3]
    assert [one["time_since_last_txn_min"] for one in both] == [1.0, 1.0]


def test_events_of_other_cards_at_the_same_time_are_not_seen() -> None:
    found = cards(transaction(minutes(1), "a", "c1"), transaction(minutes(1), "b", "c2"))
    assert [one["txn_count_5m"] for one in found] == [1, 1]


def test_unknown_is_not_one_more_country_merchant_or_risk() -> None:
    last = cards(
        transaction(minutes(0), "a", country="CH", merchant_id="m", merchant_category="7995"),
        transaction(minutes(1), "b"),
    )[-1]
    assert (last["unique_countries_5m"], last["unique_merchants_1h"]) == (1, 1)
    assert last["high_risk_txn_ratio"] == 0.5


def test_an_event_of_an_older_version_lacks_the_later_fields_and_that_is_unknown() -> None:
    old = transaction(minutes(0))
    for field in ("country", "merchant_category", "merchant_id"):
        del old[field]
    assert cards(old) == cards(transaction(minutes(0)))


def test_currencies_are_converted_before_they_are_added() -> None:
    last = cards(*(transaction(minutes(0), c, amount=100.0, currency=c) for c in ("USD", "EUR", "JPY")))[-1]
    assert last["amount_sum_5m"] == 100.0 + 108.0 + 0.67


def test_sums_forget_exactly_what_they_added() -> None:
    amounts = [0.1, 0.7, 1e6, 0.3]
    events = [transaction(minutes(61 * i), f"{i}", amount=a) for i, a in enumerate(amounts)]
    assert [one["amount_sum_1h"] for one in cards(*events)] == amounts


@pytest.mark.parametrize(("count", "score"), [(1, 0.0), (2, 0.125), (8, 0.875), (9, 1.0), (30, 1.0)])
def test_velocity_is_the_further_transactions_of_five_minutes_bounded_by_one(
    count: int, score: float
) -> None:
    assert cards(*burst(count))[-1]["velocity_score"] == score


def flags(*events: dict[str, Any]) -> tuple[str, ...]:
    found: tuple[str, ...] = cards(*events)[-1]["risk_flags"]
    return found


def test_several_tiny_payments_test_a_card() -> None:
    assert flags(*burst(5, amount=4.99)) == ("card_testing",)
    assert flags(*burst(5, amount=5.0)) == ()
    assert flags(*burst(4, amount=4.99)) == ()


def test_a_large_amount_is_the_transaction_s_own() -> None:
    assert flags(transaction(minutes(0), amount=1_000.0)) == ("large_amount",)
    assert flags(transaction(minutes(0), amount=999.99)) == ()
    assert flags(transaction(minutes(0), amount=787.41, currency="GBP")) == ("large_amount",)
    assert flags(transaction(minutes(0), amount=99_999.0, currency="JPY")) == ()
    assert flags(transaction(minutes(0), "a", amount=5_000.0), transaction(minutes(1), "b")) == ()


def test_two_countries_in_five_minutes_are_impossible_travel() -> None:
    here, there = transaction(minutes(0), "a", country="CH"), transaction(minutes(4), "b", country="JP")
    assert flags(here, there) == ("impossible_travel",)
    assert flags(here, there | {"event_time": minutes(5)}) == ()


def test_nine_transactions_in_five_minutes_are_a_burst() -> None:
    assert flags(*burst(9)) == ("velocity_burst",)
    assert flags(*burst(8)) == ()


def test_fast_and_in_three_countries_is_the_anomaly() -> None:
    def spread(count: int, countries: int) -> list[dict[str, Any]]:
        return [
            one | {"country": ("CH", "DE", "FR")[index % countries]} for index, one in enumerate(burst(count))
        ]

    assert flags(*spread(7, 3)) == ("impossible_travel", "high_velocity_geo_anomaly")
    assert flags(*spread(6, 3)) == ("impossible_travel",)
    assert flags(*spread(7, 2)) == ("impossible_travel",)


def test_half_of_at_least_three_at_risky_merchants_is_a_flag() -> None:
    risky, plain = burst(4, merchant_category="6051"), burst(4, merchant_category="5411")
    assert flags(*risky[:3]) == ("high_risk_merchants",)
    assert flags(*risky[:2], *plain[2:]) == ("high_risk_merchants",)
    assert flags(risky[0], *plain[1:3]) == ()
    assert flags(*risky[:2]) == ()


def test_a_first_click_has_every_feature() -> None:
    (first,) = users(click(minutes(0)))
    assert first == {
        "user_id": "u", "click_id": "k", "event_time": minutes(0), "session_duration_min": 0.0,
        "page_views_5m": 1, "cart_conversion_rate": None, "category_affinity": None,
        "engagement_score": 0.025,
    }  # fmt: skip


@pytest.mark.parametrize(("age_ms", "duration"), [(60 * MINUTE - 1, 60 - 1 / MINUTE), (60 * MINUTE, 0.0)])
def test_a_session_is_as_long_as_the_hour_can_see(age_ms: int, duration: float) -> None:
    end = minutes(100)
    assert users(click(end - age_ms, "a"), click(end, "b"))[-1]["session_duration_min"] == duration


def test_two_sessions_of_one_user_last_on_their_own() -> None:
    found = users(click(minutes(0), "a"), click(minutes(2), "b", session_id="other"), click(minutes(3), "c"))
    assert [one["session_duration_min"] for one in found] == [0.0, 0.0, 3.0]


def test_views_of_pages_and_products_count_and_leave_after_five_minutes() -> None:
    found = users(
        click(minutes(0), "a"),
        click(minutes(1), "b", action="PRODUCT_VIEW"),
        click(minutes(2), "c", action="CHECKOUT"),
        click(minutes(5), "d", action="OTHER"),
    )
    assert [one["page_views_5m"] for one in found] == [1, 2, 2, 1]
    assert [one["engagement_score"] for one in found] == [1 / 40, 3 / 40, 11 / 40, 10 / 40]


def test_an_action_that_is_not_listed_is_worth_nothing() -> None:
    (one,) = users(click(minutes(0), action="SHARE"))
    assert one["engagement_score"] == 0.0


def test_engagement_is_bounded_by_one() -> None:
    found = users(*(click(seconds(i), f"{i}", action="PURCHASE") for i in range(6)))
    assert [one["engagement_score"] for one in found] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_conversion_is_undefined_without_a_cart_and_never_above_one() -> None:
    found = users(
        click(minutes(0), "a", action="PURCHASE"),
        click(minutes(1), "b", action="ADD_TO_CART"),
        click(minutes(2), "c", action="PURCHASE"),
        click(minutes(3), "d", action="ADD_TO_CART"),
        click(minutes(4), "e", action="ADD_TO_CART"),
    )
    assert [one["cart_conversion_rate"] for one in found] == [None, 1.0, 1.0, 1.0, 2 / 3]


def test_of_categories_clicked_equally_often_the_first_in_order_is_the_favourite() -> None:
    found = users(
        click(minutes(0), "a", category="shoes"),
        click(minutes(1), "b", category="books"),
        click(minutes(2), "c", category="shoes"),
        click(minutes(59), "d"),
        click(minutes(60), "e"),
        click(minutes(61), "f"),
        click(minutes(62), "g"),
    )
    favourites = [one["category_affinity"] for one in found]
    assert favourites == ["shoes", "books", "shoes", "shoes", "books", "shoes", None]
