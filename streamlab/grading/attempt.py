"""One answer under examination: what a task's `examine` is given.

    def examine(attempt):
        schema_id = attempt.random.randrange(1, 10_000)
        with attempt.check("the id is big-endian"):
            call = attempt.call(schema_id, b"body")
            attempt.expect_type(call, bytes)
            attempt.expect_equal(call, expected, mistakes={"little-endian": swapped})

Each of these ends the examination as soon as the answer is not right; nothing has to be returned.
"""

import contextlib
import copy
import random
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from types import CoroutineType
from typing import TYPE_CHECKING, Any, NoReturn

from streamlab.grading import diagnosis, isolation, stub
from streamlab.grading.call import Call, Unanswered
from streamlab.grading.comparing import is_a
from streamlab.grading.expectations import Expectations
from streamlab.grading.memory import ROOM_BYTES
from streamlab.grading.mistakes import Mistake
from streamlab.grading.showing import describe_error, one_line, show

if TYPE_CHECKING:
    from streamlab.stack import Stack

_MAX_CALL_CHARACTERS = 160
_FLOOD_CHARACTERS = 10_000


class Attempt(Expectations):
    """One examination of one answer.

    Args:
        answer: the learner's function.
        answer_name: what to call it in messages.
        seed: what `random` starts from.
        mistakes: the task's own mistakes; the generic ones are known too.
        budget_seconds: the time for all calls together.
        stack: the running stack, for a task that needs it.
    """

    def __init__(
        self,
        answer: Any,
        answer_name: str,
        seed: int,
        mistakes: tuple[Mistake, ...] = (),
        budget_seconds: float = 10.0,
        stack: "Stack | None" = None,
    ) -> None:
        super().__init__(mistakes)
        self.answer_name = answer_name
        self.seed = seed
        self.random = random.Random(seed)
        self.checked: list[str] = []
        self.notes: list[str] = []
        self._answer = answer
        self._stack = stack
        self._budget_seconds = budget_seconds
        self._deadline = time.monotonic() + budget_seconds
        self._calls = 0

    @property
    def stack(self) -> "Stack":
        """The running stack; for tasks with `needs_stack=True` alone."""
        if self._stack is None:
            raise LookupError("this task does not say needs_stack=True")
        return self._stack

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Name what the calls inside look at; a pass lists the name, a refusal carries it."""
        self._checks.append(name)
        yield
        self._checks.pop()
        if name not in self.checked:
            self.checked.append(name)

    def call(
        self,
        *args: Any,
        within_seconds: float = 2.0,
        when_raises: Mapping[type[BaseException], str] | None = None,
    ) -> Call:
        """Call the answer with copies of `args`; anything but a returned value is refused.

        Args:
            within_seconds: the time for this call.
            when_raises: the mistake that an exception of a type betrays; the first that fits counts.
        """
        return self.run(self._answer, *args, within_seconds=within_seconds, when_raises=when_raises)

    def run(
        self,
        function: Any,
        *args: Any,
        shown: str | None = None,
        within_seconds: float = 2.0,
        when_raises: Mapping[type[BaseException], str] | None = None,
    ) -> Call:
        """Like `call`, for a function that the answer returned; `shown` is how the messages name the call."""
        call, outcome, before = self._isolated(function, args, shown, within_seconds)
        if call.error is not None:
            betrayed = (mistake for kind, mistake in (when_raises or {}).items() if is_a(call.error, kind))
            mistake = next(betrayed, None) or diagnosis.mistake_of_error(function, call.error)
            self._refuse_error(function, call, call.error, mistake)
        self._judge_conduct(call, outcome, before)
        return call

    def observe(
        self,
        *args: Any,
        function: Any = None,
        shown: str | None = None,
        within_seconds: float = 2.0,
        expected: str = "a value",
    ) -> Call:
        """Like `call`, but an exception comes back in `.error`, for a check that reads the error itself.

        What says nothing about this input is refused all the same: a hole, an endless recursion, a wrong
        signature, an exit.

        Args:
            function: what to call in place of the answer, for a function that it returned.
            expected: what a refusal says should have come.
        """
        called = self._answer if function is None else function
        call, outcome, before = self._isolated(called, args, shown, within_seconds)
        if call.error is not None:
            mistake = diagnosis.mistake_of_error(called, call.error)
            if (
                mistake != "raised"
                or not is_a(call.error, Exception)
                or is_a(call.error, NotImplementedError)
            ):
                self._refuse_error(called, call, call.error, mistake, expected)
        self._judge_conduct(call, outcome, before)
        return call

    def call_expecting(
        self, error_type: type[BaseException], *args: Any, within_seconds: float = 2.0
    ) -> Call:
        """Call the answer, which must raise an `error_type`; `.error` holds it."""
        return self.run_expecting(error_type, self._answer, *args, within_seconds=within_seconds)

    def run_expecting(
        self,
        error_type: type[BaseException],
        function: Any,
        *args: Any,
        shown: str | None = None,
        within_seconds: float = 2.0,
    ) -> Call:
        """Like `call_expecting`, for a function that the answer returned."""
        call, _, _ = self._isolated(function, args, shown, within_seconds)
        expected = f"{error_type.__name__} with a reason"
        if call.error is None:
            if is_a(call.value, CoroutineType):
                call.value.close()
            self.refuse("did-not-raise", called=call.shown, came=show(call.value), expected=expected)
        if not is_a(call.error, error_type):
            mistake = diagnosis.mistake_of_error(function, call.error)
            if mistake != "raised" or stub.is_hole_error(call.error):
                self._refuse_error(function, call, call.error, mistake)
            self.refuse(
                "unexpected-exception-type",
                called=call.shown,
                came=diagnosis.raised_text(function, call.error),
                expected=expected,
            )
        return call

    def items(self, call: Call, at_most: int = 10_000, within_seconds: float = 2.0) -> list[Any]:
        """Iterate over the value in isolation, at most `at_most` items of it."""
        taken = self.run(
            lambda: list(islice(iter(call.value), at_most)),
            shown=f"list({call.shown})",
            within_seconds=within_seconds,
        )
        items: list[Any] = taken.value
        return items

    def _isolated(
        self, function: Any, args: tuple[Any, ...], shown: str | None, within_seconds: float
    ) -> tuple[Call, isolation.Outcome, tuple[Any, ...]]:
        """Run the function; a call that does not finish is refused here, an error is left to the caller."""
        shown = shown or f"{self.answer_name}({', '.join(show(arg, 80) for arg in args)})"
        shown = one_line(shown, _MAX_CALL_CHARACTERS)
        if not callable(function):
            self.refuse(
                "wrong-type", called=shown, came=f"{show(function)} cannot be called", expected="a function"
            )
        left_seconds = self._deadline - time.monotonic()
        given = tuple(_copied(arg) for arg in args)
        seconds = max(0.01, min(within_seconds, left_seconds))
        # Clients of a stack have threads of their own, which must not run out of memory by our doing.
        room = ROOM_BYTES if self._stack is None else None
        outcome = isolation.run(function, *given, within_seconds=seconds, room_bytes=room, examiners=(self,))
        self._calls += 1
        if self._refusals:  # one of our own callbacks refused, inside the answer
            raise self._refusals[0]
        self._note_flood(outcome)
        if outcome.timed_out:
            self._refuse_endless(shown, outcome, within_seconds, left_seconds)
        call = Call(shown, outcome.value, outcome.error, outcome.printed, given)
        return call, outcome, args

    def _judge_conduct(self, call: Call, outcome: isolation.Outcome, before: tuple[Any, ...]) -> None:
        """Refuse what no answer may do, whatever its value: a coroutine, shared names, its arguments."""
        offence = diagnosis.offence(call.value, outcome.replaced_names, call.arguments, before)
        if offence is not None:
            mistake, came, expected = offence
            self.refuse(mistake, called=call.shown, came=came, expected=expected)

    def _note_flood(self, outcome: isolation.Outcome) -> None:
        if outcome.printed_characters > _FLOOD_CHARACTERS and not self.notes:
            self.notes.append(f"It printed {outcome.printed_characters:,} characters; they were not shown.")

    def _refuse_endless(
        self, shown: str, outcome: isolation.Outcome, within_seconds: float, left_seconds: float
    ) -> NoReturn:
        came = f"no end after {outcome.seconds:.1f} s"
        if left_seconds < within_seconds:
            came = f"the calls of this check took more than {self._budget_seconds:g} s together"
        if outcome.still_running:
            came += "; it still waits in the background, so restart the kernel before you go on"
        self.refuse("endless", called=shown, came=came, expected=f"a result within {within_seconds:g} s")

    def _refuse_error(
        self, function: Any, call: Call, error: BaseException, mistake: str, expected: str = "a value"
    ) -> NoReturn:
        if stub.is_hole_error(error) or (self._calls == 1 and type(error) is NotImplementedError):
            raise Unanswered
        self.refuse(
            mistake,
            called=call.shown,
            came=diagnosis.raised_text(function, error),
            expected=f"a function that can be called as {call.shown}"
            if mistake == "wrong-signature"
            else expected,
            message=f"It raised {describe_error(error, 160)}." if mistake == "raised" else None,
        )


def _copied(arg: Any) -> Any:
    """A deep copy; the object itself where it is a function or cannot be copied."""
    if callable(arg):
        return arg
    try:
        return copy.deepcopy(arg)
    except Exception:  # noqa: BLE001 - generators, clients, locks: each refuses in its own way
        return arg
