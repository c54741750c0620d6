"""What a writer's schema says about the bytes of a record, and which columns a reader makes of them.

    layout = Layout(writer, reader)
    [step.name for step in layout.steps]      # the writer's fields, in the order of their bytes
    layout.header()                           # a schema of the same bytes that `polars.read_avro` takes
    layout.columns(frame)                     # the reader's columns: promoted, defaults filled in

Records of plain fields alone: null, boolean, int, long, float, double, string, bytes, fixed, enum, and a
union of one of them with null. Logical types stay what they are on the wire: a timestamp is an integer of
milliseconds.

Source: Apache Avro 1.12 specification, "Binary encoding" and "Schema resolution".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.errors import StreamlabError

Schema = Mapping[str, Any]

HEADER_BYTES: Final = 5
"""Magic byte and schema id in front of a body."""

_POLARS: Final[Mapping[str, type[pl.DataType]]] = {
    "boolean": pl.Boolean,
    "int": pl.Int32,
    "long": pl.Int64,
    "float": pl.Float32,
    "double": pl.Float64,
    "string": pl.String,
    "bytes": pl.Binary,
    "fixed": pl.Binary,
}
_PROMOTED: Final = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}


class UnsupportedSchema(StreamlabError):
    """A schema has a field that columns cannot hold, or that the reader cannot take."""


@dataclass(frozen=True)
class Step:
    """One field of a writer, as bytes.

    Attributes:
        name: the field.
        kind: its primitive type, "enum" or "fixed".
        null_branch: the index of null, if it is a union with null.
        symbols: an enum's, in the order of their indexes.
        size: a fixed's, in bytes.
        default: of the field or, for an enum's unknown symbols, in `unknown_symbol`.
    """

    name: str
    kind: str
    null_branch: int | None = None
    symbols: tuple[str, ...] = ()
    size: int = 0
    aliases: tuple[str, ...] = ()
    default: Any = None
    has_default: bool = False
    unknown_symbol: str | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The column's type."""
        return pl.Enum(self.symbols) if self.kind == "enum" else _POLARS[self.kind]()


def steps(schema: Schema) -> tuple[Step, ...]:
    """The fields of a record, in the order of their bytes.

    Raises:
        UnsupportedSchema: it is not a record of plain fields.
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "record":
        raise UnsupportedSchema("The schema is not a record", "Columns are made of a record's fields.")
    named: dict[str, Mapping[str, Any]] = {}
    return tuple(_step(field, named) for field in schema["fields"])


def _step(field: Mapping[str, Any], named: dict[str, Mapping[str, Any]]) -> Step:
    given, null_branch = field["type"], None
    if isinstance(given, list):
        if len(given) != 2 or "null" not in given:
            raise _unsupported(field)
        null_branch = given.index("null")
        given = given[1 - null_branch]
    kind = given
    if isinstance(given, str):
        given = named.get(given, {})
        kind = given.get("type", kind)
    while isinstance(given, Mapping) and given:
        kind = given["type"]
        if kind in ("enum", "fixed"):
            named[given["name"]] = given
            if "namespace" in given:
                named[f"{given['namespace']}.{given['name']}"] = given
            break
        given = kind if isinstance(kind, Mapping) else {}
    if kind not in _POLARS and kind != "enum":
        raise _unsupported(field)
    return Step(
        field["name"],
        kind,
        null_branch,
        tuple(given.get("symbols", ())),
        given.get("size", 0),
        tuple(field.get("aliases", ())),
        field.get("default"),
        "default" in field,
        given.get("default"),
    )


def _unsupported(field: Mapping[str, Any]) -> UnsupportedSchema:
    return UnsupportedSchema(
        f"The field {field['name']!r} is not a plain one", "Decode these messages one by one with fastavro."
    )


class Layout:
    """How a writer's bytes become a reader's columns.

    Attributes:
        steps: the writer's fields.
        allowed: for each step the branches, or the symbols, that the reader takes.

    Raises:
        UnsupportedSchema: one of the two is not a record of plain fields, or the reader cannot read the
        writer.
    """

    def __init__(
        self, writer: Schema, reader: Schema, columns: Iterable[str] | None = None, header_bytes: int = 0
    ) -> None:
        self.steps = steps(writer)
        self.header_bytes = header_bytes
        wanted = None if columns is None else set(columns)
        self.reader = tuple(step for step in steps(reader) if wanted is None or step.name in wanted)
        by_name = {step.name: step for step in self.steps}
        self.sources = tuple(
            next((by_name[name] for name in (step.name, *step.aliases) if name in by_name), None)
            for step in self.reader
        )
        for step, source in zip(self.reader, self.sources, strict=True):
            self._check(step, source)

    def _check(self, step: Step, source: Step | None) -> None:
        if source is None:
            if not step.has_default:
                raise UnsupportedSchema(
                    f"The writer has no field {step.name!r}, and the reader no default for it",
                    "Give the reader's field a default.",
                )
        elif source.kind != step.kind and step.kind not in _PROMOTED.get(source.kind, ()):
            raise UnsupportedSchema(
                f"The field {step.name!r} was written as {source.kind} and cannot be read as {step.kind}",
                "Change the reader's type to one that the writer's is promoted to.",
            )

    def takes_null(self, step: Step) -> bool:
        """Whether a reader takes null for a writer's field; fields that it does not read may be null."""
        return all(
            reads.null_branch is not None
            for reads, source in zip(self.reader, self.sources, strict=True)
            if source is step
        )

    def takes_symbols(self, step: Step) -> NDArray[np.bool_]:
        """For each symbol of a writer's enum whether the reader knows it, or has a default in its place."""
        takes = np.ones(len(step.symbols), np.bool_)
        for reads, source in zip(self.reader, self.sources, strict=True):
            if source is step and reads.unknown_symbol is None:
                takes &= np.isin(step.symbols, reads.symbols)
        return takes

    @property
    def names(self) -> list[str]:
        """The writer's fields that are read."""
        return sorted({source.name for source in self.sources if source is not None})

    def header(self, text_as_bytes: bool = False) -> bytes:
        """A schema of the same bytes, in what `polars.read_avro` takes.

        Polars reads no enums with a default and no defaults; an enum is the integer of its symbol. What is in
        front of a body is one more field.
        """
        fields: list[dict[str, Any]] = []
        if self.header_bytes:
            size = self.header_bytes
            fields.append({"name": " header", "type": {"type": "fixed", "name": "header", "size": size}})
        for number, step in enumerate(self.steps):
            kind: Any = {"enum": "int", "string": "bytes" if text_as_bytes else "string"}.get(
                step.kind, step.kind
            )
            if step.kind == "fixed":
                kind = {"type": "fixed", "name": f"fixed{number}", "size": step.size}
            if step.null_branch is not None:
                kind = ["null", kind] if step.null_branch == 0 else [kind, "null"]
            fields.append({"name": step.name, "type": kind})
        return json.dumps({"type": "record", "name": "messages", "fields": fields}).encode()

    def columns(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The reader's columns of a frame that has the writer's."""
        made: list[pl.Series | pl.Expr] = []
        for step, source in zip(self.reader, self.sources, strict=True):
            if source is None:
                made.append(pl.repeat(step.default, frame.height, dtype=step.dtype).alias(step.name))
            elif step.kind == "enum":
                symbols = pl.Series(_in_reader(source.symbols, step), dtype=step.dtype)
                made.append(symbols.gather(frame[source.name]).alias(step.name))
            else:
                made.append(frame[source.name].cast(step.dtype).alias(step.name))
        return frame.select(made)


def _in_reader(symbols: Sequence[str], reads: Step) -> list[str | None]:
    return [symbol if symbol in reads.symbols else reads.unknown_symbol for symbol in symbols]
