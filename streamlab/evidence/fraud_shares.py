"""Evidence on shares that are drawn one after the other: C22.

from streamlab.evidence import fraud_shares

fraud_shares.c22_elif_takes_the_second_share_from_the_rest(seed=7).verdict
fraud_shares.c22_elif_takes_the_second_share_from_the_rest(seed=7).frame()
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from types import MappingProxyType
from typing import Final

import polars as pl

CLAIMED: Final[Mapping[str, Fraction]] = MappingProxyType(
    {"test transaction": Fraction(30, 100), "large amount": Fraction(40, 100)}
)
"""What the comments beside the code say of fraudulent payments; the others are neither."""


@dataclass(frozen=True)
class Share:
    """One kind of payment: what is claimed, what the two ways of drawing give.

    Attributes:
        claimed: the share that the code's comment says.
        one_after_the_other: the share that `if … elif` gives, computed.
        counted_elif: how many of the draws it was with `if … elif`, a new random number for each question.
        counted_one_draw: how many with one random number for all.
    """

    kind: str
    claimed: Fraction
    one_after_the_other: Fraction
    counted_elif: int
    counted_one_draw: int


@dataclass(frozen=True)
class ShareEvidence:
    """The shares of every kind, from `draws` draws each way."""

    draws: int
    shares: tuple[Share, ...]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        wrong = [share for share in self.shares if self.deviations(share.counted_elif, share.claimed) > 4]
        told = "; ".join(
            f"{share.kind}: {float(share.claimed):.0%} claimed, "
            f"{share.counted_elif / self.draws:.1%} counted, "
            f"{float(share.one_after_the_other):.0%} computed"
            for share in wrong
        )
        if not wrong:
            return f"In {self.draws} draws no share differs from the claimed one by more than chance."
        farthest = max(self.deviations(share.counted_one_draw, share.claimed) for share in self.shares)
        return (
            f"With elif the later share is of what the earlier ones left: {told}. With one draw for all, no "
            f"share is more than {farthest:.1f} standard deviations from the claimed one."
        )

    def deviations(self, counted: int, share: Fraction) -> float:
        """How many standard deviations of a right generator a count is away from its share."""
        p = float(share)
        return abs(counted - p * self.draws) / math.sqrt(p * (1 - p) * self.draws)

    def frame(self) -> pl.DataFrame:
        """One row a kind; shares from 0 to 1."""
        return pl.DataFrame(
            {
                "kind": [share.kind for share in self.shares],
                "claimed": [float(share.claimed) for share in self.shares],
                "computed with elif": [float(share.one_after_the_other) for share in self.shares],
                "counted with elif": [share.counted_elif / self.draws for share in self.shares],
                "counted with one draw": [share.counted_one_draw / self.draws for share in self.shares],
            }
        )


def c22_elif_takes_the_second_share_from_the_rest(
    seed: int = 7, draws: int = 20_000, claimed: Mapping[str, Fraction] = CLAIMED
) -> ShareEvidence:
    """Draw kinds of fraud in both ways, and compute what the first one must give (C22).

    Args:
        seed: of the random numbers.
        draws: how many fraudulent payments, each way.
        claimed: the shares in the order in which the code asks for them; they sum to at most 1.
    """
    random = Random(seed)
    asked = dict.fromkeys(claimed, 0)
    drawn = dict.fromkeys(claimed, 0)
    for _ in range(draws):
        for kind, share in claimed.items():
            if random.random() < share:
                asked[kind] += 1
                break
        point = random.random()
        for kind, share in claimed.items():
            point -= float(share)
            if point < 0:
                drawn[kind] += 1
                break
    left, shares = Fraction(1), []
    for kind, share in claimed.items():
        shares.append(Share(kind, share, left * share, asked[kind], drawn[kind]))
        left *= 1 - share
    return ShareEvidence(draws, tuple(shares))
