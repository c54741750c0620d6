"""Where two registries differ: the same questions to both, and the answers side by side.

    found = compare("http://127.0.0.1:8081", "http://127.0.0.1:8082/apis/ccompat/v7")
    [row.question.name for row in found.differences]
    found.table()                                # a rich table of the differences; everything=True for all

The questions are in `questions`. They are asked under subjects of their own, which are deleted afterwards;
settings of the whole registry are read, never changed. Ids and names that differ from registry to registry
are not part of an answer, so that equal answers mean equal behaviour.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from rich.table import Table

from streamlab.errors import StreamlabError
from streamlab.registry.asked import TIMEOUT_SECONDS, Asked, NotPreparedError, Question
from streamlab.registry.questions import QUESTIONS
from streamlab.stack.registry_http import is_loopback

_OTHER_FORM: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class Answers:
    """One question and what each registry said."""

    question: Question
    first: str
    second: str

    @property
    def differ(self) -> bool:
        """Whether the registries say different things."""
        return self.first != self.second


@dataclass(frozen=True)
class Comparison:
    """All questions with both answers.

    Attributes:
        names: what the registries are called in the table.
    """

    names: tuple[str, str]
    rows: tuple[Answers, ...]

    @property
    def differences(self) -> tuple[Answers, ...]:
        """The questions with different answers."""
        return tuple(row for row in self.rows if row.differ)

    def table(self, *, everything: bool = False) -> Table:
        """The differences as a table for a terminal or a notebook.

        Args:
            everything: also the questions with the same answers.
        """
        title = f"{len(self.differences)} of {len(self.rows)} answers differ"
        table = Table(title=title, title_justify="left", show_lines=True)
        table.add_column("what is asked", ratio=3)
        for name in self.names:
            table.add_column(name, ratio=2, overflow="fold")
        table.add_column("what depends on it", ratio=3)
        for row in self.rows if everything else self.differences:
            second = row.second if row.differ else "the same"
            table.add_row(row.question.name, row.first, second, row.question.matters)
        return table

    def as_json(self) -> dict[str, Any]:
        """Everything that was found, for a program."""
        return {
            "registries": list(self.names),
            "differences": len(self.differences),
            "questions": [
                {"name": row.question.name, "matters": row.question.matters, "differ": row.differ,
                 "answers": [row.first, row.second]}
                for row in self.rows
            ],
        }  # fmt: skip


def compare(
    first_url: str,
    second_url: str,
    names: tuple[str, str] | None = None,
    questions: Sequence[Question] = QUESTIONS,
) -> Comparison:
    """Ask both registries every question.

    Args:
        names: what to call them; by default their addresses.
        questions: what to ask; by default the project's own list.

    Raises:
        StreamlabError: one of them does not answer as a registry does.
    """
    run = secrets.token_hex(4)
    first, second = (answers_of(url, questions, run) for url in (first_url, second_url))
    rows = tuple(
        Answers(question, one, other) for question, one, other in zip(questions, first, second, strict=True)
    )
    return Comparison(names or (first_url, second_url), rows)


def answers_of(url: str, questions: Sequence[Question], run: str) -> list[str]:
    """What one registry says to each question.

    Raises:
        StreamlabError: it does not answer as a registry does.
    """
    _check(url)
    with Asked(url, run) as registry:
        return [_answer(question, registry) for question in questions]


def _answer(question: Question, registry: Asked) -> str:
    try:
        return question.ask(registry)
    except NotPreparedError as error:
        return f"cannot be asked: {error}"
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    except _OTHER_FORM:
        return "an answer of another form"


def _check(url: str) -> None:
    """Whether there is a registry at all."""
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(url)) as client:
            answer = client.get(f"{url}/subjects")
            is_registry = answer.status_code == httpx.codes.OK and isinstance(answer.json(), list)
        came = f"HTTP {answer.status_code}, no list of subjects"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        is_registry, came = False, str(error) or type(error).__name__
    if not is_registry:
        raise StreamlabError(
            f"{url} is no schema registry that answers ({came}).",
            "Give the address of its API, for example http://127.0.0.1:8081.",
        )
