"""Where a value stands in a JSON text: the same values that json.loads sees, and the keys it does not."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamlab.contracts.json_places import escaped, find, line_and_column

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, pointer: str = "") -> dict[str, Any]:
    """Every value in a value by its JSON pointer."""
    found = {pointer: value}
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for step, child in children:
        found |= pointers(child, f"{pointer}/{escaped(str(step))}")
    return found


@given(value=values, indent=st.sampled_from([None, 0, 3]), ascii_only=st.booleans())
def test_at_each_place_stands_the_value_of_its_pointer(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    places = find(text)
    expected = pointers(json.loads(text))
    assert places.offsets.keys() == expected.keys()
    assert places.duplicates == []
    for pointer, offset in places.offsets.items():
        assert json.JSONDecoder().raw_decode(text, offset)[0] == expected[pointer]


def test_each_key_that_is_there_again_is_told_with_its_place() -> None:
    text = '{"a": {"b": 1, "b": 2, "\\u0062": 3}, "a": 4}'
    assert find(text).duplicates == [("/a", "b", 15), ("/a", "b", 23), ("", "a", 37)]
    assert find(text).offsets["/a"] == text.rindex("4")


def test_lines_and_columns_are_counted_from_one() -> None:
    assert line_and_column("one\ntwo", 0) == (1, 1)
    assert line_and_column("one\ntwo", 5) == (2, 2)
