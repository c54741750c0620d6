"""What the features' benchmark found, as a section of the report, and what is asked of its ratios.

    found = {"dense": features.measure(transactions.DENSE)}
    feature_report.section(found, machine.circumstances())

Every goal is a ratio of two sides of the same run.
"""

from collections.abc import Callable
from typing import Any

from benchmarks import transactions
from benchmarks.features import (
    COLUMNAR,
    DECODER,
    LONG_SECONDS,
    NAIVE,
    OWN,
    PEERS,
    PER_EVENT,
    ROUNDS,
    Measured,
)
from benchmarks.report import Bar, Section
from benchmarks.rows import Goal, Row

HEADER = (
    "windows",
    "side",
    "events/s",
    "/ fastavro",
    "/ per event",
    "/ naive",
    "memory MB",
    "events compared",
    "how",
)

ABOUT = (
    "All sides read the same bytes and compute the same ten features of each event; the outputs were "
    "compared event by event, bit for bit, before a time was taken down. Timed is what lies between "
    "bytes and features, decoding included; start and imports of a program are not. Events come in "
    "order of time, because not all peers put late ones in order. Each side is a process of its own, "
    f"memory is its highest resident set. Each runs {ROUNDS} times, and its median counts; one that takes "
    f"more than {LONG_SECONDS:g} s runs once."
)


def goals(found: dict[str, Measured]) -> list[Goal]:
    """What is asked of the ratios, on each shape that was measured."""
    asked = []
    for shape, measured in found.items():
        rate = _rates(measured)
        peers = [rate(name) for name in PEERS if name in measured.rows]
        best = max((one for one in peers if one), default=None)
        asked += [
            Goal(f"{shape}: per event / fastavro's decoding", _over(rate(PER_EVENT), rate(DECODER)), 0.5),
            Goal(f"{shape}: columnar / per event", _over(rate(COLUMNAR), rate(PER_EVENT)), 8),
            Goal(f"{shape}: columnar / the fastest peer", _over(rate(COLUMNAR), best), 1),
        ]
        if shape == transactions.DENSE.name:
            asked.append(Goal(f"{shape}: per event / naive list", _over(rate(PER_EVENT), rate(NAIVE)), 50))
        for name in (PER_EVENT, COLUMNAR):
            memory = _over(_peak(measured, name), _peak(measured, "Polars"))
            asked.append(Goal(f"{shape}: memory, {name} / Polars", memory, at_most=1))
    if len(found) > 1:
        dense, sparse = (_rates(found[shape.name]) for shape in (transactions.DENSE, transactions.SPARSE))
        for name in (PER_EVENT, COLUMNAR):
            asked.append(Goal(f"{name}: dense / sparse", _over(dense(name), sparse(name)), 0.8))
    return asked


def _rates(measured: Measured) -> Callable[[str], float | None]:
    return lambda name: measured.rows[name].rate if name in measured.rows else None


def _peak(measured: Measured, name: str) -> float | None:
    return measured.rows[name].peak_bytes if name in measured.rows else None


def _over(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def section(found: dict[str, Measured], circumstances: dict[str, str]) -> Section:
    """The findings as a section of the report, by shape of input."""
    versions: dict[str, str] = {}
    rows, bars = [], []
    for shape, measured in found.items():
        versions |= measured.versions
        for name in (*OWN, *PEERS):
            if name in measured.absent:
                rows.append([shape, name, *["-"] * 6, f"not measured: {measured.absent[name]}"])
            elif name in measured.rows:
                rows.append([shape, *_cells(name, measured)])
                bars += _bars(shape, measured.rows[name])
    names = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return Section(
        "features",
        "Features of cards, from Avro bytes",
        [ABOUT, *(_input(measured.facts) for measured in found.values())],
        HEADER,
        rows,
        goals(found),
        sorted(bars, key=lambda bar: bar.panel),
        circumstances | {"versions": names},
        naming=2,
    )


def _input(facts: dict[str, Any]) -> str:
    return (
        f"Input {facts['shape']}: {facts['events']:,} events of {facts['cards']:,} cards (Zipf's law, "
        f"exponent 1) over {facts['span_seconds']:,} s. The windows of the mean event hold "
        f"{facts['mean_in_hour']:,.0f} events (one hour) and {facts['mean_in_five_minutes']:,.0f} "
        f"(five minutes). SHA-256 `{facts['sha256'][:16]}`."
    )


def _cells(name: str, measured: Measured) -> list[str]:
    row, rate = measured.rows[name], _rates(measured)
    ratios = [_over(row.rate, rate(other)) for other in (DECODER, PER_EVENT, NAIVE)]
    return [
        name,
        f"{row.rate:,.0f}",
        *("-" if ratio is None else f"{ratio:.3g}" for ratio in ratios),
        f"{row.peak_bytes / 1e6:,.0f}" if row.peak_bytes else "-",
        f"{measured.compared[name]:,}" if name in measured.compared else "-",
        row.note,
    ]


def _bars(shape: str, row: Row) -> list[Bar]:
    bars = [Bar("features: events a second", row.name, shape, row.rate)]
    if row.peak_bytes:
        bars.append(Bar("features: highest memory, MB", row.name, shape, row.peak_bytes / 1e6))
    return bars
