"""A share is judged by an interval that follows from n (C23): false alarms are as rare as it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.quality.intervals import (
    clopper_pearson,
    outside_probability,
    refusal_probability,
    wilson,
)
from streamlab.quality.shares import Share, judge


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Computed by hand from the formula with z = 1.959964; the first two are Wilson's for 12 % and for none.
    [(12, 100, 0.06999, 0.19812), (0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (50, 100, 0.40383, 0.59617)],
)
def test_wilsons_interval_has_the_known_values(count: int, n: int, low: float, high: float) -> None:
    assert wilson(count, n) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # (alpha / 2) ** (1 / n) and its complement where the count is at an end: the closed form.
    [(0, 10, 0.0, 1 - 0.025**0.1), (10, 10, 0.025**0.1, 1.0), (1, 10, 1 - 0.975**0.1, 0.44502)],
)
def test_the_exact_interval_has_the_known_values(count: int, n: int, low: float, high: float) -> None:
    assert clopper_pearson(count, n) == pytest.approx((low, high), abs=1e-5)


@settings(max_examples=60)
@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_mirrors_its_complement(counts: tuple[int, int]) -> None:
    count, n = counts
    for interval in (wilson, clopper_pearson):
        low, high = interval(count, n)
        assert low - 1e-12 <= count / n <= high + 1e-12
        assert interval(n - count, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.floats(0.05, 0.95), st.integers(2, 400))
@settings(max_examples=40)
def test_more_events_and_less_confidence_make_it_narrower(share: float, n: int) -> None:
    count = round(share * n)

    def width(interval: tuple[float, float]) -> float:
        return interval[1] - interval[0]

    assert (
        width(wilson(4 * count, 4 * n)) < width(wilson(count, n)) < width(wilson(count, n, confidence=0.99))
    )
    assert width(wilson(count, n)) < width(wilson(count, n, design_effect=2.0))


@pytest.mark.parametrize("n", [100, 2_000])
@pytest.mark.parametrize("share", [0.005, 0.02, 0.1, 0.5])
def test_the_false_alarms_are_as_rare_as_the_confidence_says(share: float, n: int) -> None:
    """Simulated, with a seed: 5,000 right generators. The exact rate is a bound, Wilson's is near it."""
    counts = np.random.default_rng(23).binomial(n, share, size=5_000)
    drawn, times = np.unique(counts, return_counts=True)
    alarms = {
        interval.__name__: sum(
            int(t) for c, t in zip(drawn, times, strict=True) if share not in interval(int(c), n)
        )
        / counts.size
        for interval in (wilson, clopper_pearson)
    }
    noise = 4 * (0.05 * 0.95 / counts.size) ** 0.5
    assert alarms["clopper_pearson"] <= 0.05 + noise
    assert alarms["clopper_pearson"] == pytest.approx(refusal_probability(n, share, share), abs=noise)
    assert alarms["wilson"] <= 0.10, "at small n times share it is too narrow, within a factor of two"
    if n * share >= 50:
        assert alarms["wilson"] == pytest.approx(0.05, abs=0.015)


def test_a_fixed_band_is_wrong_in_both_directions() -> None:
    assert outside_probability(100, 0.10, 0.08, 0.12) > 0.3, "a right generator fails"
    assert outside_probability(10_000, 0.09, 0.08, 0.12) < 0.001, "a wrong one passes"
    assert refusal_probability(100, 0.10, 0.10) <= 0.05
    assert refusal_probability(10_000, 0.09, 0.10) > 0.9


def test_the_band_itself_is_inside() -> None:
    assert outside_probability(100, 0.0, 0.0, 0.0) == 0
    assert outside_probability(4, 0.5, 0.25, 0.75) == pytest.approx(2 / 16)


def test_a_share_of_no_events_is_not_judged() -> None:
    assert judge(Share("late", 0.02), 0, 0) == []


def test_clustered_events_are_judged_by_a_wider_interval() -> None:
    independent, clustered = Share("fraud", 0.02), Share("fraud", 0.02, design_effect=4.0)
    assert judge(independent, 30, 1_000, confidence=0.9) != []
    assert judge(clustered, 30, 1_000, confidence=0.9) == []
    [finding] = judge(independent, 30, 1_000, confidence=0.9)
    assert "30 of 1000" in finding.meaning


@pytest.mark.parametrize(
    ("count", "n", "confidence"), [(-1, 10, 0.9), (11, 10, 0.9), (0, 0, 0.9), (1, 10, 1.0)]
)
def test_what_is_no_share_is_refused(count: int, n: int, confidence: float) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match=r"is no share|between 0 and 1"):
            interval(count, n, confidence=confidence)
    with pytest.raises(ValueError, match="at least 1"):
        wilson(1, 2, design_effect=0.5)
