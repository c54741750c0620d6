"""The rules against verdicts that other projects' tests assert (tests/data/COMPATIBILITY_CASES.md)."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamlab.registry.compatibility import Level, check, incompatibilities

CASES = json.loads((Path(__file__).parent.parent / "data" / "compat_cases.json").read_text(encoding="utf-8"))
PAIRS = [case for case in CASES if case["kind"] == "pair"]
LEVELS = [case for case in CASES if case["kind"] == "level"]


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_no_recorded_case_is_missing() -> None:
    assert (len(PAIRS), len(LEVELS)) == (158, 298)


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_a_pair_is_judged_as_recorded_in_both_directions(case: dict[str, Any]) -> None:
    reader, writer = case["reader"], case["writer"]

    assert (incompatibilities(reader, writer) == []) == case["expected_backward"]
    assert (incompatibilities(reader, writer) == []) == case["oracle_reader_reads_writer"]
    assert (incompatibilities(writer, reader) == []) == case["oracle_writer_reads_reader"]


@pytest.mark.parametrize("case", [case for case in PAIRS if "incompatibilities" in case], ids=name)
def test_the_types_and_the_places_are_those_recorded(case: dict[str, Any]) -> None:
    found = incompatibilities(case["reader"], case["writer"])

    assert [f"{one.type}@{one.path}" for one in found] == case["incompatibilities"]


@pytest.mark.parametrize("case", LEVELS, ids=name)
def test_a_level_is_judged_as_recorded(case: dict[str, Any]) -> None:
    found = check(case["level"], case["candidate"], case["history"])

    assert (found == []) == case["expected"]
    assert (found == []) == case["oracle"]


@pytest.mark.parametrize("case", [case for case in LEVELS if "reader" in case], ids=name)
def test_backward_with_one_earlier_schema_is_the_new_reader_on_the_old_data(case: dict[str, Any]) -> None:
    assert Level(case["level"]).backward
    assert (incompatibilities(case["reader"], case["writer"]) == []) == case["expected_backward"]
