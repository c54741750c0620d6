"""The form of a lesson, as far as a machine can see it."""

import re
from statistics import median

import pytest
from reading import ALL, LESSONS, START, Markdown, code_lines, markdown, name_of, sections

from streamlab.build import Derivation

lessons = pytest.mark.parametrize("lesson", LESSONS, ids=name_of)
everything = pytest.mark.parametrize("derivation", ALL, ids=name_of)


@everything
def test_a_notebook_has_one_title_and_it_comes_first(derivation: Derivation) -> None:
    titles = [h.text for h in markdown(derivation.notebook.cells).headings if h.level == 1]
    assert len(titles) == 1
    first = derivation.notebook.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


@lessons
def test_a_lesson_has_four_to_seven_ideas(lesson: Derivation) -> None:
    ideas = [h.text for h in markdown(lesson.notebook.cells).headings if h.level == 2]
    assert 4 <= len(ideas) <= 7, ideas


@lessons
def test_a_lesson_opens_with_a_question_goals_minutes_and_what_it_needs(lesson: Derivation) -> None:
    opening = markdown(sections(lesson.notebook)[0])
    assert "?" in opening.text
    assert 3 <= opening.bullets <= 5, f"{opening.bullets} goals"
    assert re.search(r"\d+ minutes|\bMinutes:\W*\d+|\| minutes \|", opening.text)
    assert re.search(r"\bneeds?\b", opening.text, re.IGNORECASE)


@lessons
def test_a_lesson_closes_with_what_was_seen_and_one_link_on(lesson: Derivation) -> None:
    closing = markdown(sections(lesson.notebook)[-1])
    assert "you have seen" in closing.text.lower()
    assert len(closing.links) == 1, closing.links


@lessons
def test_a_lesson_cell_is_short(lesson: Derivation) -> None:
    lengths = [code_lines(cell.source) for cell in lesson.notebook.cells if cell.cell_type == "code"]
    assert median(lengths) <= 5, sorted(lengths)
    assert max(lengths) <= 25, sorted(lengths)
    assert sum(length > 15 for length in lengths) <= 2, "more than 15 lines: seldom"


@lessons
def test_a_lesson_tests_itself_in_every_idea(lesson: Derivation) -> None:
    for part in sections(lesson.notebook)[1:]:
        code = [cell.source for cell in part if cell.cell_type == "code"]
        if code:
            assert any(re.search(r"^\s*assert ", source, re.MULTILINE) for source in code), part[0].source


@lessons
def test_a_prediction_stands_above_each_answer(lesson: Derivation) -> None:
    answers = 0
    for part in sections(lesson.notebook):
        asked = False
        for cell in part:
            asked = asked or (cell.cell_type == "code" and "predict(" in cell.source)
            if "answer" in cell.metadata.get("tags", ()):
                answers += 1
                assert asked, f"no prediction above it in its section: {cell.source}"
    assert answers, "a lesson without a prediction"


@lessons
def test_a_prediction_is_made_before_its_evidence_is_shown(lesson: Derivation) -> None:
    code = "\n".join(cell.source for cell in lesson.notebook.cells if cell.cell_type == "code")
    asked = re.findall(r"^(\w+) = predict\(", code, re.MULTILINE)
    answered = re.findall(r"^(\w+)\.evidence\(", code, re.MULTILINE)
    assert asked == answered


@everything
def test_markdown_is_plain(derivation: Derivation) -> None:
    for cell in derivation.notebook.cells:
        if cell.cell_type == "markdown":
            assert not Markdown(cell.source).html, cell.source
            assert not cell.get("attachments")


def test_the_start_page_is_there() -> None:
    assert any(derivation.stem == START for derivation in ALL)
