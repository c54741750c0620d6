"""What a validation found: which rule is broken, how often, and for instance where.

finding = Finding(Level.QUALITY, "amount_not_finite", "The amount is a number.", 2, 1_000, (...))
finding.share                            # 0.002
str(finding)                             # "quality: amount_not_finite, 2 of 1000 (0.20 %): The amount ..."
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Event = dict[str, Any]

KEPT_EXAMPLES: Final = 3


class Level(StrEnum):
    """What is held against the events, from what a serializer sees to what only the whole shows."""

    SCHEMA = "schema"
    """Fields and types: what the Avro contract says."""
    QUALITY = "quality"
    """Values that make sense by themselves, whatever the business."""
    BUSINESS = "business"
    """Values that make sense for a payment, a click, an order; and how many of which there are."""
    INTEGRITY = "integrity"
    """Events that fit together, within a stream and across streams."""


@dataclass(frozen=True)
class Example:
    """One event that breaks a rule.

    Attributes:
        index: its place among the events that were given.
        shown: what is wrong with it.
    """

    index: int
    shown: str


@dataclass(frozen=True)
class Finding:
    """A broken rule.

    Attributes:
        rule: its name, for counting and for dead letters.
        meaning: the rule, as a sentence.
        count: how many events break it.
        of: how many were looked at.
        examples: the first of them.
    """

    level: Level
    rule: str
    meaning: str
    count: int
    of: int
    examples: tuple[Example, ...]

    @property
    def share(self) -> float:
        """Of the events that were looked at, those that break the rule."""
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        first = f" First: event {self.examples[0].index}, {self.examples[0].shown}." if self.examples else ""
        return (
            f"{self.level}: {self.rule}, {self.count} of {self.of} ({self.share:.2%}): {self.meaning}{first}"
        )


@dataclass(frozen=True)
class Rule:
    """Something that every event of a contract has to be.

    Attributes:
        holds: whether an event is; what it cannot be asked of (a field is missing, a text is no number)
            breaks the rule.
        fields: what an example shows.
        per_event: whether an event that breaks it cannot be used, and so is a dead letter.
    """

    name: str
    level: Level
    meaning: str
    holds: Callable[[Event], bool]
    fields: tuple[str, ...]
    per_event: bool = True

    def broken_by(self, event: Event) -> bool:
        """Whether an event breaks it."""
        try:
            return not self.holds(event)
        except (TypeError, ValueError, LookupError, AttributeError):
            return True


def found(level: Level, rule: str, meaning: str, of: int, broken: Iterable[Example]) -> list[Finding]:
    """One finding if anything is broken, otherwise none."""
    examples = list(broken)
    if not examples:
        return []
    return [Finding(level, rule, meaning, len(examples), of, tuple(examples[:KEPT_EXAMPLES]))]


def shown(event: Event, fields: Iterable[str]) -> str:
    """Some fields of an event, short."""
    return ", ".join(f"{name} = {_short(_at(event, name))}" for name in fields) or "the whole event"


def _at(event: Any, path: str) -> Any:
    for part in path.split("."):
        event = event.get(part, "missing") if isinstance(event, dict) else "missing"
    return event


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
