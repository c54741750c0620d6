"""What is known of a payment's device, a batch at a time: the definitions of `JOINS` over columns.

    device_features(payments, devices, clicks)       # one row for each payment, in the order given

Both joins are by device_id and look back from the payment's event time: the latest device event that is not
newer (an as-of join), and the number of clicks in the ten minutes before. All three frames hold what is
accepted.
"""

from typing import Final

import polars as pl

from streamlab.features.constants import CLICKS_BEFORE_PAYMENT_MS, MINUTE_MS, PROFILE_AGE_MS

PAYMENT_COLUMNS: Final = ("txn_id", "card_id", "device_id", "event_time")
DEVICE_COLUMNS: Final = ("event_id", "device_id", "event_time", "kind", "country", "is_proxy")
CLICK_COLUMNS: Final = ("device_id", "event_time")

_BY: Final = "device_id"
_TIME: Final = "event_time"
_ROW: Final = "payment row"


def device_features(payments: pl.DataFrame, devices: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """`PAYMENT_COLUMNS` and what `JOINS` defines, for every payment.

    Args:
        payments: `PAYMENT_COLUMNS`; others are left alone.
        devices: `DEVICE_COLUMNS`.
        clicks: `CLICK_COLUMNS`.
    """
    ordered = payments.select(PAYMENT_COLUMNS).with_row_index(_ROW).sort(_TIME)
    with_profile = ordered.join_asof(
        _profiles(devices),
        on=_TIME,
        by=_BY,
        strategy="backward",
        tolerance=PROFILE_AGE_MS - 1,
        check_sortedness=False,
    )
    counts = _click_counts(clicks)
    until_payment = _count_until(ordered, counts)
    until_window = _count_until(ordered.with_columns(pl.col(_TIME) - CLICKS_BEFORE_PAYMENT_MS), counts)
    joined = with_profile.with_columns((until_payment - until_window).alias("device_clicks_10m")).sort(_ROW)
    # NumPy divides; Polars would multiply by 1 / 60000, which is not always the same float.
    age_min = pl.Series((joined[_TIME] - joined["seen at"]).fill_null(0).to_numpy() / MINUTE_MS)
    return joined.select(
        *PAYMENT_COLUMNS,
        pl.col("kind").cast(pl.String).alias("device_kind"),
        pl.col("country").alias("device_country"),
        pl.col("is_proxy").alias("device_is_proxy"),
        pl.when(pl.col("seen at").is_not_null()).then(age_min).alias("device_profile_age_min"),
        pl.col("device_clicks_10m").cast(pl.Int32),
    )


def _profiles(devices: pl.DataFrame) -> pl.DataFrame:
    """One profile for each device and time, the one with the greatest event_id, by time."""
    return (
        devices.select(DEVICE_COLUMNS)
        .sort(_TIME, "event_id")
        .unique([_BY, _TIME], keep="last", maintain_order=True)
        .with_columns(pl.col(_TIME).alias("seen at"))
        .drop("event_id")
    )


def _click_counts(clicks: pl.DataFrame) -> pl.DataFrame:
    """For each device and time of a click, how many clicks the device has had until then; by time."""
    return (
        clicks.select(CLICK_COLUMNS)
        .drop_nulls(_BY)
        .sort(_TIME)
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_BY).alias("clicks"))
        .unique([_BY, _TIME], keep="last", maintain_order=True)
    )


def _count_until(ordered: pl.DataFrame, counts: pl.DataFrame) -> pl.Series:
    """How many clicks the device of each row has had until the row's time, the time included."""
    joined = ordered.join_asof(counts, on=_TIME, by=_BY, strategy="backward", check_sortedness=False)
    return joined["clicks"].fill_null(0)
