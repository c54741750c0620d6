"""The features as they are first written: a list of events for each card, all of it read at each event.

    cards = NaiveCards(parameters)
    cards.keep(event)                    # a decoded transaction
    cards.features(event)                # a tuple in the order of COLUMNS

Events come in order of time; all that have the time of the event in question must have been kept.
"""

from collections import defaultdict
from typing import Any

Event = dict[str, Any]


class NaiveCards:
    """Events by card; nothing is counted ahead of time.

    What is older than an hour is dropped when the card is looked at.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._given = parameters
        self._cards: defaultdict[str, list[Event]] = defaultdict(list)

    def keep(self, event: Event) -> None:
        """Add an event to its card's list."""
        self._cards[event["card_id"]].append(event)

    def forget_before(self, event: Event) -> None:
        """Drop what a look at the card's previous event would have dropped."""
        events = self._cards[event["card_id"]]
        earlier = [one["event_time"] for one in events[-2:]]
        self._cards[event["card_id"]] = [
            one for one in events if one["event_time"] > earlier[0] - self._given["long_window_ms"]
        ]

    def features(self, event: Event) -> tuple[Any, ...]:
        """The features of one event, from the list alone."""
        given, now = self._given, event["event_time"]
        hour = [
            one for one in self._cards[event["card_id"]] if one["event_time"] > now - given["long_window_ms"]
        ]
        self._cards[event["card_id"]] = hour
        minutes = [one for one in hour if one["event_time"] > now - given["short_window_ms"]]
        count = len(minutes)
        cents = sum(self._cents(one) for one in minutes)
        countries = len({one["country"] for one in minutes} - {None})
        risky = sum(one["merchant_category"] in given["high_risk_mcc"] for one in hour)
        earlier = [one["event_time"] for one in hour if one["event_time"] < now]
        velocity = min(count - 1, given["velocity_saturation"]) / given["velocity_saturation"]
        flags = (
            count >= given["card_testing_count"] and cents < given["card_testing_average_cents"] * count,
            self._cents(event) >= given["large_amount_cents"],
            countries >= given["travel_countries"],
            count - 1 >= given["velocity_saturation"],
            velocity > given["velocity_alert"] and countries >= given["anomaly_countries"],
            len(hour) >= given["high_risk_count"] and 2 * risky >= len(hour),
        )
        return (
            count,
            cents / 100,
            cents / (100 * count),
            sum(self._cents(one) for one in hour) / 100,
            countries,
            len({one["merchant_id"] for one in hour} - {None}),
            risky / len(hour),
            (now - max(earlier)) / given["minute_ms"] if earlier else None,
            velocity,
            sum(2**bit for bit, holds in enumerate(flags) if holds),
        )

    def _cents(self, event: Event) -> int:
        return round(event["amount"] * self._given["cents_per_unit"][event["currency"]])
