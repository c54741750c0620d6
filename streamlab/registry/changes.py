"""The changes of a schema that the course speaks of, with data for each version.

[change.name for change in the_changes()]
rename = next(change for change in the_changes() if "with an alias" in change.name)
rename.versions                              # the schemas, oldest first; the last one is new
rename.data                                  # data of each of them
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A step of evolution: schemas oldest first, the last one new, and data for each of them."""

    name: str
    what: str
    versions: tuple[Json, ...]
    data: tuple[tuple[Json, ...], ...]


def _record(*fields: Json, **more: Any) -> Json:
    return {"type": "record", "name": "Payment", "namespace": "shop", **more, "fields": list(fields)}


def _field(name: str, schema: Any, **more: Any) -> Json:
    return {"name": name, "type": schema, **more}


def _retyped(
    name: str, what: str, old: Any, new: Any, old_values: list[Any], new_values: list[Any]
) -> Change:
    """A change of the type of one field."""
    return Change(
        name,
        what,
        (_record(_field("value", old)), _record(_field("value", new))),
        (tuple({"value": one} for one in old_values), tuple({"value": one} for one in new_values)),
    )


@cache
def the_changes() -> tuple[Change, ...]:
    """The list of changes that the course speaks of."""
    amount = _field("amount", "double")
    note = _field("note", "string")
    note_with_default = _field("note", "string", default="none")
    short = _record(amount)
    long = _record(amount, note)
    long_with_default = _record(amount, note_with_default)
    a_short = ({"amount": 9.5},)
    a_long = ({"amount": 9.5, "note": "tip"},)

    def currency(*symbols: str, **more: Any) -> Json:
        return {"type": "enum", "name": "Currency", "symbols": list(symbols), **more}

    def decimal(scale: int) -> Json:
        return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}

    def hash_of(size: int) -> Json:
        return {"type": "fixed", "name": "Hash", "size": size}

    nullable = ["null", "string"]
    return (
        Change(
            "add a field that has a default",
            "note: string = none",
            (short, long_with_default),
            (a_short, a_long),
        ),
        Change("add a field that has no default", "note: string", (short, long), (a_short, a_long)),
        Change(
            "remove a field that has a default",
            "note: string = none",
            (long_with_default, short),
            (a_long, a_short),
        ),
        Change("remove a field that has no default", "note: string", (long, short), (a_long, a_short)),
        Change(
            "give a field a default",
            "note: string → note: string = none",
            (long, long_with_default),
            (a_long, a_long),
        ),
        Change(
            "take a field's default away",
            "note: string = none → note: string",
            (long_with_default, long),
            (a_long, a_long),
        ),
        Change(
            "take a default away one version after adding the field",
            "no note → note: string = none → note: string",
            (short, long_with_default, long),
            (a_short, a_long, a_long),
        ),
        Change(
            "remove a field one version after giving it a default",
            "note: string → note: string = none → no note",
            (long, long_with_default, short),
            (a_long, a_long, a_short),
        ),
        Change(
            "rename a field without an alias",
            "note → remark",
            (long, _record(amount, _field("remark", "string"))),
            (a_long, ({"amount": 9.5, "remark": "tip"},)),
        ),
        Change(
            "rename a field with an alias",
            "note → remark, alias note",
            (long, _record(amount, _field("remark", "string", aliases=["note"]))),
            (a_long, ({"amount": 9.5, "remark": "tip"},)),
        ),
        Change(
            "reorder fields", "amount, note → note, amount", (long, _record(note, amount)), (a_long, a_long)
        ),
        Change(
            "change only the doc",
            "doc: old → new",
            (_record(amount, doc="old"), _record(amount, doc="new")),
            (a_short, a_short),
        ),
        Change(
            "change the namespace",
            "shop → store",
            (short, _record(amount, namespace="store")),
            (a_short, a_short),
        ),
        Change(
            "rename the record without an alias",
            "Payment → Sale",
            (short, _record(amount, name="Sale")),
            (a_short, a_short),
        ),
        Change(
            "rename the record with an alias",
            "Payment → Sale, alias Payment",
            (short, _record(amount, name="Sale", aliases=["Payment"])),
            (a_short, a_short),
        ),
        _retyped("promote a number", "int → long", "int", "long", [7], [2**40]),
        _retyped("narrow a number", "long → int", "long", "int", [2**40], [7]),
        _retyped("widen to a float", "long → double", "long", "double", [2**40], [0.5]),
        _retyped("change a number to a string", "double → string", "double", "string", [9.5], ["9.5"]),
        _retyped("change a string to bytes", "string → bytes", "string", "bytes", ["tip"], [b"tip"]),
        _retyped(
            "make a field nullable",
            "string → union of null, string",
            "string",
            nullable,
            ["tip"],
            ["tip", None],
        ),
        _retyped(
            "make a nullable field mandatory",
            "union of null, string → string",
            nullable,
            "string",
            ["tip", None],
            ["tip"],
        ),
        _retyped(
            "add a branch to a union",
            "null, string → null, string, long",
            nullable,
            [*nullable, "long"],
            ["tip", None],
            ["tip", 7],
        ),
        _retyped(
            "remove a branch from a union",
            "null, string, long → null, string",
            [*nullable, "long"],
            nullable,
            ["tip", 7],
            ["tip", None],
        ),
        _retyped(
            "reorder a union",
            "null, string → string, null",
            nullable,
            nullable[::-1],
            ["tip", None],
            ["tip", None],
        ),
        _retyped(
            "add a symbol to an enum that has no default",
            "USD → USD, JPY",
            currency("USD"),
            currency("USD", "JPY"),
            ["USD"],
            ["USD", "JPY"],
        ),
        _retyped(
            "add a symbol to an enum that has a default",
            "USD (default) → USD (default), JPY",
            currency("USD", default="USD"),
            currency("USD", "JPY", default="USD"),
            ["USD"],
            ["USD", "JPY"],
        ),
        _retyped(
            "remove a symbol from an enum that has no default",
            "USD, JPY → USD",
            currency("USD", "JPY"),
            currency("USD"),
            ["USD", "JPY"],
            ["USD"],
        ),
        _retyped(
            "remove a symbol from an enum that has a default",
            "USD (default), JPY → USD (default)",
            currency("USD", "JPY", default="USD"),
            currency("USD", default="USD"),
            ["USD", "JPY"],
            ["USD"],
        ),
        _retyped(
            "reorder the symbols of an enum",
            "USD, JPY → JPY, USD",
            currency("USD", "JPY"),
            currency("JPY", "USD"),
            ["USD", "JPY"],
            ["USD", "JPY"],
        ),
        _retyped(
            "change the scale of a decimal",
            "scale 2 → scale 4",
            decimal(2),
            decimal(4),
            [Decimal("9.50")],
            [Decimal("9.5000")],
        ),
        _retyped(
            "change the unit of a timestamp",
            "timestamp-millis → timestamp-micros",
            {"type": "long", "logicalType": "timestamp-millis"},
            {"type": "long", "logicalType": "timestamp-micros"},
            [1_700_000_000_000],
            [1_700_000_000_000_000],
        ),
        _retyped("resize a fixed", "4 bytes → 8 bytes", hash_of(4), hash_of(8), [b"1234"], [b"12345678"]),
        _retyped(
            "change the items of an array",
            "array of int → array of long",
            {"type": "array", "items": "int"},
            {"type": "array", "items": "long"},
            [[7]],
            [[2**40]],
        ),
    )
