"""Tell which generic mistake an exception, a value of the wrong type or a side effect betrays.

mistake_of_error(answer, error)          # "infinite-recursion", "wrong-signature" or "raised"
mistake_of_type(value)                   # "returned-none", "returned-generator", ..., "wrong-type"
offence(value, (), arguments, before)    # None, or the mistake with what came and what was expected
raised_text(answer, error)               # "KeyError: 'id', in the line: return cache['id']"
"""

import linecache
import traceback
from itertools import islice
from types import CoroutineType
from typing import Any

from streamlab.grading import isolation, stub
from streamlab.grading.comparing import is_a, unchanged
from streamlab.grading.showing import describe_error, is_function, one_line, show

_FRAMES_LOOKED_AT = 2_000


def mistake_of_error(function: Any, error: BaseException) -> str:
    """The generic mistake behind an exception that the function raised."""
    if is_a(error, RecursionError):
        return "infinite-recursion"
    if type(error) is TypeError and not _began(error) and not _takes_any_arguments(function):
        return "wrong-signature"
    return "raised"


def mistake_of_type(value: object) -> str:
    """The generic mistake behind a value of the wrong type."""
    if value is None:
        return "returned-none"
    if is_a(value, CoroutineType):
        return "returned-coroutine"
    if is_function(value):
        return "returned-function"
    if not is_a(value, type) and any(hasattr(type(value), name) for name in ("__next__", "__anext__")):
        return "returned-generator"
    return "wrong-type"


def offence(
    value: Any, replaced_names: tuple[str, ...], arguments: tuple[Any, ...], before: tuple[Any, ...]
) -> tuple[str, str, str] | None:
    """What no answer may do, whatever its value: the mistake, what came and what was expected."""
    if is_a(value, CoroutineType):
        value.close()
        return "returned-coroutine", "a coroutine", "a value"
    if replaced_names:
        names = ", ".join(replaced_names)
        return "changed-builtins", f"it replaced {names}", f"{names} as before"
    for now, then in zip(arguments, before, strict=True):
        if not unchanged(now, then):
            return "changed-argument", f"the argument is now {show(now, 100)}", f"still {show(then, 100)}"
    return None


def raised_text(function: Any, error: BaseException) -> str:
    """The exception and the line of the function at which it came up, where the source is known."""
    code = stub.code_of(function)
    line = ""
    for frame, line_number in islice(traceback.walk_tb(error.__traceback__), _FRAMES_LOOKED_AT):
        if code is not None and frame.f_code.co_filename == code.co_filename:
            line = linecache.getline(code.co_filename, line_number)
    text = describe_error(error, 160)
    return f"{text}, in the line: {one_line(line, 100)}" if line.strip() else text


def _began(error: TypeError) -> bool:
    """Whether any code of the function ran: a call with the wrong arguments fails before its first line."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_filename != isolation.__file__ for frame, _ in frames)


def _takes_any_arguments(function: Any) -> bool:
    """Whether the function is written in C: its TypeError may be about the values as well."""
    return type(function).__name__ == "builtin_function_or_method"
