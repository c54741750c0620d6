"""What is wrong with one schema: the rules of the specification, and what it allows but people trip over.

    for finding in findings(schema_file.read(Path("schemas/click/v1.avsc"))):
        print(finding)

Each rule has a name, which `streamlab schemas validate --ignore` takes, and says why it is one.
"""

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from streamlab.contracts import definitions, logical_types
from streamlab.contracts.defaults import fits, fits_first_branch
from streamlab.contracts.definitions import COMPLEX, DEFINED
from streamlab.contracts.finding import BrokenFileError, Finding
from streamlab.contracts.schema_file import SchemaFile
from streamlab.registry.schema_tree import Array, Map, Record, Schema, Union

FIELD_KEYS: Final = ("name", "type", "doc", "default", "order", "aliases")
TYPE_KEYS: Final = (
    "type", "name", "namespace", "doc", "aliases", "fields", "symbols", "default", "items", "values",
    "size", "logicalType", "precision", "scale",
)  # fmt: skip
MANY_FIELDS: Final = 3
"""From so many fields on, a record in which every field may be null says something about its author."""


def findings(file: SchemaFile, references: Sequence[Any] = ()) -> list[Finding]:
    """Everything that is wrong with a schema.

    Args:
        references: the schemas whose types it may use, as parsed JSON.
    """
    found = [*_duplicates(file), *_nested_types(file)]
    misplaced = {one.path for one in found if one.rule == "nested-type"}
    try:
        tree = file.tree(references)
    except BrokenFileError as error:
        # The parser meets the same place with a word that says less.
        return found if misplaced else [*found, error.finding]
    records: dict[str, Record] = {}
    _collect(tree, records, set())
    found += _namespace(file)
    found += logical_types.findings(file)
    found += _misspelled(file)
    found += _nullable(file, records)
    found += _nothing_but_nullable(file, records)
    return found


def _duplicates(file: SchemaFile) -> Iterator[Finding]:
    for pointer, key, offset in file.places.duplicates:
        message = f'The key "{key}" is there twice: parsers take the last one in silence.'
        yield file.finding("duplicate-key", pointer, message, "Keep one of them.", offset=offset)


def _nested_types(file: SchemaFile) -> Iterator[Finding]:
    """A field's "type" is a type; the members of an enum do not belong to the field."""
    for part in definitions.fields(file.content):
        kind = part.content.get("type")
        if isinstance(kind, str) and kind in COMPLEX:
            article = "an" if kind[0] in "aeiou" else "a"
            message = f'"{kind}" is not the name of a type: {article} {kind} is defined inside "type".'
            name = ', "name": ...' if kind in DEFINED else ""
            step = f'Write "type": {{"type": "{kind}"{name}, ...}}.'
            yield file.finding("nested-type", f"{part.pointer}/type", message, step)


def _namespace(file: SchemaFile) -> Iterator[Finding]:
    for part in definitions.types(file.content):
        if part.owner and "." not in part.owner:
            message = f"{part.owner} has no namespace: it clashes with every other {part.owner}."
            yield file.finding("no-namespace", part.pointer, message, 'Add "namespace".')
            return  # what is defined inside has none either


def _misspelled(file: SchemaFile) -> Iterator[Finding]:
    """Unknown keys are allowed, so that a typing error changes the meaning in silence."""
    fields = ((part, FIELD_KEYS) for part in definitions.fields(file.content))
    types = ((p, TYPE_KEYS) for p in definitions.types(file.content) if isinstance(p.content, dict))
    for part, known in (*fields, *types):
        for key in part.content:
            near = difflib.get_close_matches(str(key).lower(), [one.lower() for one in known], 1, 0.8)
            if key in known or not near:
                continue
            meant = next(one for one in known if one.lower() == near[0])
            message = f'The key "{key}" means nothing to Avro, and is ignored.'
            yield file.finding("misspelled-key", f"{part.pointer}/{key}", message, f'Is "{meant}" meant?')


def _nullable(file: SchemaFile, records: dict[str, Record]) -> Iterator[Finding]:
    for part in definitions.fields(file.content):
        record = records.get(part.owner)
        field = record.field_named(str(part.content.get("name"))) if record else None
        if field is None:
            continue
        place = f"{part.pointer}/default"
        if not field.has_default:
            if _may_be_null(field.schema):
                yield file.finding(
                    "nullable-without-default", part.pointer,
                    "It may be null but has no default: a consumer with this schema breaks on data that was "
                    "written without the field, and the field cannot be removed under FORWARD or FULL.",
                    'Add "default": null.',
                )  # fmt: skip
        elif not fits(field.default, field.schema):
            message = f"The default {json.dumps(field.default)} is not of the type {field.schema.label}."
            yield file.finding("default", place, message, "Give a default of the field's type.")
        elif field.default == "null" and _may_be_null(field.schema):
            message = 'The default is the text "null", not null.'
            yield file.finding("null-as-text", place, message, 'Write "default": null, without quotes.')
        elif not fits_first_branch(field.default, field.schema):
            yield file.finding(
                "default-not-of-first-branch", place,
                "The default is not of the union's first branch: readers of Avro 1.12 and fastavro take it, "
                "readers of older versions may refuse the schema.",
                "Move the default's branch to the front; the order of a union's branches breaks nobody.",
            )  # fmt: skip


def _nothing_but_nullable(file: SchemaFile, records: dict[str, Record]) -> Iterator[Finding]:
    for part in definitions.types(file.content):
        record = records.get(part.owner)
        if record is None or len(record.fields) < MANY_FIELDS:
            continue
        if all(_may_be_null(one.schema) for one in record.fields):
            yield file.finding(
                "all-nullable", part.pointer,
                f"Every field of {record.name} may be null: the schema promises nothing, and every consumer "
                "has to handle each field's absence.",
                "Make mandatory what every event has; null is for what may really be missing.",
            )  # fmt: skip


def _may_be_null(schema: Schema) -> bool:
    return isinstance(schema, Union) and any(branch.type == "null" for branch in schema.branches)


def _collect(schema: Schema, records: dict[str, Record], seen: set[Schema]) -> None:
    """The records in a tree by their full names."""
    if schema in seen:
        return
    seen.add(schema)
    match schema:
        case Record():
            records[schema.full_name] = schema
            for field in schema.fields:
                _collect(field.schema, records, seen)
        case Array():
            _collect(schema.items, records, seen)
        case Map():
            _collect(schema.values, records, seen)
        case Union():
            for branch in schema.branches:
                _collect(branch, records, seen)
