"""Answers that know nothing about the task, or misbehave: each is told so, in bounded time."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab_answers import PURE, solutions

from streamlab.checks import ch03_registry_wire_format as check
from streamlab.checks.ch03_registry_wire_format.records import unused_id
from streamlab.grading import Status, Task

pytestmark = pytest.mark.slow

EVERY_PURE_TASK = pytest.mark.parametrize("task", PURE, ids=lambda task: task.name)


def gives_none(*args: object) -> None:
    print("I am done.")


def generates(*args: object) -> Iterator[object]:
    yield from args


def recurses(*args: object) -> object:
    return recurses(*args)


def floods(*args: object) -> None:
    for _ in range(20_000):
        print("not yet", args)


def raises(*args: object) -> None:
    raise ZeroDivisionError("nothing to divide")


def exits(*args: object) -> None:
    raise SystemExit(0)


def echoes(*args: object) -> object:
    return args[0]


async def waits(*args: object) -> None:
    pass


class EqualToAll:
    """Claims to be whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def lies(*args: object) -> object:
    return EqualToAll()


class EndlessTuple(tuple[object, ...]):
    """Has two parts and never comes to an end."""

    def __iter__(self) -> Iterator[Any]:
        return itertools.count()


class EndlessList(list[object]):
    """Is empty and never comes to an end."""

    def __iter__(self) -> Iterator[Any]:
        return itertools.count()


class SpeechlessError(ValueError):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise SystemExit


def gives_an_endless_tuple(*args: object) -> object:
    return EndlessTuple((1, b""))


def gives_endless_lists(*args: object) -> object:
    return EndlessList([7]), EndlessList([7])


def raises_what_cannot_be_shown(*args: object) -> object:
    raise SpeechlessError


def makes_a_liar(*args: object) -> object:
    return lies


def takes_nothing() -> bytes:
    return b""


HOSTILE: list[Callable[..., Any]] = [gives_none, generates, recurses, floods, raises, exits, echoes, waits]
HOSTILE += [lies, takes_nothing, makes_a_liar]
HOSTILE += [gives_an_endless_tuple, gives_endless_lists, raises_what_cannot_be_shown]


@EVERY_PURE_TASK
@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: answer.__name__)
def test_an_answer_that_misbehaves_is_wrong_and_told_why(task: Task, answer: Callable[..., Any]) -> None:
    result = task.result(answer, seed=8)
    assert result.status is Status.WRONG, result.message
    assert len(result.message.splitlines()) <= 6
    assert max(map(len, result.message.splitlines())) < 700


@pytest.mark.parametrize("task", check.TASKS, ids=lambda task: task.name)
def test_what_is_no_function_is_wrong_without_asking_the_stack(task: Task) -> None:
    for answer in (None, 7, b"\x00", [print]):
        assert task.result(answer, seed=8).mistake == "not-callable"
    assert task.result(..., seed=8).status is Status.NOT_ATTEMPTED


@EVERY_PURE_TASK
def test_an_endless_answer_ends_in_bounded_time(task: Task) -> None:
    def loops(*args: object) -> None:
        for _ in itertools.count():
            pass

    assert task.result(loops, seed=8).mistake == "endless"


def test_an_answer_that_empties_its_list_is_told_so() -> None:
    right = solutions()["consume"]

    def emptying(messages: Any, fetch_schema: Any, reader_schema: Any) -> Any:
        taken = list(messages)
        if isinstance(messages, list):
            messages.clear()
        return right(taken, fetch_schema, reader_schema)

    assert check.consume.result(emptying, seed=8).mistake == "changed-argument"


def test_an_answer_that_edits_the_readers_schema_is_told_so() -> None:
    right = solutions()["consume"]

    def editing(messages: Any, fetch_schema: Any, reader_schema: Any) -> Any:
        answer = right(messages, fetch_schema, reader_schema)
        reader_schema["seen"] = True
        return answer

    assert check.consume.result(editing, seed=8).mistake == "changed-argument"


class Tape:
    """Keeps what an answer gave, and gives it again in the same order."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def recording(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        def record(*args: Any) -> Any:
            try:
                value = answer(*args)
            except ValueError as error:
                value = error
            self.values.append(value)
            if isinstance(value, ValueError):
                raise value
            return value

        return record

    def playing(self) -> Callable[..., Any]:
        values = iter(self.values)

        def play(*args: Any) -> Any:
            value = next(values)
            if isinstance(value, ValueError):
                raise value
            return value

        return play


@pytest.mark.parametrize("name", ["frame", "unframe", "consume"])
def test_an_answer_made_of_the_expected_values_fails_under_another_seed(name: str) -> None:
    task, tape = getattr(check, name), Tape()
    assert task.result(tape.recording(solutions()[name]), seed=1).passed
    assert task.result(tape.playing(), seed=1).passed, "the tape itself is right"
    assert task.result(tape.playing(), seed=2).status is Status.WRONG


def test_a_decoder_made_of_the_expected_records_fails_under_another_seed() -> None:
    right, tape = solutions()["decoder"], Tape()
    assert check.decoder.result(lambda fetch: tape.recording(right(fetch)), seed=1).passed
    play = tape.playing()
    assert check.decoder.result(lambda _: play, seed=2).status is Status.WRONG


def test_ids_that_no_check_has_used_never_come_twice() -> None:
    import random

    ids = [unused_id(random.Random(3)) for _ in range(50)]
    assert len(set(ids)) == 50
