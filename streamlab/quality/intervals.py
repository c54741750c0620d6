"""How far a share in a sample may be from the truth: intervals that follow from n (C23).

    wilson(12, 100)                          # Interval(low=0.0605, high=0.2213) at 95 %
    clopper_pearson(12, 100)                 # Interval(low=0.0636, high=0.2002)
    outside_probability(100, 0.10, 0.08, 0.12)      # 0.41: so often a right generator fails "8 % to 12 %"

- Wilson's score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical
  inference", JASA 22 (1927). Good on average over shares; takes a design effect.
- The exact interval: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated
  in the case of the binomial", Biometrika 26 (1934). Never a higher false-alarm rate than it says.
- Events in clusters tell less than as many independent ones: n is divided by the design effect (L. Kish,
  "Survey Sampling", 1965).
"""

from collections.abc import Callable
from functools import lru_cache
from math import inf, log, log1p, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_BISECTIONS = 45


class Interval(NamedTuple):
    """The shares that a sample does not speak against."""

    low: float
    high: float

    def __contains__(self, share: object) -> bool:
        """Whether a share is one of them; the bounds are."""
        return isinstance(share, int | float) and self.low <= share <= self.high


def wilson(count: int, n: int, *, confidence: float = 0.95, design_effect: float = 1.0) -> Interval:
    """Wilson's score interval of `count` among `n`.

    Args:
        design_effect: by how much the variance exceeds that of independent events.

    Raises:
        ValueError: a count that is not between 0 and n, or a confidence that is not between 0 and 1.
    """
    _check(count, n, confidence)
    if design_effect < 1:
        raise ValueError("a design effect is at least 1")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    effective = n / design_effect
    share = count / n
    middle = share + z * z / (2 * effective)
    half = z * sqrt(share * (1 - share) / effective + z * z / (4 * effective**2))
    scale = 1 + z * z / effective
    low = 0.0 if count == 0 else max((middle - half) / scale, 0.0)
    high = 1.0 if count == n else min((middle + half) / scale, 1.0)
    return Interval(low, high)


def clopper_pearson(count: int, n: int, *, confidence: float = 0.95) -> Interval:
    """The exact interval of `count` among `n`: each bound by bisection of the binomial tail that defines it.

    Raises:
        ValueError: as for `wilson`.
    """
    _check(count, n, confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else _bisect(lambda p: 1 - _at_most(count - 1, n, p), tail)
    high = 1.0 if count == n else _bisect(lambda p: -_at_most(count, n, p), -tail)
    return Interval(low, high)


def outside_probability(n: int, share: float, low: float, high: float) -> float:
    """How often the share in a sample of n is outside a band; each is a hit with probability `share`."""
    shares = np.arange(n + 1) / n
    outside = (shares < low - 1e-12) | (shares > high + 1e-12)
    return float(_probabilities(n, share)[outside].sum())


def refusal_probability(
    n: int, true_share: float, claimed_share: float, *, confidence: float = 0.95
) -> float:
    """How often the exact interval of a sample of n does not hold the claimed share.

    With `true_share == claimed_share` that is the false-alarm rate, otherwise the power.
    """
    counts = np.arange(n + 1)
    tail = (1 - confidence) / 2
    claimed = _probabilities(n, claimed_share)
    # The interval of a count leaves the claimed share out exactly if the claim makes such a count too rare.
    at_most, at_least = np.cumsum(claimed), np.cumsum(claimed[::-1])[::-1]
    refused = (at_most < tail) | (at_least < tail)
    return float(_probabilities(n, true_share)[counts[refused]].sum())


def _check(count: int, n: int, confidence: float) -> None:
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"{count} of {n} is no share")
    if not 0 < confidence < 1:
        raise ValueError("a confidence is between 0 and 1")


def _bisect(increasing: Callable[[float], float], level: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if increasing(middle) < level else (low, middle)
    return (low + high) / 2


def _at_most(count: int, n: int, share: float) -> float:
    return float(_probabilities(n, share)[: count + 1].sum())


def _probabilities(n: int, share: float) -> NDArray[np.float64]:
    """The binomial distribution: of each count from 0 to n."""
    hits = np.arange(n + 1)
    success = log(share) if share > 0 else -inf
    failure = log1p(-share) if share < 1 else -inf
    with np.errstate(invalid="ignore"):
        logarithms = _log_choices(n) + np.where(hits > 0, hits * success, 0.0)
        logarithms += np.where(hits < n, (n - hits) * failure, 0.0)
    chances: NDArray[np.float64] = np.exp(logarithms)
    return chances


@lru_cache(maxsize=8)
def _log_choices(n: int) -> NDArray[np.float64]:
    """The logarithm of n over k, for each k."""
    factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    logarithms: NDArray[np.float64] = factorials[n] - factorials - factorials[::-1]
    return logarithms
