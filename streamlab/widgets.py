"""Ask for a prediction before the evidence, and compare afterwards.

    c15 = predict("c15", "4,000 messages, two schemas. How many requests?", ["8,000", "4,000", "2"])
    ...                                      # the evidence, with its asserts
    c15.evidence("2", "Only the id travels.")    # "You said: 4,000. The evidence says: 2." and the reading

Buttons appear where ipywidgets run. Everywhere else (a page on the web, a test, a plain terminal) the same
question stands there as text, and `c15.answer(3)` takes the third choice. A guess is kept in the learner's
progress; what is displayed never depends on a guess of an earlier session.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
from IPython.display import display

from streamlab.grading import progress

TEXT_WIDTH = 100


@dataclass(frozen=True)
class Evidence:
    """What the evidence says, beside the learner's guess; shows itself as Markdown and as text."""

    answer: str
    guess: str | None
    reading: str

    @property
    def is_as_predicted(self) -> bool:
        """The learner said what the evidence says."""
        return self.guess == self.answer

    def _sentences(self) -> tuple[str, str]:
        if self.guess is None:
            return "You made no guess.", f"The evidence says: {self.answer}."
        if self.is_as_predicted:
            return "You predicted it.", f"The evidence says: {self.answer}."
        return f"You said: {self.guess}.", f"The evidence says: {self.answer}."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        said, says = self._sentences()
        # The first line alone stands for an output that is folded: it must not give the answer away.
        markdown = f"{said}\n**{says}**" + (f"\n\n{self.reading}" if self.reading else "")
        return {"text/plain": str(self), "text/markdown": markdown}

    def __str__(self) -> str:
        paragraphs = [" ".join(self._sentences()), *self.reading.split("\n\n")]
        return "\n".join(textwrap.fill(paragraph, TEXT_WIDTH) for paragraph in paragraphs if paragraph)

    __repr__ = __str__


class Prediction:
    """A question with a few choices; made and shown by `predict`.

    Attributes:
        guess: the choice that was taken, or None.
    """

    def __init__(self, name: str, question: str, choices: Sequence[str]) -> None:
        if len(set(choices)) != len(choices) or len(choices) < 2:
            raise ValueError(f"{name}: the choices must be two or more, and differ: {list(choices)}")
        self.name = name
        self.question = question
        self.choices = tuple(choices)
        self.guess: str | None = None
        self._note = ipywidgets.Label()
        self._buttons = ipywidgets.RadioButtons(
            options=self.choices, value=None, layout=ipywidgets.Layout(width="max-content")
        )
        self._buttons.observe(lambda change: self._take(change["new"]), names="value")
        self._control = ipywidgets.VBox(
            [ipywidgets.HTML(f"<b>{escape(question)}</b>"), self._buttons, self._note]
        )

    def answer(self, number: int) -> None:
        """Take a choice by its number, from 1: for where there are no buttons.

        Raises:
            ValueError: there is no choice of that number.
        """
        if not 1 <= number <= len(self.choices):
            raise ValueError(f"the choices are 1 to {len(self.choices)}, not {number}")
        self._buttons.value = self.choices[number - 1]

    def evidence(self, answer: str, reading: str = "") -> Evidence:
        """Compare the guess with what the evidence said.

        Args:
            answer: the choice that the evidence bears out.
            reading: what follows from it, in Markdown; line breaks within a paragraph do not count.

        Raises:
            ValueError: `answer` is none of the choices.
        """
        if answer not in self.choices:
            raise ValueError(f"{answer!r} is none of the choices {list(self.choices)}")
        paragraphs = [" ".join(paragraph.split()) for paragraph in reading.split("\n\n")]
        return Evidence(answer, self.guess, "\n\n".join(filter(None, paragraphs)))

    def _take(self, guess: str | None) -> None:
        self.guess = guess
        if guess is None:
            return
        trouble = progress.record_prediction(self.name, guess)
        self._note.value = trouble or "Your guess is kept. Now run the next cells."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return {**self._control._repr_mimebundle_(**kwargs), "text/plain": str(self)}

    def __str__(self) -> str:
        numbered = [f"  {number}. {choice}" for number, choice in enumerate(self.choices, start=1)]
        hint = f"Choose before you run the next cell. Where no buttons are shown: {self.name}.answer(1)"
        return "\n".join([f"Predict: {self.question}", *numbered, hint])

    __repr__ = __str__


def predict(name: str, question: str, choices: Sequence[str]) -> Prediction:
    """Ask, and show the question.

    Args:
        name: the name of the claim or surprise; by convention also that of the variable, as in `c15`.
        question: one sentence.
        choices: two or more, among them what the evidence will say.
    """
    prediction = Prediction(name, question, choices)
    display(prediction)  # type: ignore[no-untyped-call]
    return prediction
