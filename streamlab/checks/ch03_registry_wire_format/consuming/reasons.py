"""Whether the reasons of poison pills tell the three kinds apart.

first_collision({Kind.UNKNOWN_ID: ["bad"], Kind.UNREADABLE: ["bad"]}, ("bad", "bad"))
# (Kind.UNKNOWN_ID, Kind.UNREADABLE, "bad")
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import combinations


class Kind(StrEnum):
    """The three kinds, as a sentence names them."""

    NOT_FRAMED = "not framed"
    UNKNOWN_ID = "unknown id"
    UNREADABLE = "unreadable payload"


def first_collision(
    reasons: Mapping[Kind, Sequence[str]], repeated: tuple[str, str]
) -> tuple[Kind, Kind, str] | None:
    """The first two kinds that have a reason in common, and that reason; None when all differ.

    Args:
        repeated: the reasons of one message that was offered twice. If they differ, the numbers in a reason
            count something (`pill 7`), and are no part of what it says.
    """
    counts = repeated[0] != repeated[1] and _without_numbers(repeated[0]) == _without_numbers(repeated[1])
    said = {
        kind: {_without_numbers(text) if counts else text for text in texts}
        for kind, texts in reasons.items()
    }
    for left, right in combinations(said, 2):
        if common := said[left] & said[right]:
            return left, right, min(common)
    return None


def _without_numbers(text: str) -> str:
    return re.sub(r"[0-9]+", "#", text)
