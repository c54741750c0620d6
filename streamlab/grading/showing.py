"""Show a learner's values in a bounded text, whatever their own `__repr__` does.

show(b"\\x00" * 10_000)                        # "b'\\x00\\x00...'… (10,000 bytes)"
describe_type(None), describe_type([])        # ("None", "a list")
describe_error(ValueError("too short"))       # "ValueError: too short"
"""

import itertools
import re
from typing import Any

from streamlab.grading import isolation
from streamlab.grading.comparing import is_a

MAX_SHOWN_CHARACTERS = 200
_REPR_SECONDS = 0.25
_ITEMS_SHOWN = 8
_DEPTH_SHOWN = 4
_LARGE = 10**100
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_FUNCTION_TYPES = ("function", "method", "builtin_function_or_method")
_BRACKETS: dict[type, str] = {list: "[ ]", tuple: "( )", dict: "{ }", set: "{ }", frozenset: "frozenset({ })"}


def one_line(text: str, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """The text on one line of printable characters, at most `limit` of them."""
    text = " ".join(text[: 4 * limit].split())
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def show(value: object, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """The value as Python would write it, on one line, bounded in length, depth and time."""
    return one_line(_show(value, limit, _DEPTH_SHOWN), limit)


def _show(value: Any, limit: int, depth: int) -> str:
    kind = type(value)
    if kind is int and abs(value) >= _LARGE:
        return f"an int of {value.bit_length():,} bits"
    if kind in (bool, int, float, complex, type(None), type(...), range):
        return repr(value)
    if kind in (str, bytes, bytearray):
        return _show_text(value, limit)
    if kind in _BRACKETS:
        return _show_container(value, limit, depth)
    if is_a(value, type):
        return f"the class {type_name(value)}"
    if type_name(kind) in _FUNCTION_TYPES:
        return f"the function {value.__name__}"
    return _shown_by_itself(value)


def _show_text(value: str | bytes | bytearray, limit: int) -> str:
    room = max(8, limit - 30)
    if len(value) <= room:
        return repr(value)
    unit, width = ("characters", 1) if type(value) is str else ("bytes", 4)
    return f"{value[: room // width]!r}… ({len(value):,} {unit})"


def _show_container(value: Any, limit: int, depth: int) -> str:
    kind, count = type(value), len(value)
    if not count:
        return repr(value)
    if depth == 0:
        return f"a {kind.__name__} of {count:,}"
    first = itertools.islice(value.items() if kind is dict else value, _ITEMS_SHOWN)
    if kind is dict:
        texts = [f"{_show(k, limit, depth - 1)}: {_show(v, limit, depth - 1)}" for k, v in first]
    else:
        texts = [_show(item, limit, depth - 1) for item in first]
    if count > _ITEMS_SHOWN:
        texts.append(f"… ({count:,} in all)")
    if kind is tuple and count == 1:
        texts.append("")
    left, right = _BRACKETS[kind].split()
    return f"{left}{', '.join(texts).rstrip(' ')}{right}"


def _shown_by_itself(value: object) -> str:
    """The text of the object's own `__repr__`, which is somebody's code: isolated and bounded."""
    if type(value).__repr__ is not object.__repr__:
        outcome = isolation.run(repr, value, within_seconds=_REPR_SECONDS)
        if is_a(outcome.value, str):
            return _ADDRESS.sub("", str.__str__(outcome.value)[:4_000])
    return f"an object of the class {type_name(type(value))}"


def type_name(kind: type) -> str:
    """The name of a class, also of one whose metaclass hides it."""
    return one_line(str(type.__dict__["__name__"].__get__(kind)), 60)


def is_function(value: object) -> bool:
    """Whether the value is a function or a method (not a class, not an object that can be called)."""
    return type_name(type(value)) in _FUNCTION_TYPES


def describe_type(value: object) -> str:
    """What kind of thing the value is, as one would say it: `a bytearray`, `None`, `a function`."""
    if value is None:
        return "None"
    if is_function(value):
        return "a function"
    name = type_name(type(value))
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def describe(value: object, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """The type and the value: `a list: [1, 2]`."""
    shown = show(value, limit)
    said = value is None or shown.startswith(("an object of", "the function", "the class"))
    return shown if said else one_line(f"{describe_type(value)}: {shown}", limit + 40)


def describe_error(error: BaseException, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """The type and the text of an exception, also of one whose `__str__` fails."""
    text, name = error_text(error), type_name(type(error))
    return one_line(f"{name}: {text}" if text else name, limit)


def error_text(error: BaseException) -> str:
    """The exception's text, empty when it has none or cannot say it."""
    outcome = isolation.run(str, error, within_seconds=_REPR_SECONDS)
    return str.__str__(outcome.value)[:2_000].strip() if is_a(outcome.value, str) else ""
