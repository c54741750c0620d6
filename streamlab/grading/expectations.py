"""What can be expected of the value of a call; each refuses the answer when it is not so.

    attempt.expect_type(call, bytes)
    attempt.expect_tuple(call, int, bytes)
    attempt.expect_equal(call, expected, mistakes={"little-endian": swapped})

An `Attempt` has these methods, and `refuse`, in which each of them ends.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from streamlab.grading import diagnosis
from streamlab.grading.call import Call, Refused
from streamlab.grading.comparing import first_difference, is_a, same
from streamlab.grading.mistakes import GENERIC, Mistake
from streamlab.grading.result import Evidence
from streamlab.grading.showing import describe, describe_type, error_text, one_line, show, type_name

_SHORT_ENOUGH_CHARACTERS = 120
_TRIVIAL: tuple[object, ...] = (None, 0, 1, "", b"", [], {}, ())


class Expectations:
    """Expectations of values, and the refusal in which a disappointed one ends.

    Args:
        mistakes: the task's own mistakes; the generic ones are known too.
    """

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self._mistakes = GENERIC | {mistake.id: mistake for mistake in mistakes}
        self._checks: list[str] = []
        self._accepted: list[Any] = []
        self._refusals: list[Refused] = []

    def expect_reason(self, call: Call, *, minimum_characters: int = 5) -> None:
        """The exception that was raised must say why."""
        text = error_text(call.error) if call.error is not None else ""
        if len(text) < minimum_characters:
            self.refuse(
                "no-reason",
                called=call.shown,
                came=f"{type_name(type(call.error))} with the text {text!r}",
                expected="a text that says what is wrong with the input",
            )

    def expect_type(self, call: Call, *types: type) -> None:
        """The value must be of one of `types` (or a subclass; a bool is no int)."""
        value = call.value
        if any(is_a(value, kind) for kind in types):
            return
        expected = " or ".join("None" if kind is type(None) else kind.__name__ for kind in types)
        self._refuse_type(call, expected)

    def expect_callable(self, call: Call) -> None:
        """The value must be a function, or something that can be called like one."""
        if not callable(call.value):
            self._refuse_type(call, "a function")

    def expect_tuple(self, call: Call, *types: type) -> None:
        """The value must be a tuple of exactly these types."""
        self.expect_type(call, tuple)
        parts = tuple(tuple.__iter__(call.value))
        expected = f"({', '.join(kind.__name__ for kind in types)})"
        if len(parts) != len(types):
            self.refuse(
                "wrong-length",
                called=call.shown,
                came=f"{len(parts)} parts: {show(parts)}",
                expected=expected,
            )
        for place, (part, kind) in enumerate(zip(parts, types, strict=True)):
            if not is_a(part, kind):
                came = f"{describe_type(part)} in place {place}: {show(parts)}"
                self.refuse("wrong-type", called=call.shown, came=came, expected=expected)

    def expect_equal(
        self,
        call: Call,
        expected: object,
        mistakes: Mapping[str, object] | None = None,
        message: str | None = None,
    ) -> None:
        """The value must equal `expected`, in type too.

        Args:
            mistakes: values that betray a mistake, by its id; the first that equals the value counts.
            message: what to say when none of them fits.
        """
        value = call.value
        if same(value, expected):
            self._accepted.append(expected)
            return
        came, wanted = differing(value, expected)
        for mistake, candidate in (mistakes or {}).items():
            if same(value, candidate):
                self.refuse(mistake, called=call.shown, came=came, expected=wanted)
        if not is_a(value, type(expected)):
            self._refuse_type(call, f"{type(expected).__name__}: {show(expected, 120)}")
        repeats = message is None and any(e not in _TRIVIAL and same(value, e) for e in self._accepted)
        repeated = "hard-coded" if repeats else None
        self.refuse(repeated, called=call.shown, came=came, expected=wanted, message=message)

    def refuse(
        self,
        mistake: str | None,
        *,
        called: str,
        came: str,
        expected: str,
        message: str | None = None,
    ) -> NoReturn:
        """End the examination: the answer is wrong.

        Args:
            mistake: the id of the mistake, from the task's catalogue or the generic ones; None: none fits.
            message: what happened in one sentence; the mistake's own by default.
        """
        known = None if mistake is None else self._mistakes[mistake]
        summary = message or (known.what if known else "The value is not the expected one.")
        refusal = Refused(
            one_line(summary, 300),
            known,
            Evidence(one_line(called, 240), one_line(came, 280), one_line(expected, 280)),
            self._checks[-1] if self._checks else None,
        )
        self._refusals.append(refusal)
        raise refusal

    def _refuse_type(self, call: Call, expected: str) -> NoReturn:
        came = describe(call.value, 140)
        if call.value is None and call.printed.strip():
            came = f"None; it printed {show(call.printed.strip(), 100)}"
        self.refuse(diagnosis.mistake_of_type(call.value), called=call.shown, came=came, expected=expected)


def differing(value: object, expected: object) -> tuple[str, str]:
    """The two values as texts; where they are long, the first place at which they differ."""
    came, wanted = show(value), show(expected)
    if max(len(came), len(wanted)) <= _SHORT_ENOUGH_CHARACTERS:
        return came, wanted
    place, mine, theirs = first_difference(value, expected)
    return (f"{place}: {show(mine, 180)}", f"{place}: {show(theirs, 180)}") if place else (came, wanted)
