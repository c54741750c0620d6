"""The course's own sides, run as the peers are: `python -m benchmarks.ours SIDE INPUT OUTPUT ...`

- `fastavro`: decodes each message and does nothing with it: the best that a program event by event can do.
- `per-event`: decodes each message by fastavro and gives it to `streamlab.features.CardFeatures`.
- `columnar`: decodes and computes by `streamlab.features.columnar`, the whole at once.
- `naive`: a list for each card; looks at every SAMPLE-th event, keeps the others, and extrapolates.
"""

import functools
import io
import itertools
import sys
import time
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import fastavro
import numpy as np

from benchmarks.naive import NaiveCards
from benchmarks.peers import side

SAMPLE = 200
PIECE = 65_536


def decoded(batch: list[bytes], schema: Any) -> list[dict[str, Any]]:
    """Each message by fastavro; times are integers."""
    read, stream = fastavro.schemaless_reader, io.BytesIO
    return [read(stream(message), schema, None) for message in batch]


def decode_alone(given: side.Input, _: side.Collector) -> str:
    """The decoder's own rate."""
    schema = fastavro.parse_schema(given.plain_schema)
    for batch in given.batches():
        decoded(batch, schema)
    return "decodes each message into a dict, and no more"


def per_event() -> side.Compute:
    """One partition, in the batches of a consumer."""
    from streamlab.features import CardFeatures
    from streamlab.features.definitions import RISK_FLAGS

    bits = {flag.name: 2**bit for bit, flag in enumerate(RISK_FLAGS)}
    plain = itemgetter(*side.COLUMNS[:-1])

    def compute(given: side.Input, collected: side.Collector) -> str:
        def keep(features: list[dict[str, Any]]) -> None:
            collected.extend(
                (int(one["txn_id"][4:]), *plain(one), sum(bits[flag] for flag in one["risk_flags"]))
                for one in features
            )

        schema, cards = fastavro.parse_schema(given.plain_schema), CardFeatures()
        for batch in given.batches():
            late = cards.add_all(decoded(batch, schema))
            assert not late, late[0].reason
            features = cards.release()
            collected.untimed(functools.partial(keep, features))
        collected.untimed(functools.partial(keep, cards.drain()))
        return "one partition, in batches as of a consumer, allowed lateness 5 s"

    return compute


def columnar() -> side.Compute:
    """Decode in pieces, compute over the whole."""
    import polars as pl

    from streamlab.features.columnar import CARD_COLUMNS, card_features, decode_bodies, split_late
    from streamlab.features.definitions import RISK_FLAGS

    wanted = [name for name in CARD_COLUMNS if name != "txn_id"]

    def compute(given: side.Input, collected: side.Collector) -> str:
        frames = []
        for batch in given.batches(size=PIECE):
            piece = decode_bodies(batch, given.schema, given.schema, wanted)
            assert not piece.rejected.height
            frames.append(piece.frame.drop("row"))
        accepted, late = split_late(pl.concat(frames))
        assert not late.height
        found = card_features(accepted)

        def columns() -> None:
            values = {name: found[name].to_numpy() for name in side.COLUMNS[:-1]}
            flags = sum(
                found["risk_flags"].list.contains(flag.name).to_numpy().astype(np.int64) << bit
                for bit, flag in enumerate(RISK_FLAGS)
            )
            collected.columns({"row": np.arange(found.height), **values, "risk_flags": flags})

        collected.untimed(columns)
        return f"the whole at once, {pl.thread_pool_size()} threads where Polars uses them"

    return compute


def naive(given: side.Input, collected: side.Collector) -> str:
    """Keep all, look at a sample; the clock of the sample is scaled up."""
    schema = fastavro.parse_schema(given.plain_schema)
    given.parameters["high_risk_mcc"] = frozenset(given.parameters["high_risk_mcc"])
    cards, row, looking_seconds = NaiveCards(given.parameters), 0, 0.0
    events = (event for batch in given.batches() for event in decoded(batch, schema))
    for _, group in itertools.groupby(events, key=itemgetter("event_time")):
        tied = list(group)
        for event in tied:
            cards.keep(event)
        for event in tied:
            if row % SAMPLE == 0:
                collected.untimed(functools.partial(cards.forget_before, event))
                began = time.perf_counter()
                features = cards.features(event)
                looking_seconds += time.perf_counter() - began
                collected.extend([(row, *features)])
            row += 1
    # `main` counts what passed from start to end; what is added here stands for the events not looked at.
    collected.seconds -= looking_seconds * (SAMPLE - 1)
    return (
        f"looked at every {SAMPLE}th event, {looking_seconds:.1f} s; its time for the others is extrapolated"
    )


SIDES: dict[str, Callable[[], side.Compute]] = {
    "fastavro": lambda: decode_alone,
    "per-event": per_event,
    "columnar": columnar,
    "naive": lambda: naive,
}
"""By name; calling one imports what it needs, which is not to be timed."""

if __name__ == "__main__":
    side.main(SIDES[sys.argv.pop(1)](), ("fastavro", "polars", "numpy"))
