"""Features of cards, a batch at a time: the definitions of `FRAUD` over columns.

    accepted, late = split_late(decoded.frame)
    card_features(accepted)            # one row for each transaction, in the order given

For every transaction the features are those of `streamlab.features.CardFeatures`, bit for bit: everything
is counted in integers, and a float is one division.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.features.columnar.codes import codes_of, member_of, named_codes_of
from streamlab.features.columnar.windows import Timeline
from streamlab.features.constants import (
    AMOUNT_LIMIT,
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
from streamlab.features.fraud_definitions import FLAGS_BY_MASK, RISK_FLAGS

CARD_COLUMNS: Final = (
    "txn_id",
    "card_id",
    "amount",
    "currency",
    "event_time",
    "merchant_id",
    "merchant_category",
    "country",
)
"""The fields of a transaction that `card_features` reads; pass them to `decode` as `columns`."""

_IDENTITY: Final = ("card_id", "txn_id", "event_time")


def card_features(frame: pl.DataFrame) -> pl.DataFrame:
    """Features of every transaction, all of which are accepted; rows in the order of the frame.

    Args:
        frame: `CARD_COLUMNS`, event_time in milliseconds; without `txn_id` the features come without it.

    Raises:
        ValueError: an amount is not finite or is beyond AMOUNT_LIMIT, or a currency has no rate.
    """
    cents = exact_cents(frame)
    timeline = Timeline(codes_of(frame["card_id"]), frame["event_time"].to_numpy(), LONGEST_WINDOW_MS)
    order, back = timeline.order, timeline.in_given_order
    short, long = timeline.window(SHORT_WINDOW_MS), timeline.window(LONGEST_WINDOW_MS)

    count_short, count_long = short.count(), long.count()
    ordered_cents = cents[order]
    cents_short, cents_long = short.total(ordered_cents), long.total(ordered_cents)
    countries = short.distinct(codes_of(frame["country"])[order])
    merchants = long.distinct(codes_of(frame["merchant_id"])[order])
    risky = long.total(member_of(frame["merchant_category"], HIGH_RISK_MCC)[order])
    since_ms = timeline.since_previous_ms
    further = np.minimum(count_short - 1, VELOCITY_SATURATION)
    velocity = further / VELOCITY_SATURATION
    flags = (
        (count_short >= CARD_TESTING_COUNT) & (cents_short < CARD_TESTING_AVERAGE_CENTS * count_short),
        ordered_cents >= LARGE_AMOUNT_CENTS,
        countries >= TRAVEL_COUNTRIES,
        further == VELOCITY_SATURATION,
        (velocity > VELOCITY_ALERT) & (countries >= ANOMALY_COUNTRIES),
        (count_long >= HIGH_RISK_COUNT) & (2 * risky >= count_long),
    )
    since = pl.Series(back(since_ms / MINUTE_MS))
    has_previous = pl.Series(back(since_ms < LONGEST_WINDOW_MS))
    return frame.select(
        *(name for name in _IDENTITY if name in frame.columns),
        pl.Series("txn_count_5m", back(count_short.astype(np.int32))),
        pl.Series("amount_sum_5m", back(cents_short / 100)),
        pl.Series("amount_avg_5m", back(cents_short / (100 * count_short))),
        pl.Series("amount_sum_1h", back(cents_long / 100)),
        pl.Series("unique_countries_5m", back(countries.astype(np.int32))),
        pl.Series("unique_merchants_1h", back(merchants.astype(np.int32))),
        pl.Series("high_risk_txn_ratio", back(risky / count_long)),
        pl.when(has_previous).then(since).alias("time_since_last_txn_min"),
        pl.Series("velocity_score", back(velocity)),
        pl.Series("risk_flags", _FLAGS.gather(back(_mask(flags)))),
    )


def exact_cents(frame: pl.DataFrame) -> NDArray[np.int64]:
    """`constants.exact_cents` of every row.

    Raises:
        ValueError: an amount is not finite or is beyond AMOUNT_LIMIT, or a currency has no rate.
    """
    amounts = frame["amount"].to_numpy()
    codes, currencies = named_codes_of(frame["currency"])
    # The last rate is that of UNKNOWN, -1: no number.
    rates = np.array([*(CENTS_PER_UNIT.get(name, np.nan) for name in currencies), np.nan])[codes]
    if not (np.abs(amounts) <= AMOUNT_LIMIT).all() or np.isnan(rates).any():
        raise ValueError(
            "an amount is no number within AMOUNT_LIMIT, or a currency has no rate: validate first"
        )
    cents: NDArray[np.int64] = np.rint(amounts * rates).astype(np.int64)
    return cents


_FLAGS: Final = pl.Series([list(flags) for flags in FLAGS_BY_MASK], dtype=pl.List(pl.String))


def _mask(flags: tuple[NDArray[np.bool_], ...]) -> NDArray[np.uint8]:
    """Bit i is the i-th of RISK_FLAGS."""
    assert len(flags) == len(RISK_FLAGS)
    mask = np.zeros(len(flags[0]), np.uint8)
    for bit, holds in enumerate(flags):
        mask |= holds.astype(np.uint8) << np.uint8(bit)
    return mask
