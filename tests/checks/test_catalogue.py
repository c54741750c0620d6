"""Every answer of the catalogues, wrong and right, is told apart by the check that is meant to do it."""

import pytest
from lab_answers import PURE

from streamlab import stack
from streamlab.checks import ch03_registry_wire_format as check
from streamlab.grading import GENERIC, RightAnswer, Status, Task, WrongAnswer

SEEDS = (0, 1, 7, 1234, 999_983)


def wrong(tasks: tuple[Task, ...]) -> list[object]:
    return [pytest.param(t, a, id=f"{t.name}: {a.name}") for t in tasks for a in t.wrong_answers]


def right(tasks: tuple[Task, ...]) -> list[object]:
    return [pytest.param(t, a, id=f"{t.name}: {a.name}") for t in tasks for a in t.right_answers]


def assert_refused(task: Task, answer: WrongAnswer, seed: int) -> None:
    result = task.result(answer.answer, seed=seed)
    assert (result.status, result.mistake, result.check) == (Status.WRONG, answer.mistake, answer.check), (
        result.message
    )
    assert result.evidence is not None
    assert len(result.message.splitlines()) <= 6


@pytest.mark.parametrize(("task", "answer"), wrong(PURE))
def test_a_wrong_answer_is_refused_by_its_check_with_its_mistake(task: Task, answer: WrongAnswer) -> None:
    for seed in SEEDS:
        assert_refused(task, answer, seed)


@pytest.mark.parametrize(("task", "answer"), right(PURE))
def test_a_right_answer_in_another_style_passes(task: Task, answer: RightAnswer) -> None:
    for seed in SEEDS:
        result = task.result(answer.answer, seed=seed)
        assert result.passed, result.message


@pytest.mark.parametrize(("task", "answer"), wrong(PURE))
def test_a_wrong_answer_is_refused_alike_when_its_check_is_repeated(task: Task, answer: WrongAnswer) -> None:
    first, second = (task.result(answer.answer, seed=42) for _ in range(2))
    assert (first.mistake, first.check) == (second.mistake, second.check)


@pytest.mark.stack
@pytest.mark.parametrize(("task", "answer"), wrong((check.publish,)))
def test_a_wrong_publish_is_refused_by_its_check_with_its_mistake(
    task: Task, answer: WrongAnswer, live_stack: stack.Stack
) -> None:
    assert_refused(task, answer, 5)


@pytest.mark.stack
@pytest.mark.parametrize(("task", "answer"), right((check.publish,)))
def test_a_right_publish_in_another_style_passes(
    task: Task, answer: RightAnswer, live_stack: stack.Stack
) -> None:
    result = task.result(answer.answer, seed=5)
    assert result.passed, result.message


@pytest.mark.parametrize("task", check.TASKS, ids=lambda task: task.name)
def test_a_catalogue_is_large_enough_and_names_its_mistakes(task: Task) -> None:
    assert len(task.wrong_answers) >= 8
    assert len(task.right_answers) >= 3
    own = {mistake.id for mistake in task.mistakes}
    assert len(own) == len(task.mistakes)
    assert {answer.mistake for answer in task.wrong_answers} - {None} <= own | set(GENERIC)


@pytest.mark.parametrize("task", check.TASKS, ids=lambda task: task.name)
def test_each_mistake_of_a_task_is_made_by_some_wrong_answer(task: Task) -> None:
    assert {mistake.id for mistake in task.mistakes} <= {answer.mistake for answer in task.wrong_answers}
