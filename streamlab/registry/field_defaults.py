"""Whether a registry takes the default of a field: as Avro Java 1.12 looks at it once the field is read.

The default of a union may be of any branch. The text of a bytes, fixed or enum default is not looked into
(`contracts.defaults` does that). A record that is still being read has no default: its fields are not known.

    fits("NaN", double, set())                   # True: text for a number, where the field itself is one
    fits(["NaN"], array_of_double, set())        # False: not further in
"""

import re
from collections.abc import Set
from typing import Any, Final

from streamlab.registry.schema_tree import Array, Map, Record, Schema, Union

_INT_BITS: Final = {"int": 31, "long": 63}
_NUMBER: Final = re.compile(r"[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?)")


class UnfinishedRecordError(Exception):
    """The default is of a record that is still being read, which Avro Java refuses whatever it holds."""


def fits(default: Any, schema: Schema, unfinished: Set[Schema]) -> bool:
    """Whether a field of this type may have the default (Complex Types, Records).

    Args:
        unfinished: the records around the field.

    Raises:
        UnfinishedRecordError: the default is an object for one of these.
    """
    if schema.type in ("float", "double") and isinstance(default, str):
        return number_of(default) is not None
    return _fits(default, schema, unfinished)


def number_of(text: str) -> float | None:
    """The number that text says, as Java reads it; None if it says none."""
    found = _NUMBER.fullmatch(text.strip())
    return float(found[0].rstrip("fFdD")) if found else None


def _fits(default: Any, schema: Schema, unfinished: Set[Schema]) -> bool:
    if isinstance(schema, Union):
        return any(_fits(default, branch, unfinished) for branch in schema.branches)
    if isinstance(schema, Array):
        return isinstance(default, list) and all(_fits(item, schema.items, unfinished) for item in default)
    if isinstance(schema, Map):
        values = default.values() if isinstance(default, dict) else ()
        return isinstance(default, dict) and all(_fits(one, schema.values, unfinished) for one in values)
    if isinstance(schema, Record):
        if isinstance(default, dict) and schema in unfinished:
            raise UnfinishedRecordError
        return isinstance(default, dict) and all(
            _fits(default[one.name], one.schema, unfinished) if one.name in default else one.has_default
            for one in schema.fields
        )
    if schema.type == "null":
        return default is None
    if schema.type == "boolean":
        return isinstance(default, bool)
    if schema.type in _INT_BITS:
        is_integer = isinstance(default, int) and not isinstance(default, bool)
        return is_integer and -(2 ** _INT_BITS[schema.type]) <= default < 2 ** _INT_BITS[schema.type]
    if schema.type in ("float", "double"):
        return isinstance(default, int | float) and not isinstance(default, bool)
    return isinstance(default, str)
