"""Why a reader cannot read: the reasons that there are, and the sentence that tells each.

    reason = wrong_size(reader, writer)                  # a `Reason`: what breaks, and what would mend it
    reason.told(Parties(), ["fields", "1", "type"], ["card"])
    # Incompatibility(FIXED_SIZE_MISMATCH, "/fields/1/type/size", "A reader with the reader's schema ...

`resolution` finds them. Kinds, paths and details are those of Avro Java's SchemaCompatibility 1.12; the
sentences are this registry's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from streamlab.registry.schema_tree import Enum, Field, Fixed, Named, Record, Schema, Union, pointer


class IncompatibilityType(StrEnum):
    """What stands in the way; the names are Avro Java's."""

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"


@dataclass(frozen=True)
class Incompatibility:
    """One reason why a reader cannot read what a writer wrote.

    Attributes:
        type: the kind, by Avro Java's name.
        path: where, as a JSON pointer into the reader's schema, as Avro Java writes it ("/fields/1").
        message: a sentence that says who breaks, on which data, and what would mend it.
        detail: what Avro Java says of it ("[CHF, JPY]", "expected: 8, found: 4").
        against: the index in the history of the schema that it was compared with, after `check`.
    """

    type: IncompatibilityType
    path: str
    message: str
    detail: str
    against: int | None = None


@dataclass(frozen=True)
class Parties:
    """Who reads whose data, in the words of a message; the side that can be changed is the side to mend."""

    reader: str = "a reader with the reader's schema"
    data: str = "data written with the writer's schema"
    mend_reader: bool = True
    mend_writer: bool = True


@dataclass(frozen=True)
class Reason:
    """A reason by itself, wherever in the schemas it is.

    Attributes:
        step: what Avro Java adds to the path ("size"); empty if it adds nothing.
        values: on which data the reader breaks.
        why: what the reader lacks, as a clause.
        mend_reader: what would mend it in the reader's schema, and `mend_writer` in the writer's.
        at_field: whether the sentence says in which field it is.
    """

    type: IncompatibilityType
    step: str
    detail: str
    values: str
    why: str
    mend_reader: str
    mend_writer: str
    at_field: bool = True

    def told(self, parties: Parties, steps: Sequence[str], field_names: Sequence[str]) -> Incompatibility:
        """The reason at a place, as one sentence."""
        where = f" in the field {'.'.join(field_names)!r}" if self.at_field and field_names else ""
        mend = self.mend_reader if parties.mend_reader else self.mend_writer
        if parties.mend_reader and parties.mend_writer:
            mend = f"either {self.mend_reader} (reader's schema), or {self.mend_writer} (writer's schema)"
        who = f"{parties.reader[0].upper()}{parties.reader[1:]}"
        sentence = f"{who} breaks on {self.values}{where} of {parties.data}: {self.why}; {mend}."
        path = pointer([*steps, self.step] if self.step else [*steps])
        return Incompatibility(self.type, path, sentence, self.detail)


def wrong_name(reader: Named, writer: Named) -> Reason:
    """Neither the reader's name nor one of its aliases is the writer's."""
    return Reason(
        IncompatibilityType.NAME_MISMATCH,
        "name",
        f"expected: {writer.full_name}",
        values=f"every {writer.label}",
        why=f"it expects {reader.label} there",
        mend_reader=f'give {reader.label} the alias "{writer.full_name}"',
        mend_writer=f"keep the name {reader.name}",
    )


def wrong_size(reader: Fixed, writer: Fixed) -> Reason:
    """A fixed type has another size."""
    keep = "keep the size {}, and add a new field of size {}"
    return Reason(
        IncompatibilityType.FIXED_SIZE_MISMATCH,
        "size",
        f"expected: {writer.size}, found: {reader.size}",
        values=f"every {writer.label}",
        why=f"{writer.size} bytes are written and it expects {reader.size}",
        mend_reader=keep.format(writer.size, reader.size),
        mend_writer=keep.format(reader.size, writer.size),
    )


def unknown_symbols(unknown: Sequence[str], writer: Enum) -> Reason:
    """The reader's enum lacks symbols of the writer's, and has no default symbol."""
    listed = ", ".join(unknown)
    them, plural = ("them", "s") if len(unknown) > 1 else ("it", "")
    return Reason(
        IncompatibilityType.MISSING_ENUM_SYMBOLS,
        "symbols",
        f"[{listed}]",
        values=f"the symbol{plural} {listed} of {writer.label}",
        why=f"it does not know {them} and its enum has no default symbol",
        mend_reader=f"keep {listed} among the symbols, or give the enum a default symbol",
        mend_writer=f"leave {listed} out until every consumer knows {them}",
    )


def ambiguous_alias(wanted: Field, writer: Record, names: Sequence[str]) -> Reason:
    """Several fields fit; Avro Java has no type for it: it ends the whole comparison with an exception."""
    return Reason(
        IncompatibilityType.NAME_MISMATCH,
        "aliases",
        f"field {wanted.name} matches multiple fields in the writer's record {writer.full_name}",
        values=f"every {writer.label}",
        why=f"its name and aliases fit several fields ({', '.join(names)})",
        mend_reader=f"leave {wanted.name!r} one name that fits",
        mend_writer="write only one of the fields",
    )


def missing_default(wanted: Field, writer: Record) -> Reason:
    """A field is not written, and the reader's has no default."""
    return Reason(
        IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE,
        "",
        wanted.name,
        values=f"every {writer.label}",
        why=f"the field {wanted.name!r} is not written and has no default to take its place",
        mend_reader=f"give {wanted.name!r} a default",
        mend_writer=f"keep {wanted.name!r} in {writer.label}",
        at_field=False,
    )


def missing_branch(reader: Union, writer: Schema, branch: str = "") -> Reason:
    """No branch of the reader's union reads the writer's type, or this branch of its union."""
    return Reason(
        IncompatibilityType.MISSING_UNION_BRANCH,
        branch,
        f"reader union lacking writer type: {writer.type.upper()}",
        values=f"every {writer.label}",
        why=f"no branch of its {reader.label} reads it",
        mend_reader=f"keep a branch that reads {writer.label}",
        mend_writer=f"write only what the {reader.label} holds",
    )


def wrong_type(reader: Schema, writer: Schema) -> Reason:
    """The types differ, and the writer's is not promoted."""
    keep = "keep {}, or add a new field for {}"
    return Reason(
        IncompatibilityType.TYPE_MISMATCH,
        "",
        f"reader type: {reader.type.upper()} not compatible with writer type: {writer.type.upper()}",
        values=f"every {writer.label}",
        why=f"it expects {reader.label}, and {writer.label} is not promoted to that",
        mend_reader=keep.format(writer.label, reader.label),
        mend_writer=keep.format(reader.label, writer.label),
    )
