"""One side of the comparison, as a process: reads Avro bytes, computes features, is timed, writes columns.

    def compute(given: Input, collected: Collector) -> str: ...      # a note, or ""
    side.main(compute)      # python run.py INPUT_FOLDER OUTPUT --parameters JSON [--limit-seconds N]

Timed is what lies between the bytes and the features: decoding included, imports, process start and the
turning of features into the columns that are compared left out. Needs numpy and fastavro alone.
"""

import argparse
import importlib.metadata
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

COLUMNS = (
    "txn_count_5m",
    "amount_sum_5m",
    "amount_avg_5m",
    "amount_sum_1h",
    "unique_countries_5m",
    "unique_merchants_1h",
    "high_risk_txn_ratio",
    "time_since_last_txn_min",
    "velocity_score",
    "risk_flags",
)
"""The features; no number stands for null, and `risk_flags` is a sum of 2**i for the i-th rule that holds."""

BATCH = 2_000
"""Messages that a consumer hands over at once."""

CHUNK = 20_000


class Input:
    """The input folder, opened."""

    def __init__(self, folder: Path, parameters: dict[str, Any], limit_seconds: float | None = None) -> None:
        self.container = folder / "transactions.avro"
        self.facts: dict[str, Any] = json.loads((folder / "facts.json").read_text("utf-8"))
        self.parameters = parameters
        with np.load(folder / "index.npz") as index:
            self._starts, self._ends = index["starts"], index["ends"]
        self._limit_seconds = limit_seconds
        self.read = 0
        """Messages handed out so far."""

    @property
    def schema(self) -> dict[str, Any]:
        """The contract, as it is."""
        return self.facts["schema"]  # type: ignore[no-any-return]

    @property
    def plain_schema(self) -> dict[str, Any]:
        """The contract without its logical type: times come as integers, which is faster and exact."""
        return json.loads(json.dumps(self.schema).replace(', "logicalType": "timestamp-millis"', ""))  # type: ignore[no-any-return]

    @property
    def count(self) -> int:
        """All messages there are."""
        return len(self._starts)

    def batches(self, size: int = BATCH) -> Iterator[list[bytes]]:
        """The bodies of the messages, in order, until the end or until the time is over."""
        deadline = time.perf_counter() + (self._limit_seconds or float("inf"))
        with self.container.open("rb") as file:
            for first in range(0, self.count, size):
                if time.perf_counter() > deadline:
                    return
                block = slice(first, first + size)
                begins, ends = self._starts[block].tolist(), self._ends[block].tolist()
                file.seek(begins[0])
                data, skipped = file.read(ends[-1] - begins[0]), begins[0]
                batch = [
                    data[begin - skipped : end - skipped] for begin, end in zip(begins, ends, strict=True)
                ]
                self.read += len(batch)
                yield batch


class Collector:
    """Takes features and writes them down; the time that this takes is not the side's, nor is the memory.

    The file holds arrays of float64, one after the other, as `numpy.save` writes them; a row of one is the
    number of the event and then COLUMNS.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.seconds = 0.0
        self._file = file
        self._rows: list[tuple[Any, ...]] = []

    def extend(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add tuples (row number, then COLUMNS); what is said of a row last is what holds."""
        self._rows.extend(rows)
        if len(self._rows) >= CHUNK:
            self.untimed(self.flush)

    def columns(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Add columns, `row` among them."""
        np.save(self._file, np.column_stack([columns[name].astype(np.float64) for name in ("row", *COLUMNS)]))

    def untimed(self, what: Callable[[], None]) -> None:
        """Do something that is not the side's work."""
        began = time.perf_counter()
        what()
        self.seconds += time.perf_counter() - began

    def flush(self) -> None:
        """Write the tuples that were added."""
        if self._rows:
            np.save(self._file, np.array(self._rows, np.float64))  # None becomes no number
            self._rows = []


Compute = Callable[[Input, Collector], str]


def main(compute: Compute, packages: Sequence[str] = ()) -> None:
    """Run one side and print one line of JSON: seconds, items, note, versions."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("input", type=Path)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("--parameters", default="{}", help="what the definitions say, in JSON")
    arguments.add_argument("--limit-seconds", type=float)
    given = arguments.parse_args()
    told = Input(given.input, json.loads(given.parameters), given.limit_seconds)
    with given.output.open("wb") as file:
        collected = Collector(file)
        began = time.perf_counter()
        note = compute(told, collected)
        seconds = time.perf_counter() - began - collected.seconds
        collected.flush()
    versions = {name: importlib.metadata.version(name) for name in packages}
    items = told.read or told.count
    print(json.dumps({"seconds": seconds, "items": items, "note": note, "versions": versions}))
