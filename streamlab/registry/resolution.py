"""The specification's chapter Schema Resolution as rules: can this reader read what that writer wrote?

Types, paths and details are those of Avro Java's SchemaCompatibility 1.12, which registries use, and so are
its limits: logical types are not compared; a pair of records under way counts as readable, so that one that
is reached again inside a failed union branch may be called readable when it is not.

    incompatibilities(reader={"type": "array", "items": "int"}, writer={"type": "array", "items": "string"})
    # [Incompatibility(TYPE_MISMATCH, "/items", "A reader with the reader's schema breaks on every string ...
    incompatibilities(reader="long", writer="int")             # []: int is promoted to long
"""

from dataclasses import replace

from streamlab.registry import reasons
from streamlab.registry.reasons import Incompatibility, Parties, Reason
from streamlab.registry.schema_parser import parse
from streamlab.registry.schema_tree import (
    Array,
    Enum,
    Field,
    Fixed,
    InvalidSchemaError,
    Json,
    Map,
    Named,
    Record,
    Schema,
    Union,
)

PROMOTIONS = {
    "long": {"int"},
    "float": {"int", "long"},
    "double": {"int", "long", "float"},
    "string": {"bytes"},
    "bytes": {"string"},
}
"""Schema Resolution: which other primitive types a reader of this type can read."""


def incompatibilities(
    reader: Json | Schema, writer: Json | Schema, parties: Parties | None = None
) -> list[Incompatibility]:
    """Why a reader's schema cannot read what was written with a writer's; empty if it can read all of it.

    Args:
        reader: the schema that reads, as parsed JSON.
        writer: the schema that wrote, as parsed JSON.
        parties: what the messages call the two.

    Raises:
        InvalidSchemaError: one of the schemas is not valid.
    """
    comparison = _Comparison(parties or Parties())
    reader_tree = parse(reader, check_defaults=False, whose="the reader's schema")
    writer_tree = parse(writer, check_defaults=False, whose="the writer's schema")
    try:
        return comparison.compare(reader_tree, writer_tree)
    except _AmbiguousAliasError as ambiguous:
        return [ambiguous.told]
    except RecursionError:
        problem = "it is nested too deeply to be compared"
        raise InvalidSchemaError("/", problem, "Make it flatter.", "the reader's schema") from None


class _AmbiguousAliasError(Exception):
    """As in Avro Java, an ambiguous alias ends the whole comparison, wherever it is met."""

    def __init__(self, told: Incompatibility) -> None:
        super().__init__(told.message)
        self.told = told


class _Comparison:
    """One walk over a pair of schemas.

    `seen` breaks recursions: a pair that is under way counts as readable unless something else in it is not.
    """

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self.seen: dict[tuple[Schema, Schema], list[Incompatibility]] = {}
        self.steps: list[str] = []
        self.field_names: list[str] = []

    def compare(self, reader: Schema, writer: Schema, *steps: str) -> list[Incompatibility]:
        """Compare at a place below the present one."""
        pair = (reader, writer)
        if pair not in self.seen:
            self.seen[pair] = []
            self.steps += steps
            self.seen[pair] = self._resolve(reader, writer)
            del self.steps[len(self.steps) - len(steps) :]
        return self.seen[pair]

    def _can_read(self, reader: Schema, writer: Schema) -> bool:
        """Compare as if at the root: Avro Java tries the branches of a union so, which shows in the paths."""
        steps, self.steps = self.steps, []
        found = self.compare(reader, writer)
        self.steps = steps
        return not found

    def _resolve(self, reader: Schema, writer: Schema) -> list[Incompatibility]:
        match reader, writer:
            case Union(), Union():
                return self._told(
                    *(
                        reasons.missing_branch(reader, branch, str(index))
                        for index, branch in enumerate(writer.branches)
                        if not self._can_read(reader, branch)
                    )
                )
            case _, Union():
                branches = enumerate(writer.branches)
                return [one for i, branch in branches for one in self.compare(reader, branch, str(i))]
            case Union(), _:
                readable = any(self._can_read(branch, writer) for branch in reader.branches)
                return [] if readable else self._told(reasons.missing_branch(reader, writer))
            case Array(), Array():
                return self.compare(reader.items, writer.items, "items")
            case Map(), Map():
                return self.compare(reader.values, writer.values, "values")
            case Record(), Record():
                return self._told(_name(reader, writer)) + self._fields(reader, writer)
            case Enum(), Enum():
                return self._told(_name(reader, writer), _symbols(reader, writer))
            case Fixed(), Fixed():
                return self._told(_name(reader, writer), _size(reader, writer))
        if reader.type == writer.type or writer.type in PROMOTIONS.get(reader.type, ()):
            return []
        return self._told(reasons.wrong_type(reader, writer))

    def _fields(self, reader: Record, writer: Record) -> list[Incompatibility]:
        """Schema Resolution, records: the writer's further fields are skipped, the reader's need defaults."""
        found: list[Incompatibility] = []
        for index, wanted in enumerate(reader.fields):
            self.steps += ["fields", str(index)]
            self.field_names.append(wanted.name)
            names = [name for name in (wanted.name, *wanted.aliases) if writer.field_named(name)]
            written = writer.field_named(names[0]) if names else None
            if len(names) > 1:
                raise _AmbiguousAliasError(*self._told(reasons.ambiguous_alias(wanted, writer, names)))
            if written is not None:
                found += self.compare(wanted.schema, written.schema, "type")
            elif not wanted.has_default:
                found.append(self._missing_default(wanted, writer))
            self.field_names.pop()
            del self.steps[-2:]
        return found

    def _missing_default(self, wanted: Field, writer: Record) -> Incompatibility:
        (missing,) = self._told(reasons.missing_default(wanted, writer))
        if not isinstance(wanted.schema, Enum) or wanted.schema.default is None:
            return missing
        # An enum's own default symbol stands for unknown symbols, not for a missing field; Avro Java then
        # compares the enum with the writer's whole record and reports that.
        mismatch = self.compare(wanted.schema, writer, "type")[0]
        return replace(mismatch, message=missing.message)

    def _told(self, *found: Reason | None) -> list[Incompatibility]:
        """The reasons among these, at the present place."""
        return [one.told(self.parties, self.steps, self.field_names) for one in found if one is not None]


def _name(reader: Named, writer: Named) -> Reason | None:
    """Schema Resolution compares unqualified names; an alias of the reader (Aliases) is a full name."""
    fits = reader.name == writer.name or writer.full_name in reader.aliases
    return None if fits else reasons.wrong_name(reader, writer)


def _symbols(reader: Enum, writer: Enum) -> Reason | None:
    """Schema Resolution, enums: an unknown symbol is read as the reader's default symbol, if any."""
    unknown = sorted(set(writer.symbols) - set(reader.symbols))
    return reasons.unknown_symbols(unknown, writer) if unknown and reader.default is None else None


def _size(reader: Fixed, writer: Fixed) -> Reason | None:
    return None if reader.size == writer.size else reasons.wrong_size(reader, writer)
