"""What changed between two schemas, and who is affected by each change.

    for change in differences(v1, v2):
        change.kind, change.field, change.what
        change.new_consumers.breaks          # a consumer with the new schema on old data
        change.old_consumers.why             # "it does not know CHF, JPY, and its enum has no default symbol"

The verdicts on single changes add up to those of `compatibility`: some change breaks new consumers exactly
if the new schema cannot read what the old one wrote, and so for old consumers.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from streamlab.contracts import annotations
from streamlab.contracts.change import NOTHING_NEW, NOTHING_OLD, Change, Effect, Side
from streamlab.contracts.record_differences import compare
from streamlab.registry.reasons import Incompatibility, Parties
from streamlab.registry.resolution import incompatibilities
from streamlab.registry.schema_tree import Schema

__all__ = ["Change", "Comparison", "Effect", "differences"]
NEW_CONSUMER: Final = Parties("a consumer with the new schema", "old data", mend_writer=False)
OLD_CONSUMER: Final = Parties("a consumer with the old schema", "new data", mend_reader=False)


@dataclass(frozen=True)
class Comparison:
    """Two schemas side by side.

    Attributes:
        changes: what changed, in the order of the schema.
        new_reads_old: why the new schema cannot read old data; empty if it can (BACKWARD).
        old_reads_new: why the old schema cannot read new data; empty if it can (FORWARD).
    """

    changes: tuple[Change, ...]
    new_reads_old: tuple[Incompatibility, ...]
    old_reads_new: tuple[Incompatibility, ...]

    @property
    def affects_nobody(self) -> bool:
        """Whether no change breaks or misleads any consumer."""
        return not any(one.new_consumers.harms or one.old_consumers.harms for one in self.changes)

    def as_json(self) -> dict[str, Any]:
        """The comparison with stable names."""
        return {
            "backward": not self.new_reads_old,
            "forward": not self.old_reads_new,
            "changes": [asdict(change) for change in self.changes],
        }


def differences(old: Schema, new: Schema, old_content: Any = None, new_content: Any = None) -> Comparison:
    """Compare two schemas.

    Args:
        old_content: the old schema as parsed JSON, for what the tree does not hold (docs, logical types).
        new_content: the new schema likewise.
    """
    new_reads_old = tuple(incompatibilities(new, old, NEW_CONSUMER))
    old_reads_new = tuple(incompatibilities(old, new, OLD_CONSUMER))
    changes = compare(old, new)
    changes = _settled(changes, Side.NEW, new_reads_old)
    changes = _settled(changes, Side.OLD, old_reads_new)
    if old_content is not None and new_content is not None:
        changes += _annotations(old_content, new_content)
    return Comparison(tuple(changes), new_reads_old, old_reads_new)


def _settled(changes: list[Change], side: Side, found: Sequence[Incompatibility]) -> list[Change]:
    """Let the verdict on the whole decide: a change deep in a union may be read by another branch."""
    broken = [Effect(True, one.message) for one in found]
    if not broken:
        return [one.calmed(side) for one in changes]
    if any(one.effect(side).breaks for one in changes):
        return changes
    # What only the whole shows, such as a record that contains itself.
    rest = [Change("other", "", f"{one.type} at {one.path}", NOTHING_NEW, NOTHING_OLD) for one in found]
    return [*changes, *(one.with_effect(side, effect) for one, effect in zip(rest, broken, strict=True))]


def _annotations(old: Any, new: Any) -> list[Change]:
    changes = []
    for one in annotations.meaning_changes(old, new):
        why = "it reads without an error, and takes the value for another one"
        misled = Effect(False, why, misleads=True)
        changes.append(Change("logical-type-changed", one.path, _lower(one.what), misled, misled))
    for one in annotations.other_changes(old, new):
        kind = "doc-changed" if one.member == "doc" else "property-changed"
        what = "the doc changed" if one.member == "doc" else _lower(one.what)
        changes.append(Change(kind, one.path, what, NOTHING_NEW, NOTHING_OLD))
    return changes


def _lower(clause: str) -> str:
    return clause[0].lower() + clause[1:]
