"""Every task of every lab is complete: its page in the lab, its hole, its hints, and what a pass says."""

import ast
import re

import pytest
from reading import LABS, Markdown, markdown, name_of

from streamlab import checks
from streamlab.build import Derivation
from streamlab.build.holes import regions
from streamlab.grading import Task

labs = pytest.mark.parametrize("lab", LABS, ids=name_of)
tasks = pytest.mark.parametrize(
    "task",
    [task for chapter in checks.chapters() for task in checks.tasks(chapter)],
    ids=lambda task: task.id,
)


def holes(lab: Derivation) -> dict[str, tuple[ast.FunctionDef, list[str]]]:
    """The functions with a hole, with the lines of our answer."""
    found = {}
    for cell in lab.source.cells:
        if cell.kind == "code":
            for region in regions(lab.source, cell):
                answer = cell.text.splitlines()[region.begin + 1 : region.end]
                named = {n.name: n for n in ast.walk(ast.parse(cell.text)) if isinstance(n, ast.FunctionDef)}
                found[region.function] = (named[region.function], answer)
    return found


def test_every_lab_has_checks_and_every_checks_package_has_a_lab() -> None:
    assert sorted(checks.chapters().values()) == sorted(lab.stem for lab in LABS)


@labs
def test_a_lab_has_three_to_six_tasks_numbered_in_order(lab: Derivation) -> None:
    found = checks.tasks(lab.stem)
    assert 3 <= len(found) <= 6
    chapter = lab.stem.partition("_")[0]
    assert [task.id for task in found] == [f"{chapter}.{n}" for n in range(1, len(found) + 1)]


@labs
def test_each_task_has_a_page_a_hole_and_the_check_below_it(lab: Derivation) -> None:
    found = checks.tasks(lab.stem)
    headings = [h.text for h in markdown(lab.notebook.cells).headings if h.level == 2]
    pages = [h for h in headings if h.startswith("Task ")]
    for number, (task, page) in enumerate(zip(found, pages, strict=True), start=1):
        assert re.fullmatch(rf"Task {number}: {re.escape(task.name)} \(\d+ minutes.*\)", page)
    assert list(holes(lab)) == [task.name for task in found]
    texts = [cell.source for cell in lab.notebook.cells]
    for task in found:
        hole = next(n for n, text in enumerate(texts) if f"def {task.name}(" in text)
        below = [n for n, text in enumerate(texts) if f"check.{task.name}({task.name})" in text]
        assert below == [hole + 1], f"the check of {task.name} belongs right under its hole"


@labs
def test_each_page_says_its_goal(lab: Derivation) -> None:
    for cell in lab.notebook.cells:
        if cell.cell_type == "markdown" and any(
            h.text.startswith("Task ") for h in Markdown(cell.source).headings
        ):
            assert "**Goal.**" in cell.source


@labs
def test_each_hole_is_short_and_its_function_says_what_it_returns(lab: Derivation) -> None:
    for name, (function, answer) in holes(lab).items():
        lines = [line for line in answer if line.strip() and not line.strip().startswith("#")]
        assert len(lines) <= 10 or name == list(holes(lab))[-1], f"{name}: {len(lines)} lines"
        assert ast.get_docstring(function), name
        assert function.returns is not None, name
        assert all(argument.annotation for argument in function.args.args), name


@tasks
def test_a_task_says_why_it_works_where_it_stops_and_which_question_it_answers(task: Task) -> None:
    for text in (task.goal, task.signature, task.why, task.limits, task.interview):
        assert len(text.split()) >= 4, task.id


@tasks
def test_a_task_has_three_different_hints(task: Task) -> None:
    assert len({hint.strip() for hint in task.hints}) == 3
    assert all(len(hint.split()) >= 4 for hint in task.hints)


@labs
def test_no_hint_gives_a_whole_line_of_the_answer_away(lab: Derivation) -> None:
    """Never the line itself: `return` and short lines such as `pass` may stand in a hint."""
    answers = holes(lab)
    for task in checks.tasks(lab.stem):
        lines = {line.strip() for line in answers[task.name][1]}
        for line in (line for line in lines if len(line) > 25):
            assert not any(line in hint for hint in task.hints), f"{task.id}: {line}"


@tasks
def test_a_task_knows_six_wrong_answers_and_two_other_right_ones(task: Task) -> None:
    assert len({answer.name for answer in task.wrong_answers}) >= 6
    assert len({answer.name for answer in task.right_answers}) >= 2
