"""The evidence for C22 says what its figures say."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.evidence.fraud_shares import c22_elif_takes_the_second_share_from_the_rest


def test_forty_of_a_hundred_become_twenty_eight() -> None:
    evidence = c22_elif_takes_the_second_share_from_the_rest(seed=7)
    first, second = evidence.shares
    assert first.one_after_the_other == first.claimed == Fraction(30, 100)
    assert (second.claimed, second.one_after_the_other) == (Fraction(40, 100), Fraction(28, 100))
    assert evidence.deviations(second.counted_elif, second.one_after_the_other) < 4
    assert evidence.deviations(second.counted_elif, second.claimed) > 4
    assert "large amount: 40% claimed" in evidence.verdict
    assert "28% computed" in evidence.verdict
    assert "test transaction" not in evidence.verdict


@given(st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_one_draw_for_all_gives_the_claimed_shares(seed: int) -> None:
    evidence = c22_elif_takes_the_second_share_from_the_rest(seed=seed, draws=2_000)
    # Five deviations: about one seed in a million would fail a right generator.
    assert all(evidence.deviations(s.counted_one_draw, s.claimed) < 5 for s in evidence.shares)


def test_a_single_kind_loses_nothing_and_the_verdict_says_so() -> None:
    evidence = c22_elif_takes_the_second_share_from_the_rest(draws=500, claimed={"only": Fraction(1, 2)})
    assert evidence.shares[0].one_after_the_other == Fraction(1, 2)
    assert "no share differs" in evidence.verdict
    assert evidence.frame().height == 1
