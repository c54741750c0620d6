"""Compare a learner's values with ours without asking any code of theirs.

Learners return objects of any kind, some of them equal to everything. So values are compared by the methods
of the built-in types, and the type counts.

    same(True, 1)                                    # False: a bool is not an int
    same(Point(1, 2), (1, 2))                        # True for a named tuple
    first_difference([1, {"a": 2}], [1, {"a": 3}])   # ("[1]['a']", 2, 3)
"""

import math
from typing import Any

_PLAIN_KEYS = (str, int, bytes, bool, type(None))
_DEEP_ENOUGH = 20
_BYTES_SHOWN = 24


def is_a(value: object, base: type) -> bool:
    """Whether the value's real type is `base` or derives from it; a bool is not an int here.

    `isinstance` would believe an object that lies about its `__class__`.
    """
    if base is int and type(value) is bool:
        return False
    return type.__subclasscheck__(base, type(value))


def plain(value: bytes) -> bytes:
    """The same bytes, without anything that a class of the answer's own adds."""
    return bytes.__getitem__(value, slice(None))


def same(value: Any, expected: Any) -> bool:
    """Whether `value` equals `expected` in type and content.

    A subclass of the expected built-in type is accepted (a named tuple for a tuple); a bool for an int or a
    float for an int is not. NaN equals NaN. Recursion follows `expected`, which is ours and finite.
    """
    kind: Any = type(expected)
    if not is_a(value, kind):
        return False
    if kind is float:
        return float.__eq__(value, expected) or (math.isnan(value) and math.isnan(expected))
    if kind is list or kind is tuple:
        return kind.__len__(value) == len(expected) and all(
            same(mine, theirs) for mine, theirs in zip(kind.__iter__(value), expected, strict=True)
        )
    if kind is dict:
        return _same_dict(value, expected)
    if kind is set or kind is frozenset:
        items = list(kind.__iter__(value))
        return len(items) == len(expected) and all(any(same(m, e) for m in items) for e in expected)
    return value is expected or kind.__eq__(expected, value) is True


def _same_dict(value: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    if dict.__len__(value) != len(expected):
        return False
    mine = {(type(k), k): v for k, v in dict.items(value) if type(k) in _PLAIN_KEYS}
    if len(mine) == len(expected):
        return all((type(k), k) in mine and same(mine[type(k), k], v) for k, v in expected.items())
    pairs = list(dict.items(value))
    return all(any(same(k, key) and same(v, wanted) for k, v in pairs) for key, wanted in expected.items())


def unchanged(now: Any, before: Any, depth: int = _DEEP_ENOUGH) -> bool:
    """Whether an argument still holds what it held before the call; unknown types are not judged."""
    if depth == 0 or now is before:
        return True
    kind: Any = type(before)
    if type(now) is not kind:
        return False
    if kind is dict:
        now, before, kind = list(now.items()), list(before.items()), list
    if kind is list or kind is tuple:
        return len(now) == len(before) and all(
            unchanged(a, b, depth - 1) for a, b in zip(now, before, strict=True)
        )
    if kind in (int, float, str, bytes, bytearray, bool, set, frozenset):
        return same(now, before)
    return True


def first_difference(value: Any, expected: Any, place: str = "") -> tuple[str, Any, Any]:
    """Where two values differ first: the place as one writes it in Python, and the two parts there."""
    kind: Any = type(expected)
    if not is_a(value, kind):
        return place, value, expected
    if kind is bytes:
        at = _common_length(value, expected)
        return f"{place} from byte {at}".strip(), value[at:][:_BYTES_SHOWN], expected[at:][:_BYTES_SHOWN]
    if kind is list or kind is tuple:
        items = list(kind.__iter__(value))
        if len(items) != len(expected):
            return f"{place} number of items".strip(), len(items), len(expected)
        for index, (mine, theirs) in enumerate(zip(items, expected, strict=True)):
            if not same(mine, theirs):
                return first_difference(mine, theirs, f"{place}[{index}]")
    if kind is dict:
        known = {k: v for k, v in dict.items(value) if type(k) in _PLAIN_KEYS}
        if known.keys() != expected.keys():
            return f"{place} keys".strip(), sorted(known, key=repr), sorted(expected, key=repr)
        for key, theirs in expected.items():
            if not same(known[key], theirs):
                return first_difference(known[key], theirs, f"{place}[{key!r}]")
    return place, value, expected


def _common_length(one: bytes, other: bytes) -> int:
    """How many bytes two byte strings have in common from their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
