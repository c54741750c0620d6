"""What went in and what came of it: the books of a processor, kept per partition, closed at each commit.

    account.taken_over + account.events_in == account.out + account.dead + account.waiting +
    account.handed_over

That equation is checked with counts that come from different places: what was consumed, what the sinks took,
and what the features' buffers really hold. A processor whose books do not balance has a mistake, and stops.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

LATENCY_STEPS_PER_DECADE: Final = 90
"""Each step is 2.6 % longer than the one before: a percentile is off by at most that."""

_DECADES: Final = 11
_LEAST_MS: Final = 0.01
_STEPS: Final = _DECADES * LATENCY_STEPS_PER_DECADE


class BooksError(RuntimeError):
    """In is not out + dead-lettered + waiting: a mistake of the processor, not of its input."""


class Latencies:
    """Latencies from 0.01 ms to 11 days in logarithmic steps; the memory does not grow with their number."""

    def __init__(self) -> None:
        self.counts: NDArray[np.int64] = np.zeros(_STEPS, dtype=np.int64)
        self.total_ms = 0.0

    def add(self, latencies_ms: NDArray[np.float64]) -> None:
        """Count each of them; what is below 0.01 ms, or negative, counts as 0.01."""
        if latencies_ms.size == 0:
            return
        latencies_ms = np.maximum(latencies_ms, _LEAST_MS)
        steps = np.floor((np.log10(latencies_ms) + 2) * LATENCY_STEPS_PER_DECADE).astype(np.int64)
        self.counts += np.bincount(np.minimum(steps, _STEPS - 1), minlength=_STEPS)
        self.total_ms += float(latencies_ms.sum())

    def add_same(self, latency_ms: float, times: int) -> None:
        """Count one latency that several events had."""
        if times:
            before = self.counts.copy()
            self.add(np.array([latency_ms]))
            self.counts += (self.counts - before) * (times - 1)
            self.total_ms += max(latency_ms, _LEAST_MS) * (times - 1)

    @property
    def count(self) -> int:
        """How many were counted."""
        return int(self.counts.sum())

    def percentile(self, percent: float) -> float | None:
        """The latency in ms that this share of the events did not exceed; None without events."""
        total = self.count
        if total == 0:
            return None
        step = int(np.searchsorted(np.cumsum(self.counts), total * percent / 100))
        return self.bound_ms(min(step, _STEPS - 1))

    def at_most(self, bound_ms: float) -> int:
        """How many did not exceed this; a step that reaches over the bound does not count."""
        steps = math.floor((math.log10(bound_ms) + 2) * LATENCY_STEPS_PER_DECADE + 1e-9)
        return int(self.counts[:steps].sum())

    @staticmethod
    def bound_ms(step: int) -> float:
        """The upper end of a step in ms."""
        return float(10.0 ** ((step + 1) / LATENCY_STEPS_PER_DECADE - 2))


@dataclass
class PartitionBooks:
    """One partition's counts since its group's first commit; they travel in the commits' metadata.

    Attributes:
        events_in: messages consumed, whatever became of them.
        out: events whose features were computed and given to the sinks.
        dead: messages that became dead letters.
    """

    events_in: int = 0
    out: int = 0
    dead: int = 0

    @property
    def waiting(self) -> int:
        """How many events must be in the buffer, by these counts."""
        return self.events_in - self.out - self.dead

    def check(self, partition: int, buffered: int) -> None:
        """Compare with what the buffer really holds.

        Raises:
            BooksError: they differ.
        """
        if buffered != self.waiting:
            raise BooksError(
                f"Partition {partition}: {self.events_in} in, but {self.out} out + {self.dead} dead-lettered "
                f"+ {buffered} in the buffer. The processor made a mistake: do not trust its results."
            )


@dataclass
class Account:
    """What a run did.

    Attributes:
        events_in: messages consumed and committed.
        out: events whose features the sinks took.
        dead_letters: messages that became dead letters, by reason.
        waiting: events in the buffers of the partitions that are held now.
        taken_over: events that were waiting in partitions when this run was given them.
        handed_over: events that were waiting in partitions when they were taken away from this run.
        applied: rows that changed the store. The rest of `out` was there already, or newer.
        stale: rows that the store had already, or newer ones.
        restored_events: messages that were read again to rebuild the state, with nothing written.
        restore_seconds: how long that took, all partitions and rebalances together.
        lost_to_retention: messages that were deleted before anything came of them, because the log keeps too
            little: unread, or read and waiting in a buffer when the processor ended. They are found again at
            each restart until something is committed.
        aborted: transactions that were given up and done again.
        event_to_sink: latency from event time to the sinks' answer.
        processing: latency from the batch's arrival to the sinks' answer.
    """

    events_in: int = 0
    out: int = 0
    dead_letters: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    taken_over: int = 0
    handed_over: int = 0
    applied: int = 0
    stale: int = 0
    restored_events: int = 0
    restore_seconds: float = 0.0
    lost_to_retention: int = 0
    aborted: int = 0
    seconds: float = 0.0
    event_to_sink: Latencies = field(default_factory=Latencies)
    processing: Latencies = field(default_factory=Latencies)

    @property
    def dead(self) -> int:
        """All dead letters."""
        return self.dead_letters.total()

    @property
    def balances(self) -> bool:
        """Whether in = out + dead-lettered + waiting, with what came and went with partitions."""
        return self.taken_over + self.events_in == self.out + self.dead + self.waiting + self.handed_over

    def check(self) -> None:
        """Look whether the books balance.

        Raises:
            BooksError: they do not.
        """
        if not self.balances:
            raise BooksError(f"The books do not balance. {self.sentence()}")

    def sentence(self) -> str:
        """The equation, with its figures."""
        left = f"{self.events_in:,} in"
        if self.taken_over:
            left += f" + {self.taken_over:,} taken over"
        right = f"{self.out:,} out + {self.dead:,} dead-lettered + {self.waiting:,} waiting"
        if self.handed_over:
            right += f" + {self.handed_over:,} handed over"
        return f"{left} = {right}"

    def figures(self) -> Mapping[str, object]:
        """Everything as plain values, for `--json` and for other processes."""
        return {
            "in": self.events_in,
            "out": self.out,
            "dead_letters": dict(sorted(self.dead_letters.items())),
            "waiting": self.waiting,
            "taken_over": self.taken_over,
            "handed_over": self.handed_over,
            "applied": self.applied,
            "stale": self.stale,
            "restored_events": self.restored_events,
            "restore_seconds": round(self.restore_seconds, 3),
            "lost_to_retention": self.lost_to_retention,
            "aborted": self.aborted,
            "seconds": round(self.seconds, 3),
            "event_to_sink_p50_ms": self.event_to_sink.percentile(50),
            "event_to_sink_p99_ms": self.event_to_sink.percentile(99),
            "processing_p50_ms": self.processing.percentile(50),
            "processing_p99_ms": self.processing.percentile(99),
        }
