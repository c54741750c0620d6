"""Pairs of schemas that fastavro and the rules can both judge, and fastavro's judgement: reading.

pair = pair_of(7)                              # None: fastavro is known to differ here, or there is no data
reader, writer = pair
[breaks(encoded, reader, writer) for encoded in encodings(parse(writer))]

fastavro resolves schemas as Avro Java does, with the differences that `fastavro_differs` names.
"""

import io
import random
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException
from schema_pairs import SchemaMaker, encodings

from streamlab.registry.schema_parser import parse
from streamlab.registry.schema_tree import Array, InvalidSchemaError, Map, Named, Record, Schema, Union


def pair_of(seed: int) -> tuple[Any, Any] | None:
    """A reader and a writer that are a few changes apart; None if fastavro cannot judge them."""
    seeded = random.Random(seed)
    maker = SchemaMaker(seeded)
    first = maker.schema(seeded.randint(1, 3))
    second = first
    for _ in range(seeded.randint(1, 2)):
        second = maker.change(second)
    pair = valid([first, second] if seeded.random() < 0.5 else [second, first])
    if len(pair) < 2:
        return None
    reader, writer = pair
    if not encodings(parse(writer)) or fastavro_differs(parse(reader), parse(writer)):
        return None
    return reader, writer


def valid(schemas: list[Any]) -> list[Any]:
    """Those that both this project and fastavro accept."""
    kept = []
    for schema in schemas:
        try:
            parse(schema)
            fastavro.parse_schema(schema)
        except (InvalidSchemaError, SchemaParseException):
            continue
        kept.append(schema)
    return kept


def fastavro_differs(reader: Schema, writer: Schema) -> bool:
    """Whether fastavro is known to resolve a pair otherwise than Avro Java, or has nothing to read."""
    read_types, written_types = types_in(reader), types_in(writer)
    written_names = {one.full_name for one in written_types if isinstance(one, Named)}
    for types in (read_types, written_types):
        # It compares unqualified names without asking whether both are records, enums or fixed.
        names = [one.name for one in types if isinstance(one, Named)]
        if len(set(names)) < len(names):
            return True
    for one in read_types:
        # It compares aliases by their unqualified name too.
        aliases = one.aliases if isinstance(one, Named) else ()
        if any(_last(a) == _last(name) and a != name for a in aliases for name in written_names):
            return True
        # It gives a written field to one field of the reader, even where another claims it by an alias.
        if a_field_is_claimed_twice(one):
            return True
        # It takes what was written first where a field's name and its alias were both written.
        for two in written_types:
            if isinstance(one, Record) and isinstance(two, Record):
                names = [field.name for field in two.fields]
                if any(len({f.name, *f.aliases} & set(names)) > 1 for f in one.fields):
                    return True
    # In an empty array nothing is read, and a record without finite data stands only there.
    return any(isinstance(one, Record) and not encodings(one) for one in written_types)


def a_field_is_claimed_twice(one: Schema) -> bool:
    fields = one.fields if isinstance(one, Record) else ()
    claims = [name for field in fields for name in (field.name, *field.aliases)]
    return len(set(claims)) < len(claims)


def types_in(schema: Schema) -> list[Schema]:
    """All types of a schema, each once."""
    found: list[Schema] = []
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.append(one)
        match one:
            case Union():
                waiting += one.branches
            case Array():
                waiting.append(one.items)
            case Map():
                waiting.append(one.values)
            case Record():
                waiting += [field.schema for field in one.fields]
    return found


def read(encoded: bytes, reader: Any, writer: Any) -> Any:
    return fastavro.schemaless_reader(io.BytesIO(encoded), writer, reader)


def breaks(encoded: bytes, reader: Any, writer: Any) -> bool:
    try:
        read(encoded, reader, writer)
    except Exception:  # noqa: BLE001 - fastavro fails with KeyError, TypeError ... as well as its own error
        return True
    return False


def _last(full_name: str) -> str:
    return full_name.rpartition(".")[2]
