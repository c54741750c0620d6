"""A task of a lab: what is asked, how an answer is examined, and everything that is known about answers.

frame = Task(id="ch03.1", name="frame", goal="Put the header in front of a payload.",
             signature="frame(schema_id: int, payload: bytes) -> bytes", examine=examine, ...)
frame(answer)                       # in a notebook: a card; CheckFailed unless it passed
frame.result(answer, seed=1234)     # the same as data; raises nothing
frame.hint()                        # the next of three
"""

import contextlib
import json
import os
import secrets
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlab.errors import StreamlabError
from streamlab.grading import streams, stub
from streamlab.grading.attempt import Attempt
from streamlab.grading.call import Refused, Unanswered
from streamlab.grading.mistakes import GENERIC, Mistake
from streamlab.grading.result import CheckFailed, Evidence, Result, Status
from streamlab.grading.showing import describe, describe_error, one_line, show

if TYPE_CHECKING:
    from streamlab.stack import Stack

BUDGET_SECONDS = 10.0
BUDGET_WITH_STACK_SECONDS = 30.0
SEED_VARIABLE = "STREAMLAB_SEED"
RESULTS_VARIABLE = "STREAMLAB_RESULTS"


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that people give, with the mistake and the sub-check that must come up."""

    name: str
    answer: Callable[..., Any]
    mistake: str | None
    check: str | None


@dataclass(frozen=True)
class RightAnswer:
    """A right answer that is written differently from ours and must pass."""

    name: str
    answer: Callable[..., Any]


@dataclass(frozen=True)
class Task:
    """One task of a lab.

    `why`, `limits` and `interview` are what a pass says; `hints` go from vague to nearly the line.
    """

    id: str
    name: str
    goal: str
    signature: str
    examine: Callable[[Attempt], None]
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, str, str] = ("", "", "")
    why: str = ""
    limits: str = ""
    interview: str = ""
    wrong_answers: tuple[WrongAnswer, ...] = ()
    right_answers: tuple[RightAnswer, ...] = ()
    needs_stack: bool = False
    budget_seconds: float | None = None

    def __call__(self, answer: Any) -> Result:
        """Check an answer, show the card, record the attempt.

        Raises:
            CheckFailed: the answer did not pass; the card, or the exception's text, says why.
        """
        from streamlab.grading import progress

        result = self.result(answer)
        notice = progress.record_attempt(result)
        if notice:
            result = _with_note(result, notice)
        _append_to_results_file(result)
        result.display_in_notebook()
        if not result.passed:
            raise CheckFailed(result)
        return result

    def result(self, answer: Any, seed: int | None = None) -> Result:
        """Check an answer and say what came out, whatever the answer does; nothing is shown or recorded.

        Raises:
            StreamlabError: called by an answer that is itself being checked.
        """
        if streams.is_captured():
            raise StreamlabError(
                f"check.{self.name} was called inside an answer that is being checked.",
                "Call it in a cell of its own.",
            )
        seed = _seed() if seed is None else seed
        if stub.is_stub(answer):
            return self._not_attempted()
        if not callable(answer):
            return self._not_callable(answer)
        stack: Stack | None = None
        if self.needs_stack:
            from streamlab import stack as streamlab_stack

            try:
                stack = streamlab_stack.connect()
            except Exception as error:  # noqa: BLE001 - whatever keeps us from the stack is not the answer's
                return self._broken(_sentence(error))
        return self._examined(answer, seed, stack)

    def hint(self) -> None:
        """Show the next hint; asking is recorded."""
        from streamlab.grading import progress

        sys.stdout.write(f"{self.hint_text(progress.next_hint(self.id, of=len(self.hints)))}\n")

    def hint_text(self, number: int) -> str:
        """The hint of that number, from 1, with what to do when it was the last."""
        last = number == len(self.hints)
        after = "This was the last one; the next step is yours." if last else "Ask again for the next one."
        return (
            f"Hint {number} of {len(self.hints)} for {self.id} {self.name}: {self.hints[number - 1]}\n{after}"
        )

    def _examined(self, answer: Any, seed: int, stack: "Stack | None") -> Result:
        budget = self.budget_seconds or (BUDGET_WITH_STACK_SECONDS if self.needs_stack else BUDGET_SECONDS)
        attempt = Attempt(answer, self.name, seed, self.mistakes, budget, stack)
        try:
            self.examine(attempt)
        except Unanswered:
            return self._not_attempted()
        except Refused as refusal:
            sickness = _sickness(stack)
            if sickness:
                return self._broken(sickness, refusal.check)
            return self._wrong(refusal, attempt)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a fault of the course must not end as the learner's
            sickness = _missing_capability(error) or _sickness(stack)
            if sickness:
                return self._broken(sickness)
            return self._own_fault(error, seed)
        return Result(
            self.id,
            self.name,
            Status.PASSED,
            one_line(self.goal, 300),
            seed,
            checked=tuple(attempt.checked),
            why=self.why,
            limits=self.limits,
            interview=self.interview,
            notes=tuple(attempt.notes),
        )

    def _wrong(self, refusal: Refused, attempt: Attempt) -> Result:
        known = refusal.mistake
        return Result(
            self.id,
            self.name,
            Status.WRONG,
            refusal.summary,
            attempt.seed,
            check=refusal.check,
            mistake=known.id if known else None,
            evidence=refusal.evidence,
            checked=tuple(attempt.checked),
            why=known.why if known else "",
            try_next=known.try_next
            if known
            else f"Call it yourself in a new cell, or ask: streamlab hint {self.id}",
            notes=tuple(attempt.notes),
        )

    def _not_attempted(self) -> Result:
        return Result(
            self.id,
            self.name,
            Status.NOT_ATTEMPTED,
            "The line that raises NotImplementedError is still there.",
            None,
            try_next=f"Replace that line with your answer. A first hint: streamlab hint {self.id}",
        )

    def _not_callable(self, answer: Any) -> Result:
        known = GENERIC["not-callable"]
        return Result(
            self.id,
            self.name,
            Status.WRONG,
            known.what,
            None,
            mistake=known.id,
            evidence=Evidence(
                f"check.{self.name}({show(answer, 100)})",
                describe(answer, 140),
                f"the function itself: check.{self.name}({self.name})",
            ),
            why=known.why,
            try_next=known.try_next,
        )

    def _broken(self, sickness: str, check: str | None = None) -> Result:
        return Result(
            self.id,
            self.name,
            Status.ENVIRONMENT_BROKEN,
            one_line(sickness, 300),
            None,
            check=check,
            try_next="Your answer was not judged. Mend the stack, then run this cell again.",
        )

    def _own_fault(self, error: BaseException, seed: int) -> Result:
        where = traceback.extract_tb(error.__traceback__)[-1:]
        place = f" ({Path(where[0].filename).name}, line {where[0].lineno})" if where else ""
        return Result(
            self.id,
            self.name,
            Status.ENVIRONMENT_BROKEN,
            f"The course's own check failed: {describe_error(error, 160)}{place}.",
            seed,
            try_next=f"Your answer was not judged. Please report this, with the seed {seed} and your answer.",
        )


def _seed() -> int:
    """The seed of the environment, or a fresh one of at most six digits, so that it can be typed."""
    given = os.environ.get(SEED_VARIABLE, "")
    return int(given) if given.isdecimal() else secrets.randbelow(1_000_000)


def _sickness(stack: "Stack | None") -> str:
    """What is wrong with the stack right now, in a sentence; empty when nothing is, or when there is none."""
    if stack is None:
        return ""
    try:
        stack.check_health()
    except Exception as error:  # noqa: BLE001 - any failure of the probe is one of the environment
        return _sentence(error)
    return ""


def _missing_capability(error: BaseException) -> str:
    """What the check needs and this stack does not have, in a sentence; empty if that is not it."""
    from streamlab.stack import CapabilityMissing

    return str(error) if isinstance(error, CapabilityMissing) else ""


def _sentence(error: Exception) -> str:
    """What the stack says about itself: its own sentence with the command that helps, or one around it."""
    if isinstance(error, StreamlabError):
        return str(error)
    return f"The stack does not answer: {describe_error(error, 160)}. Run `streamlab status`."


def _append_to_results_file(result: Result) -> None:
    """Hand the result to `streamlab check`, which named the file."""
    file = os.environ.get(RESULTS_VARIABLE)
    if file:
        with contextlib.suppress(OSError), Path(file).open("a", encoding="utf-8") as results:
            results.write(json.dumps(result.as_json()) + "\n")


def _with_note(result: Result, note: str) -> Result:
    return replace(result, notes=(*result.notes, one_line(note, 300)))
