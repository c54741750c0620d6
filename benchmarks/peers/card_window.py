"""The windows of one card in plain Python, for the engines that bring keyed state but no window that ends at
an event.

    window = CardWindow(parameters)
    window.add([row, time_ms, cents, country, merchant, is_high_risk])      # -> [(row, features ...), ...]

Events come in order of time. One whose time is that of the event before changes that one's features, too:
both are returned. `window.state` is plain lists and dicts, so that an engine can store it.
"""

from typing import Any

Event = list[Any]

ROW, TIME, CENTS, COUNTRY, MERCHANT, HIGH_RISK = range(6)


def new_state() -> dict[str, Any]:
    """The state before any event: events of the longer window, and what is counted in each window."""
    return {
        "events": [],
        "long": 0,
        "short": 0,
        "cents_short": 0,
        "cents_long": 0,
        "high_risk": 0,
        "countries": {},
        "merchants": {},
        "before": None,
    }


def event_of(row: int, record: dict[str, Any], parameters: dict[str, Any]) -> Event:
    """What the windows need of a decoded transaction."""
    return [
        row,
        record["event_time"],
        round(record["amount"] * parameters["cents_per_unit"][record["currency"]]),
        record["country"],
        record["merchant_id"],
        record["merchant_category"] in parameters["high_risk_mcc"],
    ]


def _count(counts: dict[str, int], value: str | None) -> None:
    if value is not None:
        counts[value] = counts.get(value, 0) + 1


def _uncount(counts: dict[str, int], value: str | None) -> None:
    if value is not None:
        left = counts[value] - 1
        if left:
            counts[value] = left
        else:
            del counts[value]


class CardWindow:
    """Both windows of one card; cost a step independent of how many events they hold."""

    def __init__(self, parameters: dict[str, Any], state: dict[str, Any] | None = None) -> None:
        self._parameters = parameters
        self.state = new_state() if state is None else state

    def add(self, event: Event) -> list[tuple[Any, ...]]:
        """Features of this event, and again of those before it that have its time."""
        state, parameters = self.state, self._parameters
        events, now = state["events"], event[TIME]
        if events and events[-1][TIME] < now:
            state["before"] = events[-1][TIME]
        events.append(event)
        state["cents_short"] += event[CENTS]
        state["cents_long"] += event[CENTS]
        state["high_risk"] += event[HIGH_RISK]
        _count(state["countries"], event[COUNTRY])
        _count(state["merchants"], event[MERCHANT])
        self._expire(now - parameters["short_window_ms"], now - parameters["long_window_ms"])
        first = len(events) - 1
        while first > state["long"] and events[first - 1][TIME] == now:
            first -= 1
        return [self._features(one) for one in events[first:]]

    def _expire(self, short_until: int, long_until: int) -> None:
        state = self.state
        events, short, long = state["events"], state["short"], state["long"]
        while events[short][TIME] <= short_until:
            state["cents_short"] -= events[short][CENTS]
            _uncount(state["countries"], events[short][COUNTRY])
            short += 1
        while events[long][TIME] <= long_until:
            state["cents_long"] -= events[long][CENTS]
            state["high_risk"] -= events[long][HIGH_RISK]
            _uncount(state["merchants"], events[long][MERCHANT])
            long += 1
        if long > 64 and long * 2 > len(events):
            del events[:long]
            short, long = short - long, 0
        state["short"], state["long"] = short, long

    def _features(self, event: Event) -> tuple[Any, ...]:
        state, given = self.state, self._parameters
        count_short = len(state["events"]) - state["short"]
        count_long = len(state["events"]) - state["long"]
        cents, countries, high_risk = state["cents_short"], len(state["countries"]), state["high_risk"]
        before = state["before"]
        since = None
        if before is not None and before > event[TIME] - given["long_window_ms"]:
            since = (event[TIME] - before) / given["minute_ms"]
        further = count_short - 1
        velocity = min(further, given["velocity_saturation"]) / given["velocity_saturation"]
        flags = (
            (
                count_short >= given["card_testing_count"]
                and cents < given["card_testing_average_cents"] * count_short
            )
            + 2 * (event[CENTS] >= given["large_amount_cents"])
            + 4 * (countries >= given["travel_countries"])
            + 8 * (further >= given["velocity_saturation"])
            + 16 * (velocity > given["velocity_alert"] and countries >= given["anomaly_countries"])
            + 32 * (count_long >= given["high_risk_count"] and 2 * high_risk >= count_long)
        )
        return (
            event[ROW],
            count_short,
            cents / 100,
            cents / (100 * count_short),
            state["cents_long"] / 100,
            countries,
            len(state["merchants"]),
            high_risk / count_long,
            since,
            velocity,
            flags,
        )
