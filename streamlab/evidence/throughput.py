"""Evidence on throughput: C31.

from streamlab.evidence import throughput

evidence = throughput.c31_flink_beside_plain_python(events=20_000)
evidence.verdict                     # with Flink's half open until its figure is given
evidence.frame()

messages = throughput.transactions(events=20_000, seed=7)      # the same events, for the other side to run on
throughput.c31_flink_beside_plain_python(20_000, flink_events_per_second=18_000.0).ratio
"""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import fastavro
import polars as pl

from streamlab import contracts
from streamlab.encoding import framed, plain
from streamlab.features import CardFeatures
from streamlab.features.columnar import CARD_COLUMNS, Decoder, card_features, split_late
from streamlab.generators import World, stream
from streamlab.wire import HEADER, SchemaId

CLAIMED_FLINK: Final = 50_000
"""Events a second, "or more"."""

CLAIMED_PYTHON: Final = 1_000
"""Events a second."""

BATCH: Final = 2_000
"""Messages that a consumer hands over at once."""

_SCHEMA_ID: Final = SchemaId(1)

Clock = Callable[[], float]


class Disagreement(AssertionError):
    """The executions do not say the same of the same events: their rates cannot be compared."""


@dataclass(frozen=True)
class ThroughputEvidence:
    """Rates of executions of one table of definitions, on the same events.

    Attributes:
        events: messages given to each execution.
        late: how many of them came after their watermark; they have no features.
        per_event: events a second of plain Python, from Avro bytes to features, one after the other.
        columnar: the same, a batch at a time over columns.
        flink: events a second of Flink, as it was given; None if it was not measured.
    """

    events: int
    late: int
    per_event: float
    columnar: float
    flink: float | None

    @property
    def ratio(self) -> float | None:
        """Flink's rate by that of plain Python; the claim says 50. None if Flink was not measured."""
        return None if self.flink is None else self.flink / self.per_event

    @property
    def verdict(self) -> str:
        """What the figures say."""
        python = (
            f"Plain Python computes the features of {self.per_event:,.0f} events a second on this machine, "
            f"{self.per_event / CLAIMED_PYTHON:,.1f} times the claimed {CLAIMED_PYTHON:,}, and "
            f"{self.columnar:,.0f} a batch at a time."
        )
        if self.flink is None or self.ratio is None:
            return f"{python} Flink was not measured: that half of the claim is open."
        compared = "faster" if self.ratio > 1 else "not faster"
        return (
            f"{python} Flink computes {self.flink:,.0f} on the same events: {self.ratio:.2g} times plain "
            f"Python, {compared}; claimed were {CLAIMED_FLINK / CLAIMED_PYTHON:g} times."
        )

    def frame(self) -> pl.DataFrame:
        """One row an execution; null where nothing was claimed or measured."""
        rates = [self.per_event, self.columnar, self.flink]
        return pl.DataFrame(
            {
                "execution": ["plain Python, per event", "columns, a batch at a time", "Flink"],
                "events_per_second": rates,
                "claimed": [CLAIMED_PYTHON, None, CLAIMED_FLINK],
                "times_plain_python": [None if rate is None else rate / self.per_event for rate in rates],
            },
            schema_overrides={"events_per_second": pl.Float64, "times_plain_python": pl.Float64},
        )


def transactions(events: int, seed: int = 7) -> list[bytes]:
    """Framed messages of the generated stream of payments, the same at every call; schema id 1."""
    payments = stream("txn", World(seed=seed))
    encode = framed(_schema(), _SCHEMA_ID)
    return [encode(event) for event in payments.events(0, events)]


def c31_flink_beside_plain_python(
    events: int = 20_000,
    flink_events_per_second: float | None = None,
    seed: int = 7,
    clock: Clock = time.perf_counter,
) -> ThroughputEvidence:
    """Time the executions that are here on the same events, and put Flink's figure beside them (C31).

    Flink runs in a process and an environment of its own: it is not started here. Give the rate that it
    reached on `transactions(events, seed)`.

    Args:
        events: how many messages each execution gets.
        flink_events_per_second: Flink's rate on the same messages; None if it was not measured.
        seed: of the generated stream.
        clock: seconds.

    Raises:
        Disagreement: the executions differ in an event's features.
    """
    messages = transactions(events, seed)
    began = clock()
    one_by_one, late = _per_event(messages)
    per_event_seconds = clock() - began
    began = clock()
    columns = _columnar(messages)
    columnar_seconds = clock() - began
    _agree(one_by_one, columns)
    return ThroughputEvidence(
        events=events,
        late=late,
        per_event=events / per_event_seconds,
        columnar=events / columnar_seconds,
        flink=flink_events_per_second,
    )


def _schema() -> Any:
    contract = contracts.contract("transaction")
    return contracts.load(contract.name, contract.versions[-1])


def _per_event(messages: Sequence[bytes]) -> tuple[list[dict[str, Any]], int]:
    """Features of every event that was not late, and how many were."""
    schema = fastavro.parse_schema(plain(_schema()))
    read, new, header = fastavro.schemaless_reader, io.BytesIO, HEADER.size
    cards = CardFeatures()
    features: list[dict[str, Any]] = []
    late = 0
    for first in range(0, len(messages), BATCH):
        batch = messages[first : first + BATCH]
        records: list[Any] = [read(new(message[header:]), schema, None) for message in batch]
        late += len(cards.add_all(records))
        features += cards.release()
    return features + cards.drain(), late


def _columnar(messages: Sequence[bytes]) -> pl.DataFrame:
    schema = _schema()
    decoded = Decoder({_SCHEMA_ID: schema}, schema, CARD_COLUMNS).decode(messages)
    accepted, _ = split_late(decoded.frame)
    return card_features(accepted)


def _agree(one_by_one: list[dict[str, Any]], columns: pl.DataFrame) -> None:
    other = {row["txn_id"]: row for row in columns.to_dicts()}
    if len(other) != len(one_by_one):
        raise Disagreement(f"{len(one_by_one):,} events have features one by one, {len(other):,} by columns")
    for row in one_by_one:
        if {**row, "risk_flags": list(row["risk_flags"])} != other[row["txn_id"]]:
            raise Disagreement(f"the features of {row['txn_id']} differ: {row} and {other[row['txn_id']]}")
