"""Percentiles are within the stated error of the sorted values; books that do not balance are loud."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.processor import Account, BooksError
from streamlab.processor.account import LATENCY_STEPS_PER_DECADE, Latencies, PartitionBooks

STEP = 10 ** (1 / LATENCY_STEPS_PER_DECADE)
LATENCIES = st.lists(
    st.one_of(st.floats(0.01, 1.0), st.floats(1.0, 1e8), st.sampled_from((0.01, 0.1, 1.0, 10.0, 1e6))),
    min_size=1,
    max_size=60,
)


def latencies(values: list[float]) -> Latencies:
    counted = Latencies()
    counted.add(np.array(values))
    return counted


def test_a_step_is_the_stated_2_6_percent() -> None:
    assert 1.025 < STEP < 1.0261


@given(LATENCIES, st.floats(1, 100))
@settings(max_examples=100)
def test_a_percentile_is_at_most_a_step_above_that_of_the_sorted_values(
    values: list[float], percent: float
) -> None:
    exact = sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
    found = latencies(values).percentile(percent)
    assert found is not None
    assert exact * (1 - 1e-9) <= found <= exact * STEP * (1 + 1e-9)


@given(LATENCIES, st.sampled_from((0.05, 0.5, 1.0, 2.0, 10.0, 500.0, 60_000.0)))
@settings(max_examples=60)
def test_what_a_histogram_counts_below_a_bound_is_right_up_to_one_step(
    values: list[float], bound: float
) -> None:
    found = latencies(values).at_most(bound)
    assert sum(value < bound / STEP * (1 - 1e-9) for value in values) <= found
    assert found <= sum(value <= bound * (1 + 1e-9) for value in values)


@given(st.floats(-5, 1e7), st.integers(0, 50))
@settings(max_examples=40)
def test_one_latency_of_many_events_counts_as_if_each_were_added(value: float, times: int) -> None:
    together = Latencies()
    together.add_same(value, times)
    single = latencies([value] * times)
    assert (together.counts == single.counts).all()
    assert together.total_ms == pytest.approx(single.total_ms)


def test_without_events_there_is_no_percentile() -> None:
    assert latencies([]).percentile(99) is None
    assert latencies([]).count == 0


def test_what_is_out_of_bounds_is_counted_at_the_bound_and_the_sum_never_falls() -> None:
    counted = latencies([-5_000.0, 0.0, 1e300])
    assert counted.count == 3
    assert counted.percentile(50) == pytest.approx(0.01 * STEP)
    assert latencies([-5_000.0]).total_ms == pytest.approx(0.01)


def test_an_event_that_is_nowhere_is_found_in_the_books() -> None:
    books = PartitionBooks(events_in=10, out=6, dead=1)
    books.check(4, buffered=3)
    with pytest.raises(BooksError, match="Partition 4: 10 in, but 6 out"):
        books.check(4, buffered=2)


@pytest.mark.parametrize("name", ["events_in", "out", "waiting", "taken_over", "handed_over"])
def test_an_account_that_is_one_off_does_not_balance(name: str) -> None:
    account = Account(events_in=10, out=5, waiting=2, taken_over=3, handed_over=5)
    account.dead_letters["late"] += 1
    account.check()
    setattr(account, name, getattr(account, name) + 1)
    assert not account.balances
    with pytest.raises(BooksError, match="do not balance"):
        account.check()


def test_the_sentence_of_an_account_is_its_equation() -> None:
    account = Account(events_in=20_000, out=19_611, waiting=18)
    account.dead_letters.update({"late": 300, "undecodable": 71})
    assert account.sentence() == "20,000 in = 19,611 out + 371 dead-lettered + 18 waiting"
    account.taken_over = account.handed_over = 4
    assert account.sentence().startswith("20,000 in + 4 taken over = ")
    assert account.sentence().endswith(" + 4 handed over")
    assert account.figures()["dead_letters"] == {"late": 300, "undecodable": 71}
