"""A prediction takes a guess, keeps it, and compares it with the evidence; everywhere also as text."""

from pathlib import Path

import pytest

from streamlab.grading import progress
from streamlab.widgets import Prediction, predict

CHOICES = ("once a message", "once a schema id", "never")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was recorded in the learner's progress."""
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(progress, "record_prediction", lambda name, guess: calls.append((name, guess)))
    return calls


def question() -> Prediction:
    return Prediction("c15", "How often is the registry asked?", CHOICES)


def test_nothing_is_chosen_to_begin_with(kept: list[tuple[str, str]]) -> None:
    assert question().guess is None
    assert kept == []


def test_pressing_a_button_records_the_guess(kept: list[tuple[str, str]]) -> None:
    c15 = question()
    c15._buttons.value = "once a message"
    assert c15.guess == "once a message"
    assert kept == [("c15", "once a message")]
    assert c15._note.value == "Your guess is kept. Now run the next cells."


def test_without_buttons_a_number_takes_the_choice(kept: list[tuple[str, str]]) -> None:
    c15 = question()
    c15.answer(2)
    assert c15.guess == "once a schema id"
    assert kept == [("c15", "once a schema id")]


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_number_without_a_choice_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        question().answer(number)


def test_a_guess_that_cannot_be_kept_still_counts_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "record_prediction", lambda *_: "It could not be kept: disk full.")
    c15 = question()
    c15.answer(1)
    assert c15.guess == "once a message"
    assert c15._note.value == "It could not be kept: disk full."


def test_a_guess_reaches_the_learners_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path))
    question().answer(2)
    assert [(one.claim, one.last_guess) for one in progress.predictions()] == [("c15", "once a schema id")]


def test_the_text_is_the_question_with_its_choices_and_never_changes(kept: list[tuple[str, str]]) -> None:
    c15 = question()
    before = c15._repr_mimebundle_()["text/plain"]
    c15.answer(1)
    assert c15._repr_mimebundle_()["text/plain"] == before == str(question())
    assert before.splitlines()[:3] == [
        "Predict: How often is the registry asked?",
        "  1. once a message",
        "  2. once a schema id",
    ]


def test_buttons_are_offered_where_they_can_be_shown() -> None:
    assert "application/vnd.jupyter.widget-view+json" in question()._repr_mimebundle_()


def test_asking_shows_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    predict("c15", "How often is the registry asked?", CHOICES)
    assert "Predict: How often is the registry asked?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "first_line"),
    [
        (None, "You made no guess. The evidence says: once a schema id."),
        (1, "You said: once a message. The evidence says: once a schema id."),
        (2, "You predicted it. The evidence says: once a schema id."),
    ],
)
def test_the_evidence_stands_beside_the_guess(
    kept: list[tuple[str, str]], number: int | None, first_line: str
) -> None:
    c15 = question()
    if number:
        c15.answer(number)
    evidence = c15.evidence(
        "once a schema id", "Verdict: *false*.\n\nThe id travels,\n    the schema does not."
    )
    assert str(evidence).splitlines() == [
        first_line,
        "Verdict: *false*.",
        "The id travels, the schema does not.",
    ]
    assert evidence.is_as_predicted == (number == 2)
    markdown = evidence._repr_mimebundle_()["text/markdown"]
    assert markdown.endswith("Verdict: *false*.\n\nThe id travels, the schema does not.")


def test_the_first_line_of_the_evidence_does_not_tell_the_answer() -> None:
    """JupyterLab shows the first line of an output that is folded."""
    shown = question().evidence("once a schema id")._repr_mimebundle_()["text/markdown"]
    assert shown.splitlines()[0] == "You made no guess."


def test_evidence_for_what_was_no_choice_is_an_authors_mistake() -> None:
    with pytest.raises(ValueError, match="none of the choices"):
        question().evidence("twice")


@pytest.mark.parametrize("choices", [("one",), ("same", "same")])
def test_a_question_needs_choices_that_differ(choices: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="differ"):
        Prediction("c15", "?", choices)


def test_a_question_with_markup_in_it_stays_text() -> None:
    c15 = Prediction("c15", "<script>?", CHOICES)
    assert c15._control.children[0].value == "<b>&lt;script&gt;?</b>"
