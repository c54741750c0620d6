"""The breakage matrix, which is found out by reading, against the rules, which are not."""

import pytest

from streamlab.registry.breakage_matrix import Row, breakage_matrix, promises, read_all
from streamlab.registry.changes import Change, the_changes
from streamlab.registry.compatibility import Level, incompatibilities
from streamlab.registry.schema_parser import parse

ROWS = breakage_matrix()
CHANGES = {change.name: change for change in the_changes()}


def version(change: Change, age: str) -> dict[str, object]:
    return change.versions[{"oldest": 0, "old": -2, "new": -1}[age]]


def cells(change: str, level: Level = Level.NONE) -> dict[tuple[str, str], Row]:
    return {(row.reader, row.data): row for row in ROWS if row.change == change and row.level == level}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_reader_reads_exactly_what_the_rules_say(change: Change) -> None:
    for (reader, data), row in cells(change.name).items():
        found = incompatibilities(version(change, reader), version(change, data))
        assert row.reads == (found == []), row.evidence


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_level_allows_a_change_exactly_where_all_that_it_promises_holds(change: Change) -> None:
    for level in Level:
        kept = all(row.reads for row in cells(change.name, level).values() if row.promised)
        allowed = {row.allowed for row in cells(change.name, level).values()}
        assert allowed == {kept}, level


def test_the_matrix_has_a_row_for_each_change_reader_data_and_level() -> None:
    assert len(ROWS) == 7 * sum(len(change.versions) ** 2 for change in CHANGES.values())
    assert len(CHANGES) == len(the_changes()) == 34


def test_every_schema_of_the_list_is_valid_and_reads_its_own_data() -> None:
    for change in the_changes():
        for schema, data in zip(change.versions, change.data, strict=True):
            parse(schema)
            assert data
            assert read_all(data, schema, schema)[0]


def test_every_level_but_none_is_told_from_every_other() -> None:
    verdicts = {level: tuple(row.allowed for row in ROWS if row.level == level) for level in Level}

    assert len(set(verdicts.values())) == len(Level)


def test_backward_promises_the_new_reader_and_forward_the_old_one() -> None:
    assert promises(Level.BACKWARD, reader="new", data="old")
    assert not promises(Level.BACKWARD, reader="old", data="new")
    assert promises(Level.FORWARD, reader="old", data="new")
    assert not promises(Level.FORWARD, reader="new", data="old")


def test_only_transitive_levels_reach_beyond_the_latest_schema() -> None:
    assert promises(Level.BACKWARD_TRANSITIVE, reader="new", data="oldest")
    assert not promises(Level.BACKWARD, reader="new", data="oldest")
    assert promises(Level.FORWARD_TRANSITIVE, reader="oldest", data="new")
    assert not promises(Level.FORWARD, reader="oldest", data="new")


@pytest.mark.parametrize(
    ("change", "new_reads_old", "old_reads_new"),
    [
        ("add a field that has a default", True, True),
        ("add a field that has no default", False, True),
        ("remove a field that has no default", True, False),
        ("rename a field without an alias", False, False),
        ("rename a field with an alias", True, False),
        ("change a number to a string", False, False),
        ("promote a number", True, False),
        ("narrow a number", False, True),
        ("change a string to bytes", True, True),
        ("make a field nullable", True, False),
        ("add a symbol to an enum that has no default", True, False),
        ("add a symbol to an enum that has a default", True, True),
        ("resize a fixed", False, False),
    ],
)
def test_what_everybody_should_know_by_heart(change: str, new_reads_old: bool, old_reads_new: bool) -> None:
    seen = cells(change)

    assert seen["new", "old"].reads == new_reads_old
    assert seen["old", "new"].reads == old_reads_new


def test_an_unknown_symbol_is_read_as_the_default_and_the_value_is_lost() -> None:
    row = cells("add a symbol to an enum that has a default")["old", "new"]

    assert "{'value': 'JPY'} is read as {'value': 'USD'}" in row.evidence


def test_steps_that_are_each_allowed_can_break_the_reader_of_the_oldest_data() -> None:
    change = "take a default away one version after adding the field"

    assert cells(change, Level.BACKWARD)["new", "oldest"].allowed
    assert not cells(change, Level.BACKWARD)["new", "oldest"].reads
    assert not cells(change, Level.BACKWARD_TRANSITIVE)["new", "oldest"].allowed


def test_a_changed_scale_passes_every_level() -> None:
    # The rules do not compare logical types; fastavro happens to follow the writer's.
    assert all(row.allowed and row.reads for row in ROWS if row.change == "change the scale of a decimal")
