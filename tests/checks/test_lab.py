"""The lab as a learner meets it: holes, solutions, hints, and nothing that gives the answer away."""

import ast
import re

import pytest
from lab_answers import PURE, STEM, cell_of, solution_lines, solutions, stubs

from streamlab import checks, stack
from streamlab.checks import ch03_registry_wire_format as check
from streamlab.errors import StreamlabError
from streamlab.grading import Status, Task

EVERY_TASK = pytest.mark.parametrize("task", check.TASKS, ids=lambda task: task.name)


def test_the_chapter_and_its_tasks_are_found_by_name() -> None:
    assert checks.chapters()["ch03"] == STEM
    assert checks.tasks("ch03") is checks.tasks(STEM) is check.TASKS
    assert [task.id for task in check.TASKS] == [f"ch03.{number}" for number in range(1, 6)]
    assert [task.name for task in check.TASKS] == ["frame", "unframe", "decoder", "publish", "consume"]


def test_a_chapter_without_checks_is_refused_with_the_ones_that_there_are() -> None:
    with pytest.raises(StreamlabError, match="ch03"):
        checks.tasks("ch99")


@EVERY_TASK
def test_the_untouched_hole_is_not_attempted(task: Task) -> None:
    assert task.result(stubs()[task.name], seed=1).status is Status.NOT_ATTEMPTED


@pytest.mark.parametrize("task", PURE, ids=lambda task: task.name)
def test_the_solution_passes_with_any_seed(task: Task) -> None:
    for seed in range(20):
        result = task.result(solutions()[task.name], seed=seed)
        assert result.passed, result.message


@pytest.mark.stack
def test_the_solution_of_publish_passes_on_the_live_stack(live_stack: stack.Stack) -> None:
    for seed in (1, 2):
        result = check.publish.result(solutions()["publish"], seed=seed)
        assert result.passed, result.message


@EVERY_TASK
def test_a_hole_has_at_most_ten_lines(task: Task) -> None:
    stub = next(node for node in ast.parse(cell_of(task.name)).body if isinstance(node, ast.FunctionDef))
    body = [statement for statement in stub.body if not _is_docstring(statement)]
    first, last = body[0].lineno, body[-1].end_lineno
    assert last is not None
    lines = cell_of(task.name).splitlines()[first - 1 : last]
    assert len([line for line in lines if line.strip() and not line.strip().startswith("#")]) <= 10


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@EVERY_TASK
def test_hints_and_explanations_are_there(task: Task) -> None:
    assert len(set(task.hints)) == 3
    texts = [*task.hints, task.why, task.limits, task.interview, task.goal]
    texts += [text for mistake in task.mistakes for text in (mistake.what, mistake.why, mistake.try_next)]
    for text in texts:
        assert len(text) > 10
        assert text[-1] in ".?"


@EVERY_TASK
def test_no_hint_and_no_mistake_holds_a_line_of_the_solution(task: Task) -> None:
    texts = [*task.hints, task.goal]
    texts += [text for mistake in task.mistakes for text in (mistake.what, mistake.why, mistake.try_next)]
    lines = solution_lines(task.name)
    assert lines
    for line in lines:
        for text in texts:
            assert _squeezed(line) not in _squeezed(text), text


@pytest.mark.parametrize("task", PURE, ids=lambda task: task.name)
def test_no_message_holds_a_line_of_the_solution(task: Task) -> None:
    for answer in task.wrong_answers:
        message = _squeezed(task.result(answer.answer, seed=3).message)
        for line in solution_lines(task.name):
            assert _squeezed(line) not in message, answer.name


@EVERY_TASK
def test_the_signature_is_the_one_of_the_lab(task: Task) -> None:
    name, _, rest = task.signature.partition("(")
    assert name == task.name
    parameters = [
        part.split(":")[0].strip() for part in re.split(r",(?![^\[]*\])", rest.partition(") ->")[0])
    ]
    stub = stubs()[task.name]
    assert list(stub.__code__.co_varnames[: stub.__code__.co_argcount]) == parameters


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
