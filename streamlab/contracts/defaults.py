"""Whether a default is one of its type, down to the symbols of an enum and the length of a fixed.

The parser of the registry, as Avro Java, looks less closely at text: it takes any text for an enum.

    fits("EUR", enum)                  # only if EUR is one of its symbols
    fits(None, union)                  # if any branch is null (Avro 1.12)
    fits_first_branch(None, union)     # if the first branch is null (Avro before 1.12)
"""

from typing import Any

from streamlab.registry.schema_tree import Array, Enum, Fixed, Map, Record, Schema, Union

_INT_BITS = {"int": 31, "long": 63}


def fits(default: Any, schema: Schema) -> bool:
    """Whether a default, as parsed JSON, is of a type (specification: Complex Types, Records)."""
    match schema:
        case Union():
            return any(fits(default, branch) for branch in schema.branches)
        case Array():
            return isinstance(default, list) and all(fits(item, schema.items) for item in default)
        case Map():
            return isinstance(default, dict) and all(fits(one, schema.values) for one in default.values())
        case Record():
            return isinstance(default, dict) and all(
                fits(default[one.name], one.schema) if one.name in default else one.has_default
                for one in schema.fields
            )
        case Enum():
            return default in schema.symbols
        case Fixed():
            return _is_bytes(default) and len(default) == schema.size
    return _fits_primitive(default, schema.type)


def fits_first_branch(default: Any, schema: Schema) -> bool:
    """As `fits`, but the default of a union is of its first branch, as before Avro 1.12."""
    if isinstance(schema, Union):
        return bool(schema.branches) and fits(default, schema.branches[0])
    return fits(default, schema)


def _fits_primitive(default: Any, kind: str) -> bool:
    if kind == "null":
        return default is None
    if kind == "boolean":
        return isinstance(default, bool)
    if kind in _INT_BITS:
        is_integer = isinstance(default, int) and not isinstance(default, bool)
        return is_integer and -(2 ** _INT_BITS[kind]) <= default < 2 ** _INT_BITS[kind]
    if kind in ("float", "double"):
        return isinstance(default, int | float) and not isinstance(default, bool)
    return _is_bytes(default) if kind == "bytes" else isinstance(default, str)


def _is_bytes(default: Any) -> bool:
    """Bytes are written as text of the characters 0 to 255."""
    return isinstance(default, str) and all(ord(character) < 256 for character in default)
