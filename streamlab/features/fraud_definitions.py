"""The features of a card, from its transactions: `FRAUD`, and the rules behind `risk_flags`.

Read them as `streamlab.features.definitions.FRAUD`; the rules for all features are there.
"""

from typing import Final

from streamlab.features.definition import FIVE_MINUTES, ONE_HOUR, OPTIONAL_DOUBLE, Definition, RiskFlag

FRAUD: Final = (
    Definition(
        "txn_count_5m",
        "int",
        FIVE_MINUTES,
        "transactions",
        "number of the card's transactions",
        "A stolen card is used fast. At least 1: the transaction sees itself.",
    ),
    Definition(
        "amount_sum_5m",
        "double",
        FIVE_MINUTES,
        "US dollars",
        "sum of exact_cents, divided by 100",
        "What a burst is worth. Currencies are converted before they are added, and the sum is exact.",
    ),
    Definition(
        "amount_avg_5m",
        "double",
        FIVE_MINUTES,
        "US dollars",
        "sum of exact_cents, divided by 100 * txn_count_5m (one division)",
        "Many tiny payments are a test of the card, few large ones its use.",
    ),
    Definition(
        "amount_sum_1h",
        "double",
        ONE_HOUR,
        "US dollars",
        "sum of exact_cents, divided by 100",
        "Spending that is slow enough to stay under the five minutes.",
    ),
    Definition(
        "unique_countries_5m",
        "int",
        FIVE_MINUTES,
        "countries",
        "number of distinct known countries",
        "A card is in one place. Unknown countries do not count, so 0 is possible.",
    ),
    Definition(
        "unique_merchants_1h",
        "int",
        ONE_HOUR,
        "merchants",
        "number of distinct known merchants",
        "Stolen numbers go from shop to shop. Unknown merchants do not count, so 0 is possible.",
    ),
    Definition(
        "high_risk_txn_ratio",
        "double",
        ONE_HOUR,
        "share from 0 to 1",
        "transactions whose merchant_category is in HIGH_RISK_MCC, divided by all transactions",
        "Goods that turn into cash. An unknown category is not high-risk but counts below the line.",
    ),
    Definition(
        "time_since_last_txn_min",
        OPTIONAL_DOUBLE,
        ONE_HOUR,
        "minutes",
        "milliseconds since the card's latest transaction of a strictly smaller event_time in the window, "
        "divided by 60000; null if there is none",
        "Null, not zero, at the first: zero would read as the fastest of all. The window bounds it below 60.",
    ),
    Definition(
        "velocity_score",
        "double",
        FIVE_MINUTES,
        "score from 0 to 1",
        "min(txn_count_5m - 1, 8) divided by 8",
        "Events divided by the hours that they span is undefined at the first event, has no upper bound, and "
        "is huge for any two that are a second apart. The window's own length cannot be zero: what counts is "
        "the further transactions in it, 0 at the first, 1 from eight on.",
    ),
    Definition(
        "risk_flags",
        "strings",
        "5 min and 1 h",
        "names of rules",
        "the names of the rules in RISK_FLAGS that hold, in the table's order",
        "What an analyst reads first; each is a comparison of integers.",
    ),
)

RISK_FLAGS: Final = (
    RiskFlag(
        "card_testing",
        "txn_count_5m >= 5 and the sum of exact_cents in 5 min < 500 * txn_count_5m",
        "Several tiny payments: somebody tries whether the number works.",
    ),
    RiskFlag(
        "large_amount",
        "exact_cents of the transaction itself >= 100000",
        "At least 1,000 US dollars at once.",
    ),
    RiskFlag(
        "impossible_travel", "unique_countries_5m >= 2", "No card is in two countries within five minutes."
    ),
    RiskFlag("velocity_burst", "txn_count_5m - 1 >= 8", "velocity_score is at its maximum."),
    RiskFlag(
        "high_velocity_geo_anomaly",
        "velocity_score > 0.7 and unique_countries_5m >= 3",
        "Fast and in many countries.",
    ),
    RiskFlag(
        "high_risk_merchants",
        "at least 3 transactions in 1 h, and at least half of them high-risk",
        "A share of one or two transactions says nothing.",
    ),
)

FLAGS_BY_MASK: Final = tuple(
    tuple(flag.name for bit, flag in enumerate(RISK_FLAGS) if mask >> bit & 1)
    for mask in range(1 << len(RISK_FLAGS))
)
"""Bit i of the mask is the i-th of RISK_FLAGS: the one place that turns comparisons into names."""
