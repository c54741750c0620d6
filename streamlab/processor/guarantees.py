"""The three guarantees as three orders of the same steps, and the one that is none.

    at most once     commit; then sinks          a crash in between loses what the sinks did not get
    at least once    sinks; then commit          a crash in between repeats what they got
    exactly once     features, dead letters and offsets in one Kafka transaction: all of it or nothing
    auto-commit      a timer commits what was handed out, whether the sinks have it or not

Redis has no part in Kafka's transactions. It is written before the commit, by versioned writes of which a
repetition changes nothing: a reader may see a feature a moment before its transaction ends, but never an
older one again, never half of one, and after all restarts exactly what Kafka has.

Sources: KIP-98 (transactions), KIP-447 (offsets of a group inside them, fenced by the group's generation).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from confluent_kafka import KafkaError, Producer

from streamlab.processor.outputs import Outputs
from streamlab.processor.partition import Step
from streamlab.processor.settings import Guarantee, Settings
from streamlab.processor.source import Source
from streamlab.processor.transaction import PRODUCER, Transactions
from streamlab.stack import Stack, StackUnavailable

FLUSH_SECONDS: Final = 0.5


class Delivery(Protocol):
    """How the results of a batch, and its offsets, get where they belong."""

    def deliver(self, steps: Sequence[Step]) -> list[Step]:
        """Do it; gives back the steps that are done for good (their partitions were still held).

        Raises:
            RedoError: nothing of it counts, as far as is known.
            StackUnavailable: what it needs was away for too long.
        """


class Moment(StrEnum):
    """Where a crash makes a difference."""

    BEFORE_SINKS = "before the sinks"
    AFTER_SINKS = "after the sinks"


OnMoment = Callable[[Moment, Sequence[Step]], None]

Store = Callable[[Sequence[Step]], None]
"""Gives the rows to Redis, and waits while it is away."""


@dataclass(frozen=True)
class Ends:
    """Where results go and where offsets are kept.

    Attributes:
        name: by which this processor is known to the broker, different for each that runs.
    """

    stack: Stack
    settings: Settings
    source: Source
    outputs: Outputs
    store: Store
    on_moment: OnMoment
    name: str


class Plain:
    """Without transactions: an idempotent producer, whose queue is empty before anything is called done."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._source = ends.source
        self._errors: list[KafkaError] = []
        self._producer = ends.stack.producer(
            **PRODUCER,
            delivery_timeout_ms=round(ends.settings.broker_timeout_seconds * 1000),
            on_delivery=lambda error, _: self._errors.append(error) if error else None,
        )

    def _sinks(self, steps: Sequence[Step]) -> None:
        ends = self._ends
        ends.on_moment(Moment.BEFORE_SINKS, steps)
        ends.store(steps)
        ends.outputs.produce(self._producer, steps)
        while self._producer.flush(FLUSH_SECONDS) > 0:
            pass
        if self._errors:
            raise StackUnavailable(
                f"The broker did not take {len(self._errors)} messages: {self._errors[0].str()}.",
                "Run `streamlab up`, then start again: they will be made anew.",
            )
        ends.on_moment(Moment.AFTER_SINKS, steps)


class AtLeastOnce(Plain):
    """Committed after the sinks took it."""

    def deliver(self, steps: Sequence[Step]) -> list[Step]:
        """Sinks, then offsets."""
        self._sinks(steps)
        return self._source.commit(steps)


class AtMostOnce(Plain):
    """Committed before the sinks get it."""

    def deliver(self, steps: Sequence[Step]) -> list[Step]:
        """Offsets, then sinks."""
        done = self._source.commit(steps)
        self._sinks(done)
        return done


class AutoCommit(Plain):
    """Committed by a timer."""

    def deliver(self, steps: Sequence[Step]) -> list[Step]:
        """Sinks; the offsets are on their way already."""
        self._sinks(steps)
        return list(steps)


class ExactlyOnce:
    """Features, dead letters and offsets in one transaction.

    A successor of the same name ends at once what was left open. Without one the broker does, after the
    transaction's time-out, and whoever got the partitions waits for it: offsets of an open transaction are
    not given out.
    """

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        settings = ends.settings
        self._transactions = Transactions(
            ends.stack, f"{settings.group}-{ends.name}", ends.source.patience, settings.broker_timeout_seconds
        )

    def deliver(self, steps: Sequence[Step]) -> list[Step]:
        """Redis, then the transaction."""
        ends = self._ends
        ends.on_moment(Moment.BEFORE_SINKS, steps)
        ends.store(steps)
        held = ends.source.still_held(steps)
        if held:
            self._transactions.run(
                lambda producer: self._produce(producer, held),
                ends.source.offsets(held),
                ends.source.consumer.consumer_group_metadata(),
            )
        return held

    def _produce(self, producer: Producer, steps: Sequence[Step]) -> None:
        self._ends.outputs.produce(producer, steps)
        self._ends.on_moment(Moment.AFTER_SINKS, steps)


_ORDERS: Final[dict[Guarantee, Callable[[Ends], Delivery]]] = {
    Guarantee.AT_MOST_ONCE: AtMostOnce,
    Guarantee.AT_LEAST_ONCE: AtLeastOnce,
    Guarantee.EXACTLY_ONCE: ExactlyOnce,
    Guarantee.AUTO_COMMIT: AutoCommit,
}


def delivery(ends: Ends) -> Delivery:
    """The order that these settings ask for, by the guarantee's name."""
    return _ORDERS[ends.settings.guarantee](ends)
