"""What the features are, computed in the most naive way: lists, scanned again for every event.

    late, accepted = judge(arrivals, lateness_ms=5_000)      # arrivals: (partition, event), in order
    card_features(accepted)                                  # the oracle for CardFeatures and the columnar
    execution

Nothing is imported from the course: windows, rates and rules are written down a second time.
"""

from collections import Counter
from typing import Any

Event = dict[str, Any]

MINUTE = 60_000
RATES = {"USD": 100.0, "EUR": 108.0, "GBP": 127.0, "JPY": 0.67, "CHF": 113.0}
RISKY = {"4829", "5966", "5967", "5993", "6051", "6211", "6540", "7273", "7801", "7995"}
POINTS = {
    "PAGE_VIEW": 1,
    "PRODUCT_VIEW": 2,
    "ADD_TO_CART": 5,
    "REMOVE_FROM_CART": 1,
    "CHECKOUT": 8,
    "PURCHASE": 10,
}


def judge(
    arrivals: list[tuple[int, Event]], lateness_ms: int
) -> tuple[list[tuple[int, Event]], list[tuple[int, Event]]]:
    """The late and the accepted among arrivals, each with its partition."""
    late, accepted = [], []
    for index, (partition, event) in enumerate(arrivals):
        before = [one["event_time"] for where, one in arrivals[:index] if where == partition]
        if before and event["event_time"] < max(before) - lateness_ms:
            late.append((partition, event))
        else:
            accepted.append((partition, event))
    return late, accepted


def window(events: list[Event], key: str, of: Event, minutes: int) -> list[Event]:
    """The events of the same key in the window that ends at one event."""
    end = of["event_time"]
    return [
        one for one in events if one[key] == of[key] and end - minutes * MINUTE < one["event_time"] <= end
    ]


def cents(event: Event) -> int:
    return round(event["amount"] * RATES[event["currency"]])


def card_features(events: list[Event]) -> list[Event]:
    """The features of every transaction, by (event time, txn_id)."""
    return [
        card_record(events, one) for one in sorted(events, key=lambda one: (one["event_time"], one["txn_id"]))
    ]


def card_record(events: list[Event], one: Event) -> Event:
    five, hour = window(events, "card_id", one, 5), window(events, "card_id", one, 60)
    countries = {other["country"] for other in five} - {None}
    earlier = [other["event_time"] for other in hour if other["event_time"] < one["event_time"]]
    risky = [other for other in hour if other["merchant_category"] in RISKY]
    velocity = min(len(five) - 1, 8) / 8
    total = sum(map(cents, five))
    flags = {
        "card_testing": len(five) >= 5 and total < 500 * len(five),
        "large_amount": cents(one) >= 100_000,
        "impossible_travel": len(countries) >= 2,
        "velocity_burst": len(five) >= 9,
        "high_velocity_geo_anomaly": velocity > 0.7 and len(countries) >= 3,
        "high_risk_merchants": len(hour) >= 3 and 2 * len(risky) >= len(hour),
    }
    return {
        "card_id": one["card_id"],
        "txn_id": one["txn_id"],
        "event_time": one["event_time"],
        "txn_count_5m": len(five),
        "amount_sum_5m": total / 100,
        "amount_avg_5m": total / (100 * len(five)),
        "amount_sum_1h": sum(map(cents, hour)) / 100,
        "unique_countries_5m": len(countries),
        "unique_merchants_1h": len({other["merchant_id"] for other in hour} - {None}),
        "high_risk_txn_ratio": len(risky) / len(hour),
        "time_since_last_txn_min": (one["event_time"] - max(earlier)) / MINUTE if earlier else None,
        "velocity_score": velocity,
        "risk_flags": tuple(name for name, holds in flags.items() if holds),
    }


def user_features(events: list[Event]) -> list[Event]:
    """The features of every click, by (event time, click_id)."""
    return [
        user_record(events, one)
        for one in sorted(events, key=lambda one: (one["event_time"], one["click_id"]))
    ]


def user_record(events: list[Event], one: Event) -> Event:
    five, hour = window(events, "user_id", one, 5), window(events, "user_id", one, 60)
    visit = [other["event_time"] for other in hour if other["session_id"] == one["session_id"]]
    actions = Counter(other["action"] for other in hour)
    added = actions["ADD_TO_CART"]
    liked = Counter(other["category"] for other in hour if other["category"] is not None)
    return {
        "user_id": one["user_id"],
        "click_id": one["click_id"],
        "event_time": one["event_time"],
        "session_duration_min": (one["event_time"] - min(visit)) / MINUTE,
        "page_views_5m": sum(other["action"] in ("PAGE_VIEW", "PRODUCT_VIEW") for other in five),
        "cart_conversion_rate": min(actions["PURCHASE"], added) / added if added else None,
        "category_affinity": min(liked, key=lambda name: (-liked[name], name)) if liked else None,
        "engagement_score": min(sum(POINTS.get(other["action"], 0) for other in five), 40) / 40,
    }


def joined(payments: list[Event], clicks: list[Event], devices: list[Event]) -> list[Event]:
    """The record of both joins for every payment, by (event time, txn_id)."""
    return [
        joined_record(one, clicks, devices)
        for one in sorted(payments, key=lambda one: (one["event_time"], one["txn_id"]))
    ]


def joined_record(one: Event, clicks: list[Event], devices: list[Event]) -> Event:
    known = one["device_id"] is not None
    seen = window(devices, "device_id", one, 60) if known else []
    latest = max(seen, key=lambda other: (other["event_time"], other["event_id"]), default=None)
    return {
        "txn_id": one["txn_id"],
        "card_id": one["card_id"],
        "device_id": one["device_id"],
        "event_time": one["event_time"],
        "device_kind": latest and latest["kind"],
        "device_country": latest and latest["country"],
        "device_is_proxy": latest and latest["is_proxy"],
        "device_profile_age_min": latest and (one["event_time"] - latest["event_time"]) / MINUTE,
        "device_clicks_10m": len(window(clicks, "device_id", one, 10)) if known else 0,
    }
