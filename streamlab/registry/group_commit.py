"""Writes that wait at the same moment go into the log together, each planned as if it came alone.

    line = Line()
    waiting = line.join(planned)        # by each that wants to write
    members = await line.next_members() # by whose turn it is
    batch = Batch(draft)                # a copy of the state, which runs ahead of the log
    batch.add(first)                    # a `Waiting`: planned from the draft, and drawn into it
    batch.add(second)
    batch.records                       # to append, all or none
    batch.settle()                      # they are in the log: answer, or refuse, everybody

Nobody is answered before, not even with a refusal: it may be due to a record that will not get into the log.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streamlab.registry import errors
from streamlab.registry.schemas_topic import CorruptRecordError, Record, decode
from streamlab.registry.state import State
from streamlab.registry.store import Plan

ATTEMPTS: Final = 4
MAX_TOGETHER: Final = 100
COMPANY_TIMEOUT_SECONDS: Final = 0.0005


@dataclass(eq=False)
class Waiting:
    """A write that somebody waits for.

    Attributes:
        planned: what to append and to answer, as a function of the state.
        answered: the answer, or why there is none.
        attempts: how often it was tried.
    """

    planned: Callable[[State], Plan[Any]]
    answered: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    attempts: int = 0

    def refuse(self, error: Exception) -> None:
        """Say why there is no answer; nothing happens if nobody waits any more."""
        if not self.answered.done():
            self.answered.set_exception(error)

    def answer(self, answer: Any) -> None:
        """Answer; nothing happens if nobody waits any more."""
        if not self.answered.done():
            self.answered.set_result(answer)


class Line:
    """Who waits to write, in the order of arrival."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._one_by_one = 0
        self._company = 0
        self._complete: asyncio.Event | None = None

    def join(self, planned: Callable[[State], Plan[Any]]) -> Waiting:
        """Wait behind the others."""
        waiting = Waiting(planned)
        self._waiting.append(waiting)
        if self._complete is not None and len(self._waiting) >= self._company:
            self._complete.set()
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Wait no more, answered or not."""
        self._waiting.remove(waiting)
        waiting.answered.cancel()

    async def next_members(self) -> list[Waiting]:
        """Who is written for next; whoever was tried too often is told so.

        Who was answered with the last ones often comes back at once with the next write. So as not to be gone
        just then, and have them wait for a whole append, as many as last time are waited for, a moment long.
        """
        # Whoever comes in this round of the event loop comes along.
        await asyncio.sleep(0)
        if len(self._waiting) < self._company:
            self._complete = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._complete.wait(), COMPANY_TIMEOUT_SECONDS)
            self._complete = None
        members = [one for one in self._waiting if not one.answered.done()]
        members = members[: 1 if self._one_by_one else MAX_TOGETHER]
        self._company = len(members)
        self._one_by_one = max(0, self._one_by_one - 1)
        for member in members:
            member.attempts += 1
            if member.attempts > ATTEMPTS:
                member.refuse(errors.unknown_leader())
        return [one for one in members if not one.answered.done()]

    def take_one_by_one(self, members: Sequence[Waiting]) -> None:
        """One of these may be what the log does not take: write for each alone."""
        self._one_by_one = len(members)


class Batch:
    """Writes that go into the log together.

    Attributes:
        records: what to append.
    """

    def __init__(self, draft: State) -> None:
        self.records: list[Record] = []
        self._draft = draft
        self._members: list[tuple[Waiting, Plan[Any] | Exception]] = []

    def add(self, waiting: Waiting) -> None:
        """Plan one more write, from what holds when those before are in the log."""
        try:
            plan = waiting.planned(self._draft)
            # What is applied is what others will read.
            records = [decode(one.key_bytes, one.value_bytes) for one in plan.records]
        except CorruptRecordError as error:
            self._members.append(
                (waiting, errors.store_error(f"The record could not be read back: {error}."))
            )
            return
        except Exception as error:  # noqa: BLE001 - a refusal, or a mistake of ours: it is this one's answer alone
            self._members.append((waiting, error))
            return
        for record in records:
            self.records.append(record)
            self._draft.apply(record)
        self._members.append((waiting, plan))

    def settle(self) -> None:
        """Answer everybody: the records are in the log."""
        for waiting, outcome in self._members:
            if isinstance(outcome, Exception):
                waiting.refuse(outcome)
            else:
                waiting.answer(outcome.answer)
