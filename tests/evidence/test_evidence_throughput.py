"""C31: both sides on the same events, and a ratio only where both were measured."""

from itertools import count
from typing import Any

import pytest

from streamlab.evidence import throughput

EVENTS = 3_000


def ticking(*seconds: float) -> throughput.Clock:
    """A clock that is read before and after each execution; they take these times."""
    readings = [reading for second in seconds for reading in (0.0, second)]
    return iter(readings).__next__


def test_without_flinks_figure_its_half_of_the_claim_is_open() -> None:
    evidence = throughput.c31_flink_beside_plain_python(EVENTS, clock=ticking(0.05, 0.01))
    assert (evidence.per_event, evidence.columnar) == (60_000, 300_000)
    assert evidence.ratio is None
    assert "60,000 events a second" in evidence.verdict
    assert "60.0 times the claimed 1,000" in evidence.verdict
    assert "Flink was not measured" in evidence.verdict
    assert evidence.frame()["events_per_second"].to_list() == [60_000, 300_000, None]


@pytest.mark.parametrize(("flink", "word"), [(30_000.0, "not faster"), (90_000.0, "faster")])
def test_the_ratio_is_flinks_rate_by_plain_pythons(flink: float, word: str) -> None:
    evidence = throughput.c31_flink_beside_plain_python(EVENTS, flink, clock=ticking(0.05, 0.01))
    assert evidence.ratio == flink / 60_000
    assert f"{evidence.ratio:.2g} times plain Python, {word}; claimed were 50 times" in evidence.verdict


def test_some_events_are_late_and_the_same_ones_for_both() -> None:
    evidence = throughput.c31_flink_beside_plain_python(EVENTS, clock=map(float, count()).__next__)
    assert 0 < evidence.late < EVENTS / 10


def test_the_events_are_the_same_at_every_call() -> None:
    assert throughput.transactions(50) == throughput.transactions(50)
    assert throughput.transactions(50) != throughput.transactions(50, seed=8)


def test_rates_of_executions_that_differ_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    right = throughput.card_features

    def wrong(frame: Any) -> Any:
        found = right(frame)
        return found.with_columns(
            (found["txn_count_5m"] + (found["txn_id"] == found["txn_id"][40])).cast(int)
        )

    monkeypatch.setattr(throughput, "card_features", wrong)
    with pytest.raises(throughput.Disagreement, match="differ"):
        throughput.c31_flink_beside_plain_python(EVENTS)
