"""The card's features from the same Avro bytes: two executions of the course, a naive list, four engines.

    measured = features.measure(transactions.DENSE)      # minutes
    measured.rows["columnar"].rate                       # events a second

Each side is a process of its own; outputs are compared event by event before a time is shown, and a
difference stops the run. Every side runs ROUNDS times, in turns; one that takes longer than LONG_SECONDS
once.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks import children, comparing, environments, parameters, transactions
from benchmarks.rows import Row
from streamlab.paths import PROJECT

ROUNDS = 3
LONG_SECONDS = 18.0
LIMIT_SECONDS = 15.0
"""A side that reads messages one by one stops reading after so long."""

TIMEOUT_SECONDS = 240.0

DECODER, PER_EVENT, COLUMNAR, NAIVE = "fastavro, decoding alone", "per event", "columnar", "naive list"
OWN = {DECODER: "fastavro", PER_EVENT: "per-event", COLUMNAR: "columnar", NAIVE: "naive"}
PEERS = {"Bytewax": "bytewax", "Quix Streams": "quixstreams", "Polars": "polars", "DuckDB": "duckdb"}
LIMITED = {"Quix Streams"}
SAMPLED = {NAIVE}


@dataclass(frozen=True)
class Measured:
    """All sides on one shape of input; those that could not be measured, with the reason."""

    rows: dict[str, Row]
    absent: dict[str, str]
    compared: dict[str, int]
    versions: dict[str, str]
    facts: dict[str, Any]


def measure(shape: transactions.Shape, sides: Sequence[str] = (*OWN, *PEERS)) -> Measured:
    """Run and compare all sides on one shape of input.

    Raises:
        Disagreement: two sides differ.
        SideFailed: one of the course's own sides did not end well.
    """
    folder = transactions.written(shape)
    with tempfile.TemporaryDirectory(prefix="streamlab-bench-") as outputs:
        return _Run(folder, Path(outputs)).all(sides)


class _Run:
    """One input, and what the sides make of it."""

    def __init__(self, folder: Path, outputs: Path) -> None:
        self._folder, self._outputs = folder, outputs
        self._parameters = json.dumps(parameters.of_definitions())
        self._facts = json.loads((folder / "facts.json").read_text("utf-8"))
        with np.load(folder / "index.npz") as index:
            self._times = index["times"]
        self._reference: comparing.Columns | None = None
        self._runs: dict[str, list[Row]] = {}
        self._absent: dict[str, str] = {}
        self._compared: dict[str, int] = {}
        self._versions: dict[str, str] = {}

    def all(self, sides: Sequence[str]) -> Measured:
        console = Console(stderr=True)
        # The reference first: the others are compared with it.
        ordered = sorted(sides, key=lambda name: name != PER_EVENT)
        for turn in range(ROUNDS):
            for name in ordered:
                once = name in LIMITED | SAMPLED or self._took_long(name)
                if name in self._absent or (turn and once):
                    continue
                console.print(f"{self._facts['shape']}: {name}, round {turn + 1}", style="dim")
                self._once(name)
        rows = {name: _median(self._runs[name]) for name in sides if name in self._runs}
        return Measured(rows, self._absent, self._compared, self._versions, self._facts)

    def _took_long(self, name: str) -> bool:
        runs = self._runs.get(name, [])
        return bool(runs) and runs[0].seconds > LONG_SECONDS

    def _once(self, name: str) -> None:
        output = self._outputs / name
        try:
            command = self._command(name)
            finished = children.run(command, _environment(), TIMEOUT_SECONDS)
        except (environments.PeerUnavailable, children.SideFailed) as reason:
            if name not in PEERS:
                raise
            self._absent[name] = reason.what
            return
        told = finished.told
        self._versions |= told["versions"]
        note = told["note"]
        if told["items"] < len(self._times):
            note += f"; stopped after {told['items']:,} events, the windows still filling: in its favour"
        peak = None if name in SAMPLED else finished.peak_bytes
        row = Row(name, told["seconds"], told["items"], note, peak)
        if name not in self._runs:
            self._compare(name, output, row)
        self._runs.setdefault(name, []).append(row)

    def _compare(self, name: str, output: Path, row: Row) -> None:
        if name == DECODER:
            return
        columns = comparing.load(output)
        if self._reference is None:
            self._reference = columns
        complete = len(columns["row"]) == row.items or name in SAMPLED
        if not complete:
            raise comparing.Disagreement(
                f"{name} speaks of {len(columns['row']):,} events of {row.items:,}.",
                "See what it leaves out.",
            )
        self._compared[name] = comparing.same(name, columns, self._reference, row.items, self._times)

    def _command(self, name: str) -> list[str]:
        arguments = [str(self._folder), str(self._outputs / name), "--parameters", self._parameters]
        if name in OWN:
            return [sys.executable, "-m", "benchmarks.ours", OWN[name], *arguments]
        program = environments.PEERS / PEERS[name] / "run.py"
        limit = ["--limit-seconds", str(LIMIT_SECONDS)] if name in LIMITED else []
        return [environments.python_of(PEERS[name]), str(program), *arguments, *limit]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}


def _median(runs: Sequence[Row]) -> Row:
    middle = statistics.median_low(row.seconds for row in runs)
    return next(row for row in runs if row.seconds == middle)
