"""Evidence on delivery: C29 and C30. Both need a real Kafka; the second half of C30 a Redis, too.

from streamlab.evidence import delivery

here = stack.connect()
delivery.c29_auto_commit_is_no_guarantee(here).frame()
delivery.c30_exactly_once_ends_at_the_sink(here).verdict
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from streamlab.evidence.crashing import (
    Load,
    Loss,
    comparable,
    count,
    crash,
    fill,
    finish,
    naive_counters,
    uninterrupted,
)
from streamlab.processor.guarantees import Moment
from streamlab.processor.settings import Guarantee
from streamlab.sinks.redis_features import RedisFeatures
from streamlab.stack.capabilities import Capability

if TYPE_CHECKING:
    from streamlab.processor.partition import Row, Step
    from streamlab.stack.clients import Stack

AT_A_TIME: Final = 4


@dataclass(frozen=True)
class Crash:
    """One processor, killed once and started again."""

    guarantee: Guarantee
    killed: Moment
    loss: Loss


@dataclass(frozen=True)
class Crashes:
    """C29: the same crash under each way of committing."""

    runs: tuple[Crash, ...]

    def frame(self) -> pl.DataFrame:
        """One row for each run: guarantee, killed, events, lost, doubled."""
        return pl.DataFrame(
            [
                {
                    "guarantee": run.guarantee.value,
                    "killed": run.killed.value,
                    "events": run.loss.expected,
                    "lost": run.loss.lost,
                    "doubled": run.loss.doubled,
                }
                for run in self.runs
            ]
        )

    def lost(self, guarantee: Guarantee) -> int:
        """How many events were lost, over all crashes under this guarantee."""
        return sum(run.loss.lost for run in self.runs if run.guarantee is guarantee)

    def doubled(self, guarantee: Guarantee) -> int:
        """How many came twice."""
        return sum(run.loss.doubled for run in self.runs if run.guarantee is guarantee)

    @property
    def verdict(self) -> str:
        """A sentence made of the figures."""
        timer, after = self.lost(Guarantee.AUTO_COMMIT), self.lost(Guarantee.AT_LEAST_ONCE)
        claim = "false" if timer > 0 else "not refuted here"
        return (
            f"That auto-commit is at-least-once is {claim}: the timer committed what was handed out and not "
            f"yet done, and a kill -9 lost {timer} events. Committed after the sinks, the same crash lost "
            f"{after} and repeated {self.doubled(Guarantee.AT_LEAST_ONCE)}."
        )


def c29_auto_commit_is_no_guarantee(stack: "Stack", seed: int = 7, events: int = 3_000) -> Crashes:
    """C29: kill a processor before its sinks under three ways of committing, and after them under the last.

    The timer of auto-commit is set to 0.2 s, not 5 s, so that it fires within a batch that takes a moment;
    how often it does with 5 s is a matter of luck, and what it does then is the same.

    Raises:
        CapabilityMissing: the stack's broker is not a real one.
    """
    stack.require(Capability.DURABILITY)
    planned = (
        (Guarantee.AUTO_COMMIT, Moment.BEFORE_SINKS),
        (Guarantee.AT_MOST_ONCE, Moment.BEFORE_SINKS),
        (Guarantee.AT_LEAST_ONCE, Moment.BEFORE_SINKS),
        (Guarantee.AT_LEAST_ONCE, Moment.AFTER_SINKS),
    )
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        losses = pool.map(lambda one: _crashed(stack, one[0], one[1], seed, events), planned)
        return Crashes(tuple(Crash(g, m, loss) for (g, m), loss in zip(planned, losses, strict=True)))


@dataclass(frozen=True)
class ExactlyOnce:
    """C30: exactly-once inside Kafka, and what a store outside has to do for it.

    Attributes:
        runs: the crashes, and what the features' topic holds afterwards.
        counter: what a counter in Redis says that goes up by one for each row; None without Redis.
        rows: what it should say.
        stale: rows that the versioned store had already when they came again.
        store_differs: cards whose newest row in the versioned store is not that of the uninterrupted run.
    """

    runs: tuple[Crash, ...]
    counter: int | None
    rows: int
    stale: int
    store_differs: int | None

    def frame(self) -> pl.DataFrame:
        """One row for each run: guarantee, killed, events, lost, doubled."""
        return Crashes(self.runs).frame()

    @property
    def verdict(self) -> str:
        """A sentence made of the figures."""
        lost, doubled = (sum(getattr(run.loss, name) for run in self.runs) for name in ("lost", "doubled"))
        kafka = (
            f"Inside Kafka it holds: after {len(self.runs)} kills -9, {lost} lost and {doubled} doubled, "
            "read with read_committed."
        )
        if self.counter is None:
            return f"{kafka} There is no Redis here to look at."
        return (
            f"{kafka} In Redis, which takes no part in the transaction, a counter says {self.counter} for "
            f"{self.rows} rows; versioned writes took {self.stale} repetitions as nothing, and "
            f"{self.store_differs} cards differ."
        )


def c30_exactly_once_ends_at_the_sink(stack: "Stack", seed: int = 11, events: int = 3_000) -> ExactlyOnce:
    """C30: kill an exactly-once processor before its sinks and inside its transaction; look at both sinks.

    Raises:
        CapabilityMissing: the stack's broker knows no transactions.
    """
    stack.require(Capability.TRANSACTIONS)
    store = stack.has(Capability.FEATURE_STORE)
    before = Crash(
        Guarantee.EXACTLY_ONCE,
        Moment.BEFORE_SINKS,
        _crashed(stack, Guarantee.EXACTLY_ONCE, Moment.BEFORE_SINKS, seed, events),
    )
    load = fill(stack, seed, events)
    crash(stack, load, Guarantee.EXACTLY_ONCE, Moment.AFTER_SINKS, store=store)

    def on_moment(now: Moment, steps: "Sequence[Step]") -> None:
        naive_counters(stack, load.topic, now, steps)

    account = finish(stack, load, Guarantee.EXACTLY_ONCE, on_moment, store=store)
    inside = Crash(Guarantee.EXACTLY_ONCE, Moment.AFTER_SINKS, count(stack, load))
    counter = int(stack.redis().get(f"evidence:counter:{load.topic}") or 0) if store else None
    return ExactlyOnce(
        runs=(before, inside),
        counter=counter,
        rows=inside.loss.expected,
        stale=account.stale,
        store_differs=_cards_that_differ(stack, load) if store else None,
    )


def _crashed(stack: "Stack", guarantee: Guarantee, moment: Moment, seed: int, events: int) -> Loss:
    load = fill(stack, seed, events)
    crash(stack, load, guarantee, moment)
    finish(stack, load, guarantee)
    return count(stack, load)


def _cards_that_differ(stack: "Stack", load: Load) -> int:
    newest: dict[str, Row] = {}
    for row in uninterrupted(stack, load).values():
        old = newest.get(row["card_id"])
        if old is None or (row["event_time"], row["txn_id"]) > (old["event_time"], old["txn_id"]):
            newest[row["card_id"]] = row
    stored = RedisFeatures(stack.redis(), "card").read_latest(list(newest))
    return sum(row is None or comparable(row) != newest[row["card_id"]] for row in stored)
