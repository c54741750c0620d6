"""Recognise the hole that a lab leaves, without calling it.

    def frame(schema_id, payload):
        raise NotImplementedError("frame: replace this line with your answer")

    is_stub(frame)          # True
    is_stub(...)            # True

A hole raises on the only way through the function. It is found in the byte code, so it works for functions
without source text, and a line left behind a `return` does not count.
"""

import dis
import functools
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any

from streamlab.grading.comparing import is_a

MARKER = "replace this line with your answer"
"""The end of the text that a derived hole raises."""

_MAX_WRAPPERS = 20


def is_stub(answer: object) -> bool:
    """Whether `answer` is `...`, or a function that still is, or still contains, the lab's hole."""
    if answer is ...:
        return True
    code = code_of(answer)
    return code is not None and (_only_raises(code) or any(_reaches_hole(c) for c in _with_inner(code)))


def is_hole_error(error: BaseException) -> bool:
    """Whether the error is the one that a derived hole raises."""
    return type(error) is NotImplementedError and any(
        type(argument) is str and argument.endswith(MARKER) for argument in error.args
    )


def code_of(answer: object) -> CodeType | None:
    """The code object behind a function, method, partial or wrapper; None where there is none."""
    thing: Any = answer
    for _ in range(_MAX_WRAPPERS):
        if is_a(thing, functools.partial):
            thing = thing.func
        elif is_a(thing, MethodType):
            thing = thing.__func__
        elif is_a(thing, FunctionType) and "__wrapped__" in thing.__dict__:
            thing = thing.__wrapped__
        else:
            break
    return thing.__code__ if is_a(thing, FunctionType) else None


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """The code and that of every function defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)


_QUIET = {"RESUME", "NOP", "CACHE", "PUSH_NULL", "PRECALL", "CALL", "COPY_FREE_VARS", "MAKE_CELL"}
_QUIET |= {"RETURN_GENERATOR", "POP_TOP", "LOAD_CONST", "EXTENDED_ARG", "NOT_TAKEN", "CALL_KW"}


def _only_raises(code: CodeType) -> bool:
    """Whether the body is nothing but `raise NotImplementedError`, with or without a text."""
    for step in dis.get_instructions(code):
        if step.opname == "RAISE_VARARGS":
            return True
        names_the_error = "NotImplementedError" in step.argrepr and step.opname.startswith("LOAD_")
        if step.opname not in _QUIET and not names_the_error:
            return False
    return False


def _reaches_hole(code: CodeType) -> bool:
    """Whether the straight way from the first line ends in raising the hole's error."""
    marked = named = False
    jumps = set(dis.hasjrel) | set(dis.hasjabs)
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_CONST" and isinstance(step.argval, str) and step.argval.endswith(MARKER):
            marked = True
        named = named or "NotImplementedError" in step.argrepr
        if step.opname == "RAISE_VARARGS":
            return marked and named
        if step.opname in ("RETURN_VALUE", "RETURN_CONST") or step.opcode in jumps:
            return False
    return False
