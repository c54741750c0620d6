"""What is said: the direction of each level, and who breaks, on which data, and what mends it.

Backward and forward are often swapped; these tests hold the words themselves.
"""

import copy
from typing import Any

import pytest

from streamlab import contracts
from streamlab.registry.compatibility import (
    Incompatibility,
    InvalidSchemaError,
    Level,
    check,
    incompatibilities,
)


def record(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": list(fields)}


PLAIN = record({"name": "a", "type": "int"})
MANDATORY = record({"name": "a", "type": "int"}, {"name": "b", "type": "int"})


@pytest.mark.parametrize(
    ("level", "definition"),
    [
        ("NONE", "Any schema is accepted and nothing is promised; consumers and producers change together."),
        (
            "BACKWARD",
            "The new schema reads data written with the latest schema; consumers are upgraded first.",
        ),
        (
            "BACKWARD_TRANSITIVE",
            "The new schema reads data written with every earlier schema; consumers are upgraded first.",
        ),
        (
            "FORWARD",
            "The latest schema reads data written with the new schema; producers are upgraded first.",
        ),
        (
            "FORWARD_TRANSITIVE",
            "Every earlier schema reads data written with the new schema; producers are upgraded first.",
        ),
        (
            "FULL",
            "The new schema reads data written with the latest schema, and the latest schema reads data "
            "written with it; upgrade in either order.",
        ),
        (
            "FULL_TRANSITIVE",
            "The new schema reads data written with every earlier schema, and every earlier schema reads "
            "data written with it; upgrade in either order.",
        ),
    ],
)
def test_a_level_says_who_reads_whose_data_and_who_goes_first(level: str, definition: str) -> None:
    assert Level(level).definition == definition


def test_there_are_seven_levels() -> None:
    assert len(Level) == 7
    with pytest.raises(ValueError, match="SIDEWAYS"):
        check("SIDEWAYS", PLAIN, [])


def test_backward_means_that_mandatory_fields_cannot_be_added() -> None:
    assert check(Level.BACKWARD, candidate=MANDATORY, history=[PLAIN])
    assert not check(Level.BACKWARD, candidate=PLAIN, history=[MANDATORY])


def test_forward_means_that_mandatory_fields_cannot_be_removed() -> None:
    assert check(Level.FORWARD, candidate=PLAIN, history=[MANDATORY])
    assert not check(Level.FORWARD, candidate=MANDATORY, history=[PLAIN])


def test_an_added_field_without_default_breaks_the_new_reader_and_not_the_old_one() -> None:
    (found,) = check(Level.FULL, candidate=MANDATORY, history=[PLAIN])

    assert found.message == (
        "A consumer with the new schema breaks on every record R of data already written with the latest "
        "schema: the field 'b' is not written and has no default to take its place; give 'b' a default."
    )


def test_a_removed_field_without_default_breaks_the_old_reader() -> None:
    (found,) = check(Level.FULL, candidate=PLAIN, history=[MANDATORY])

    assert found.message == (
        "A consumer still with the latest schema breaks on every record R of data written with the new "
        "schema: the field 'b' is not written and has no default to take its place; keep 'b' in record R."
    )


def test_an_added_symbol_breaks_the_old_reader_on_that_symbol_alone() -> None:
    old, new = contracts.load("transaction", 1), contracts.load("transaction", 2)
    (found,) = check(Level.FORWARD, candidate=new, history=[old])

    assert not check(Level.BACKWARD, candidate=new, history=[old])
    assert found.message == (
        "A consumer still with the latest schema breaks on the symbols CHF, JPY of enum Currency in the "
        "field 'currency' of data written with the new schema: it does not know them and its enum has no "
        "default symbol; leave CHF, JPY out until every consumer knows them."
    )


def test_only_what_the_new_schema_can_change_is_offered_as_a_remedy() -> None:
    old, new = record({"name": "a", "type": "int"}), record({"name": "a", "type": "string"})
    backward, forward = check(Level.FULL, candidate=new, history=[old])

    for found in (backward, forward):
        assert found.message.endswith("; keep int, or add a new field for string.")


def test_without_a_history_both_sides_can_mend() -> None:
    (found,) = incompatibilities(reader=MANDATORY, writer=PLAIN)

    assert found.message == (
        "A reader with the reader's schema breaks on every record R of data written with the writer's "
        "schema: the field 'b' is not written and has no default to take its place; either give 'b' a "
        "default (reader's schema), or keep 'b' in record R (writer's schema)."
    )


def test_a_transitive_level_names_the_earlier_schema_that_is_meant() -> None:
    with_default = copy.deepcopy(MANDATORY)
    with_default["fields"][1]["default"] = 0
    history = [PLAIN, with_default]

    assert check(Level.BACKWARD, MANDATORY, history) == []
    (found,) = check(Level.BACKWARD_TRANSITIVE, MANDATORY, history)
    assert found.against == 0
    assert "already written with earlier schema 1 of 2" in found.message
    (found,) = check(Level.BACKWARD, MANDATORY, [with_default, PLAIN])
    assert found.against == 1


def test_with_no_earlier_schema_everything_is_allowed() -> None:
    for level in Level:
        assert check(level, PLAIN, []) == []


def test_an_invalid_schema_is_named_even_where_nothing_is_compared() -> None:
    with pytest.raises(InvalidSchemaError, match="The new schema is not valid"):
        check(Level.NONE, "Nope", [PLAIN])
    with pytest.raises(InvalidSchemaError, match="Earlier schema 1 of 2 is not valid"):
        check(Level.FULL_TRANSITIVE, PLAIN, ["Nope", PLAIN])


@pytest.mark.parametrize(
    ("reader", "writer", "breaks_on", "mend_of_the_reader"),
    [
        ("int", "string", "on every string of", "keep string, or add a new field for int"),
        (["null", "int"], "string", "on every string of", "keep a branch that reads string"),
        (
            {"type": "fixed", "name": "F", "size": 4},
            {"type": "fixed", "name": "F", "size": 8},
            "on every fixed F of",
            "keep the size 8, and add a new field of size 4",
        ),
        (
            {"type": "fixed", "name": "F", "size": 4},
            {"type": "fixed", "name": "n.G", "size": 4},
            "on every fixed G of",
            'give fixed F the alias "n.G"',
        ),
        (
            {"type": "enum", "name": "E", "symbols": ["A"]},
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            "on the symbol B of enum E of",
            "keep B among the symbols, or give the enum a default symbol",
        ),
    ],
)
def test_each_kind_says_on_which_data_and_what_mends_it(
    reader: Any, writer: Any, breaks_on: str, mend_of_the_reader: str
) -> None:
    (found,) = check(Level.BACKWARD, candidate=reader, history=[writer])

    assert f"A consumer with the new schema breaks {breaks_on} data already written" in found.message
    assert found.message.endswith(f"; {mend_of_the_reader}.")


def test_the_field_is_named_where_the_path_has_only_numbers() -> None:
    inner = {"type": "record", "name": "Money", "fields": [{"name": "cents", "type": "int"}]}
    wide = {"type": "record", "name": "Money", "fields": [{"name": "cents", "type": "long"}]}
    found: list[Incompatibility] = incompatibilities(
        record({"name": "price", "type": inner}), record({"name": "price", "type": wide})
    )

    assert found[0].path == "/fields/0/type/fields/0/type"
    assert "in the field 'price.cents'" in found[0].message
    assert found[0].detail == "reader type: INT not compatible with writer type: LONG"
