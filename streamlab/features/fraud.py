"""The state of one card: its last hour of transactions, and the features that are read from it.

    card = CardState()
    card.insert(transaction, event_time_ms)          # in event-time order
    card.features(transaction, event_time_ms)        # {"card_id": ..., "txn_count_5m": 1, ...}

Each transaction enters two windows once and leaves each once; sums and counts run along. So an event costs
the same whether ten or ten thousand others are in the window (amortised).
"""

from typing import Any

from streamlab.features.constants import (
    ANOMALY_COUNTRIES,
    CARD_TESTING_AVERAGE_CENTS,
    CARD_TESTING_COUNT,
    CENTS_PER_UNIT,
    HIGH_RISK_COUNT,
    HIGH_RISK_MCC,
    LARGE_AMOUNT_CENTS,
    LONGEST_WINDOW_MS,
    MINUTE_MS,
    SHORT_WINDOW_MS,
    TRAVEL_COUNTRIES,
    VELOCITY_ALERT,
    VELOCITY_SATURATION,
)
from streamlab.features.fraud_definitions import FLAGS_BY_MASK
from streamlab.features.watermark import NEVER

_RATES = dict(CENTS_PER_UNIT)
_CARD_TESTING, _LARGE, _TRAVEL, _BURST, _ANOMALY, _MERCHANTS = (1 << bit for bit in range(6))

_LARGE_FROM = (LARGE_AMOUNT_CENTS - 1) / max(_RATES.values())
"""Below this many units of any currency an amount is not large: spares the conversion."""

_Entry = tuple[int, int, str | None, str | None, bool]
"""Event time, cents, country, merchant, whether the merchant is high-risk."""


class CardState:
    """What one card did in the last hour.

    Both windows are ends of one list: they share the last entry, and each begins at an index of its own. What
    is before both is cut off when it is half of the list. Countries and merchants are kept with the entry
    that had them last, and leave with it: how many there are is how many are distinct.

    Attributes:
        last_ms: the latest event time that was inserted.
    """

    __slots__ = (
        "_cents_long",
        "_cents_short",
        "_countries",
        "_entries",
        "_long",
        "_merchants",
        "_previous_ms",
        "_risky",
        "_short",
        "last_ms",
    )

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._short = 0
        self._long = 0
        self._cents_short = 0
        self._cents_long = 0
        self._risky = 0
        self._countries: dict[str | None, _Entry] = {}
        self._merchants: dict[str | None, _Entry] = {}
        self._previous_ms = NEVER
        self.last_ms = NEVER

    def __len__(self) -> int:
        return len(self._entries) - self._long

    def insert(self, event: dict[str, Any], now_ms: int) -> None:
        """Let a transaction into the windows, and out of them what is too old for it.

        Args:
            event: a transaction with a finite amount and a currency that has a rate.
            now_ms: its event time, not before that of any inserted one.
        """
        cents = round(event["amount"] * _RATES[event["currency"]])
        get = event.get
        country = get("country")
        merchant = get("merchant_id")
        risky = get("merchant_category") in HIGH_RISK_MCC
        if now_ms != self.last_ms:
            self._previous_ms = self.last_ms
            self.last_ms = now_ms
        countries, merchants, entries = self._countries, self._merchants, self._entries
        # The same name again is the same object: many entries hold one string.
        if (seen := countries.get(country)) is not None:
            country = seen[2]
        if (seen := merchants.get(merchant)) is not None:
            merchant = seen[3]
        entry = (now_ms, cents, country, merchant, risky)
        entries.append(entry)
        if country is not None:
            countries[country] = entry
        if merchant is not None:
            merchants[merchant] = entry

        # Written out, not called, because this is where the time goes: each entry leaves each window once.
        oldest_ms = now_ms - SHORT_WINDOW_MS
        first, left = self._short, self._cents_short + cents
        # The only country, seen just now, does not leave.
        leaving = country is None or len(countries) > 1
        while (entry := entries[first])[0] <= oldest_ms:
            left -= entry[1]
            if leaving and countries.get(entry[2]) is entry:
                del countries[entry[2]]
            first += 1
        self._short, self._cents_short = first, left

        oldest_ms = now_ms - LONGEST_WINDOW_MS
        first, left, risk = self._long, self._cents_long + cents, self._risky + risky
        while (entry := entries[first])[0] <= oldest_ms:
            left -= entry[1]
            if merchants.get(entry[3]) is entry:
                del merchants[entry[3]]
            if entry[4]:
                risk -= 1
            first += 1
        self._long, self._cents_long, self._risky = first, left, risk
        if 2 * first > len(entries):
            del entries[:first]
            self._short -= first
            self._long = 0

    def features(self, event: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """The features as of a transaction that was inserted last, or together with others of its time."""
        held = len(self._entries)
        count_short = held - self._short
        count_long = held - self._long
        cents_short = self._cents_short
        countries = len(self._countries)
        risky = self._risky
        further = count_short - 1
        velocity = further / VELOCITY_SATURATION if further < VELOCITY_SATURATION else 1.0
        since_ms = now_ms - self._previous_ms

        flags = 0
        if count_short >= CARD_TESTING_COUNT:
            if cents_short < CARD_TESTING_AVERAGE_CENTS * count_short:
                flags = _CARD_TESTING
            if further >= VELOCITY_SATURATION:
                flags |= _BURST
            if velocity > VELOCITY_ALERT and countries >= ANOMALY_COUNTRIES:
                flags |= _ANOMALY
        if countries >= TRAVEL_COUNTRIES:
            flags |= _TRAVEL
        if risky and count_long >= HIGH_RISK_COUNT and 2 * risky >= count_long:
            flags |= _MERCHANTS
        amount = event["amount"]
        if amount >= _LARGE_FROM and round(amount * _RATES[event["currency"]]) >= LARGE_AMOUNT_CENTS:
            flags |= _LARGE
        return {
            "card_id": event["card_id"],
            "txn_id": event["txn_id"],
            "event_time": now_ms,
            "txn_count_5m": count_short,
            "amount_sum_5m": cents_short / 100,
            "amount_avg_5m": cents_short / (100 * count_short),
            "amount_sum_1h": self._cents_long / 100,
            "unique_countries_5m": countries,
            "unique_merchants_1h": len(self._merchants),
            "high_risk_txn_ratio": risky / count_long,
            "time_since_last_txn_min": since_ms / MINUTE_MS if since_ms < LONGEST_WINDOW_MS else None,
            "velocity_score": velocity,
            "risk_flags": FLAGS_BY_MASK[flags],
        }
