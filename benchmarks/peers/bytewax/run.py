"""Bytewax: decode, key by card, one stateful step a card.

Its own windows are tumbling, sliding by a fixed step, or sessions; none ends at each event. The windows are
therefore the plain ones of `card_window`, inside its `stateful_batch` operator: Bytewax brings keyed state,
its scheduling and its snapshots' interface.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import bytewax.operators as op
import fastavro
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import TestingSource, run_main

from benchmarks.peers import side
from benchmarks.peers.card_window import CardWindow, event_of

NOTE = "windows by hand in its stateful_batch: its own do not end at each event; one worker"


class Features(StatefulBatchLogic):
    """The windows of one card."""

    def __init__(self, parameters: dict[str, Any], state: dict[str, Any] | None) -> None:
        self._window = CardWindow(parameters, state)

    def on_batch(self, values: list[Any]) -> tuple[Iterable[Any], bool]:
        """Features of a card's events, in order."""
        return [row for event in values for row in self._window.add(event)], False

    def snapshot(self) -> dict[str, Any]:
        """What a recovery would start from."""
        return self._window.state


class Sink(DynamicSink, StatelessSinkPartition):
    """Hands features to the collector."""

    def __init__(self, collected: side.Collector) -> None:
        self._collected = collected

    def build(self, *_: Any) -> "Sink":
        """One worker, one sink."""
        return self

    def write_batch(self, items: list[Any]) -> None:
        """Features with their card."""
        self._collected.extend([row for _, row in items])


def compute(given: side.Input, collected: side.Collector) -> str:
    """Run the dataflow to its end."""
    schema, parameters = fastavro.parse_schema(given.plain_schema), given.parameters
    parameters["high_risk_mcc"] = frozenset(parameters["high_risk_mcc"])

    def messages() -> Iterator[tuple[int, bytes]]:
        row = 0
        for batch in given.batches():
            for message in batch:
                yield row, message
                row += 1

    def keyed(item: tuple[int, bytes]) -> tuple[str, Any]:
        record = fastavro.schemaless_reader(io.BytesIO(item[1]), schema, None)
        return record["card_id"], event_of(item[0], record, parameters)

    flow = Dataflow("features")
    source = op.input("messages", flow, TestingSource(messages(), batch_size=side.BATCH))
    cards = op.map("decode", source, keyed)
    features = op.stateful_batch("features", cards, lambda state: Features(parameters, state))
    op.output("sink", features, Sink(collected))
    run_main(flow)
    return NOTE


if __name__ == "__main__":
    side.main(compute, ("bytewax", "fastavro"))
