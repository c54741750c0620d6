"""Where events are in time: arrival, beats, the day curve, and who is how busy."""

from bisect import bisect_left
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.generators import STREAMS, World, stream
from streamlab.generators.day_curve import DAY_MS, EVEN_WEIGHTS, HOUR_MS, HOUR_WEIGHTS, DayCurve
from streamlab.generators.draws import WORD, Draws, below, coprimes, threshold

MIDNIGHT_MS = 1_767_571_200_000
names = st.sampled_from(STREAMS)


@given(names, st.integers(0, 10**9), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_the_index_of_a_visits_step_leads_back_to_it(name: str, index: int, seed: int) -> None:
    layout = World(seed=seed).layout(name)
    place = layout.place(index, Draws(seed, name)(index))
    assert layout.index_of(place.visit, place.step) == index


@given(names, st.integers(0, 10**9), st.sampled_from((0.05, 10.0, 7_777.0)))
@settings(max_examples=40, deadline=None)
def test_events_arrive_in_the_order_of_their_indices(name: str, index: int, rate: float) -> None:
    events = stream(name, World(payments_per_second=rate))
    arrivals = [events.arrival_ms(i) for i in range(index, index + 60)]
    assert arrivals == sorted(arrivals)


@given(names, st.integers(0, 3 * DAY_MS), st.sampled_from((1.0, 10.0, 2_000.0)))
@settings(max_examples=40, deadline=None)
def test_the_index_at_a_time_is_the_first_that_arrives_then_or_later(
    name: str, after_ms: int, rate: float
) -> None:
    events = stream(name, World(payments_per_second=rate))
    time_ms = World().start_ms + after_ms
    index = events.index_at(time_ms)
    assert events.arrival_ms(index) >= time_ms
    assert index == 0 or events.arrival_ms(index - 1) < time_ms


@pytest.mark.parametrize("name", STREAMS)
def test_an_hour_without_a_day_curve_has_the_stated_number_of_events(name: str) -> None:
    world = World(day_curve=False, payments_per_second=25)
    events = stream(name, world)
    start_ms = world.start_ms + HOUR_MS
    count = events.index_at(start_ms + HOUR_MS) - events.index_at(start_ms)
    assert count == pytest.approx(HOUR_MS / 1_000 * events.events_per_second, rel=0.001)


def test_an_hour_has_as_many_events_as_the_day_curve_gives_it() -> None:
    events = stream("txn", World(start_ms=MIDNIGHT_MS))
    bounds = [events.index_at(MIDNIGHT_MS + hour * HOUR_MS) for hour in range(25)]
    counts = [after - before for before, after in pairwise(bounds)]
    assert sum(counts) == pytest.approx(864_000, abs=3)
    for count, weight in zip(counts, HOUR_WEIGHTS, strict=True):
        assert count == pytest.approx(360 * weight, abs=3)


@given(st.integers(-(10**13), 10**13))
def test_even_time_and_wall_time_are_inverse_to_each_other_but_for_rounding(time_ms: int) -> None:
    clock = DayCurve()
    # Down twice: a gap of even time shrinks on the wall, so a millisecond there is up to two here.
    assert 0 <= time_ms - clock.even_ms(clock.wall_ms(time_ms)) <= 2
    assert clock.wall_ms(time_ms) <= clock.wall_ms(time_ms + 1)
    assert DayCurve(EVEN_WEIGHTS).wall_ms(time_ms) == time_ms


@given(st.integers(0, 10**13), st.integers(0, 10**8))
def test_a_gap_shrinks_on_the_wall_by_no_more_than_the_peak(time_ms: int, gap_ms: int) -> None:
    clock = DayCurve()
    on_the_wall = clock.wall_ms(time_ms + gap_ms) - clock.wall_ms(time_ms)
    assert on_the_wall >= gap_ms * 100 // clock.peak_hundredths - 1


@pytest.mark.parametrize("weights", [(100,) * 23, (101,) + (100,) * 23, (0, 200) + (100,) * 22])
def test_a_day_curve_that_is_none_is_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="24 positive weights"):
        DayCurve(weights)


def test_the_kth_busiest_user_comes_one_kth_as_often() -> None:
    population = World(users=50, skew=1).population
    step = WORD // 40_000
    counts = Counter(population.frequent(word).user_id for word in range(step // 2, WORD, step))
    ranked = [count for _, count in counts.most_common()]
    for rank in (1, 2, 4, 9, 49):
        assert ranked[rank] == pytest.approx(ranked[0] / (rank + 1), rel=0.02)


def test_without_skew_all_users_are_alike() -> None:
    population = World(users=50, skew=0).population
    step = WORD // 10_000
    counts = Counter(population.frequent(word).user_id for word in range(step // 2, WORD, step))
    assert len(counts) == 50
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_few_cards_make_most_payments() -> None:
    cards = Counter(event["card_id"] for event in stream("txn", World(skew=1)).events(0, 10_000))
    ranked = sorted(cards.values(), reverse=True)
    sums = [sum(ranked[: k + 1]) for k in range(len(ranked))]
    assert bisect_left(sums, 5_000) < len(ranked) / 10


@given(st.integers(1, 64), st.integers(0, WORD - 1))
def test_a_permutation_by_a_coprime_loses_no_slot(count: int, word: int) -> None:
    factor = coprimes(count)[below(word, len(coprimes(count)))]
    assert {factor * n % count for n in range(count)} == set(range(count))


@given(st.integers(-(2**63), 2**63 - 1), st.integers())
def test_the_words_of_an_index_are_of_64_bits_and_of_its_purpose(index: int, seed: int) -> None:
    words = Draws(seed, "one")(index)
    assert all(0 <= word < WORD for word in words)
    assert words == Draws(seed, "one")(index)
    assert words != Draws(seed, "other")(index)
    assert words != Draws(seed + 1, "one")(index)


def test_words_are_uniform_by_their_moments() -> None:
    draws, n = Draws(7, "moments"), 4_000
    for position in range(8):
        values = [draws(index)[position] / WORD for index in range(n)]
        mean = sum(values) / n
        assert abs(mean - 0.5) < 4 * (1 / 12 / n) ** 0.5
        assert sum((value - 0.5) ** 2 for value in values) / n == pytest.approx(1 / 12, rel=0.1)
    assert threshold(0.25) == WORD // 4
