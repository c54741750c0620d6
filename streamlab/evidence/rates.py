"""Evidence on rates: C21 (how many a second) and C23 (how many of a hundred). C22 is in `fraud_shares`.

from streamlab.evidence import rates

rates.c21_sleep_drifts(rate_per_second=200, seconds=2.0).verdict
rates.c21_backpressure_is_the_full_queue().verdict
rates.c23_a_fixed_band_proves_little(seed=7).frame()
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from streamlab.generators.rate import Rate
from streamlab.producers import ManualClock, RecordedLog, RecordingProducer, ReliableProducer
from streamlab.producers.clock import Clock, SystemClock
from streamlab.quality.intervals import (
    Interval,
    clopper_pearson,
    outside_probability,
    refusal_probability,
)


@dataclass(frozen=True)
class DriftEvidence:
    """The same events by pauses and by a schedule.

    Attributes:
        asked: events a second.
        events: how many.
        by_sleep_seconds: how long they took with a pause of 1 / rate after each.
        by_schedule_seconds: how long with a schedule.
    """

    asked: float
    events: int
    by_sleep_seconds: float
    by_schedule_seconds: float

    @property
    def due_seconds(self) -> float:
        """How long they should take: the last one is due then."""
        return (self.events - 1) / self.asked

    @property
    def by_sleep(self) -> float:
        """Events a second with pauses."""
        return (self.events - 1) / self.by_sleep_seconds

    @property
    def by_schedule(self) -> float:
        """Events a second with a schedule."""
        return (self.events - 1) / self.by_schedule_seconds

    @property
    def drift_ms_per_event(self) -> float:
        """By how much each pause was too long."""
        return (self.by_sleep_seconds - self.due_seconds) / (self.events - 1) * 1_000

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"Asked for {self.asked:g} events a second: sleep(1/rate) sent {self.by_sleep:.1f}, each of its "
            f"pauses {self.drift_ms_per_event:.2f} ms too long, and the error grows with every event; a "
            f"schedule sent {self.by_schedule:.1f}."
        )


def c21_sleep_drifts(
    rate_per_second: float = 200,
    seconds: float = 2.0,
    work_seconds: float = 0.0005,
    clock: Clock | None = None,
) -> DriftEvidence:
    """Send at a rate in both ways, and look at the clock (C21).

    Args:
        work_seconds: what an event costs beside the pause.
        clock: None is the machine's; a `ManualClock` gives the same figures in every run.
    """
    here = clock or SystemClock()
    events = max(int(rate_per_second * seconds), 2)

    def lasted(wait: Callable[[int], None]) -> float:
        began = here.seconds()
        for index in range(events):
            wait(index)
            ended = here.seconds()
            here.sleep(work_seconds)
        return ended - began

    def pause(index: int) -> None:
        if index:
            here.sleep(1 / rate_per_second)

    by_sleep = lasted(pause)
    rate = Rate(rate_per_second, clock=here)
    rate.start()
    return DriftEvidence(rate_per_second, events, by_sleep, lasted(rate.wait))


@dataclass(frozen=True)
class BackpressureEvidence:
    """A sender that is faster than its broker, with a pause after each event, and a bounded queue.

    Attributes:
        events: how many were sent.
        capacity: of the local queue.
        broker_per_second: what the broker takes.
        longest_queue: how long the queue got with pauses and no bound.
        refused: how often the bounded queue was full.
        waited_seconds: how long the sender was held back by that.
        lost: events that were lost by the bounded queue.
    """

    events: int
    capacity: int
    broker_per_second: float
    longest_queue: int
    refused: int
    waited_seconds: float
    lost: int

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"A pause after each event knows nothing of the broker: the queue grew to {self.longest_queue} "
            f"of {self.events} events. A queue for {self.capacity} was full {self.refused} times, held the "
            f"sender back for {self.waited_seconds:.1f} s, and {self.lost} events were lost: that is "
            "backpressure."
        )


def c21_backpressure_is_the_full_queue(
    events: int = 1_000, capacity: int = 50, rate_per_second: float = 1_000, broker_per_second: float = 100
) -> BackpressureEvidence:
    """Send faster than the broker takes, into a queue without and with a bound (C21); simulated."""

    def send(capacity: int) -> tuple[ReliableProducer, int]:
        clock = ManualClock()
        double = RecordingProducer(RecordedLog(1), queue_capacity=capacity, clock=clock)
        producer = ReliableProducer(double, clock=clock)
        free_at, longest = 0.0, 0
        for number in range(events):
            # The broker takes one after the other.
            free_at = max(free_at, clock.seconds()) + 1 / broker_per_second
            double.delay(free_at - clock.seconds())
            producer.produce("t", str(number))
            producer.poll(0)
            longest = max(longest, len(producer))
            clock.sleep(1 / rate_per_second)
        producer.flush(events / broker_per_second + 1)
        return producer, longest

    _, longest = send(events)
    bounded, _ = send(capacity)
    account = bounded.deliveries()
    return BackpressureEvidence(
        events, capacity, broker_per_second, longest, account.backpressure_waits, account.waited_seconds,
        account.sent - account.delivered,
    )  # fmt: skip


@dataclass(frozen=True)
class BandRow:
    """How often generators are refused at one sample size; probabilities, computed, and the same counted.

    Attributes:
        n: events in a sample.
        right_by_band: a right generator, by the fixed band.
        right_by_interval: the same, by an interval that follows from n.
        wrong_by_band: a wrong generator, by the fixed band.
        wrong_by_interval: the same, by the interval.
        counted_right_by_band, counted_right_by_interval: of simulated right generators.
    """

    n: int
    right_by_band: float
    right_by_interval: float
    wrong_by_band: float
    wrong_by_interval: float
    counted_right_by_band: float
    counted_right_by_interval: float


@dataclass(frozen=True)
class BandEvidence:
    """A fixed band against an interval.

    Attributes:
        right, wrong: the shares of the two generators.
        low, high: the band.
        confidence: of the interval.
    """

    right: float
    wrong: float
    low: float
    high: float
    confidence: float
    rows: tuple[BandRow, ...]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        few, many = self.rows[0], self.rows[-1]
        return (
            f'"Between {self.low:.0%} and {self.high:.0%}" refuses a right generator ({self.right:.0%}) in '
            f"{few.right_by_band:.0%} of the samples of {few.n}, and a wrong one ({self.wrong:.0%}) in "
            f"{many.wrong_by_band:.1%} of the samples of {many.n}. An interval that follows from n refuses "
            f"the right one in {few.right_by_interval:.1%} and {many.right_by_interval:.1%}, and the wrong "
            f"one in {few.wrong_by_interval:.0%} and {many.wrong_by_interval:.0%}."
        )

    def frame(self) -> pl.DataFrame:
        """One row a sample size."""
        return pl.DataFrame([row.__dict__ for row in self.rows])


def c23_a_fixed_band_proves_little(
    seed: int = 7, right: float = 0.10, wrong: float = 0.09, low: float = 0.08, high: float = 0.12,
    sizes: Sequence[int] = (100, 1_000, 10_000), confidence: float = 0.95, simulated: int = 400,
) -> BandEvidence:  # fmt: skip
    """Ask how often a right and a wrong generator are refused, by a band and by an interval (C23).

    Args:
        seed: of the simulation.
        simulated: how many samples of a right generator are drawn, of each size.
    """
    random = np.random.default_rng(seed)
    rows = []
    for n in sizes:
        counts = random.binomial(n, right, size=simulated).tolist()
        held = _counts_that_hold(right, n, confidence)
        rows.append(
            BandRow(
                n,
                outside_probability(n, right, low, high),
                refusal_probability(n, right, right, confidence=confidence),
                outside_probability(n, wrong, low, high),
                refusal_probability(n, wrong, right, confidence=confidence),
                sum(not low <= count / n <= high for count in counts) / simulated,
                sum(count not in held for count in counts) / simulated,
            )
        )
    return BandEvidence(right, wrong, low, high, confidence, tuple(rows))


def _counts_that_hold(share: float, n: int, confidence: float) -> range:
    """The counts of n whose interval holds the share: both bounds grow with the count."""

    def interval(count: int) -> Interval:
        return clopper_pearson(count, n, confidence=confidence)

    counts = range(n + 1)
    first = bisect_left(counts, True, key=lambda count: interval(count).high >= share)
    end = bisect_left(counts, True, key=lambda count: interval(count).low > share)
    return range(first, end)
