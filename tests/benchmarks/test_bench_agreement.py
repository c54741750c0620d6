"""The benchmark's own comparison: sides that agree pass it, and one that does not stops it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import comparing, features, ours, parameters, transactions
from benchmarks.peers import side
from benchmarks.peers.card_window import CardWindow, event_of
from benchmarks.peers.polars.run import compute as polars
from benchmarks.transactions import Shape

AS_DENSE = transactions.shape_like(transactions.DENSE, 2_000)
TIED = Shape("tied", 2_000, 3, (0, 2_000), cards=12)
OVER_HOURS = Shape("hours", 2_000, 20_000, (0, 2_000), cards=12)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLAB_CACHE", str(tmp_path / "cache"))


def plain_windows(given: side.Input, collected: side.Collector) -> str:
    """The windows that peers without windows of their own get."""
    windows: dict[str, CardWindow] = {}
    records = (record for batch in given.batches() for record in ours.decoded(batch, given.plain_schema))
    for row, record in enumerate(records):
        window = windows.setdefault(record["card_id"], CardWindow(given.parameters))
        # As an engine does that keeps state as JSON.
        window.state = json.loads(json.dumps(window.state))
        collected.extend(window.add(event_of(row, record, given.parameters)))
    return ""


def output(compute: side.Compute, shape: Shape, file: Path) -> comparing.Columns:
    given = side.Input(transactions.written(shape), parameters.of_definitions())
    with file.open("wb") as handle:
        collected = side.Collector(handle)
        compute(given, collected)
        collected.flush()
    return comparing.load(file)


def times_of(shape: Shape) -> np.ndarray:
    with np.load(transactions.written(shape) / "index.npz") as index:
        times: np.ndarray = index["times"]
    return times


@pytest.mark.parametrize("shape", [AS_DENSE, TIED, OVER_HOURS], ids=lambda shape: shape.name)
def test_all_executions_say_the_same_of_every_event(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "SAMPLE", 1)
    reference = output(ours.per_event(), shape, tmp_path / "reference")
    others: dict[str, Callable[[], side.Compute]] = {
        "columnar": ours.columnar,
        "naive": lambda: ours.naive,
        "plain windows": lambda: plain_windows,
        "Polars": lambda: polars,
    }
    for name, make in others.items():
        other = output(make(), shape, tmp_path / name)
        assert comparing.same(name, other, reference, 2_000, times_of(shape)) == 2_000


def test_the_shapes_differ_in_what_could_go_wrong() -> None:
    same_time = np.diff(times_of(TIED)) == 0
    assert same_time.sum() > 200
    assert np.ptp(times_of(OVER_HOURS)) > 4 * 3_600_000


def test_one_feature_of_one_event_that_differs_stops_the_run(tmp_path: Path) -> None:
    reference = output(ours.per_event(), TIED, tmp_path / "reference")
    other = {name: column.copy() for name, column in reference.items()}
    other["amount_sum_1h"][77] = np.nextafter(other["amount_sum_1h"][77], np.inf)
    with pytest.raises(comparing.Disagreement, match=r"at 1 of 2,000 events, first at row 77: amount_sum_1h"):
        comparing.same("another", other, reference, 2_000, times_of(TIED))


def test_null_is_not_a_number_and_equals_null_alone(tmp_path: Path) -> None:
    reference = output(ours.per_event(), TIED, tmp_path / "reference")
    first = int(np.flatnonzero(np.isnan(reference["time_since_last_txn_min"]))[0])
    other = {name: column.copy() for name, column in reference.items()}
    other["time_since_last_txn_min"][first] = 0.0
    with pytest.raises(comparing.Disagreement, match=f"row {first}: time_since_last_txn_min"):
        comparing.same("another", other, reference, 2_000, times_of(TIED))


def test_a_side_that_stops_early_is_compared_before_the_time_at_which_it_stopped(tmp_path: Path) -> None:
    reference = output(ours.per_event(), TIED, tmp_path / "reference")
    stopped = {name: column[:900].copy() for name, column in reference.items()}
    times = times_of(TIED)
    complete = int((times[:900] < times[899]).sum())
    # What had the last time may still have been without its equals.
    stopped["txn_count_5m"][899] = -1
    assert comparing.same("early", stopped, reference, 900, times) == complete < 900


def test_occupancy_counts_the_events_of_the_card_in_the_window_ties_included() -> None:
    cards = np.array([1, 1, 2, 1, 1])
    times = np.array([0, 10, 10, 10, 11])
    # (t - 10, t]: the first is alone; two at 10 see each other; another card; the last sees three.
    assert transactions.occupancy(cards, times, window_ms=10) == (1 + 2 + 1 + 2 + 3) / 5


def test_an_input_is_the_same_each_time_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = transactions.written(TIED)
    monkeypatch.setenv("STREAMLAB_CACHE", str(tmp_path / "another"))
    second = transactions.written(TIED)
    assert first != second
    assert (first / "facts.json").read_text() == (second / "facts.json").read_text()


def test_a_disagreement_comes_before_any_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The run of the benchmark ends in it: there is nothing to report."""

    def differing(command: list[str], *_: object) -> features.children.Finished:
        wrong = "columnar" in command
        with Path(command[command.index("--parameters") - 1]).open("wb") as file:
            given = side.Input(Path(command[command.index("--parameters") - 2]), parameters.of_definitions())
            collected = side.Collector(file)
            ours.per_event()(given, collected)
            if wrong:
                collected.extend([(5, *[-1.0] * len(side.COLUMNS))])
            collected.flush()
        told = {"seconds": 1.0, "items": 2_000, "note": "", "versions": {}}
        return features.children.Finished(told, 1)

    monkeypatch.setattr(features.children, "run", differing)
    with pytest.raises(comparing.Disagreement, match="columnar differs from the reference at 1 of 2,000"):
        features.measure(TIED, (features.PER_EVENT, features.COLUMNAR))
