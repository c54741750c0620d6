"""Comparing and showing values that cannot be trusted."""

import math
from collections import OrderedDict, namedtuple
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.grading.comparing import first_difference, same, unchanged
from streamlab.grading.showing import describe, describe_error, one_line, show

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=4), inner)
    ),
    max_leaves=12,
)


class EqualToEverything:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("a")


class GenerousDict(dict[str, Any]):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@given(values)
def test_a_value_is_the_same_as_itself_and_unchanged(value: Any) -> None:
    assert same(value, value)
    assert unchanged(value, value)


@given(values, values)
def test_being_the_same_means_being_equal_with_the_same_types(one: Any, other: Any) -> None:
    if same(one, other):
        assert repr(one) == repr(other) or one == other
        assert type(one) is type(other)
    elif type(one) is type(other) and type(one) in (int, str, bytes, bool):
        assert one != other


@given(values, st.integers(20, 300))
def test_a_shown_value_is_one_line_within_its_limit(value: Any, limit: int) -> None:
    shown = show(value, limit)
    assert len(shown) <= limit
    assert shown.isprintable()


@given(values, values)
def test_different_values_differ_at_a_place_whose_parts_differ(one: Any, other: Any) -> None:
    if not same(one, other):
        _, mine, theirs = first_difference(one, other)
        assert not same(mine, theirs)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1),
        (1, True),
        (1, 1.0),
        (1.0, 1),
        (bytearray(b"x"), b"x"),
        (memoryview(b"x"), b"x"),
        ("x", b"x"),
        ([1], (1,)),
        ([True], [1]),
        ({"a": 1.0}, {"a": 1}),
        ({True: 1}, {1: 1}),
        (EqualToEverything(), 7),
        ([EqualToEverything()], [7]),
        ({EqualToEverything(): 1}, {"a": 1}),
        (GenerousDict(), {"a": 1}),
        (None, 0),
        (Decimal("1"), 1),
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_what_only_looks_equal_is_not_the_same(value: Any, expected: Any) -> None:
    assert not same(value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (namedtuple("Pair", "a b")(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (math.nan, math.nan),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ({1, 2}, {2, 1}),
        (Decimal("1.0"), Decimal("1.00")),
    ],
)
def test_what_differs_in_form_alone_is_the_same(value: Any, expected: Any) -> None:
    assert same(value, expected)


def test_a_value_that_contains_itself_can_be_compared_and_shown() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert not same(loop, [1, [1, 2]])
    assert len(show(loop)) <= 200


@pytest.mark.parametrize(
    ("before", "after"),
    [([1], []), ({"a": 1}, {"a": 2}), ([{"a": [1]}], [{"a": []}]), (bytearray(b"a"), bytearray(b"b"))],
)
def test_a_change_at_any_depth_is_noticed(before: Any, after: Any) -> None:
    assert not unchanged(after, before)


def test_objects_of_unknown_types_are_not_called_changed() -> None:
    assert unchanged([object()], [object()])


def test_the_first_difference_is_named_as_one_writes_it() -> None:
    assert first_difference([{"a": (1, 2)}], [{"a": (1, 3)}]) == ("[0]['a'][1]", 2, 3)
    assert first_difference(b"abcdef", b"abXdef") == ("from byte 2", b"cdef", b"Xdef")
    assert first_difference([1], [1, 2]) == ("number of items", 1, 2)
    assert first_difference({"a": 1}, {"b": 1}) == ("keys", ["a"], ["b"])


def test_long_values_say_how_long_they_are() -> None:
    assert show(b"\x00" * 10_000).endswith("(10,000 bytes)")
    assert show("a" * 10_000).endswith("(10,000 characters)")
    assert "(1,000,000 in all)" in show(list(range(1_000_000)))
    assert show(10**100_000).startswith("an int of")


def test_no_address_is_shown() -> None:
    assert "0x" not in show([object(), lambda: 0, EqualToEverything(), iter([])])


def test_a_text_with_control_characters_stays_on_its_line() -> None:
    assert one_line("a\nb\x1b[31mc\u2028d") == "a b\\x1b[31mc d"


def test_none_is_described_by_its_name_alone() -> None:
    assert describe(None) == "None"
    assert describe([1]) == "a list: [1]"
    assert describe_error(KeyError("id")) == "KeyError: 'id'"
