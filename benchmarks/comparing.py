"""Outputs before times: what one side computed for an event is what all others computed for it.

    reference = comparing.load(file)
    comparing.same("Polars", comparing.load(other), reference, times)      # or raises Disagreement

Floats are equal or they are not: every feature is one division of two integers, so that all sides can have
the same bits. No number (null) equals no number.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.side import COLUMNS
from streamlab.errors import StreamlabError

Columns = dict[str, NDArray[Any]]


class Disagreement(StreamlabError):
    """Two sides say different things of one event: no time of either means anything."""


def load(file: Path) -> Columns:
    """The columns that a side wrote, by row; of a row that it spoke of several times, what it said last."""
    chunks = [np.empty((0, 1 + len(COLUMNS)))]
    size = file.stat().st_size
    with file.open("rb") as handle:
        while handle.tell() < size:
            chunks.append(np.load(handle))
    table = np.concatenate(chunks)
    rows = table[:, 0].astype(np.int64)
    _, last = np.unique(rows[::-1], return_index=True)
    chosen = len(rows) - 1 - last
    return {"row": rows[chosen], **{name: table[chosen, place] for place, name in enumerate(COLUMNS, 1)}}


def same(name: str, other: Columns, reference: Columns, items: int, times: NDArray[np.int64]) -> int:
    """Compare a side with the reference; the number of events compared.

    A side that stopped early is compared on the events before the last time that it saw: what follows at that
    time it has not seen. A side that says nothing of some events (a sample) is compared on the others, and
    has to say how many these are.

    Args:
        items: how many messages the side read.
        times: the event times of all rows, ascending.

    Raises:
        Disagreement: with the first event at which they differ.
    """
    rows = other["row"]
    if items < len(times):
        rows = rows[times[rows] < times[items - 1]]
    if not len(rows) or len(reference["row"]) != len(times):
        raise Disagreement(f"{name} and the reference have no events in common.", "See what they wrote.")
    chosen = np.searchsorted(other["row"], rows)
    for column in COLUMNS:
        ours, theirs = reference[column][rows], other[column][chosen]
        differs = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
        if differs.any():
            place = int(np.flatnonzero(differs)[0])
            raise Disagreement(
                f"{name} differs from the reference at {int(differs.sum()):,} of {len(rows):,} events, first "
                f"at row {int(rows[place])}: {column} is {theirs[place]!r}, not {ours[place]!r}.",
                "No times are shown: mend the side, or the table of definitions that it misreads.",
            )
    return len(rows)
