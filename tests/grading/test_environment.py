"""A broken environment is never the learner's mistake."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamlab import stack
from streamlab.grading import Attempt, Status, Task

SICK = stack.StackUnavailable("The broker at 127.0.0.1:9092 does not answer.", "Run `streamlab up`.")


class FakeStack:
    """A stack that is well as long as `error` is None."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    def check_health(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStack]:
    here = FakeStack()

    def connect() -> FakeStack:
        if isinstance(here.error, stack.StackUnavailable):
            raise here.error
        return here

    monkeypatch.setattr(stack, "connect", connect)
    return here


def task(examine: Callable[[Attempt], None]) -> Task:
    return Task(id="t.4", name="publish", goal="", signature="", examine=examine, needs_stack=True)


def wants_seven(attempt: Attempt) -> None:
    with attempt.check("gives seven"):
        attempt.expect_equal(attempt.call(within_seconds=0.3), 7)


def test_a_dead_stack_is_a_broken_environment_before_anything_is_called(fake: FakeStack) -> None:
    fake.error = SICK
    called: list[int] = []
    result = task(wants_seven).result(lambda: called.append(1))
    assert result.status is Status.ENVIRONMENT_BROKEN
    assert "Run `streamlab up`." in result.message
    assert "not judged" in result.message
    assert called == []


def test_a_hole_is_recognised_before_the_stack_is_asked(fake: FakeStack) -> None:
    fake.error = SICK
    assert task(wants_seven).result(...).status is Status.NOT_ATTEMPTED


@pytest.mark.parametrize("error", [SICK, OSError("connection reset"), RuntimeError("client gave up")])
@pytest.mark.parametrize("way", ["returns", "raises", "hangs"])
def test_a_stack_that_dies_during_the_check_is_not_the_learners_mistake(
    fake: FakeStack, error: Exception, way: str
) -> None:
    def answer() -> Any:
        fake.error = error
        if way == "raises":
            raise ConnectionError("broker is gone")
        while way == "hangs":
            pass
        return None

    result = task(wants_seven).result(answer)
    assert result.status is Status.ENVIRONMENT_BROKEN
    assert result.mistake is None
    assert "streamlab" in result.message


def test_on_a_healthy_stack_a_wrong_answer_is_wrong(fake: FakeStack) -> None:
    result = task(wants_seven).result(lambda: 8)
    assert (result.status, result.check) == (Status.WRONG, "gives seven")
    assert fake.asked == 1


def test_a_client_error_in_the_check_itself_asks_for_the_stacks_health(fake: FakeStack) -> None:
    def examine(attempt: Attempt) -> None:
        attempt.call()
        raise ConnectionError("our own consumer failed")

    def breaks_the_stack() -> None:
        fake.error = SICK

    assert "does not answer" in task(examine).result(breaks_the_stack).message
    fake.error = None
    assert "own check failed" in task(examine).result(lambda: None).message


def test_the_attempt_holds_the_stack_where_the_task_asks_for_it(fake: FakeStack) -> None:
    seen: list[object] = []
    assert task(lambda attempt: seen.append(attempt.stack)).result(lambda: 7).passed
    assert seen == [fake]


def test_a_task_without_a_stack_never_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "connect", lambda: pytest.fail("asked"))
    plain = Task(id="t.1", name="seven", goal="", signature="", examine=wants_seven)
    assert plain.result(lambda: 7).passed


def test_a_stack_that_lacks_what_the_check_needs_is_named_with_what_helps(fake: FakeStack) -> None:
    """The stack is well, and so may the answer be: neither is judged."""

    def needs_more(attempt: Attempt) -> None:
        raise stack.CapabilityMissing("This stack has no compaction.", "Run `streamlab up --backend local`.")

    result = task(needs_more).result(lambda: 7)
    assert result.status is Status.ENVIRONMENT_BROKEN
    assert "no compaction. Run `streamlab up --backend local`" in result.message
