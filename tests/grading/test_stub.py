"""The hole that a lab leaves is recognised without being called."""

# ruff: noqa: ARG005
import functools
from collections.abc import Callable
from typing import Any

import pytest

from streamlab.grading import Status, stub
from tests.grading.toy_lab import double


def hole(number: int) -> int:
    raise NotImplementedError("hole: replace this line with your answer")


def hole_with_docstring(number: int) -> int:
    """Say twice the number."""
    raise NotImplementedError("hole: replace this line with your answer")


def hole_after_given_lines(number: int) -> int:
    connection = print("must not run")
    raise NotImplementedError("hole: replace this line with your answer")
    return connection


def bare_hole(number: int) -> int:
    raise NotImplementedError


def empty_hole(number: int) -> int:
    raise NotImplementedError()


def outer_of_hole(number: int) -> Callable[[int], int]:
    seen: dict[int, int] = {}

    def inner(more: int) -> int:
        raise NotImplementedError(f"{seen}") if seen else NotImplementedError

    def hole(more: int) -> int:
        raise NotImplementedError("hole: replace this line with your answer")

    return hole if number else inner


async def asynchronous_hole(number: int) -> int:
    raise NotImplementedError("hole: replace this line with your answer")


@functools.cache
def wrapped_hole(number: int) -> int:
    raise NotImplementedError("hole: replace this line with your answer")


@functools.wraps(hole)
def wrapper(*args: Any) -> Any:
    return hole(*args)


class Holder:
    def method(self, number: int) -> int:
        raise NotImplementedError("hole: replace this line with your answer")


@pytest.mark.parametrize(
    "answer",
    [
        ...,
        hole,
        hole_with_docstring,
        hole_after_given_lines,
        bare_hole,
        empty_hole,
        outer_of_hole,
        asynchronous_hole,
        wrapper,
        Holder().method,
        functools.partial(hole),
    ],
)
def test_a_hole_is_not_attempted_and_not_called(answer: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert stub.is_stub(answer)
    result = double.result(answer)
    assert (result.status, result.mistake, result.evidence) == (Status.NOT_ATTEMPTED, None, None)
    assert "streamlab hint toy.1" in result.message
    assert capsys.readouterr().out == ""


def answered_above_the_hole(number: int) -> int:
    return 2 * number
    raise NotImplementedError("hole: replace this line with your answer")


def one_branch_missing(number: int) -> int:
    if number < 0:
        raise NotImplementedError
    return 2 * number


def raises_something_else(number: int) -> int:
    raise ValueError("replace this line with your answer")


@pytest.mark.parametrize(
    "answer",
    [answered_above_the_hole, one_branch_missing, raises_something_else, lambda n: None, len, int, None, 7],
)
def test_what_was_written_is_an_attempt(answer: object) -> None:
    assert not stub.is_stub(answer)
    assert double.result(answer).status is Status.WRONG


def test_a_first_call_that_raises_not_implemented_is_not_attempted() -> None:
    def undecided(number: int) -> int:
        if number > 0:
            raise NotImplementedError("later")
        return 0

    assert double.result(undecided).status is Status.NOT_ATTEMPTED
    assert double.result(wrapped_hole).status is Status.NOT_ATTEMPTED
