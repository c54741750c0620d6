"""Evidence on event time and on windowed features: C27 and C28.

from streamlab.evidence import event_time

event_time.c27_one_watermark_for_all_loses_the_slow_partition(seed=7).verdict
event_time.c28_velocity_by_span_is_undefined_and_unbounded(seed=7).frame()
"""

from dataclasses import dataclass
from random import Random
from typing import Any

import polars as pl

from streamlab.features import CardFeatures, Watermarks
from streamlab.features.constants import MINUTE_MS, SECOND_MS, SHORT_WINDOW_MS

_START_MS = 1_700_000_000_000
_HOUR_MS = 60 * MINUTE_MS


@dataclass(frozen=True)
class WatermarkEvidence:
    """What the three readings of one sentence do to the same arrivals.

    Attributes:
        events: how many arrived; none is more than the allowed lateness out of order within its partition.
        late_by_one_watermark: late if the newest event of all partitions sets one watermark.
        late_per_partition: late by the watermark of their own partition.
        idle_after_ms: the stated time after which an idle partition is not waited for.
        held_back_ms: how long the minimum stood still after a partition's last event, by the clock.
        rows: clock, the partitions' watermarks, and the operator's, at each reading.
    """

    events: int
    late_by_one_watermark: int
    late_per_partition: int
    idle_after_ms: int
    held_back_ms: int
    rows: tuple[dict[str, int | None], ...]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"One watermark for all partitions calls {self.late_by_one_watermark} of {self.events} events "
            f"late, one per partition {self.late_per_partition}. Their minimum stood still for "
            f"{self.held_back_ms / SECOND_MS:g} s after a partition's last event: an idle partition holds it "
            f"back until it is no longer waited for, here after {self.idle_after_ms / SECOND_MS:g} s."
        )

    def frame(self) -> pl.DataFrame:
        """One row a reading of the clock; times in milliseconds, event times since the first event."""
        return pl.DataFrame(self.rows)


def c27_one_watermark_for_all_loses_the_slow_partition(
    seed: int = 7,
    seconds: int = 300,
    behind_seconds: int = 40,
    allowed_lateness_seconds: float = 5.0,
    idle_after_seconds: float = 30.0,
) -> WatermarkEvidence:
    """Read two partitions, one of them behind, until the other has no more events (C27).

    Partition 1 is read `behind_seconds` late, as after a rebalance, and ends after half of the time. Within
    each, events are out of order by less than the allowed lateness. One event a second and partition.

    Args:
        seed: of the disorder.
        seconds: how long partition 0 lasts.
        behind_seconds: how far partition 1 is behind.
        allowed_lateness_seconds: of the watermarks.
        idle_after_seconds: of the watermarks.
    """
    random = Random(seed)
    disorder_ms = round(allowed_lateness_seconds * SECOND_MS)
    each = Watermarks(allowed_lateness_seconds, idle_after_seconds, clock=lambda: 0)
    one = Watermarks(allowed_lateness_seconds, idle_after_seconds, clock=lambda: 0)
    late_each = late_one = events = last_ms = held_back_ms = 0
    stood_at_ms: int | None = None
    rows: list[dict[str, int | None]] = []
    for now_ms in range(0, seconds * SECOND_MS, SECOND_MS):
        arrived = {0: now_ms}
        if behind_seconds * SECOND_MS <= now_ms < seconds * SECOND_MS // 2:
            arrived[1] = now_ms - behind_seconds * SECOND_MS
            last_ms = now_ms
        for partition, time_ms in arrived.items():
            event_ms = _START_MS + time_ms - random.randrange(disorder_ms)
            events += 1
            late_each += each.observe(partition, event_ms)
            late_one += one.observe("all", event_ms)
        operator = _since_start(each.overall(now_ms))
        if 1 in arrived:
            stood_at_ms = operator
        elif last_ms and operator == stood_at_ms:
            held_back_ms = now_ms - last_ms
        rows.append(
            {
                "clock_ms": now_ms,
                "partition_0_ms": _since_start(each.of(0)),
                "partition_1_ms": _since_start(each.of(1)),
                "operator_ms": operator,
            }
        )
    return WatermarkEvidence(events, late_one, late_each, each.idle_after_ms, held_back_ms, tuple(rows))


def _since_start(event_time_ms: int | None) -> int | None:
    return None if event_time_ms is None else event_time_ms - _START_MS


@dataclass(frozen=True)
class VelocityEvidence:
    """Two definitions of one score on the same transactions of one card.

    Attributes:
        transactions: how many.
        undefined: how often events divided by the hours that they span divides by zero.
        outside: how often it is outside of 0 to 1, where it is defined.
        least, greatest: its range where it is defined.
        our_least, our_greatest: the range of `velocity_score`, defined at every transaction.
        rows: event time, both scores.
    """

    transactions: int
    undefined: int
    outside: int
    least: float
    greatest: float
    our_least: float
    our_greatest: float
    rows: tuple[dict[str, Any], ...]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"Of {self.transactions} transactions, events / hours spanned divides by zero at "
            f"{self.undefined} and lies outside of 0 to 1 at {self.outside}, "
            f"between {self.least:,.0f} and {self.greatest:,.0f}; "
            f"velocity_score is defined at all of them, between {self.our_least:g} and {self.our_greatest:g}."
        )

    def frame(self) -> pl.DataFrame:
        """One row a transaction: its time since the first, the score by span (null: undefined), and ours."""
        return pl.DataFrame(self.rows)


def c28_velocity_by_span_is_undefined_and_unbounded(
    seed: int = 7, transactions: int = 60
) -> VelocityEvidence:
    """Compute `events / hours spanned` over five minutes, and `velocity_score`, for one card (C28).

    Args:
        seed: of the gaps between transactions: mostly minutes to hours, with bursts of seconds.
        transactions: how many, at least 10.
    """
    random = Random(seed)
    pipeline = CardFeatures(allowed_lateness_seconds=0.0)
    times = [_START_MS]
    while len(times) < transactions:
        burst = len(times) % 20 < 10
        gap_ms = random.randrange(200, 5_000) if burst else random.randrange(MINUTE_MS, 2 * _HOUR_MS)
        times.append(times[-1] + gap_ms)
    for index, time_ms in enumerate(times):
        name = {"card_id": "card", "txn_id": f"{index:04d}"}
        pipeline.add(name | {"amount": 10.0, "currency": "USD", "event_time": time_ms})
    ours = [record["velocity_score"] for record in pipeline.drain()]
    theirs = [_by_span([one for one in times if now - SHORT_WINDOW_MS < one <= now]) for now in times]
    defined = [score for score in theirs if score is not None]
    return VelocityEvidence(
        transactions=transactions,
        undefined=theirs.count(None),
        outside=sum(not 0 <= score <= 1 for score in defined),
        least=min(defined),
        greatest=max(defined),
        our_least=min(ours),
        our_greatest=max(ours),
        rows=tuple(
            {"since_first_s": (time - times[0]) / SECOND_MS, "by_span": by_span, "velocity_score": own}
            for time, by_span, own in zip(times, theirs, ours, strict=True)
        ),
    )


def _by_span(times_ms: list[int]) -> float | None:
    """Events divided by the hours from the first to the last; None where that divides by zero."""
    try:
        return len(times_ms) / ((times_ms[-1] - times_ms[0]) / _HOUR_MS)
    except ZeroDivisionError:
        return None
