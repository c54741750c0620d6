"""How many of which there are: shares that are held against what they should be, by an interval of n (C23).

    fraud = Share("fraud", expected=0.02, design_effect=world.mixture.design_effect)
    judge(fraud, count=188, n=10_000)        # [] or a finding with the interval

"Between 8 % and 12 %" refuses a right generator of 10 % in four of ten samples of 100, and takes a wrong one
of 9 % in nearly every sample of 10,000. An interval that follows from n is wrong as seldom as its confidence
says, at any n; and the more events, the smaller the difference that it notices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlab.quality.finding import Event, Example, Finding, Level
from streamlab.quality.intervals import Interval, clopper_pearson, wilson

CONFIDENCE = 0.999
"""One false alarm in a thousand right runs."""


@dataclass(frozen=True)
class Share:
    """A share that events should have.

    Attributes:
        expected: the share, from 0 to 1.
        has: whether an event counts; None where the counting is done elsewhere.
        design_effect: above 1 where events come in clusters.
    """

    name: str
    expected: float
    has: Callable[[Event], Any] | None = None
    design_effect: float = 1.0


def interval(share: Share, count: int, n: int, *, confidence: float = CONFIDENCE) -> Interval:
    """The shares that `count` of n events do not speak against: exact for independent events."""
    if share.design_effect > 1:
        return wilson(count, n, confidence=confidence, design_effect=share.design_effect)
    return clopper_pearson(count, n, confidence=confidence)


def judge(share: Share, count: int, n: int, *, confidence: float = CONFIDENCE) -> list[Finding]:
    """A finding if the interval does not hold the expected share; none if n is 0."""
    if n == 0:
        return []
    held = interval(share, count, n, confidence=confidence)
    if share.expected in held:
        return []
    said = (
        f"{share.expected:.2%} are {share.name}; {count} of {n} speak for {held.low:.2%} to {held.high:.2%}"
        f" at {confidence:.1%}."
    )
    return [Finding(Level.BUSINESS, f"share:{share.name}", said, count, n, ())]


def share_findings(
    events: Sequence[Event], shares: Sequence[Share], *, confidence: float = CONFIDENCE
) -> list[Finding]:
    """The shares that events do not have, with the first of the events that count."""
    findings = []
    for share in shares:
        if share.has is None:
            raise ValueError(f"Nobody says which events are {share.name}: give `has`, or use `judge`.")
        counted = [index for index, event in enumerate(events) if share.has(event)]
        for finding in judge(share, len(counted), len(events), confidence=confidence):
            examples = tuple(Example(index, f"is {share.name}") for index in counted[:3])
            findings.append(
                Finding(finding.level, finding.rule, finding.meaning, finding.count, finding.of, examples)
            )
    return findings
