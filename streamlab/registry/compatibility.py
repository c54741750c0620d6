"""What a schema registry asks before it accepts a new version: the seven compatibility levels.

The rules for one reader and one writer are in `resolution`.

    check(Level.BACKWARD, candidate=v2, history=[v1])          # []: allowed
    check(Level.FORWARD, candidate=v2, history=[v1])[0].message
    # "A consumer still with the latest schema breaks on the symbols CHF, JPY of enum Currency ...
    Level.BACKWARD.definition                # "The new schema reads data written with the latest schema; ...
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from streamlab.registry.reasons import Incompatibility, IncompatibilityType, Parties
from streamlab.registry.resolution import incompatibilities
from streamlab.registry.schema_parser import parse
from streamlab.registry.schema_tree import InvalidSchemaError, Json, Schema

__all__ = [
    "Incompatibility",
    "IncompatibilityType",
    "InvalidSchemaError",
    "Level",
    "check",
    "incompatibilities",
]


class Level(StrEnum):
    """The seven compatibility levels of a schema registry."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def backward(self) -> bool:
        """Whether the new schema must read data written with earlier ones."""
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """Whether earlier schemas must read data written with the new one."""
        return self.value.startswith(("FORWARD", "FULL"))

    @property
    def transitive(self) -> bool:
        """Whether the new schema is compared with every earlier one, not with the latest alone."""
        return self.value.endswith("_TRANSITIVE")

    @property
    def definition(self) -> str:
        """One line: who reads whose data, and who is upgraded first."""
        earlier = "every earlier schema" if self.transitive else "the latest schema"
        reads = f"The new schema reads data written with {earlier}"
        is_read = f"{earlier[0].upper()}{earlier[1:]} reads data written with the new schema"
        if self.backward and self.forward:
            return f"{reads}, and {earlier} reads data written with it; upgrade in either order."
        if self.backward:
            return f"{reads}; consumers are upgraded first."
        if self.forward:
            return f"{is_read}; producers are upgraded first."
        return "Any schema is accepted and nothing is promised; consumers and producers change together."


def check(
    level: Level | str, candidate: Json | Schema, history: Sequence[Json | Schema]
) -> list[Incompatibility]:
    """Why a registry refuses a new version of a schema at a level; empty if it is allowed.

    Args:
        level: one of the seven levels.
        candidate: the new schema, as parsed JSON.
        history: the earlier schemas, oldest first. Transitive levels compare with all, others with the last.

    Raises:
        InvalidSchemaError: the new schema or an earlier one is not valid.
        ValueError: there is no such level.
    """
    level = Level(level)
    new = parse(candidate, check_defaults=False, whose="the new schema")
    found: list[Incompatibility] = []
    for index in range(0 if level.transitive else max(0, len(history) - 1), len(history)):
        earlier = f"earlier schema {index + 1} of {len(history)}"
        if index == len(history) - 1:
            earlier = "the latest schema"
        old = parse(history[index], check_defaults=False, whose=earlier)
        pairs = []
        if level.backward:
            readers = Parties(
                "a consumer with the new schema", f"data already written with {earlier}", mend_writer=False
            )
            pairs += incompatibilities(new, old, readers)
        if level.forward:
            readers = Parties(
                f"a consumer still with {earlier}", "data written with the new schema", mend_reader=False
            )
            pairs += incompatibilities(old, new, readers)
        found += [replace(one, against=index) for one in pairs]
    return found
