"""Fraud has the shares that its table says, and the shapes that its names say."""

import random
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

import pytest

from streamlab.errors import StreamlabError
from streamlab.generators import PATTERNS, Mixture, World, stream
from streamlab.generators.countries import COUNTRIES, far_from
from streamlab.generators.merchants import CATEGORIES, LARGE_CENTS, TINY_CENTS
from streamlab.generators.population import FLIGHT_MS
from streamlab.generators.timetable import PAYMENTS_PER_BEAT

N = 24_000
WORLD = World(seed=11, fraud_share=0.1, payments_per_second=20)
TXN = stream("txn", WORLD, late_share=0, max_disorder_seconds=0)
EVENTS = list(TXN.events(0, N))
TRUTHS = [TXN.truth(i) for i in range(N)]
DOLLARS = {"USD": 1.0, "EUR": 1 / 0.93, "GBP": 1 / 0.79, "CHF": 1 / 0.88, "JPY": 1 / 150}


def dollars(event: dict[str, Any]) -> float:
    return float(event["amount"]) * DOLLARS[event["currency"]]


def episodes(pattern: str) -> list[list[dict[str, Any]]]:
    """The whole episodes of a pattern: lists of the thief's payments in the order of their steps."""
    found: dict[int | None, dict[int, dict[str, Any]]] = defaultdict(dict)
    for event, truth in zip(EVENTS, TRUTHS, strict=True):
        if truth.fraud == pattern:
            found[truth.visit][truth.step] = event
    steps = PATTERNS[pattern].steps
    return [[one[step] for step in steps] for one in found.values() if set(one) == set(steps)]


def test_the_shares_of_the_patterns_sum_to_one() -> None:
    assert sum(pattern.share for pattern in PATTERNS.values()) == 1


@pytest.mark.parametrize("fraud_share", [0.0, 0.02, 0.1])
def test_each_pattern_has_exactly_the_share_that_the_table_says(fraud_share: float) -> None:
    mixture = Mixture(fraud_share)
    for name, pattern in PATTERNS.items():
        # One visit in seventeen payments may be a thief's; the pattern takes so many payments of it.
        share = mixture.probabilities[name] * len(pattern.steps) / PAYMENTS_PER_BEAT
        assert share == mixture.expected_share(name) == Fraction(fraud_share) * pattern.share


def test_the_simulated_shares_are_the_computed_ones() -> None:
    counts = Counter(truth.fraud for truth in TRUTHS if truth.fraud)
    for name, pattern in PATTERNS.items():
        share, together = float(WORLD.mixture.expected_share(name)), len(pattern.steps)
        # Payments of an episode come together: the variance is that of n / steps independent ones.
        deviation = (N * share * together) ** 0.5
        assert abs(counts[name] - N * share) < 4 * deviation


def test_an_interval_for_independent_payments_is_too_narrow_for_episodes() -> None:
    world = World(seed=3, fraud_share=0.05, payments_per_second=1, day_curve=False)
    txn = stream("txn", world, late_share=0)
    block, blocks = 640, 50
    counts = [
        sum(txn.truth(i).fraud is not None for i in range(n * block, (n + 1) * block)) for n in range(blocks)
    ]
    mean = sum(counts) / blocks
    variance = sum((count - mean) ** 2 for count in counts) / (blocks - 1)
    independent = block * 0.05 * 0.95
    assert 3 < world.mixture.design_effect < 4.5
    # An estimate from fifty blocks; episodes that reach over a block's end make it a little smaller.
    assert independent * 1.5 < variance < independent * world.mixture.design_effect * 1.5


def test_the_design_effect_of_single_payments_would_be_that_of_independent_ones() -> None:
    mixture = Mixture(0.05)
    mixture.probabilities = {"large_amount": Fraction(0.05) * 17}
    # One visit in seventeen payments: stratified, so even a little less than independent.
    assert mixture.design_effect == pytest.approx((1 - 0.05 * 17) / 0.95)
    assert Mixture(0).design_effect == 1


def test_asking_one_after_the_other_takes_the_second_share_from_what_the_first_left() -> None:
    assert Fraction(7, 10) * Fraction(4, 10) == Fraction(28, 100)
    chance = random.Random(7)

    def one_after_the_other() -> str:
        if chance.random() < 0.3:
            return "test"
        if chance.random() < 0.4:
            return "large"
        return "neither"

    n = 20_000
    large = sum(one_after_the_other() == "large" for _ in range(n)) / n
    deviation = (0.28 * 0.72 / n) ** 0.5
    assert abs(large - 0.28) < 4 * deviation
    assert abs(large - 0.40) > 4 * deviation


def test_card_testing_is_a_run_of_tiny_amounts_and_then_a_large_one() -> None:
    runs = episodes("card_testing")
    assert len(runs) > 50
    for run in runs:
        *tests, last = map(dollars, run)
        assert all(TINY_CENTS[0] / 100 - 0.05 <= amount <= TINY_CENTS[1] / 100 for amount in tests)
        assert last >= LARGE_CENTS[0] / 100 - 1


def test_the_payments_of_an_episode_are_on_one_card_in_order_and_within_minutes() -> None:
    for name in ("card_testing", "velocity_burst"):
        for run in episodes(name):
            assert len({(event["card_id"], event["session_id"], event["country"]) for event in run}) == 1
            times = [event["event_time"] for event in run]
            assert times == sorted(times)
            assert times[-1] - times[0] < 5 * 60_000


def test_a_large_amount_is_more_than_its_merchant_usually_takes() -> None:
    means = {category.mcc: category.mean_cents / 100 for category in CATEGORIES}
    for (event,) in episodes("large_amount"):
        assert dollars(event) > 3 * means[event["merchant_category"]]
        assert LARGE_CENTS[0] / 100 - 1 <= dollars(event) <= LARGE_CENTS[1] / 100


def test_impossible_travel_is_one_card_on_two_continents_within_minutes() -> None:
    thefts = 0
    for event, truth in zip(EVENTS, TRUTHS, strict=True):
        if truth.fraud != "impossible_travel" or truth.visit is None:
            continue
        before = TXN.layout.index_of(truth.visit, 0)
        if before < 0:
            continue
        thefts += 1
        at_home = TXN.event(before)
        assert at_home["card_id"] == event["card_id"]
        assert TXN.truth(before).fraud is None
        assert 0 < event["event_time"] - at_home["event_time"] < 10 * 60_000
        home = at_home["country"] or WORLD.visit(truth.visit).country.code
        assert COUNTRIES[home].continent != COUNTRIES[event["country"]].continent
        assert event["session_id"] is None
    assert thefts > 50


def test_no_honest_card_is_in_two_countries_within_the_time_of_a_flight() -> None:
    world = World(users=200, payments_per_second=0.5, fraud_share=0)
    last: dict[str, tuple[str, int]] = {}
    moves = 0
    # Payments of the busiest travellers over weeks: every fortieth of a long stretch.
    txn = stream("txn", world, late_share=0, max_disorder_seconds=0)
    for event in (txn.event(i) for i in range(0, 480_000, 40)):
        if event["country"] is None:
            continue
        country, time_ms = last.get(event["card_id"], (event["country"], 0))
        if country != event["country"]:
            moves += 1
            assert event["event_time"] - time_ms > FLIGHT_MS / 2
        last[event["card_id"]] = event["country"], event["event_time"]
    assert moves > 3


def test_on_sites_fraud_follows_the_likelihood_of_the_category() -> None:
    paid: Counter[str] = Counter()
    stolen: Counter[str] = Counter()
    for event, truth in zip(EVENTS, TRUTHS, strict=True):
        if event["session_id"] and event["merchant_category"]:
            paid[event["merchant_category"]] += 1
            stolen[event["merchant_category"]] += truth.fraud is not None
    likelihood = {category.mcc: category.fraud_likelihood for category in CATEGORIES}
    for low, high in ((0.1, 0.2), (0.2, 0.4), (0.3, 0.5)):
        rates = [
            sum(stolen[mcc] for mcc in paid if likelihood[mcc] == level)
            / sum(paid[mcc] for mcc in paid if likelihood[mcc] == level)
            for level in (low, high)
        ]
        assert rates[0] < rates[1]


def test_a_thief_who_takes_an_account_has_a_device_that_is_not_the_users() -> None:
    for event, truth in zip(EVENTS, TRUTHS, strict=True):
        if truth.fraud and PATTERNS[truth.fraud].takes_account:
            assert event["device_id"].startswith("dev-x")
        elif event["device_id"]:
            assert event["device_id"].startswith(f"dev-{event['user_id'][5:]}")


def test_a_world_without_fraud_has_none() -> None:
    txn = stream("txn", World(fraud_share=0))
    assert {txn.truth(i).fraud for i in range(2_000)} == {None}


def test_more_fraud_than_fits_is_refused_with_the_most_that_does() -> None:
    with pytest.raises(StreamlabError, match=r"0 to 0\.103"):
        Mixture(0.2)
    with pytest.raises(StreamlabError, match=r"0 to 0\.103"):
        Mixture(-0.1)


def test_far_is_another_continent_in_both_directions() -> None:
    for country in COUNTRIES.values():
        assert far_from(country, 0).continent != country.continent
        assert far_from(country, 2**64 - 1).continent != country.continent
    assert all(a.octet != b.octet for a, b in pairwise(COUNTRIES.values()))


def test_who_travels_is_nowhere_for_the_time_of_a_flight() -> None:
    journeys = 0
    for user in (World(users=200).population.user(number) for number in range(4, 200, 10)):
        where = [user.country_at(hour * 3_600_000) for hour in range(24 * 120)]
        assert {None, user.home} < set(where)
        for here, stay in groupby(where):
            if here is None:
                journeys += 1
                # The first and the last one are cut off.
                assert len(list(stay)) == 12 or where[0] is None or where[-1] is None
        assert all(None in pair for pair in pairwise(where) if pair[0] is not pair[1])
    assert journeys > 40
