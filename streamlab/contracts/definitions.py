"""A schema as it is written: every type and field, with its place; what is no schema is passed over.

    for field in fields({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}):
        field.pointer, field.path, field.content      # "/fields/0", "a", {"name": "a", "type": "int"}

The path is for people: names of fields with dots between, "[]" for the items of an array, "{}" for the
values of a map.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamlab.registry.schema_tree import PRIMITIVES

DEFINED = ("record", "error", "enum", "fixed")
COMPLEX = (*DEFINED, "array", "map")


@dataclass(frozen=True)
class Written:
    """A part of a schema as it is written.

    Attributes:
        pointer: the JSON pointer of the part; "" is the whole schema.
        path: the field that it is in, for people; "" outside of all fields.
        content: the part as parsed JSON.
        owner: the full name of the record, enum or fixed: of the part itself, or of the field's record.
    """

    pointer: str
    path: str
    content: Any
    owner: str = ""


def types(schema: Any) -> Iterator[Written]:
    """Every type that is written in a schema, also names of types, outermost first."""
    for part, is_field in _walk(schema, "", "", ""):
        if not is_field:
            yield part


def fields(schema: Any) -> Iterator[Written]:
    """Every field of every record, in the order in which they are written."""
    for part, is_field in _walk(schema, "", "", ""):
        if is_field:
            yield part


def _walk(schema: Any, pointer: str, path: str, space: str) -> Iterator[tuple[Written, bool]]:
    if isinstance(schema, list):
        yield Written(pointer, path, schema), False
        for index, branch in enumerate(schema):
            yield from _walk(branch, f"{pointer}/{index}", path, space)
        return
    if not isinstance(schema, dict):
        yield Written(pointer, path, schema), False
        return
    kind = schema.get("type")
    full_name = _full_name(schema, space) if kind in DEFINED else ""
    yield Written(pointer, path, schema, full_name), False
    if kind in ("record", "error"):
        yield from _fields(schema, pointer, path, full_name)
    elif kind == "array":
        yield from _walk(schema.get("items"), f"{pointer}/items", f"{path}[]", space)
    elif kind == "map":
        yield from _walk(schema.get("values"), f"{pointer}/values", f"{path}{{}}", space)
    elif isinstance(kind, dict | list):
        yield from _walk(kind, f"{pointer}/type", path, space)


def _fields(
    record: dict[str, Any], pointer: str, path: str, full_name: str
) -> Iterator[tuple[Written, bool]]:
    listed = record.get("fields")
    for index, field in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(field, dict):
            continue
        here = f"{pointer}/fields/{index}"
        inner = joined(path, str(field.get("name", index)))
        yield Written(here, inner, field, full_name), True
        yield from _walk(field.get("type"), f"{here}/type", inner, full_name.rpartition(".")[0])


def joined(path: str, name: str) -> str:
    """The path of a field in a record that is at a path."""
    return f"{path}.{name}" if path else name


def _full_name(schema: dict[str, Any], space: str) -> str:
    name = str(schema.get("name", ""))
    if "." in name or name in PRIMITIVES:
        return name
    own = schema.get("namespace", space)
    return f"{own}.{name}" if isinstance(own, str) and own else name
