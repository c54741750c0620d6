"""One call of an answer, and the two ways in which it can end an examination.

call = Call("frame(7, b'body')", value=b"...")
call.part(call.value[0], "[0]")          # a part of it, for an expectation about that part alone
call.came                                # the value or the error, as one line of text
raise Refused(summary, mistake, evidence, check)
"""

from dataclasses import dataclass, replace
from typing import Any

from streamlab.grading.mistakes import Mistake
from streamlab.grading.result import Evidence
from streamlab.grading.showing import describe_error, show


@dataclass(frozen=True)
class Call:
    """One call of the answer, or of a function that it returned.

    Args:
        shown: the call as one writes it, `frame(7, b'body')`.
        value: what came back.
        error: what was raised, where that was expected.
        printed: the first characters of what it printed.
        arguments: the objects that were handed over; copies of the ones given.
    """

    shown: str
    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    arguments: tuple[Any, ...] = ()

    def part(self, value: object, name: str) -> "Call":
        """A part of the value, for an expectation about that part alone: `call.part(records[0], "[0]")`."""
        return replace(self, value=value, shown=f"{self.shown}{name}")

    @property
    def came(self) -> str:
        """The value or the error, as one line of text."""
        return show(self.value) if self.error is None else describe_error(self.error, 160)


class Refused(BaseException):
    """Ends the examination: the answer is wrong. Not an `Exception`, so that no answer swallows it."""

    def __init__(self, summary: str, mistake: Mistake | None, evidence: Evidence, check: str | None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.mistake = mistake
        self.evidence = evidence
        self.check = check


class Unanswered(BaseException):
    """Ends the examination: the call reached a hole that the lab left."""
