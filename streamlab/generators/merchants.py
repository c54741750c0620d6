"""Where cards pay: merchant categories (MCC), each with amounts and a fraud likelihood of its own.

    shop = online(word, by_thief=False)      # a Merchant
    shop.mcc, shop.mean_cents                # "5411", 4_500
    amount_cents(shop, word)                 # a usual amount there
    large_cents(shop, word)                  # five to twenty times as much

A thief takes a merchant of category c with a probability in proportion to its turnover times its
`fraud_likelihood`. So among payments of one kind (on a site, at a counter) the share of fraud in a category
is in proportion to its `fraud_likelihood`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from statistics import NormalDist
from typing import Final

from streamlab.generators.draws import below

_MERCHANTS_PER_CATEGORY: Final = 40
TINY_CENTS: Final = (50, 500)
"""The least and the most of a payment that only tests a card: half a dollar to five."""
LARGE_CENTS: Final = (105_000, 950_000)
"""The least and the most of a large amount; nothing in this world costs 10,000 dollars."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of merchant.

    Attributes:
        mcc: ISO 18245 merchant category code.
        mean_cents: mean amount, hundredths of a US dollar.
        fraud_likelihood: how much more a thief likes it than a category with half of that.
        online: its share of the payments on sites, in hundredths.
        at_counter: its share of the payments with the card present, in hundredths.
    """

    name: str
    mcc: str
    mean_cents: int
    fraud_likelihood: float
    online: int
    at_counter: int


CATEGORIES: Final = (
    Category("grocery", "5411", 4_500, 0.1, 14, 34),
    Category("restaurant", "5812", 3_200, 0.1, 6, 22),
    Category("fuel", "5541", 4_800, 0.2, 0, 14),
    Category("pharmacy", "5912", 2_800, 0.1, 5, 9),
    Category("clothing", "5651", 7_500, 0.2, 20, 9),
    Category("books", "5942", 2_400, 0.1, 12, 2),
    Category("electronics", "5732", 21_000, 0.5, 14, 3),
    Category("travel", "4722", 42_000, 0.3, 6, 0),
    Category("games", "5816", 1_800, 0.4, 10, 0),
    Category("direct marketing", "5967", 7_500, 0.3, 7, 0),
    Category("gambling", "7995", 8_500, 0.5, 4, 1),
    Category("quasi cash", "6051", 15_000, 0.6, 2, 0),
    Category("cash machine", "6011", 10_000, 0.4, 0, 6),
)


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant: its category's figures, its own mean amount."""

    merchant_id: str
    mcc: str
    mean_cents: int
    fraud_likelihood: float


def _every_merchant() -> tuple[tuple[Merchant, Category, int], ...]:
    """Every merchant with its category and its rank in it; the first one sells most (Zipf)."""
    return tuple(
        (
            Merchant(
                f"mer-{category.mcc}-{rank:02d}",
                category.mcc,
                category.mean_cents * (70 + 60 * ((rank * 7) % 11) // 10) // 100,
                category.fraud_likelihood,
            ),
            category,
            rank,
        )
        for category in CATEGORIES
        for rank in range(_MERCHANTS_PER_CATEGORY)
    )


class _Choice:
    """Merchants to be drawn by weight."""

    def __init__(self, *, at_counter: bool, by_thief: bool) -> None:
        self._merchants = tuple(merchant for merchant, _, _ in MERCHANTS)
        shares = [
            (category.at_counter if at_counter else category.online)
            * (round(category.fraud_likelihood * 10) if by_thief else 1)
            * (10**6 // (rank + 1))
            for _, category, rank in MERCHANTS
        ]
        self._sums = list(accumulate(shares))

    def __call__(self, word: int) -> Merchant:
        return self._merchants[bisect_right(self._sums, below(word, self._sums[-1]))]


MERCHANTS: Final = _every_merchant()
_CHOICES: Final = {
    (at_counter, by_thief): _Choice(at_counter=at_counter, by_thief=by_thief)
    for at_counter in (False, True)
    for by_thief in (False, True)
}


def online(word: int, *, by_thief: bool) -> Merchant:
    """A merchant with a site."""
    return _CHOICES[False, by_thief](word)


def at_counter(word: int, *, by_thief: bool) -> Merchant:
    """A merchant where the card is present, or a cash machine."""
    return _CHOICES[True, by_thief](word)


_SIGMA: Final = 0.6
_QUANTILES: Final[tuple[int, ...]] = tuple(
    round(1_000 * exp(_SIGMA * NormalDist().inv_cdf((k + 0.5) / 1_024) - _SIGMA**2 / 2)) for k in range(1_024)
)
"""Thousandths of the mean: a lognormal distribution in 1,024 steps, so that drawing needs integers only."""


def amount_cents(merchant: Merchant, word: int) -> int:
    """A usual amount: skewed, its mean about the merchant's, at least a dollar."""
    return max(merchant.mean_cents * _QUANTILES[word >> 54] // 1_000, 100)


def tiny_cents(word: int) -> int:
    """An amount that nobody notices."""
    least, most = TINY_CENTS
    return least + below(word, most - least + 1)


def large_cents(merchant: Merchant, word: int) -> int:
    """Five to twenty times the merchant's mean, within `LARGE_CENTS`."""
    least, most = LARGE_CENTS
    return min(max(merchant.mean_cents * (500 + below(word, 1_501)) // 100, least), most)
