"""What one side of a measurement came to, and what is asked of it.

    row = Row("fastavro", seconds=2.5, items=1_000_000)
    row.rate                                # 400000.0, items a second
    Goal("no slower than fastavro", ratio=1.2, at_least=1.0).verdict     # "met"

Sides are compared by ratios, on one machine and in one run; a rate alone says little.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One side, measured.

    Args:
        name: what the table calls it.
        seconds: wall clock, of the part that `note` or the table's title names.
        items: how many events (or messages) that took.
        note: what a reader must know to compare it with the others, in one sentence.
        peak_bytes: the highest resident memory of its process; None where it had no process of its own.
    """

    name: str
    seconds: float
    items: int
    note: str = ""
    peak_bytes: int | None = None

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds


@dataclass(frozen=True)
class Goal:
    """A ratio that is to be reached (`at_least`) or kept (`at_most`); a ratio of None was not measured."""

    text: str
    ratio: float | None
    at_least: float | None = None
    at_most: float | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a goal has one bound: at_least or at_most")

    @property
    def verdict(self) -> str:
        """`met`, `MISSED`, or `not measured`; a ratio that is no number is missed."""
        if self.ratio is None:
            return "not measured"
        met = (
            self.ratio >= self.at_least if self.at_least is not None else self.ratio <= (self.at_most or 0.0)
        )
        return "met" if met else "MISSED"
