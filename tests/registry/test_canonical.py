"""The parsing canonical form and its fingerprints, against recorded cases and by laws."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_pairs import SchemaMaker

from streamlab.registry.canonical import Algorithm, canonical_form, fingerprint, fingerprint_as_long
from streamlab.registry.schema_tree import InvalidSchemaError

CASES = json.loads(
    (Path(__file__).parent.parent / "data" / "canonical_cases.json").read_text(encoding="utf-8")
)


def test_no_recorded_case_is_missing() -> None:
    assert len(CASES) == 295


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_canonical_form_and_the_fingerprints_are_avro_javas(case: dict[str, Any]) -> None:
    schema = json.loads(case["input"])

    assert canonical_form(schema) == case["canonical"]
    assert fingerprint_as_long(schema) == case["fingerprint_crc64_signed"]
    assert fingerprint(schema, Algorithm.CRC_64_AVRO).hex() == case["crc64_avro_hex_le"]
    assert fingerprint(schema, Algorithm.MD5).hex() == case["md5"]
    assert fingerprint(schema, Algorithm.SHA_256).hex() == case["sha256"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_the_canonical_form_is_its_own_canonical_form(seed: int) -> None:
    form = canonical_form(SchemaMaker(random.Random(seed), namespaces=["x", "x.y"]).schema())

    assert canonical_form(json.loads(form)) == form


def test_a_name_without_namespace_inside_one_with_namespace_is_lost_by_the_canonical_form() -> None:
    inner = {"type": "fixed", "name": "F", "namespace": "", "size": 1}
    form = canonical_form({"type": "record", "name": "n.R", "fields": [{"name": "a", "type": inner}]})

    # The specification leaves no way to say "no namespace" there; Avro Java writes the same text.
    assert '"name":"F"' in form
    assert '"name":"n.F"' in canonical_form(json.loads(form))


@pytest.mark.parametrize("attribute", ["doc", "default", "aliases", "order", "comment"])
def test_what_does_not_change_how_bytes_are_read_is_left_out(attribute: str) -> None:
    plain = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    adorned = copy.deepcopy(plain)
    adorned["fields"][0][attribute] = {"doc": "d", "default": 1, "aliases": ["b"]}.get(attribute, "ignore")

    assert canonical_form(adorned) == canonical_form(plain)


def test_two_ways_to_write_a_full_name_have_one_canonical_form() -> None:
    by_namespace = {"type": "fixed", "name": "F", "namespace": "a.b", "size": 2}
    by_name = {"size": 2, "name": "a.b.F", "type": "fixed"}

    assert canonical_form(by_namespace) == canonical_form(by_name)


def test_logical_types_have_the_canonical_form_of_the_type_below() -> None:
    assert canonical_form({"type": "long", "logicalType": "timestamp-millis"}) == '"long"'


def test_the_order_of_fields_is_part_of_the_form() -> None:
    def record(*names: str) -> dict[str, Any]:
        return {"type": "record", "name": "R", "fields": [{"name": name, "type": "int"} for name in names]}

    assert canonical_form(record("a", "b")) != canonical_form(record("b", "a"))


def test_a_schema_that_is_not_valid_has_no_canonical_form() -> None:
    with pytest.raises(InvalidSchemaError, match="at /items, the type Nope is not defined"):
        canonical_form({"type": "array", "items": "Nope"})
