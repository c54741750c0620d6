"""The levels that look at one event after the other: schema, quality, and the business rules of an event.

schema_findings(events, contracts.load("transaction", 3))
rule_findings(events, "transaction", Level.QUALITY)
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import fastavro
from fastavro.validation import validate

from streamlab.quality.finding import Event, Example, Finding, Level, found, shown
from streamlab.quality.rules import rules_of


def schema_findings(events: Sequence[Event], schema: dict[str, Any]) -> list[Finding]:
    """Fields that are missing, of the wrong type, or that the schema does not have.

    Avro's encoders write no field that the schema does not have, and do not say so: here it is a finding.

    Args:
        schema: an Avro record, as parsed JSON.
    """
    parsed = fastavro.parse_schema(deepcopy(schema))
    types = {field["name"]: _alone(schema, field) for field in schema["fields"]}
    needed = {field["name"] for field in schema["fields"] if "default" not in field}
    missing: dict[str, list[Example]] = {}
    wrong: dict[str, list[Example]] = {}
    unknown: dict[str, list[Example]] = {}
    for index, event in enumerate(events):
        for name in event.keys() - types.keys():
            unknown.setdefault(name, []).append(Example(index, shown(event, [name])))
        if validate(event, parsed, raise_errors=False):
            continue
        for name in needed - event.keys():
            missing.setdefault(name, []).append(Example(index, f"{name} is missing"))
        for name, alone in types.items():
            if name in event and not validate({name: event[name]}, alone, raise_errors=False):
                wrong.setdefault(name, []).append(Example(index, shown(event, [name])))
    of = len(events)
    return [
        finding
        for kind, said, by_field in (
            ("field_missing", "is there: the schema has no default for it", missing),
            ("field_type", "is of the type that the schema says", wrong),
            ("field_unknown", "is in the schema, or it is not sent", unknown),
        )
        for name, examples in sorted(by_field.items())
        for finding in found(Level.SCHEMA, f"{kind}:{name}", f"{name} {said}.", of, examples)
    ]


def rule_findings(events: Sequence[Event], contract: str, level: Level) -> list[Finding]:
    """What breaks the rules that a single event has to keep."""
    return [
        finding
        for rule in rules_of(contract, level)
        for finding in found(
            level,
            rule.name,
            rule.meaning,
            len(events),
            (
                Example(index, shown(event, rule.fields))
                for index, event in enumerate(events)
                if rule.broken_by(event)
            ),
        )
    ]


def _alone(schema: dict[str, Any], field: dict[str, Any]) -> Any:
    """A record of one field, so that each can be judged by itself."""
    return fastavro.parse_schema(deepcopy({**schema, "fields": [field]}))
