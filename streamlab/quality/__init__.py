"""Are these events what they should be? Four levels, each with its findings: counts and examples.

    from streamlab.quality import validate, validate_event

    validate_event(event)                    # None, or the name of the first rule that it breaks
    report = validate({"transaction": payments, "click": clicks})
    report.ok, report.findings               # True, ()

schema     fields and types, as the Avro contract has them
quality    values that make sense by themselves
business   values, and shares of values, that make sense for a payment
integrity  events that fit together, within a stream and across streams
"""

from streamlab.quality.finding import Example, Finding, Level, Rule
from streamlab.quality.integrity import integrity_findings
from streamlab.quality.rules import RULES, contract_of, validate_event
from streamlab.quality.shares import Share, judge, share_findings
from streamlab.quality.single_events import rule_findings, schema_findings
from streamlab.quality.validation import Report, validate

__all__ = [
    "RULES",
    "Example",
    "Finding",
    "Level",
    "Report",
    "Rule",
    "Share",
    "contract_of",
    "integrity_findings",
    "judge",
    "rule_findings",
    "schema_findings",
    "share_findings",
    "validate",
    "validate_event",
]
