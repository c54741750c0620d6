"""What changed and who is affected; the verdicts on single changes add up to the verdict on the whole."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payments import enum, payment
from schema_pairs import SchemaMaker

from streamlab import contracts
from streamlab.contracts.change import Change
from streamlab.contracts.differences import Comparison, differences
from streamlab.registry import schema_parser
from streamlab.registry.changes import the_changes
from streamlab.registry.schema_tree import InvalidSchemaError


def compared(old: Any, new: Any) -> Comparison:
    return differences(schema_parser.parse(old), schema_parser.parse(new), old, new)


def only(old: Any, new: Any) -> Change:
    (change,) = compared(old, new).changes
    return change


def test_the_step_of_the_transaction_contract_breaks_old_consumers_on_new_currencies_alone() -> None:
    comparison = compared(contracts.load("transaction", 1), contracts.load("transaction", 2))
    currency, merchant, risk = comparison.changes
    assert (currency.kind, currency.field) == ("symbols-added", "currency")
    assert currency.old_consumers.breaks
    assert not currency.new_consumers.breaks
    assert "does not know JPY, CHF" in currency.old_consumers.why
    assert [merchant.kind, risk.kind] == ["field-added", "field-added"]
    assert not comparison.new_reads_old
    assert comparison.old_reads_new


@pytest.mark.parametrize(
    ("old", "new", "kind", "breaks_new", "breaks_old"),
    [
        (payment(), payment(("n", "int")), "field-added", True, False),
        (payment(), payment(("n", "int", 1)), "field-added", False, False),
        (payment(("n", "int")), payment(), "field-removed", False, True),
        (payment(("n", "int", 1)), payment(), "field-removed", False, False),
        (
            payment(("n", "int")),
            payment({"name": "m", "type": "int", "aliases": ["n"]}),
            "field-renamed",
            False,
            True,
        ),
        (payment(("n", "int")), payment(("n", "long")), "type-changed", False, True),
        (payment(("n", "double")), payment(("n", "string")), "type-changed", True, True),
        (payment(("n", "string")), payment(("n", "bytes")), "type-changed", False, False),
        (payment(("n", "string")), payment(("n", ["null", "string"])), "made-nullable", False, True),
        (payment(("n", ["null", "string"])), payment(("n", "string")), "made-mandatory", True, False),
        (
            payment(("n", ["null", "int"])),
            payment(("n", ["null", "int", "string"])),
            "branch-added",
            False,
            True,
        ),
        (
            payment(("n", ["null", "int", "string"])),
            payment(("n", ["null", "int"])),
            "branch-removed",
            True,
            False,
        ),
        (
            payment(("n", ["null", "int"])),
            payment(("n", ["int", "null"])),
            "union-reordered",
            False,
            False,
        ),
        (payment(("c", enum("A"))), payment(("c", enum("A", "B"))), "symbols-added", False, True),
        (payment(("c", enum("A", "B"))), payment(("c", enum("A"))), "symbols-removed", True, False),
        (
            payment(("c", enum("A", default="A"))),
            payment(("c", enum("A", "B", default="A"))),
            "symbols-added",
            False,
            False,
        ),
        (
            payment(("a", "int"), ("b", "int")),
            payment(("b", "int"), ("a", "int")),
            "fields-reordered",
            False,
            False,
        ),
        (payment(("n", "int")), payment(("n", "int", 1)), "default-added", False, False),
        (payment(doc="a"), payment(doc="b"), "doc-changed", False, False),
        (payment(), payment(name="Sale"), "name-changed", True, True),
        (payment(), payment(name="Sale", aliases=["Payment"]), "name-changed", False, True),
        (payment(), payment(namespace="store"), "name-changed", False, False),
    ],
)  # fmt: skip
def test_a_change_tells_who_breaks(old: Any, new: Any, kind: str, breaks_new: bool, breaks_old: bool) -> None:
    change = only(old, new)
    assert change.kind == kind
    assert (change.new_consumers.breaks, change.old_consumers.breaks) == (breaks_new, breaks_old)


def test_an_added_field_without_default_breaks_new_consumers_and_old_ones_skip_it() -> None:
    change = only(payment(), payment(("n", "int")))
    assert change.new_consumers.why == "the field is not in old data and has no default to take its place"
    assert change.old_consumers.why == "it skips the field"


def test_a_rename_without_alias_is_suspected() -> None:
    removed = compared(payment(("n", "int")), payment(("m", "int"))).changes[-1]
    assert removed.kind == "field-removed"
    assert removed.old_consumers.why.endswith("if it was renamed, give m the alias n")


def test_a_rename_of_a_field_with_a_default_misleads_old_consumers() -> None:
    change = only(
        payment(("n", "int", 0)), payment({"name": "m", "type": "int", "default": 0, "aliases": ["n"]})
    )
    assert not change.old_consumers.breaks
    assert change.old_consumers.misleads


def test_a_changed_unit_misleads_both_sides() -> None:
    def at(unit: str) -> Any:
        return payment(("t", {"type": "long", "logicalType": f"timestamp-{unit}"}))

    change = only(at("millis"), at("micros"))
    assert change.kind == "logical-type-changed"
    assert change.new_consumers.misleads
    assert change.old_consumers.misleads


def test_the_path_of_a_nested_field_names_each_step() -> None:
    old = contracts.load("order", 1)
    new = copy.deepcopy(old)
    payload = next(field for field in new["fields"] if field["name"] == "payload")["type"]
    items = next(field for field in payload["fields"] if field["name"] == "items")
    items["type"][1]["items"]["fields"].append({"name": "gift", "type": "boolean", "default": False})
    assert only(old, new).field == "payload.items[].gift"


def test_a_change_inside_a_branch_breaks_nobody_where_another_branch_reads_the_data() -> None:
    def record(name: str, *fields: Any, **more: Any) -> Any:
        return {"type": "record", "name": name, **more, "fields": list(fields)}

    mandatory = {"name": "m", "type": "int"}
    old = payment(("x", ["null", record("A")]))
    new = payment(("x", ["null", record("A", mandatory), record("B", aliases=["shop.A"])]), ("n", "int"))
    changes = {change.field: change for change in compared(old, new).changes if change.kind == "field-added"}
    assert changes["n"].new_consumers.breaks
    assert not changes["x.m"].new_consumers.breaks


def test_the_same_schema_has_no_change() -> None:
    for name in contracts.names():
        schema = contracts.load(name, 1)
        assert compared(schema, schema).changes == ()


@pytest.mark.parametrize("change", the_changes(), ids=lambda change: change.name)
def test_every_change_that_the_course_speaks_of_is_told(change: Any) -> None:
    old, new = change.versions[-2:]
    comparison = compared(old, new)
    assert comparison.changes
    assert all(one.kind != "other" for one in comparison.changes)
    json.dumps(comparison.as_json())


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 3))
def test_some_change_breaks_a_side_exactly_if_that_side_cannot_read(seed: int, steps: int) -> None:
    maker = SchemaMaker(random.Random(seed))
    old = new = maker.schema()
    for _ in range(steps):
        new = maker.change(new)
    try:
        trees = [schema_parser.parse(one, check_defaults=False) for one in (old, new)]
    except InvalidSchemaError:
        return
    comparison = differences(*trees, old, new)
    assert any(one.new_consumers.breaks for one in comparison.changes) == bool(comparison.new_reads_old)
    assert any(one.old_consumers.breaks for one in comparison.changes) == bool(comparison.old_reads_new)
