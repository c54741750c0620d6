"""Polars: its reader of Avro container files, then its rolling windows, straightforwardly, over the whole
table.

Sums by `rolling_sum_by` over each card, distinct values by `rolling(...).agg(n_unique)` on dense integers
(several times faster there than on strings). All cores.
"""

from typing import Any

import polars as pl

from benchmarks.peers import side

NEEDED = ["card_id", "amount", "currency", "event_time", "merchant_id", "merchant_category", "country"]


def numbered(column: str) -> pl.Expr:
    """Dense integers in the place of strings; null stays null."""
    return pl.col(column).rank("dense").cast(pl.UInt32)


def prepared(table: pl.DataFrame, given: dict[str, Any]) -> pl.DataFrame:
    """Integers for what the windows count, one row an event, in order of time."""
    rate = pl.col("currency").cast(pl.String).replace_strict(given["cents_per_unit"], return_dtype=pl.Float64)
    return table.select(
        pl.int_range(pl.len()).alias("row"),
        numbered("card_id").alias("card"),
        pl.col("event_time").dt.epoch("ms").alias("time"),
        (pl.col("amount") * rate).round(mode="half_to_even").cast(pl.Int64).alias("cents"),
        pl.col("merchant_category")
        .is_in(given["high_risk_mcc"])
        .fill_null(False)
        .cast(pl.Int64)
        .alias("risky"),
        pl.lit(1, pl.Int64).alias("one"),
        numbered("country").alias("country"),
        numbered("merchant_id").alias("merchant"),
    )


def summed(column: str, window_ms: int, name: str) -> pl.Expr:
    """The sum over (t - window, t] of the event's card."""
    return pl.col(column).rolling_sum_by("time", f"{window_ms}i", closed="right").over("card").alias(name)


def distinct(events: pl.DataFrame, column: str, window_ms: int, name: str) -> pl.DataFrame:
    """Number of distinct known values in (t - window, t], once for each card and time."""
    known = pl.col(column).drop_nulls().n_unique().cast(pl.Int64).alias(name)
    rolling = events.rolling("time", period=f"{window_ms}i", group_by="card", closed="right").agg(known)
    return rolling.unique(["card", "time"], keep="any")


def features(events: pl.DataFrame, given: dict[str, Any]) -> pl.DataFrame:
    """All features of all events."""
    short, long = given["short_window_ms"], given["long_window_ms"]
    before = (
        events.select("card", "time")
        .unique()
        .sort("card", "time")
        .with_columns(pl.col("time").shift(1).over("card").alias("before"))
    )
    table = (
        events.with_columns(
            summed("one", short, "count_short"),
            summed("cents", short, "cents_short"),
            summed("one", long, "count_long"),
            summed("cents", long, "cents_long"),
            summed("risky", long, "risky_long"),
        )
        .join(distinct(events, "country", short, "countries"), on=["card", "time"])
        .join(distinct(events, "merchant", long, "merchants"), on=["card", "time"])
        .join(before, on=["card", "time"])
    )
    age = pl.col("time") - pl.col("before")
    further = pl.col("count_short") - 1
    saturation = given["velocity_saturation"]
    # Columns: Polars divides by a constant by multiplying with its inverse, which is not always equal.
    hundred, minute = (0 * pl.col("count_short") + number for number in (100, given["minute_ms"]))
    velocity = pl.min_horizontal(further, pl.lit(saturation)) / saturation
    flags = (
        (pl.col("count_short") >= given["card_testing_count"])
        & (pl.col("cents_short") < given["card_testing_average_cents"] * pl.col("count_short")),
        pl.col("cents") >= given["large_amount_cents"],
        pl.col("countries") >= given["travel_countries"],
        further >= saturation,
        (velocity > given["velocity_alert"]) & (pl.col("countries") >= given["anomaly_countries"]),
        (pl.col("count_long") >= given["high_risk_count"])
        & (2 * pl.col("risky_long") >= pl.col("count_long")),
    )
    return table.select(
        "row",
        pl.col("count_short").alias("txn_count_5m"),
        (pl.col("cents_short") / hundred).alias("amount_sum_5m"),
        (pl.col("cents_short") / (100 * pl.col("count_short"))).alias("amount_avg_5m"),
        (pl.col("cents_long") / hundred).alias("amount_sum_1h"),
        pl.col("countries").alias("unique_countries_5m"),
        pl.col("merchants").alias("unique_merchants_1h"),
        (pl.col("risky_long") / pl.col("count_long")).alias("high_risk_txn_ratio"),
        pl.when(age < long).then(age / minute).alias("time_since_last_txn_min"),
        velocity.alias("velocity_score"),
        pl.sum_horizontal(flag.cast(pl.Int64) * 2**bit for bit, flag in enumerate(flags)).alias("risk_flags"),
    )


def compute(given: side.Input, collected: side.Collector) -> str:
    """Read, prepare, roll."""
    table = pl.read_avro(given.container, columns=NEEDED)
    found = features(prepared(table, given.parameters), given.parameters)
    collected.untimed(
        lambda: collected.columns({name: found[name].to_numpy() for name in ("row", *side.COLUMNS)})
    )
    return f"the whole table at once, {pl.thread_pool_size()} threads; reads the container file"


if __name__ == "__main__":
    side.main(compute, ("polars",))
