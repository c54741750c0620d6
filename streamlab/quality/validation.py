"""All four levels at once.

report = validate({"transaction": payments, "click": clicks}, shares={"transaction": [large_amounts]})
report.ok
report.at(Level.QUALITY)
report.frame()                           # a table: level, stream, rule, count, of, share, meaning, first
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamlab import contracts
from streamlab.quality.finding import Event, Finding, Level
from streamlab.quality.integrity import integrity_findings
from streamlab.quality.shares import CONFIDENCE, Share, share_findings
from streamlab.quality.single_events import rule_findings, schema_findings

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Report:
    """What a validation found.

    Attributes:
        events: how many were looked at, by contract.
        findings: in the order of the levels; each with its contract, or "all" for what concerns several.
    """

    events: Mapping[str, int]
    findings: tuple[tuple[str, Finding], ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def at(self, level: Level) -> list[Finding]:
        """The findings of one level."""
        return [finding for _, finding in self.findings if finding.level is level]

    def frame(self) -> "pl.DataFrame":
        """The findings as a table; no rows if there are none."""
        import polars as pl

        columns = {
            "level": pl.String, "stream": pl.String, "rule": pl.String, "count": pl.Int64, "of": pl.Int64,
            "share": pl.Float64, "meaning": pl.String, "first": pl.String,
        }  # fmt: skip
        rows = [
            (f.level.value, stream, f.rule, f.count, f.of, f.share, f.meaning,
             f.examples[0].shown if f.examples else None)
            for stream, f in self.findings
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=columns, orient="row")


def validate(
    streams: Mapping[str, Sequence[Event]],
    *,
    shares: Mapping[str, Sequence[Share]] | None = None,
    confidence: float = CONFIDENCE,
) -> Report:
    """Hold events against their contracts, level by level.

    A level that needs sound fields is only asked where the schema level found no missing field and no wrong
    type: of a text in place of an amount nothing further is said.

    Args:
        streams: events by the name of their contract; the latest version of it is the schema.
        shares: what the events of a contract should have how much of.

    Raises:
        StreamlabError: there is no such contract.
    """
    found: list[tuple[str, Finding]] = []
    sound: dict[str, Sequence[Event]] = {}
    for name, events in streams.items():
        version = contracts.contract(name).versions[-1]
        broken = schema_findings(events, contracts.load(name, version))
        found += [(name, finding) for finding in broken]
        if all(finding.rule.startswith("field_unknown") for finding in broken):
            sound[name] = events
    for level in (Level.QUALITY, Level.BUSINESS):
        for name, events in sound.items():
            found += [(name, finding) for finding in rule_findings(events, name, level)]
    for name, wanted in (shares or {}).items():
        if name in sound:
            broken = share_findings(sound[name], wanted, confidence=confidence)
            found += [(name, finding) for finding in broken]
    found += [("all", finding) for finding in integrity_findings(sound)]
    return Report({name: len(events) for name, events in streams.items()}, tuple(found))
