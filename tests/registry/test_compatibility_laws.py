"""The rules of compatibility against a reader that really reads: fastavro.

A pair is drawn as a random schema and a few random changes of it. Pairs on which fastavro is known to differ
from Avro Java are left out. Many more pairs: `test_registry_soak`.
"""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from fastavro_pairs import a_field_is_claimed_twice, breaks, fastavro_differs, pair_of, read, types_in, valid
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from schema_pairs import SchemaMaker, encodings

from streamlab.registry.compatibility import Level, check, incompatibilities
from streamlab.registry.schema_parser import parse

seeds = st.integers(0, 10**9)
laws = settings(max_examples=100, deadline=None)


@laws
@given(seeds)
def test_a_reader_that_is_compatible_reads_everything_that_was_written(seed: int) -> None:
    reader, writer = a_pair(seed, lambda reader, writer: not incompatibilities(reader, writer))

    for encoded in encodings(parse(writer)):
        read(encoded, reader, writer)


@laws
@given(seeds)
def test_where_a_reader_is_incompatible_some_datum_breaks_it(seed: int) -> None:
    reader, writer = a_pair(seed, lambda reader, writer: bool(incompatibilities(reader, writer)))

    assert any(breaks(encoded, reader, writer) for encoded in encodings(parse(writer)))


@laws
@given(seeds)
def test_every_schema_reads_its_own_data(seed: int) -> None:
    schema = SchemaMaker(random.Random(seed)).schema()
    assume(not any(a_field_is_claimed_twice(record) for record in types_in(parse(schema))))

    assert incompatibilities(schema, schema) == []
    for encoded in encodings(parse(schema)):
        read(encoded, schema, schema)


@laws
@given(seeds)
def test_the_levels_are_made_of_the_two_directions(seed: int) -> None:
    old, new = a_pair(seed)
    old_data_breaks = bool(incompatibilities(reader=new, writer=old))
    new_data_breaks = bool(incompatibilities(reader=old, writer=new))

    assert bool(check(Level.BACKWARD, new, [old])) == old_data_breaks
    assert bool(check(Level.FORWARD, new, [old])) == new_data_breaks
    assert bool(check(Level.FULL, new, [old])) == (old_data_breaks or new_data_breaks)
    assert check(Level.NONE, new, [old]) == []


@laws
@given(seeds)
def test_a_transitive_level_is_the_plain_one_against_each_earlier_schema(seed: int) -> None:
    maker = SchemaMaker(random.Random(seed))
    history = [maker.schema(2)]
    history += [maker.change(history[0]), maker.change(history[0])]
    *history, new = valid(history)
    assume(history)

    for plain in (Level.BACKWARD, Level.FORWARD, Level.FULL):
        each = [bool(check(plain, new, [earlier])) for earlier in history]
        assert bool(check(Level(f"{plain}_TRANSITIVE"), new, history)) == any(each)
        assert bool(check(plain, new, history)) == each[-1]


@laws
@given(seeds)
def test_a_message_is_one_sentence_about_a_place_that_exists(seed: int) -> None:
    reader, writer = a_pair(seed)

    for found in incompatibilities(reader, writer):
        assert found.message.startswith("A reader with the reader's schema breaks on ")
        assert found.message.endswith(".")
        assert "\n" not in found.message
        assert found.path.startswith("/")


def test_the_rules_share_the_blind_spot_of_avro_java() -> None:
    """A pair that fails inside a union branch counted as readable for a pair that was judged meanwhile."""
    inner = {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}
    further_field = {"name": "further", "type": "int"}
    written = {"type": "record", "name": "A", "fields": [{"name": "x", "type": inner}]}
    wanted = {"type": "record", "name": "A", "fields": [{"name": "x", "type": inner}, further_field]}
    other = {"type": "record", "name": "Other", "aliases": ["A"], "fields": []}
    writer = record({"name": "u", "type": written}, {"name": "v", "type": "B"})
    reader = record({"name": "u", "type": [wanted, other]}, {"name": "v", "type": "B"})

    assert incompatibilities(reader, writer) == []
    assert any(breaks(encoded, reader, writer) for encoded in encodings(parse(writer)))


@pytest.mark.parametrize(
    ("reader", "writer", "why"),
    [
        (
            {"type": "fixed", "name": "F", "aliases": ["G"], "size": 1},
            {"type": "fixed", "name": "new.G", "size": 1},
            "fastavro compares aliases by their unqualified name too",
        ),
        (
            {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "aliases": ["b"]}]},
            {
                "type": "record",
                "name": "R",
                "fields": [{"name": "b", "type": "int"}, {"name": "a", "type": "int"}],
            },
            "fastavro takes what was written first where a field's name and its alias were both written",
        ),
    ],
)
def test_fastavro_reads_what_avro_java_refuses(reader: Any, writer: Any, why: str) -> None:
    assert fastavro_differs(parse(reader), parse(writer))
    assert incompatibilities(reader, writer), why
    for encoded in encodings(parse(writer)):
        read(encoded, reader, writer)


def test_fastavro_takes_the_first_branch_of_a_name_even_if_it_is_no_record() -> None:
    fixed = {"type": "fixed", "name": "x.R", "size": 1}
    writer = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    reader = [fixed, writer]

    assert fastavro_differs(parse(reader), parse(writer))
    assert incompatibilities(reader, writer) == []
    assert any(breaks(encoded, reader, writer) for encoded in encodings(parse(writer)))


def record(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "Outer", "fields": list(fields)}


def a_pair(seed: int, suits: Callable[[Any, Any], bool] = lambda *_: True) -> tuple[Any, Any]:
    """The first pair from this seed on that fastavro can judge and that suits: no draw is thrown away."""
    pairs = (pair_of(one) for one in itertools.count(seed))
    return next(pair for pair in pairs if pair is not None and suits(*pair))
