"""Random numbers that are a pure function of (seed, purpose, index): no state, no order of calls.

    draws = Draws(seed=7, purpose="txn")
    words = draws(123)                       # eight integers of 64 bits, always the same ones
    below(words[0], 6)                       # 0 to 5
    words[1] < threshold(0.02)               # true for two of a hundred indices

A counter-based generator: the number for an index is a hash of the index, so any of them can be had without
the ones before it, in any process and any version of Python. The hash is BLAKE2b with a key and a
personalization (RFC 7693). The idea: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from functools import lru_cache
from hashlib import blake2b
from math import gcd
from struct import Struct
from typing import Final

WORD: Final = 1 << 64
_WORDS: Final = Struct("<8Q")

Words = tuple[int, int, int, int, int, int, int, int]


class Draws:
    """Eight words of 64 bits for every index.

    Args:
        seed: any integer.
        purpose: what the numbers are for, at most 16 bytes; two purposes are independent of each other.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._keyed = blake2b(key=key, person=purpose.encode())

    def __call__(self, index: int) -> Words:
        hashed = self._keyed.copy()
        hashed.update(index.to_bytes(8, "little", signed=True))
        return _WORDS.unpack(hashed.digest())


def below(word: int, bound: int) -> int:
    """An integer from 0 to `bound` - 1, uniform if `word` is (off by less than bound / 2**64)."""
    return word * bound >> 64


def threshold(share: float) -> int:
    """What a uniform word is below with probability `share`."""
    return int(share * WORD)


@lru_cache
def coprimes(count: int) -> tuple[int, ...]:
    """The factors by which 0 to count - 1 can be permuted: every number below with no common divisor."""
    return tuple(a for a in range(1, count + 1) if gcd(a, count) == 1)
