"""What the benchmark writes: goals by their ratios, and nothing of a part that did not run is lost."""

import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import children, feature_report, features, report
from benchmarks.features import COLUMNAR, DECODER, NAIVE, PER_EVENT, Measured
from benchmarks.report import Bar, Section
from benchmarks.rows import Goal, Row


def section(part: str, *goals: Goal) -> Section:
    return Section(part, f"Title of {part}", ["What was done."], ["side", "rate"], [["one", "1"]], goals)


def test_a_missed_goal_is_written_as_missed(tmp_path: Path) -> None:
    reached, missed = Goal("fast enough", 1.0, at_least=1), Goal("small enough", 1.01, at_most=1)
    report.write([section("codec", reached, missed)], tmp_path)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "| fast enough | >= 1 | 1 | met |" in text
    assert "| small enough | <= 1 | 1.01 | MISSED |" in text
    assert "1 of 2 met." in text


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("at the bound", 8.0, at_least=8), "met"),
        (Goal("below it", 7.999, at_least=8), "MISSED"),
        (Goal("at the bound", 1.0, at_most=1), "met"),
        (Goal("above it", 1.001, at_most=1), "MISSED"),
        (Goal("no number", float("nan"), at_least=1), "MISSED"),
        (Goal("no number", float("nan"), at_most=1), "MISSED"),
        (Goal("absent", None, at_least=1), "not measured"),
    ],
)
def test_a_goal_holds_at_its_bound_and_not_beyond(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict


def test_a_goal_has_one_bound() -> None:
    with pytest.raises(ValueError, match="one bound"):
        Goal("both", 1.0, at_least=1, at_most=2)


def test_a_ratio_just_below_its_bound_does_not_look_as_if_it_had_reached_it(tmp_path: Path) -> None:
    report.write([section("codec", Goal("close", 0.49996, at_least=0.5))], tmp_path)
    assert "| close | >= 0.5 | 0.49996 | MISSED |" in (tmp_path / "RESULTS.md").read_text("utf-8")


def test_parts_that_do_not_run_keep_what_was_written_of_them(tmp_path: Path) -> None:
    report.write([section("features", Goal("old", 2.0, at_least=1))], tmp_path)
    report.write([section("codec")], tmp_path)
    report.write([section("codec", Goal("new", 3.0, at_least=1))], tmp_path)
    kept = report.read(tmp_path)
    assert [one.part for one in kept] == ["codec", "features"]
    assert [goal.text for one in kept for goal in one.goals] == ["new", "old"]
    assert (tmp_path / "RESULTS.md").read_text("utf-8").count("## Title of codec") == 1


def test_the_plot_is_written_where_there_are_bars(tmp_path: Path) -> None:
    bars = [Bar("events a second", name, "dense", value) for name, value in (("a", 10.0), ("b", 2_000.0))]
    report.write([Section("features", "F", [], ["side"], [["a"]], bars=bars)], tmp_path)
    assert (tmp_path / "results.png").read_bytes().startswith(b"\x89PNG")
    assert "](results.png)" in (tmp_path / "RESULTS.md").read_text("utf-8")


FACTS = {
    "shape": "dense",
    "events": 100,
    "cards": 10,
    "span_seconds": 5,
    "mean_in_hour": 3.0,
    "mean_in_five_minutes": 2.0,
    "sha256": "0" * 64,
}


def measured(peers: dict[str, float], absent: dict[str, str]) -> Measured:
    rates = {DECODER: 200.0, PER_EVENT: 99.0, COLUMNAR: 800.0, NAIVE: 1.0} | peers
    rows = {name: Row(name, 100 / rate, 100, "note", 50_000_000) for name, rate in rates.items()}
    return Measured(rows, absent, {PER_EVENT: 100}, {"polars": "1"}, FACTS)


def test_the_goals_are_ratios_of_what_was_measured() -> None:
    found = feature_report.goals({"dense": measured({"Polars": 700.0, "DuckDB": 900.0}, {})})
    verdicts = {goal.text: goal.verdict for goal in found}
    assert verdicts == {
        "dense: per event / fastavro's decoding": "MISSED",
        "dense: columnar / per event": "met",
        "dense: columnar / the fastest peer": "MISSED",
        "dense: per event / naive list": "met",
        "dense: memory, per event / Polars": "met",
        "dense: memory, columnar / Polars": "met",
    }


def test_a_peer_that_cannot_be_had_is_named_with_the_reason() -> None:
    one = feature_report.section({"dense": measured({}, {"Bytewax": "No wheel."})}, {})
    [row] = [row for row in one.rows if row[1] == "Bytewax"]
    assert row[-1] == "not measured: No wheel."
    assert {goal.verdict for goal in one.goals if "peer" in goal.text or "Polars" in goal.text} == {
        "not measured"
    }


def test_every_side_of_the_table_exists() -> None:
    pinned = {file.parent.name for file in features.environments.PEERS.glob("*/requirements.txt")}
    runnable = {file.parent.name for file in features.environments.PEERS.glob("*/run.py")}
    assert set(features.PEERS.values()) <= pinned == runnable


def test_an_unknown_part_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "fetures"])
    with pytest.raises(SystemExit):
        program.main()
    assert "no such part: fetures" in capsys.readouterr().err


PRINT_AND_HOLD = "import json; held = b'x' * 60_000_000; print(json.dumps({'seconds': 1}))"


def test_the_memory_of_a_side_is_its_own_and_not_that_of_who_started_it() -> None:
    ballast = b"x" * 200_000_000
    small = children.run([sys.executable, "-S", "-c", "print('{}')"], {}, 30)
    large = children.run([sys.executable, "-S", "-c", PRINT_AND_HOLD], {}, 30)
    assert small.peak_bytes < 50_000_000 < 60_000_000 < large.peak_bytes < len(ballast)
    assert large.told == {"seconds": 1}


def test_a_side_that_fails_says_its_last_word() -> None:
    with pytest.raises(children.SideFailed, match=r"status 3.*no such thing"):
        children.run(
            [sys.executable, "-S", "-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"],
            {},
            30,
        )


def test_the_reason_of_a_goal_is_given_where_it_was_missed(tmp_path: Path) -> None:
    met, missed = (
        Goal(text, 1.0, at_least=bound, why="The profile says so.") for text, bound in (("a", 1), ("b", 2))
    )
    report.write([section("codec", met, missed)], tmp_path)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "- b: The profile says so." in text
    assert "- a: " not in text
