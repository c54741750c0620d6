# ruff: noqa: ARG005, SIM105, RUF005 - answers are written as learners write them
"""What people hand in: each kind of answer gets its status and its mistake, in bounded time, in six lines."""

import asyncio
import builtins
import functools
import gc
import itertools
import json
import os
import queue
import random
import signal
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamlab import checks
from streamlab.errors import StreamlabError
from streamlab.grading import Attempt, CheckFailed, Result, Status, Task
from tests.grading.toy_lab import double


def task(examine: Callable[[Attempt], None], **more: Any) -> Task:
    return Task(id="t.1", name="answer", goal="Do it.", signature="", examine=examine, **more)


def outcome_of(answer: object, within_seconds: float = 5.0) -> Result:
    """What a task says that wants the sum of a list, as an int."""

    def sums(attempt: Attempt) -> None:
        with attempt.check("adds up"):
            call = attempt.call([1, 2, 4], within_seconds=within_seconds)
            attempt.expect_type(call, int)
            attempt.expect_equal(call, 7)

    started = time.monotonic()
    result = task(sums).result(answer, seed=1)
    assert time.monotonic() - started < within_seconds + 10
    assert len(result.message.splitlines()) <= 6
    assert all(len(line) < 700 for line in result.message.splitlines())
    return result


class EqualToEverything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class ShowsItselfForEver:
    def __repr__(self) -> str:
        while True:
            pass


class CannotShowItself:
    def __repr__(self) -> str:
        raise SystemExit("no")


class LiesAboutItsClass:
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return int

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class BrokenError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class EndlessError(Exception):
    def __str__(self) -> str:
        while True:
            pass


def raises(error: BaseException) -> Callable[..., Any]:
    def answer(numbers: list[int]) -> int:
        raise error

    return answer


def loops(numbers: list[int]) -> int:
    while True:
        pass


def loops_and_swallows(numbers: list[int]) -> int:
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            pass


def naps_and_swallows(numbers: list[int]) -> int:
    while True:
        try:
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def loops_in_its_finally(numbers: list[int]) -> int:
    try:
        while True:
            pass
    finally:
        while True:
            pass


def prints_for_ever(numbers: list[int]) -> int:
    while True:
        print("flood", end="")
        print("flood", file=sys.stderr)


def iterates_for_ever(numbers: list[int]) -> int:
    return sum(0 for _ in itertools.count())


def awaits_for_ever(numbers: list[int]) -> int:
    async def wait() -> int:
        while True:
            await asyncio.sleep(0)

    return asyncio.run(wait())


@pytest.mark.parametrize(
    "answer",
    [
        loops,
        loops_and_swallows,
        naps_and_swallows,
        loops_in_its_finally,
        prints_for_ever,
        iterates_for_ever,
        awaits_for_ever,
    ],
    ids=lambda answer: answer.__name__,
)
def test_an_answer_that_does_not_end_is_stopped_and_called_endless(answer: Callable[..., Any]) -> None:
    result = outcome_of(answer, within_seconds=0.3)
    assert (result.status, result.mistake) == (Status.WRONG, "endless")
    assert "restart the kernel" not in result.message
    assert not any(thread.name == "answer" for thread in threading.enumerate())


@pytest.mark.slow
def test_an_answer_that_sleeps_or_waits_for_ever_is_given_up_with_advice() -> None:
    gate = threading.Event()
    lock, empty = threading.Lock(), queue.Queue[int]()
    lock.acquire()
    waits: list[Callable[..., Any]] = [
        lambda numbers: gate.wait(),
        lambda numbers: lock.acquire(),
        lambda numbers: empty.get(),
    ]
    for wait in waits:
        result = outcome_of(wait, within_seconds=0.2)
        assert (result.status, result.mistake) == (Status.WRONG, "endless")
        assert result.evidence is not None
        assert "restart the kernel" in result.evidence.came
    gate.set()
    lock.release()
    empty.put(0)
    for thread in threading.enumerate():
        if thread.name == "answer":
            thread.join(10)
            assert not thread.is_alive()


def test_the_time_for_a_whole_check_is_bounded_too() -> None:
    def examine(attempt: Attempt) -> None:
        for _ in range(1_000):
            attempt.call(within_seconds=2.0)

    result = task(examine, budget_seconds=0.3).result(lambda: time.sleep(0.05))
    assert result.mistake == "endless"
    assert "together" in result.message


def recurses(numbers: list[int]) -> int:
    return recurses(numbers)


def recurses_beyond_the_limit(numbers: list[int]) -> int:
    sys.setrecursionlimit(10**9)
    return recurses_beyond_the_limit(numbers)


def recurses_in_c(numbers: list[int]) -> int:
    sys.setrecursionlimit(10**9)
    return max(map(recurses_in_c, [numbers]))


class NeedsRoomToGo:
    """Its destructor calls a few functions, which fail where no frame is left."""

    def __del__(self) -> None:
        self.say("one")

    def say(self, what: str) -> str:
        return self.say_it_again(what)

    def say_it_again(self, what: str) -> str:
        return what.upper()


def recurses_past_destructors(numbers: list[int]) -> int:
    NeedsRoomToGo()
    return recurses_past_destructors(numbers)


@pytest.mark.parametrize(
    "answer",
    [recurses, recurses_beyond_the_limit, recurses_in_c, recurses_past_destructors],
    ids=lambda answer: answer.__name__,
)
def test_endless_recursion_is_named_and_the_limit_put_back(answer: Callable[..., Any]) -> None:
    before = sys.getrecursionlimit()
    assert outcome_of(answer).mistake == "infinite-recursion"
    assert sys.getrecursionlimit() == before


def test_a_recursion_limit_that_was_raised_before_the_check_does_not_crash_it() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    try:
        assert outcome_of(recurses).mistake == "infinite-recursion"
        assert sys.getrecursionlimit() == 10**6
    finally:
        sys.setrecursionlimit(before)


async def coroutine(numbers: list[int]) -> int:
    return 7


async def asynchronous_generator(numbers: list[int]) -> Any:
    yield 7


def generator(numbers: list[int]) -> Any:
    yield 7


def changes(numbers: list[int]) -> int:
    return sum(numbers.pop() for _ in range(3))


def prints(numbers: list[int]) -> None:
    print("the sum is", sum(numbers))


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (raises(ValueError("bad")), "raised"),
        (raises(SystemExit(0)), "raised"),
        (raises(KeyboardInterrupt()), "raised"),
        (raises(GeneratorExit()), "raised"),
        (raises(MemoryError()), "raised"),
        (raises(BrokenError()), "raised"),
        (raises(EndlessError()), "raised"),
        (raises(BaseExceptionGroup("many", [KeyboardInterrupt()])), "raised"),
        (lambda numbers: numbers["a"], "raised"),
        (lambda: 7, "wrong-signature"),
        (lambda numbers, more: 7, "wrong-signature"),
        (lambda *, numbers: 7, "wrong-signature"),
        (functools.partial(lambda a, b, c: 7, 1), "wrong-signature"),
        (lambda numbers: None, "returned-none"),
        (prints, "returned-none"),
        (coroutine, "returned-coroutine"),
        (asynchronous_generator, "returned-generator"),
        (generator, "returned-generator"),
        (lambda numbers: map(int, numbers), "returned-generator"),
        (lambda numbers: iter(numbers), "returned-generator"),
        (lambda numbers: itertools.count(), "returned-generator"),
        (lambda numbers: sum, "returned-function"),
        (lambda numbers: numbers, "wrong-type"),
        (lambda numbers: True, "wrong-type"),
        (lambda numbers: 7.0, "wrong-type"),
        (lambda numbers: "7", "wrong-type"),
        (lambda numbers: EqualToEverything(), "wrong-type"),
        (lambda numbers: LiesAboutItsClass(), "wrong-type"),
        (lambda numbers: ShowsItselfForEver(), "wrong-type"),
        (lambda numbers: [[CannotShowItself()]], "wrong-type"),
        (lambda numbers: "x" * 10**7, "wrong-type"),
        (lambda numbers: [list(range(10**6))] * 50, "wrong-type"),
        (lambda numbers: EqualToEverything, "wrong-type"),
        (list, "wrong-type"),
        (lambda numbers: 10**100_000, None),
        (changes, "changed-argument"),
        (lambda numbers: numbers.clear() or 7, "changed-argument"),
        (None, "not-callable"),
        (7, "not-callable"),
        (b"\x00", "not-callable"),
        (EqualToEverything(), "not-callable"),
        (ShowsItselfForEver(), "not-callable"),
    ],
)
def test_each_kind_of_wrong_answer_has_its_mistake(answer: object, mistake: str | None) -> None:
    result = outcome_of(answer)
    assert (result.status, result.mistake) == (Status.WRONG, mistake)
    assert result.evidence is not None
    assert result.evidence.called
    assert result.evidence.came
    assert result.evidence.expected


@pytest.mark.parametrize(
    "answer",
    [
        sum,
        lambda numbers: sum(numbers),
        lambda *numbers: sum(numbers[0]),
        lambda numbers, more=0: sum(numbers),
    ]
    + [functools.partial(lambda more, numbers: sum(numbers), 0)],
)
def test_an_answer_may_be_any_callable(answer: Callable[..., Any]) -> None:
    assert outcome_of(answer).status is Status.PASSED


def test_what_an_answer_prints_is_kept_from_the_cell_and_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    def floods(numbers: list[int]) -> int:
        for _ in range(20_000):
            print("flood")
        sys.stderr.write("and more")
        sys.stdout.buffer.write(b"bytes")
        return sum(numbers)

    before = sys.stdout, sys.stderr
    result = outcome_of(floods)
    assert (sys.stdout, sys.stderr) == before
    assert result.status is Status.PASSED
    assert "120,013 characters" in result.message
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_an_answer_that_was_given_up_prints_nothing_into_later_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gate, woken = threading.Event(), threading.Event()

    def wakes_later(numbers: list[int]) -> int:
        try:
            gate.wait()
        except BaseException:  # noqa: BLE001
            pass
        finally:
            print("I am back")
            woken.set()
        return 7

    before = sys.stdout
    assert outcome_of(wakes_later, within_seconds=0.2).mistake == "endless"
    print("a later cell")
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "answer":
            thread.join(10)
    assert capsys.readouterr().out == "a later cell\n"
    until = time.monotonic() + 10
    while sys.stdout is not before and time.monotonic() < until:
        time.sleep(0.01)
    assert sys.stdout is before


def test_a_replaced_stream_is_put_back() -> None:
    def takes_the_stream(numbers: list[int]) -> int:
        sys.stdout = None
        return sum(numbers)

    before = sys.stdout
    outcome_of(takes_the_stream)
    assert sys.stdout is before


@pytest.mark.slow
def test_a_replaced_stream_is_put_back_while_an_earlier_answer_still_waits() -> None:
    gate = threading.Event()

    def takes_the_stream(numbers: list[int]) -> int:
        sys.stdout = None
        return sum(numbers)

    before = sys.stdout
    assert outcome_of(lambda numbers: gate.wait(), within_seconds=0.1).mistake == "endless"
    outcome_of(takes_the_stream)
    assert sys.stdout is not None
    gate.set()
    until = time.monotonic() + 10
    while sys.stdout is not before and time.monotonic() < until:
        time.sleep(0.01)
    assert sys.stdout is before


@pytest.mark.parametrize(
    ("place", "name"),
    [(builtins, "len"), (builtins, "isinstance"), (builtins, "sum"), (json, "dumps"), (time, "monotonic")]
    + [(Attempt, "expect_equal"), (Attempt, "refuse"), (sys.modules["streamlab.grading.comparing"], "same")]
    + [(checks, "tasks")],
)
def test_what_an_answer_replaces_in_shared_names_is_put_back_and_refused(place: Any, name: str) -> None:
    original = getattr(place, name)

    def tampers(numbers: list[int]) -> int:
        setattr(place, name, lambda *args, **more: True)
        return 7

    result = outcome_of(tampers)
    assert getattr(place, name) is original
    assert result.mistake == "changed-builtins"
    assert name in result.message


def test_code_swapped_inside_a_function_of_the_grader_is_put_back_and_refused() -> None:
    same: Any = sys.modules["streamlab.grading.comparing"].same
    code = same.__code__

    def swaps(numbers: list[int]) -> int:
        same.__code__ = (lambda value, expected: True).__code__
        return 0

    assert outcome_of(swaps).mistake == "changed-builtins"
    assert same.__code__ is code


def test_an_answer_that_reaches_its_examination_cannot_change_it() -> None:
    def reaches(numbers: list[int]) -> int:
        for thing in gc.get_objects():
            if type(thing) is Attempt:
                vars(thing)["expect_equal"] = lambda *_, **__: None
        return 0

    assert outcome_of(reaches).mistake == "changed-builtins"


def test_an_answer_that_closes_its_output_closes_nothing() -> None:
    def closes(numbers: list[int]) -> int:
        sys.stdout.close()
        return 0

    outcome_of(closes)
    assert not sys.stdout.closed


def test_a_name_added_to_the_grader_that_hides_a_builtin_is_removed_and_refused() -> None:
    comparing: Any = sys.modules["streamlab.grading.comparing"]

    def hides(numbers: list[int]) -> int:
        comparing.all = lambda _: True
        return 7

    assert outcome_of(hides).mistake == "changed-builtins"
    assert not hasattr(comparing, "all")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bound on memory needs /proc")
@pytest.mark.parametrize(
    "way", [lambda: list(itertools.repeat(7)), lambda: bytes(2**40), lambda: "x" * 2**40]
)
def test_an_answer_that_fills_the_memory_ends_in_bounded_time(way: Any) -> None:
    assert outcome_of(lambda numbers: way()).mistake in ("raised", "endless")


def test_the_bound_on_memory_is_lifted_after_a_call() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    seen: list[Any] = []
    outcome_of(lambda numbers: seen.append(resource.getrlimit(resource.RLIMIT_AS)))
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert not sys.platform.startswith("linux") or seen[0] != before


def test_the_working_folder_is_as_it_was(tmp_path: Path) -> None:
    def goes_elsewhere(numbers: list[int]) -> int:
        os.chdir(tmp_path)
        return sum(numbers)

    before = Path.cwd()
    assert outcome_of(goes_elsewhere).passed
    assert Path.cwd() == before


def test_the_shared_random_generator_is_as_it_was() -> None:
    def seeds(numbers: list[int]) -> int:
        random.seed(1)
        return sum(numbers)

    before = random.getstate()
    assert outcome_of(seeds).status is Status.PASSED
    assert random.getstate() == before


def test_a_value_remembered_from_an_earlier_call_is_hard_coded() -> None:
    def examine(attempt: Attempt) -> None:
        for number in (21, 50):
            attempt.expect_equal(attempt.call(number), 2 * number)

    remembered: list[int] = []

    def remembers(number: int) -> int:
        remembered.append(2 * number)
        return remembered[0]

    assert task(examine).result(lambda number: 42).mistake == "hard-coded"
    assert task(examine).result(remembers).mistake == "hard-coded"


def test_hard_coded_answers_fail_because_the_input_follows_the_seed() -> None:
    seen = {double.result(lambda n: 0, seed=seed).evidence.called for seed in range(20)}  # type: ignore[union-attr]
    assert len(seen) > 10
    once, twice = (double.result(lambda n: 0, seed=5) for _ in range(2))
    assert once == twice


def test_a_seed_in_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLAB_SEED", "77")
    assert double.result(lambda n: n).seed == 77


def test_a_known_wrong_value_names_the_tasks_own_mistake_and_sub_check() -> None:
    for wrong in double.wrong_answers:
        result = double.result(wrong.answer)
        assert (result.mistake, result.check) == (wrong.mistake, wrong.check)
    for right in double.right_answers:
        assert double.result(right.answer).status is Status.PASSED


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda n: 2 * n, "did-not-raise"),
        (lambda n: 2 * n if n > 0 else {}["x"], "unexpected-exception-type"),
        (lambda n: 2 * n if n > 0 else int(""), None),
        (lambda n: 2 * n if n > 0 else loops([]), "endless"),
        (lambda n: 2 * n if n > 0 else recurses([]), "infinite-recursion"),
    ],
)
def test_what_should_be_refused_is_refused_as_agreed(answer: Callable[..., Any], mistake: str | None) -> None:
    result = double.result(answer)
    assert result.mistake == mistake
    assert result.passed == (mistake is None)


def test_an_exception_without_a_reason_is_not_enough() -> None:
    def silent(n: int) -> int:
        if n < 0:
            raise ValueError
        return 2 * n

    assert double.result(silent).mistake == "no-reason"


def test_the_line_of_the_answer_that_raised_is_shown() -> None:
    def answer(numbers: list[int]) -> int:
        return {}["no such key"]

    assert 'in the line: return {}["no such key"]' in outcome_of(answer).message


def test_a_check_inside_an_answer_is_refused() -> None:
    result = outcome_of(lambda numbers: double.result(sum))
    assert result.mistake == "raised"
    assert StreamlabError.__name__ in result.message


def test_a_refusal_in_our_own_callback_is_not_swallowed_by_the_answer() -> None:
    def examine(attempt: Attempt) -> None:
        def fetch() -> None:
            attempt.refuse("raised", called="fetch()", came="twice", expected="once", message="Asked twice.")

        attempt.call(fetch)

    def swallows(fetch: Callable[[], None]) -> None:
        try:
            fetch()
        except:  # noqa: E722
            pass

    result = task(examine).result(swallows)
    assert (result.status, result.summary) == (Status.WRONG, "Asked twice.")


def test_an_error_in_the_check_itself_is_never_the_learners() -> None:
    def examine(attempt: Attempt) -> None:
        attempt.call()
        raise ZeroDivisionError("a bug of ours")

    result = task(examine).result(lambda: 1)
    assert result.status is Status.ENVIRONMENT_BROKEN
    assert "own check failed" in result.message
    assert "a bug of ours" in result.message
    assert "report" in result.message


def test_an_unknown_mistake_id_is_a_fault_of_the_check() -> None:
    def examine(attempt: Attempt) -> None:
        attempt.refuse("no-such-mistake", called="", came="", expected="")

    assert task(examine).result(lambda: 1).status is Status.ENVIRONMENT_BROKEN


def test_arguments_are_copies_so_that_the_next_call_sees_the_original() -> None:
    rows = [{"a": [1]}]
    seen: list[Any] = []

    def examine(attempt: Attempt) -> None:
        attempt.call(rows, iter([1]))

    task(examine).result(lambda given, items: seen.append(given))
    assert seen == [rows]
    assert seen[0] is not rows
    assert seen[0][0]["a"] is not rows[0]["a"]


def test_items_of_an_endless_generator_are_bounded() -> None:
    def examine(attempt: Attempt) -> None:
        assert len(attempt.items(attempt.call(), at_most=5)) == 5

    assert task(examine).result(lambda: itertools.count()).status is Status.PASSED


def test_calling_a_task_raises_what_result_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert double(double.right_answers[0].answer).passed
    with pytest.raises(CheckFailed) as failed:
        double(lambda n: n * n)
    assert failed.value.result.mistake == "squared"
    assert str(failed.value) == failed.value.result.message
    assert len(failed.value._render_traceback_()) == 1


def test_the_users_interrupt_stops_the_answer_and_goes_through() -> None:

    def examine(attempt: Attempt) -> None:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        attempt.call(within_seconds=30)

    before = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        task(examine).result(lambda: loops([]))
    assert sys.stdout is before
    assert not any(thread.name == "answer" for thread in threading.enumerate())


def test_a_huge_print_does_not_stay_in_memory() -> None:
    def floods(numbers: list[int]) -> int:
        for _ in range(100):
            print("x" * 100_000)
        return sum(numbers)

    tracemalloc.start()
    try:
        outcome_of(floods)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
