"""Avro schemas as a tree in which every name is resolved; the rules of compatibility walk it.

A tree comes from `schema_parser.parse`:

    schema = schema_parser.parse({"type": "array", "items": "long"})
    schema.type                                  # "array"
    schema.label                                 # "array of long"
    schema_parser.parse("long").label            # "long"
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from streamlab.errors import StreamlabError

Json: TypeAlias = dict[str, Any] | list[Any] | str
"""A schema as parsed JSON: an object, an array (a union), or a string (a name)."""

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


class InvalidSchemaError(StreamlabError, ValueError):
    """The schema breaks a rule of the specification.

    Args:
        place: where, as a JSON pointer into the schema ("/fields/2/type").
        problem: the rule that is broken, as a clause.
        next_step: what to do about it, as a sentence.
        whose: which schema, where there are several ("the new schema").
    """

    def __init__(self, place: str, problem: str, next_step: str, whose: str = "the schema") -> None:
        super().__init__(f"{whose[0].upper()}{whose[1:]} is not valid: at {place}, {problem}.", next_step)
        self.place = place
        self.problem = problem


@dataclass(eq=False)
class Schema:
    """A primitive type, and the base of all others; equal to itself alone, which recursion needs."""

    type: str

    @property
    def label(self) -> str:
        """How a sentence calls it: "long", "enum Currency", "union of null, string"."""
        return self.type


@dataclass(eq=False)
class Array(Schema):
    """Complex Types, Arrays."""

    items: Schema

    @property
    def label(self) -> str:
        return f"array of {self.items.label}"


@dataclass(eq=False)
class Map(Schema):
    """Complex Types, Maps: the keys are strings."""

    values: Schema

    @property
    def label(self) -> str:
        return f"map of {self.values.label}"


@dataclass(eq=False)
class Union(Schema):
    """Complex Types, Unions: one of the branches."""

    branches: tuple[Schema, ...]

    @property
    def label(self) -> str:
        return "union of " + ", ".join(branch.label for branch in self.branches)


@dataclass(eq=False)
class Named(Schema):
    """A record, an enum or a fixed. Names and aliases are full: with their namespace."""

    full_name: str
    aliases: tuple[str, ...]

    @property
    def name(self) -> str:
        """The unqualified name: what follows the last dot."""
        return self.full_name.rpartition(".")[2]

    @property
    def namespace(self) -> str:
        """What stands before the last dot; empty for the null namespace."""
        return self.full_name.rpartition(".")[0]

    @property
    def label(self) -> str:
        return f"{self.type} {self.name}"


@dataclass(eq=False)
class Enum(Named):
    """Complex Types, Enums."""

    symbols: tuple[str, ...]
    default: str | None


@dataclass(eq=False)
class Fixed(Named):
    """Complex Types, Fixed: as many bytes as its size."""

    size: int


@dataclass(eq=False)
class Field:
    """A field of a record; `default` is meaningful where `has_default` is true, for null is a default too."""

    name: str
    aliases: tuple[str, ...]
    schema: Schema
    has_default: bool
    default: Any = None


@dataclass(eq=False)
class Record(Named):
    """Complex Types, Records."""

    fields: tuple[Field, ...] = field(default=(), repr=False)

    def field_named(self, name: str) -> Field | None:
        """The field of this very name; aliases are not asked."""
        return next((one for one in self.fields if one.name == name), None)


def pointer(steps: Sequence[str]) -> str:
    """A JSON pointer (RFC 6901) made of its unescaped steps; the root is "/", as Avro Java writes it."""
    return "/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
