"""What an examination is, and what it finds.

    @examination("disk")
    def disk(backend: Backend) -> Said:
        return wrong("12 MB free; 300 MB are needed", "Make room.")

    disk(backend)          # Finding("disk", "wrong", "12 MB free; 300 MB are needed", "Make room.")

"ok" is fine, "note" is worth knowing and hinders nothing, "wrong" has to be mended. A note or a wrong always
comes with what helps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from streamlab.stack.backend import Backend as Backend

Verdict = Literal["ok", "note", "wrong"]

USUAL_SECONDS: Final = 15.0
"""How long an examination may take; each bounds its own questions well below."""

AGAIN: Final = "Run `streamlab doctor` again when the machine is less busy."
RESTART: Final = "Run `streamlab down`, then `streamlab up`."


@dataclass(frozen=True)
class Said:
    """The answer of one examination: what is so (the cause, when something is wrong), what helps."""

    verdict: Verdict
    cause: str
    command: str = ""


@dataclass(frozen=True)
class Finding:
    """What one examination found, by name: shown to a person, or as JSON to a machine."""

    name: str
    verdict: Verdict
    cause: str
    command: str = ""


@dataclass(frozen=True)
class Examination:
    """One question about the machine or the stack.

    `helps_when_hanging` is what to do when no answer comes within `within_seconds`.
    """

    name: str
    look: Callable[[Backend], Said]
    within_seconds: float = USUAL_SECONDS
    helps_when_hanging: str = AGAIN

    def __call__(self, backend: Backend) -> Finding:
        """Examine, here and now, without a bound (`examine` has one)."""
        said = self.look(backend)
        return Finding(self.name, said.verdict, said.cause, said.command)


def examination(
    name: str, *, within_seconds: float = USUAL_SECONDS, helps_when_hanging: str = AGAIN
) -> Callable[[Callable[[Backend], Said]], Examination]:
    """Make an examination of a function."""
    return lambda look: Examination(name, look, within_seconds, helps_when_hanging)


def ok(cause: str) -> Said:
    """It is as it should be."""
    return Said("ok", cause)


def note(cause: str, command: str) -> Said:
    """It is worth knowing, and hinders nothing."""
    return Said("note", cause, command)


def wrong(cause: str, command: str) -> Said:
    """It has to be mended."""
    return Said("wrong", cause, command)
