"""Evidence on what a schema does not see: C36.

from streamlab.evidence import validation

validation.c36_avro_checks_types_not_meaning().verdict
validation.c36_avro_checks_types_not_meaning().frame()       # each change: does Avro write it, who notices
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import fastavro
import polars as pl

from streamlab import contracts, quality
from streamlab.generators import World, stream
from streamlab.quality import Level

Event = dict[str, Any]


class ReadBack(StrEnum):
    """What a reader gets."""

    AS_GIVEN = "as given"
    CHANGED = "changed"
    NOT_AT_ALL = "not at all"


@dataclass(frozen=True)
class Change:
    """A mistake in one event.

    Attributes:
        mistake: what was done to it.
        written: whether Avro's encoder wrote it.
        read_back: what its decoder makes of what was written; None if nothing was.
        noticed_by: the first level of validation with a finding; None if no level has one.
        rule: the rule of that finding.
    """

    mistake: str
    written: bool
    read_back: ReadBack | None
    noticed_by: Level | None
    rule: str | None


@dataclass(frozen=True)
class ValidationEvidence:
    """Mistakes, and who notices them."""

    changes: tuple[Change, ...]

    @property
    def written(self) -> tuple[Change, ...]:
        """The mistakes that Avro writes."""
        return tuple(change for change in self.changes if change.written)

    @property
    def verdict(self) -> str:
        """What the figures say."""
        given = sum(change.read_back is ReadBack.AS_GIVEN for change in self.written)
        changed = sum(change.read_back is ReadBack.CHANGED for change in self.written)
        lost = sum(change.read_back is ReadBack.NOT_AT_ALL for change in self.written)
        unseen = [change for change in self.written if change.noticed_by is None]
        return (
            f"Of {len(self.changes)} wrong events Avro writes {len(self.written)}: {given} come back as they "
            f"were given, {changed} come back as something else, {lost} cannot be read at all. Validation by "
            f"levels notices {len(self.written) - len(unseen)} of those that were written."
        )

    def frame(self) -> pl.DataFrame:
        """One row a mistake."""
        return pl.DataFrame(
            [
                {
                    "mistake": one.mistake,
                    "written by Avro": one.written,
                    "read back": None if one.read_back is None else one.read_back.value,
                    "noticed by": None if one.noticed_by is None else one.noticed_by.value,
                    "rule": one.rule,
                }
                for one in self.changes
            ],
            schema={
                "mistake": pl.String,
                "written by Avro": pl.Boolean,
                "read back": pl.String,
                "noticed by": pl.String,
                "rule": pl.String,
            },
        )


def _swap(first: str, second: str) -> Callable[[Event], Event]:
    return lambda event: {first: event[second], second: event[first]}


_MISTAKES: Final[dict[str, Callable[[Event], Event]]] = {
    "a text as currency that is no currency": lambda _: {"currency": "XXX"},
    "no amount": lambda _: {"amount": None},
    "a number as user": lambda _: {"user_id": 42},
    "a negative amount": lambda event: {"amount": -event["amount"]},
    "an amount that is no number": lambda _: {"amount": float("nan")},
    "an amount as text": lambda event: {"amount": str(event["amount"])},
    "a hundred million times the amount": lambda event: {"amount": event["amount"] * 1e8},
    "country and category swapped": _swap("country", "merchant_category"),
    "user and session swapped": _swap("user_id", "session_id"),
    "seconds in place of milliseconds": lambda event: {"event_time": event["event_time"] // 1_000},
    "microseconds in place of milliseconds": lambda event: {"event_time": event["event_time"] * 1_000},
    "a field that the schema does not have": lambda _: {"risk_flags": "velocity"},
}


def c36_avro_checks_types_not_meaning(seed: int = 7) -> ValidationEvidence:
    """Make mistakes in one payment, have it written by Avro, and ask each level of validation (C36).

    Avro's encoder is fastavro's, which the serializers of confluent-kafka use as well.

    Args:
        seed: of the world whose payment it is.
    """
    world = World(seed=seed)
    payments = stream("txn", world)
    index = next(i for i, event in enumerate(payments.events()) if event["session_id"] and event["country"])
    good = payments.event(index)
    clicks = stream("click", world)
    session = [
        event
        for event in clicks.events(0, clicks.index_at(payments.arrival_ms(index)))
        if event["session_id"] == good["session_id"]
    ]
    schema = contracts.load(payments.contract_name, payments.version)
    parsed = fastavro.parse_schema(schema)
    changes = []
    for mistake, change in _MISTAKES.items():
        event = good | change(good)
        read_back = _round_trip(parsed, event)
        report = quality.validate({"transaction": [event], "click": session})
        first = report.findings[0][1] if report.findings else None
        changes.append(
            Change(
                mistake,
                written=read_back is not None,
                read_back=read_back,
                noticed_by=first.level if first else None,
                rule=first.rule if first else None,
            )
        )
    return ValidationEvidence(tuple(changes))


def _round_trip(schema: Any, event: Event) -> ReadBack | None:
    """What a reader gets; None if the event is not written."""
    body = BytesIO()
    try:
        fastavro.schemaless_writer(body, schema, event)
    except (TypeError, ValueError):
        return None
    body.seek(0)
    try:
        came: Any = fastavro.schemaless_reader(body, schema, None)
    except OverflowError:
        return ReadBack.NOT_AT_ALL
    came["event_time"] = round(came["event_time"].timestamp() * 1_000)
    # As text: what is no number is not equal to itself.
    given = {name: value for name, value in event.items() if name in came}
    same = repr(came) == repr(given) and given.keys() == event.keys()
    return ReadBack.AS_GIVEN if same else ReadBack.CHANGED
