"""The numbers that the features are defined with: windows, rates, thresholds and points.

    from streamlab.features.constants import SHORT_WINDOW_MS, exact_cents

    exact_cents(10.0, "EUR")             # 1080

What each is for says the table in `streamlab.features.definitions`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
SHORT_WINDOW_MS: Final = 5 * MINUTE_MS
LONGEST_WINDOW_MS: Final = 60 * MINUTE_MS
CLICKS_BEFORE_PAYMENT_MS: Final = 10 * MINUTE_MS
PROFILE_AGE_MS: Final = LONGEST_WINDOW_MS
"""A device profile this old, or older, is unknown: the join's state stays bounded."""

ALLOWED_LATENESS_SECONDS: Final = 5.0
IDLE_AFTER_SECONDS: Final = 60.0

CENTS_PER_UNIT: Final[Mapping[str, float]] = MappingProxyType(
    {"USD": 100.0, "EUR": 108.0, "GBP": 127.0, "JPY": 0.67, "CHF": 113.0}
)
"""Hundredths of a US dollar for one unit of a currency: fixed reference rates, not a market's."""

AMOUNT_LIMIT: Final = 1e9
"""Amounts are finite and at most this many units: the sum of a window of 70,000 events stays below 2**53."""

HIGH_RISK_MCC: Final = frozenset(
    {
        "4829",  # money transfer
        "5966",  # outbound telemarketing
        "5967",  # inbound telemarketing
        "5993",  # tobacco
        "6051",  # quasi-cash, cryptocurrency
        "6211",  # security brokers
        "6540",  # loading of prepaid cards
        "7273",  # dating services
        "7801",  # licensed online casinos
        "7995",  # betting, casino chips, lottery tickets
    }
)

VELOCITY_SATURATION: Final = 8
"""Further transactions in five minutes at which `velocity_score` is 1."""

VELOCITY_ALERT: Final = 0.7
ANOMALY_COUNTRIES: Final = 3
TRAVEL_COUNTRIES: Final = 2
LARGE_AMOUNT_CENTS: Final = 100_000
CARD_TESTING_COUNT: Final = 5
CARD_TESTING_AVERAGE_CENTS: Final = 500
HIGH_RISK_COUNT: Final = 3

PAGE_VIEWS: Final = frozenset({"PAGE_VIEW", "PRODUCT_VIEW"})
CART: Final = "ADD_TO_CART"
PURCHASE: Final = "PURCHASE"
ENGAGEMENT_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "OTHER": 0,
        "PAGE_VIEW": 1,
        "PRODUCT_VIEW": 2,
        "ADD_TO_CART": 5,
        "REMOVE_FROM_CART": 1,
        "CHECKOUT": 8,
        "PURCHASE": 10,
    }
)
"""What an action is worth; an action that is not listed is worth nothing."""

ENGAGEMENT_SATURATION: Final = 40
"""Points in five minutes at which `engagement_score` is 1."""


def exact_cents(amount: float, currency: str) -> int:
    """An amount in whole hundredths of a US dollar: one multiplication of floats, rounded half to even.

    `numpy.rint(amount * rate)` gives the same integer.

    Raises:
        KeyError: there is no rate for the currency.
        ValueError, OverflowError: the amount is not a number, or infinite.
    """
    return round(amount * CENTS_PER_UNIT[currency])
