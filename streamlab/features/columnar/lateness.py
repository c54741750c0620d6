"""Which events of a batch came late: the watermark of each partition, in the order of arrival.

    accepted, late = split_late(frame, allowed_lateness_seconds=5.0)
    late["reason"]                     # as `streamlab.features.Late` says it

The frame is in the order of arrival and has `event_time` in milliseconds; `partition`, if it has that
column, says which log an event came from. The watermark of a partition is the greatest event time that came
before, minus the allowed lateness; an event is late if it is older than that. One exactly at the watermark
is not.
"""

from typing import Final

import polars as pl

from streamlab.features.constants import ALLOWED_LATENESS_SECONDS, SECOND_MS

PARTITION: Final = "partition"


def split_late(
    frame: pl.DataFrame, allowed_lateness_seconds: float = ALLOWED_LATENESS_SECONDS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The accepted events, and the late ones with `watermark_ms` and `reason`; both in the given order."""
    newest_before = pl.col("event_time").cum_max().shift(1)
    if PARTITION in frame.columns:
        newest_before = newest_before.over(PARTITION)
    watermark = frame.select(
        (newest_before - round(allowed_lateness_seconds * SECOND_MS)).alias("watermark_ms")
    )
    watermarks = watermark["watermark_ms"]
    is_late = (frame["event_time"] < watermarks).fill_null(False)
    if not is_late.any():
        return frame, frame.clear().with_columns(watermarks.clear(), pl.lit("").alias("reason"))
    # `shift` leaves a chunk of its own, which the filter empties: formatting that makes Polars 2.1.0 panic.
    late = frame.with_columns(watermarks).filter(is_late).rechunk()
    reason = pl.format(
        "late: event time {} is {} ms before the watermark {}",
        "event_time",
        pl.col("watermark_ms") - pl.col("event_time"),
        "watermark_ms",
    )
    return frame.filter(~is_late), late.with_columns(reason.alias("reason"))
