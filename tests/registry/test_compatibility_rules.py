"""The rules of schema resolution, one by one, and the schemas that are refused."""

from itertools import pairwise
from typing import Any

import pytest

from streamlab.registry.compatibility import IncompatibilityType, InvalidSchemaError, incompatibilities
from streamlab.registry.resolution import PROMOTIONS
from streamlab.registry.schema_parser import parse
from streamlab.registry.schema_tree import PRIMITIVES


def record(*fields: dict[str, Any], name: str = "R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, schema: Any = "int", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": schema, **more}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def found(reader: Any, writer: Any) -> list[str]:
    return [f"{one.type}@{one.path}" for one in incompatibilities(reader, writer)]


@pytest.mark.parametrize("writer", PRIMITIVES)
@pytest.mark.parametrize("reader", PRIMITIVES)
def test_only_promotions_cross_from_one_primitive_to_another(reader: str, writer: str) -> None:
    readable = reader == writer or writer in PROMOTIONS.get(reader, ())

    assert found(reader, writer) == ([] if readable else ["TYPE_MISMATCH@/"])


def test_numbers_widen_and_never_narrow() -> None:
    widening = ["int", "long", "float", "double"]

    for narrow, wide in pairwise(widening):
        assert found(wide, narrow) == []
        assert found(narrow, wide) == ["TYPE_MISMATCH@/"]


def test_bytes_and_string_read_each_other() -> None:
    assert found("bytes", "string") == found("string", "bytes") == []


def test_a_field_that_the_reader_lacks_is_skipped() -> None:
    assert found(record(), record(field("a"))) == []


def test_a_field_that_the_writer_lacks_needs_a_default_in_the_reader() -> None:
    assert found(record(field("a")), record()) == ["READER_FIELD_MISSING_DEFAULT_VALUE@/fields/0"]
    assert found(record(field("a", default=1)), record()) == []


def test_null_is_a_default() -> None:
    assert found(record(field("a", ["null", "int"], default=None)), record()) == []
    assert found(record(field("a", ["null", "int"])), record()) != []


def test_fields_are_matched_by_name_and_not_by_order() -> None:
    assert found(record(field("a"), field("b")), record(field("b"), field("a"))) == []


def test_an_alias_of_the_reader_finds_the_old_name_and_an_alias_of_the_writer_does_not() -> None:
    renamed, old = record(field("b", aliases=["a"])), record(field("a"))

    assert found(renamed, old) == []
    assert found(old, renamed) == ["READER_FIELD_MISSING_DEFAULT_VALUE@/fields/0"]


def test_a_name_and_an_alias_that_both_fit_are_ambiguous() -> None:
    assert found(record(field("a", aliases=["b"])), record(field("a"), field("b"))) == [
        "NAME_MISMATCH@/fields/0/aliases"
    ]


def test_an_ambiguous_alias_ends_the_comparison_even_where_another_branch_would_read() -> None:
    ambiguous = record(field("a", aliases=["b"]), field("c"), name="R")
    written = record(field("a"), field("b"), field("c", "string"), name="S")

    assert found([ambiguous, written], written) == ["NAME_MISMATCH@/fields/0/aliases"]
    assert found([written, ambiguous], written) == []
    assert found({"type": "array", "items": ambiguous}, {"type": "array", "items": written}) == [
        "NAME_MISMATCH@/items/fields/0/aliases"
    ]


def test_records_are_compared_by_unqualified_name() -> None:
    assert found(record(name="x.R"), record(name="y.R")) == []
    assert found(record(name="x.R"), record(name="x.S")) == ["NAME_MISMATCH@/name"]


def test_an_alias_of_a_record_is_a_full_name() -> None:
    assert found(record(name="x.R", aliases=["y.S"]), record(name="y.S")) == []
    assert found(record(name="x.R", aliases=["S"]), record(name="x.S")) == []
    assert found(record(name="x.R", aliases=["S"]), record(name="y.S")) == ["NAME_MISMATCH@/name"]


def test_an_unknown_symbol_needs_a_default_symbol_in_the_reader() -> None:
    assert found(enum("A"), enum("A", "B")) == ["MISSING_ENUM_SYMBOLS@/symbols"]
    assert found(enum("A", default="A"), enum("A", "B")) == []
    assert found(enum("A"), enum("A", "B", default="A")) == ["MISSING_ENUM_SYMBOLS@/symbols"]


def test_more_symbols_in_the_reader_do_no_harm() -> None:
    assert found(enum("B", "A"), enum("A")) == []


def test_a_default_symbol_does_not_stand_for_a_missing_field() -> None:
    reader = record(field("e", enum("A", default="A")))

    assert found(reader, record()) == ["TYPE_MISMATCH@/fields/0/type"]
    assert "has no default" in incompatibilities(reader, record())[0].message


def test_fixed_types_need_one_size() -> None:
    four, eight = ({"type": "fixed", "name": "F", "size": size} for size in (4, 8))

    assert found(four, eight) == ["FIXED_SIZE_MISMATCH@/size"]
    assert found(four, four) == []


def test_a_union_reads_what_one_of_its_branches_reads() -> None:
    assert found(["null", "long"], "int") == []
    assert found(["null", "long"], "double") == ["MISSING_UNION_BRANCH@/"]


def test_every_branch_of_a_writers_union_must_be_readable() -> None:
    assert found("double", ["int", "float"]) == []
    assert found("int", ["int", "string"]) == ["TYPE_MISMATCH@/1"]
    assert found(["int"], ["int", "string"]) == ["MISSING_UNION_BRANCH@/1"]


def test_the_order_of_branches_does_not_matter() -> None:
    assert found(["null", "int"], ["int", "null"]) == []


def test_items_and_values_are_resolved_in_their_turn() -> None:
    assert found({"type": "array", "items": "long"}, {"type": "array", "items": "int"}) == []
    assert found({"type": "array", "items": "int"}, {"type": "array", "items": "long"}) == [
        "TYPE_MISMATCH@/items"
    ]
    assert found({"type": "map", "values": "int"}, {"type": "map", "values": "long"}) == [
        "TYPE_MISMATCH@/values"
    ]
    assert found({"type": "map", "values": "int"}, {"type": "array", "items": "int"}) == ["TYPE_MISMATCH@/"]


def test_a_recursive_schema_is_compared_once() -> None:
    def node(value: str) -> dict[str, Any]:
        return record(field("value", value), field("next", ["null", "Node"]), name="Node")

    assert found(node("long"), node("int")) == []
    assert found(node("int"), node("long")) == ["TYPE_MISMATCH@/fields/0/type"]


def test_a_type_that_occurs_twice_is_told_twice_at_its_first_place() -> None:
    reader = record(field("a", enum("A")), field("b", "E"))
    writer = record(field("a", enum("A", "B")), field("b", "E"))

    assert found(reader, writer) == ["MISSING_ENUM_SYMBOLS@/fields/0/type/symbols"] * 2


def test_a_place_first_met_inside_a_union_is_told_from_the_union_on_as_avro_java_does() -> None:
    reader = record(field("a", [enum("A"), "null"]), field("b", "E"))
    writer = record(field("a", enum("A", "B")), field("b", "E"))

    assert found(reader, writer) == ["MISSING_UNION_BRANCH@/fields/0/type", "MISSING_ENUM_SYMBOLS@/symbols"]


def test_logical_types_are_not_compared_as_in_avro_java() -> None:
    def decimal(scale: int) -> dict[str, Any]:
        return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}

    assert found(decimal(2), decimal(4)) == []
    assert found({"type": "long", "logicalType": "timestamp-micros"}, "long") == []


def test_properties_that_do_not_shape_the_bytes_are_ignored() -> None:
    assert found(record(field("a", doc="new"), doc="new"), record(field("a"), doc="old")) == []


def test_several_incompatibilities_are_all_told() -> None:
    reader = record(field("a", "string"), field("b"), field("e", enum("A")))
    writer = record(field("a", "int"), field("e", enum("A", "B")))

    assert [one.type for one in incompatibilities(reader, writer)] == [
        IncompatibilityType.TYPE_MISMATCH,
        IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE,
        IncompatibilityType.MISSING_ENUM_SYMBOLS,
    ]


@pytest.mark.parametrize(
    ("schema", "place", "problem"),
    [
        (3, "/", "3 is not a type"),
        ("Nope", "/", "the type Nope is not defined"),
        ('{"type": "int"}', "/", "JSON text stands for a schema"),
        ({"type": "array"}, "/", 'an array needs "items"'),
        ({"type": "map"}, "/", 'a map needs "values"'),
        ({"type": {"type": "int"}}, "/", "the object has a type that is not a string"),
        ({}, "/", "the object has no type"),
        (["int", ["null"]], "/1", "a union stands directly inside a union"),
        (["int", {"type": "int", "logicalType": "date"}], "/1", "the union has two branches of type int"),
        ({"type": "record", "name": "R"}, "/", 'a record needs "fields", an array'),
        (record({"name": "a"}), "/fields/0", "the field 'a' needs \"type\""),
        (record({"type": "int"}), "/fields/0", "the field has no name"),
        (record(field("a"), field("a")), "/fields/1/name", "there is a second field 'a'"),
        (record(field("a-b")), "/fields/0/name", "'a-b' is not a name"),
        (record(field("a", order="up")), "/fields/0/order", "the order is unknown"),
        (record(field("a", aliases="b")), "/fields/0/aliases", '"aliases" is not an array of strings'),
        (record(field("a", "array", items="int")), "/fields/0/type", "the type array is not defined"),
        (record(field("a", record())), "/fields/0/type/name", "R is defined twice"),
        (record(name="int"), "/name", "'int' is the name of a primitive type"),
        (record(name="a.1"), "/name", "'1' is not a name"),
        (record(name=""), "/", "a record needs a name"),
        (record(namespace=3), "/namespace", "the namespace is not a string"),
        ({"type": "enum", "name": "E"}, "/", 'an enum needs "symbols"'),
        (enum("A", "A"), "/symbols", "a symbol is there twice"),
        (enum("1"), "/symbols", "'1' is not a name"),
        ({"type": "enum", "name": "E", "symbols": None}, "/symbols", '"symbols" is not an array of strings'),
        ({"type": "enum", "name": "E", "symbols": {}}, "/symbols", '"symbols" is not an array of strings'),
        (record(aliases=None), "/aliases", '"aliases" is not an array of strings'),
        (
            {"type": "fixed", "name": "F", "size": 2**31},
            "/size",
            "the size 2147483648 is not a number of bytes",
        ),
        (record(field("a", enum("A")), field("b", enum("A"))), "/fields/1/type/name", "E is defined twice"),
        (enum("A", default="B"), "/default", "'B' is not one of the symbols"),
        ({"type": "fixed", "name": "F", "size": -1}, "/size", "the size -1 is not a number of bytes"),
        (
            record(field("a", "F"), field("b", {"type": "fixed", "name": "F", "size": 1})),
            "/fields/0/type",
            "the type F",
        ),
    ],
)
def test_a_schema_that_is_not_valid_is_refused_with_its_place(schema: Any, place: str, problem: str) -> None:
    with pytest.raises(InvalidSchemaError) as refused:
        incompatibilities(schema, "int")

    assert isinstance(refused.value, ValueError)
    assert refused.value.place == place
    assert str(refused.value).startswith(f"The reader's schema is not valid: at {place}, {problem}")
    assert refused.value.next_step.endswith(".")


@pytest.mark.parametrize(
    ("schema", "default"),
    [
        ("null", 0),
        ("boolean", 1),
        ("int", "1"),
        ("int", True),
        ("int", 1.0),
        ("int", 2**31),
        ("long", 2**63),
        ("double", "one"),
        ("double", "INF"),
        (["null", "double"], "NaN"),
        ({"type": "array", "items": "float"}, ["NaN"]),
        ("string", None),
        ("bytes", 1),
        (["null", "int"], "null"),
        ({"type": "array", "items": "int"}, [1, "2"]),
        ({"type": "map", "values": "int"}, {"a": None}),
        (record(field("b"), name="S"), {}),
        ("R", {}),
        (["R", {"type": "map", "values": "int"}], {}),
        ({"type": "array", "items": ["null", "R"]}, [{}]),
    ],
)
def test_a_default_of_another_type_is_refused_for_a_new_schema_only(schema: Any, default: Any) -> None:
    with pytest.raises(InvalidSchemaError, match=r"at /fields/0/default, the default .* is not of the type"):
        parse(record(field("a", schema, default=default)))

    # Registries hold schemas from before they looked at defaults; these are still compared.
    assert found(record(field("a", schema, default=default)), record()) == []


@pytest.mark.parametrize(
    ("schema", "default"),
    [
        ("null", None),
        ("long", -(2**63)),
        ("double", 1),
        ("float", "NaN"),
        ("double", "-Infinity"),
        ({"type": "double"}, " 1.5e3 "),
        ({"type": "array", "items": "R"}, []),
        (["R", "null"], None),
        (["null", "int"], 7),
        ({"type": "array", "items": "int"}, []),
        (record(field("b", default=1), name="S"), {}),
        (["null", "R"], None),
    ],
)
def test_a_default_of_the_fields_type_is_accepted(schema: Any, default: Any) -> None:
    parse(record(field("a", schema, default=default)))


def test_a_namespace_that_is_null_is_not_there() -> None:
    inner = record(name="S", namespace=None)

    assert parse(record(field("a", inner), field("b", "n.S"), name="n.R")).label == "record R"


def test_an_alias_that_begins_with_a_dot_is_of_no_namespace() -> None:
    assert found(record(name="x.R", aliases=[".S"]), record(name="S")) == []
    assert found(record(name="x.R", aliases=[".S"]), record(name="x.S")) == ["NAME_MISMATCH@/name"]


def test_a_schema_may_use_types_of_the_schemas_that_it_refers_to() -> None:
    money = record(field("cents", "long"), name="shop.Money")

    assert (
        parse({"type": "array", "items": "shop.Money"}, references=[money]).label == "array of record Money"
    )


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = "int"
    for _ in range(5000):
        deep = {"type": "array", "items": deep}

    with pytest.raises(InvalidSchemaError, match="nested too deeply"):
        incompatibilities(deep, "int")
