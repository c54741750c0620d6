"""What a check found out, as data that shows itself.

result = check.frame.result(frame, seed=1234)
result.status, result.mistake          # Status.WRONG, "little-endian"
print(result.message)                  # at most six lines: what was called, what came, ...
result.evidence.expected               # "b'\\x00\\x00\\x00\\x00\\x07body'"
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from streamlab.grading import cards


class Status(StrEnum):
    """The four things that a check can say; they are never confused."""

    PASSED = "passed"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not attempted"
    ENVIRONMENT_BROKEN = "environment broken"


@dataclass(frozen=True)
class Evidence:
    """What was called, what came of it, and what was expected: three texts of one line each."""

    called: str
    came: str
    expected: str


@dataclass(frozen=True)
class Result:
    """The outcome of one check of one answer.

    Args:
        task: the task's id, `ch03.1`.
        name: the function's name, `frame`.
        summary: what happened, in one sentence.
        seed: repeats the same inputs: `check.frame.result(frame, seed=...)`; None when nothing was called.
        check: the named sub-check that refused the answer, if one did.
        mistake: the id of the known mistake, if it is one.
        checked: the sub-checks that the answer passed.
        why: after a pass why it works, after a mistake why people make it.
        try_next: what to do next.
        limits: after a pass, where it stops working.
        interview: after a pass, the interview question that it answers.
        notes: anything else worth a sentence.
    """

    task: str
    name: str
    status: Status
    summary: str
    seed: int | None
    check: str | None = None
    mistake: str | None = None
    evidence: Evidence | None = None
    checked: tuple[str, ...] = ()
    why: str = ""
    try_next: str = ""
    limits: str = ""
    interview: str = ""
    notes: tuple[str, ...] = ()
    _shown_at: list[int] = field(default_factory=list, compare=False, repr=False)

    @property
    def passed(self) -> bool:
        """Whether the answer passed."""
        return self.status is Status.PASSED

    @property
    def message(self) -> str:
        """The feedback as plain text, at most six lines."""
        return "\n".join(cards.text_lines(self))

    def as_json(self) -> dict[str, Any]:
        """The result as plain data; `message` is included."""
        data = asdict(self)
        del data["_shown_at"]
        lists = {"checked": list(self.checked), "notes": list(self.notes)}
        return data | lists | {"status": str(self.status), "message": self.message}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Result":
        """The result that `as_json` wrote."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        evidence = Evidence(**data["evidence"]) if data["evidence"] else None
        lists = {name: tuple(data[name]) for name in ("checked", "notes")}
        return cls(**known | lists | {"status": Status(data["status"]), "evidence": evidence})

    def display_in_notebook(self) -> bool:
        """Show the card now, in the running cell; False when no notebook is there to show it."""
        at = cards.running_cell()
        if at is None:
            return False
        cards.display(self)
        self._shown_at.append(at)
        return True

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return self.message

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        """IPython's hook: the card as HTML, and the same as text."""
        return {"text/plain": self.message, "text/html": cards.html_card(self)}

    def _ipython_display_(self) -> None:
        """IPython's hook: a card that this cell has shown already is not shown again as its value."""
        if cards.running_cell() not in self._shown_at:
            raise NotImplementedError  # tells IPython to use the mime bundle


class CheckFailed(Exception):
    """An answer did not pass; `result` says everything. Shown as a card, and in one line as a traceback."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result

    def _render_traceback_(self) -> list[str]:
        """IPython's hook: one line, since the card is there."""
        mistake = f" ({self.result.mistake})" if self.result.mistake else ""
        return [f"CheckFailed: {self.result.task} {self.result.name}: {self.result.status}{mistake}"]
