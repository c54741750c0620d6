"""Fraud by named patterns, each with a share that is what the table says.

    PATTERNS["card_testing"].share               # Fraction(3, 10) of the fraudulent payments
    mixture = Mixture(fraud_share=0.02)
    mixture.pattern(word)                        # None, or the pattern that a visit's episode follows
    mixture.expected_share("card_testing")       # 0.006 of all payments, exactly

One draw decides: its range is cut into pieces, one a pattern. Were the patterns asked one after the other
(`if random() < 0.3 … elif random() < 0.4 …`), the second share would be of what the first one left: 0.28.

A pattern takes several payments, an *episode*. The shares are of payments, so an episode's probability is its
share divided by how many of its payments are fraudulent. Payments of an episode come together, so a
sample of n payments tells less than n independent ones: see `Mixture.design_effect`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.generators.draws import WORD

EPISODE_STEPS: Final = 10
"""The payments of a visit in which a thief may pay, one after the other on one card."""
EPISODES_PER_PAYMENT: Final = Fraction(1, 17)
"""How many such visits there are for each payment of the stream."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a thief pays.

    Attributes:
        share: of the fraudulent payments.
        steps: of an episode's payments, those that the thief makes; the others are somebody else's.
        tiny, large: the steps whose amount is tiny, or large; at the others it is usual.
        takes_account: whether the thief pays in a visit of his own, on a device that is not the user's.
    """

    name: str
    share: Fraction
    steps: tuple[int, ...]
    tiny: tuple[int, ...]
    large: tuple[int, ...]
    takes_account: bool
    description: str


_ALL: Final = (
    Pattern(
        "card_testing", Fraction(30, 100), (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4), (5,), True,
        "Five tiny amounts on one card, to see whether it works, then a large one.",
    ),
    Pattern(
        "large_amount", Fraction(40, 100), (0,), (), (0,), True,
        "One payment of five to twenty times what the merchant usually takes.",
    ),
    Pattern(
        "impossible_travel", Fraction(10, 100), (3,), (), (), False,
        "The holder pays at home; minutes later the card is used on another continent.",
    ),
    Pattern(
        "velocity_burst", Fraction(20, 100), tuple(range(10)), (), (), True,
        "Ten usual payments on one card within two or three minutes.",
    ),
)  # fmt: skip

PATTERNS: Final = {pattern.name: pattern for pattern in _ALL}
"""The patterns by name; their shares sum to 1."""


class Mixture:
    """Which visits are a thief's, so that the share of fraudulent payments is `fraud_share`.

    Args:
        fraud_share: of all payments.
        episodes_per_payment: visits that a thief may take, for each payment of the stream.

    Raises:
        StreamlabError: so much fraud does not fit into these visits.
    """

    def __init__(self, fraud_share: float, episodes_per_payment: Fraction = EPISODES_PER_PAYMENT) -> None:
        share = Fraction(fraud_share)
        per_payment = {p.name: share * p.share / len(p.steps) for p in _ALL}
        most = episodes_per_payment / sum(p.share / len(p.steps) for p in _ALL)
        if not 0 <= share <= most:
            raise StreamlabError(
                f"fraud_share is {fraud_share:g}.", f"Choose a share from 0 to {float(most):.3f}."
            )
        self.fraud_share = share
        self._episodes_per_payment = episodes_per_payment
        self.probabilities: dict[str, Fraction] = {
            name: rate / episodes_per_payment for name, rate in per_payment.items()
        }
        """Of an episode of each pattern, in a visit that a thief may take."""
        self._bounds = [int(bound * WORD) for bound in accumulate(self.probabilities.values())]
        self._patterns: tuple[Pattern | None, ...] = (*_ALL, None)

    def pattern(self, word: int) -> Pattern | None:
        """The pattern of an episode; None if nothing is stolen in it."""
        return self._patterns[bisect_right(self._bounds, word)]

    def expected_share(self, name: str) -> Fraction:
        """The probability that a payment is fraud of this pattern."""
        return self.fraud_share * PATTERNS[name].share

    @property
    def design_effect(self) -> float:
        """How many times the variance of the fraud rate of n payments is that of n independent ones.

        Payments of an episode stand or fall together, so an interval for the rate must be wider by the root
        of this (Kish, "Survey Sampling", 1965, on samples in clusters). For samples much longer than an
        episode; 1.0 if there is no fraud.
        """
        if not self.fraud_share:
            return 1.0
        sizes = {name: len(PATTERNS[name].steps) for name in self.probabilities}
        mean = sum(p * sizes[name] for name, p in self.probabilities.items())
        square = sum(p * sizes[name] ** 2 for name, p in self.probabilities.items())
        independent = self.fraud_share * (1 - self.fraud_share) / self._episodes_per_payment
        return float((square - mean**2) / independent)
