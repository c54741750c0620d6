"""Cards say the same as the text, escape everything, and need nothing from outside."""

import re
from html.parser import HTMLParser

import pytest

from streamlab.grading import Evidence, Mistake, Result, Status, Task
from tests.grading.toy_lab import double

ANSWERS = {
    Status.PASSED: double.right_answers[0].answer,
    Status.WRONG: lambda n: n * n,
    Status.NOT_ATTEMPTED: ...,
}


def html(result: Result) -> str:
    return result._repr_mimebundle_()["text/html"]


class Balanced(HTMLParser):
    """Counts what is open, and collects the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("status", ANSWERS)
def test_every_card_is_whole_html_without_anything_from_outside(status: Status) -> None:
    card = html(double.result(ANSWERS[status]))
    assert Balanced(card).open == []
    assert not re.search(r"<(script|link|img|style)|https?:|url\(", card)


@pytest.mark.parametrize("status", ANSWERS)
def test_the_status_is_a_word_not_only_a_colour(status: Status) -> None:
    words = "".join(Balanced(html(double.result(ANSWERS[status]))).text)
    assert {"passed": "Passed", "wrong": "Wrong", "not attempted": "Not attempted"}[status] in words


def test_no_colour_is_set_for_text_or_ground_so_that_any_theme_can_be_read() -> None:
    for answer in ANSWERS.values():
        card = html(double.result(answer))
        assert set(re.findall(r"(?<![-\w])color:([^;\"]+)", card)) == {"inherit"}
        assert set(re.findall(r"background:([^;\"]+)", card)) == {"transparent"}


def test_a_pass_card_says_what_was_checked_why_it_works_where_it_stops_and_what_it_answers() -> None:
    words = "\n".join(Balanced(html(double.result(ANSWERS[Status.PASSED], seed=9))).text)
    for text in ("doubles a small number", "refuses a negative number", double.why, double.limits):
        assert text in words
    assert double.interview in words
    assert "seed: 9" in words


def test_a_wrong_card_says_the_mistake_the_evidence_why_and_what_to_try() -> None:
    result = double.result(ANSWERS[Status.WRONG], seed=9)
    words = "\n".join(Balanced(html(result)).text)
    assert result.evidence is not None
    evidence = result.evidence
    for text in ("squared", evidence.called, evidence.came, evidence.expected, result.why, result.try_next):
        assert text in words
        assert text in result.message
    assert "double.result" not in words
    assert "seed=9" in words


def test_what_learners_write_is_escaped() -> None:
    def attack(_n: int) -> str:
        return "<script>alert(1)</script><b onclick='x'>&amp;"

    card = html(double.result(attack))
    assert "<script" not in card
    assert "<b onclick" not in card
    assert "&lt;script&gt;" in card


def test_the_message_has_at_most_six_bounded_lines_whatever_is_in_it() -> None:
    text = "word " * 500 + "\n" * 50
    result = Result(
        "t.1",
        "f",
        Status.WRONG,
        text,
        1,
        check="c",
        mistake="m",
        evidence=Evidence(text, text, text),
        why=text,
        try_next=text,
        notes=(text,),
    )
    lines = result.message.splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) < 800


def test_a_result_goes_through_json_and_back() -> None:
    for answer in ANSWERS.values():
        result = double.result(answer)
        assert Result.from_json(result.as_json()) == result


def test_a_mistake_of_the_task_wins_over_a_generic_one_of_the_same_name() -> None:
    own = Mistake("returned-none", "Our words.", "why", "try")
    task = Task(
        id="t.1",
        name="f",
        goal="",
        signature="",
        examine=lambda attempt: attempt.expect_type(attempt.call(), int),
        mistakes=(own,),
    )
    assert task.result(lambda: None).summary == "Our words."
