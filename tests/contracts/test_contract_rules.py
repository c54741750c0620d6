"""Each rule on contracts finds its fault, names file and field, and says why."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payments import MakeContract, enum, payment

from streamlab.contracts.finding import Finding
from streamlab.contracts.validation import validate
from streamlab.errors import StreamlabError


def found(folder: Path) -> list[Finding]:
    return list(validate(folder).findings)


def only(folder: Path) -> Finding:
    (finding,) = found(folder)
    return finding


OPTIONAL = ("note", ["null", "string"], None)


def test_a_good_contract_has_no_finding(make_contract: MakeContract) -> None:
    assert found(make_contract(payment(), payment(OPTIONAL))) == []


@pytest.mark.parametrize(
    ("rule", "schema", "field", "words"),
    [
        (
            "nested-type",
            payment({"name": "currency", "type": "enum", "symbols": ["USD"]}),
            "currency",
            'an enum is defined inside "type"',
        ),
        ("not-avro", payment(("at", "Address")), "at", "The type shop.Address is not defined"),
        ("not-avro", payment(("a b", "int")), "a b", "'a b' is not a name"),
        ("not-avro", payment(("n", "int", "three")), "n", "default 'three' is not of the type int"),
        ("not-avro", payment(("n", "int"), ("n", "long")), "n", "second field 'n'"),
        ("default", payment(("c", enum("USD"), "EUR")), "c", "is not of the type enum Currency"),
        (
            "default",
            payment(("h", {"type": "fixed", "name": "H", "size": 2}, "abc")),
            "h",
            "not of the type fixed H",
        ),
        ("nullable-without-default", payment(("n", ["null", "int"])), "n", "breaks on data"),
        ("default-not-of-first-branch", payment(("n", ["int", "null"], None)), "n", "fastavro take it"),
        ("null-as-text", payment(("n", ["null", "string"], "null")), "n", 'the text "null"'),
        (
            "misplaced-logical-type",
            payment({"name": "t", "type": "long", "logicalType": "timestamp-millis"}),
            "t",
            "belongs to the type",
        ),
        (
            "logical-type",
            payment(("t", {"type": "long", "logicalType": "timestamp-milis"})),
            "t",
            "no logical type 'timestamp-milis'",
        ),
        (
            "logical-type",
            payment(("t", {"type": "string", "logicalType": "date"})),
            "t",
            "stands on int, not on string",
        ),
        (
            "logical-type",
            payment(("p", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 6})),
            "p",
            "between 0 and its precision",
        ),
        (
            "misspelled-key",
            payment({"name": "n", "type": ["null", "int"], "default": None, "alias": ["m"]}),
            "n",
            '"alias" means nothing',
        ),
        ("key-missing", {**payment(), "fields": [{"name": "x", "type": "int"}]}, None, "names the key id"),
        (
            "key-nullable",
            {**payment(), "fields": [{"name": "id", "type": ["null", "string"], "default": None}]},
            "id",
            "may be null",
        ),
        ("key-type", {**payment(), "fields": [{"name": "id", "type": "double"}]}, "id", "no one form"),
        ("not-a-record", '"string"', None, "and this is string"),
        ("no-namespace", payment(namespace=""), None, "has no namespace"),
        (
            "all-nullable",
            payment(("inner", {
                "type": "record", "name": "Inner",
                "fields": [{"name": n, "type": ["null", "int"], "default": None} for n in "abc"],
            })),
            "inner",
            "promises nothing",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_found_with_its_field_and_its_reason(
    make_contract: MakeContract, rule: str, schema: Any, field: str | None, words: str
) -> None:
    finding = only(make_contract(schema))
    assert (finding.rule, finding.field) == (rule, field)
    assert words in finding.message
    assert finding.file.endswith("v1.avsc")
    assert finding.line == 1
    assert finding.next_step.strip()


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "words"),
    [
        ('{\n  "type": "record",\n  // a comment\n}', "comment", 3, 3, 'Say it in "doc"'),
        ('{\n  "a": 1,\n}', "not-json", 2, 9, "comma"),
        ('{"a": 1, "b":}', "not-json", 1, 14, "Expecting value"),
        ('{\n  "a" 1}', "not-json", 2, 7, "':'"),
        ("", "not-json", 1, 1, "empty"),
        ("\ufeff{}", "not-json", 1, 1, "byte order mark"),
        ('{\n  "doc": "a",\n  "doc": "b", "type": "string"}', "duplicate-key", 3, 3, '"doc" is there twice'),
    ],
)
def test_broken_json_is_found_at_line_and_column(
    make_contract: MakeContract, text: str, rule: str, line: int, column: int, words: str
) -> None:
    finding = next(one for one in found(make_contract(text)) if one.rule == rule)
    assert (finding.line, finding.column) == (line, column)
    assert words in str(finding)


def test_a_nested_duplicate_is_found_in_its_field(make_contract: MakeContract) -> None:
    text = json.dumps(payment(("n", "int", 1))).replace('"default": 1', '"default": 1, "default": 2')
    finding = only(make_contract(text))
    assert (finding.rule, finding.field) == ("duplicate-key", "n")


def test_a_step_that_the_level_refuses_is_found_in_the_new_file_at_its_field(
    make_contract: MakeContract,
) -> None:
    folder = make_contract(payment(), payment(("note", "string")))
    finding = only(folder)
    assert (finding.rule, finding.field, finding.file[-7:]) == ("incompatible", "note", "v2.avsc")
    assert "A consumer with the new schema breaks" in finding.message
    assert "under BACKWARD, against v1" in finding.message


def test_a_forward_refusal_points_at_the_new_file_too(make_contract: MakeContract) -> None:
    old, new = payment(("c", enum("USD"))), payment(("c", enum("USD", "CHF")))
    assert found(make_contract(old, new, name="a")) == []
    finding = only(make_contract(old, new, name="b", compatibility="FORWARD"))
    assert (finding.field, finding.path) == ("c", "/fields/1")
    assert "A consumer still with the latest schema breaks on the symbol CHF" in finding.message


def test_a_transitive_level_looks_at_every_version(make_contract: MakeContract) -> None:
    steps = payment(), payment(("n", "int", 1)), payment(("n", "int"))
    assert found(make_contract(*steps, name="a")) == []
    finding = only(make_contract(*steps, name="b", compatibility="BACKWARD_TRANSITIVE"))
    assert "against v1" in finding.message
    assert finding.file.endswith("v3.avsc")


def test_a_changed_logical_type_is_found_although_every_level_allows_it(make_contract: MakeContract) -> None:
    def at(unit: str) -> dict[str, Any]:
        return payment(("t", {"type": "long", "logicalType": f"timestamp-{unit}"}))

    finding = only(make_contract(at("millis"), at("micros"), compatibility="FULL_TRANSITIVE"))
    assert (finding.rule, finding.field) == ("meaning-changed", "t")
    assert "was timestamp-millis and is timestamp-micros" in finding.message


def test_a_new_namespace_is_found(make_contract: MakeContract) -> None:
    assert only(make_contract(payment(), payment(namespace="store"))).rule == "name-changed"


@pytest.mark.parametrize("name", ["V2.avsc", "v02.avsc", "v0.avsc", "2.avsc", "payment_v2.avsc", "v2.json"])
def test_a_file_with_another_name_than_a_version_is_found(make_contract: MakeContract, name: str) -> None:
    folder = make_contract(payment())
    (folder / name).write_text(json.dumps(payment()), encoding="utf-8")
    finding = only(folder)
    assert finding.rule == "file-name"
    assert finding.file.endswith(name)


def test_a_schema_that_lies_too_deep_is_found(make_contract: MakeContract) -> None:
    folder = make_contract(payment())
    for deep in (folder / "old", folder.parent / "team" / "click"):
        deep.mkdir(parents=True)
        (deep / "v1.avsc").write_text(json.dumps(payment()), encoding="utf-8")
    findings = found(folder.parent)
    assert [one.rule for one in findings] == ["file-name", "file-name"]
    assert all("deeper" in one.message for one in findings)


def test_without_metadata_the_steps_are_judged_as_a_registry_would(make_contract: MakeContract) -> None:
    folder = make_contract(payment(), payment(("n", "int")))
    (folder / "contract.toml").unlink()
    assert [one.rule for one in found(folder)] == ["metadata", "incompatible"]


def test_a_gap_in_the_versions_is_found(make_contract: MakeContract) -> None:
    folder = make_contract(payment(), payment())
    (folder / "v2.avsc").rename(folder / "v4.avsc")
    finding = only(folder)
    assert finding.rule == "version-gap"
    assert "v2.avsc, v3.avsc are missing" in finding.message


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"topic": None}, "no topic"),
        ({"topic": "no spaces"}, "Kafka does not take"),
        ({"partitions": 0}, "partitions is 0"),
        ({"partitions": "three"}, "partitions is 'three'"),
        ({"key": None}, "no key"),
        ({"compatibility": "SIDEWAYS"}, "compatibility is 'SIDEWAYS'"),
        ({"compatibility": None}, "no compatibility"),
        ({"colour": "red"}, "'colour'"),
        ({"subject": "shop.Money"}, "both subject and"),
        ({"references": "x"}, "references"),
    ],
)
def test_wrong_metadata_is_found(make_contract: MakeContract, metadata: dict[str, Any], words: str) -> None:
    findings = found(make_contract(payment(), **metadata))
    assert {one.rule for one in findings} == {"metadata"}
    assert any(words in one.message for one in findings)


def test_broken_toml_is_found_at_its_line(make_contract: MakeContract) -> None:
    folder = make_contract(payment())
    (folder / "contract.toml").write_text('topic = "a"\nkey = \n', encoding="utf-8")
    finding = only(folder)
    assert (finding.rule, finding.line) == ("metadata", 2)


def test_two_contracts_of_one_topic_are_found(make_contract: MakeContract, tmp_path: Path) -> None:
    make_contract(payment(), name="a", topic="shared")
    make_contract(payment(), name="b", topic="shared")
    assert only(tmp_path / "contracts").rule == "same-topic"


MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "shop",
    "fields": [{"name": "cents", "type": "long"}],
}


def shared_money(make: MakeContract) -> None:
    make(MONEY, name="money", topic=None, key=None, partitions=None, subject="shop.Money")


def refer(folder: Path, **given: Any) -> None:
    listed = {"name": "shop.Money", "contract": "money", "version": 1} | given
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in listed.items())
    with (folder / "contract.toml").open("a", encoding="utf-8") as file:
        file.write(f"[[references]]\n{lines}")


def test_a_type_of_another_contract_may_be_used(make_contract: MakeContract, tmp_path: Path) -> None:
    shared_money(make_contract)
    refer(make_contract(payment(("price", "shop.Money"))))
    assert found(tmp_path / "contracts") == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version": 2}, "money version 2 does not exist"),
        ({"contract": "gold"}, "gold version 1 does not exist"),
        ({"name": "shop.Gold"}, "money version 1 defines shop.Money"),
        ({"in_versions": [2]}, "The type shop.Money is not defined"),
    ],
)
def test_a_reference_that_does_not_resolve_is_found(
    make_contract: MakeContract, given: dict[str, Any], words: str
) -> None:
    shared_money(make_contract)
    folder = make_contract(payment(("price", "shop.Money")))
    refer(folder, **given)
    assert any(words in one.message for one in found(folder))


def test_references_in_a_circle_are_found(make_contract: MakeContract) -> None:
    shared_money(make_contract)
    folder = make_contract(payment(("price", "shop.Money")))
    refer(folder)
    refer(folder.parent / "money", name="shop.Payment", contract="payment")
    assert any("refers back" in one.message for one in found(folder))


def test_a_rule_can_be_left_out(make_contract: MakeContract) -> None:
    folder = make_contract(payment(("n", ["null", "int"])))
    assert validate(folder, ignore=["nullable-without-default"]).ok


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StreamlabError, match=r"nowhere cannot be read: No such file"):
        validate(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(StreamlabError, match=r"cannot be read: Not a directory"):
        validate(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StreamlabError, match=r"There is no contract"):
        validate(tmp_path / "empty")


def test_what_is_no_file_is_a_finding(make_contract: MakeContract) -> None:
    folder = make_contract(payment())
    (folder / "v2.avsc").mkdir()
    (folder / "v3.avsc").symlink_to(folder / "gone")
    assert {one.rule for one in found(folder)} == {"unreadable"}
    (folder / "v4.avsc").write_bytes(b'{"doc": "\xff"}')
    assert "0xff" in next(one for one in found(folder) if one.rule == "not-json").message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["record", "enum", "fixed", "array", "map", "int", "null", "decimal", "date", "id"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from([
            "type", "name", "namespace", "fields", "symbols", "items", "values", "size", "default", "aliases",
            "logicalType", "precision", "scale", "doc", "order",
        ]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=anything, new=anything)
def test_no_json_makes_validation_fail(tmp_path: Path, old: Any, new: Any) -> None:
    folder = tmp_path / "any"
    folder.mkdir(exist_ok=True)
    (folder / "contract.toml").write_text(
        'topic = "any"\nkey = "id"\npartitions = 1\ncompatibility = "FULL"\n', encoding="utf-8"
    )
    record = payment({"name": "x", "type": new, "default": old}, {"name": "y", "type": "int"})
    for number, schema in enumerate((old, record), 1):
        (folder / f"v{number}.avsc").write_text(json.dumps(schema), encoding="utf-8")
    for finding in found(folder):
        assert finding.message
        assert finding.line is None or finding.line >= 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=st.binary(max_size=60), metadata=st.binary(max_size=60))
def test_no_bytes_make_validation_fail(tmp_path: Path, schema: bytes, metadata: bytes) -> None:
    folder = tmp_path / "any"
    folder.mkdir(exist_ok=True)
    (folder / "v1.avsc").write_bytes(schema)
    (folder / "contract.toml").write_bytes(metadata)
    assert found(folder)


def test_deep_nesting_is_a_finding(make_contract: MakeContract) -> None:
    deep = '{"type": "array", "items": ' * 5000 + '"int"' + "}" * 5000
    assert "nested too deeply" in only(make_contract(deep)).message
