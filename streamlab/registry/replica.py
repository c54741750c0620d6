"""What a process knows of its registry's log: the state, how far it reaches, and a draft that runs ahead.

    replica = Replica()
    replica.take_in(messages)                    # as they were read, in the log's order
    replica.take_in_own(records, offsets)        # committed by this process: need not be read first
    await replica.catch_up(41)                   # until everything up to offset 41 has been applied
    replica.draft()                              # a copy of the state to plan several writes with

The event loop alone calls it, once the log has been read to its end for the first time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Message

from streamlab.registry import errors
from streamlab.registry.kafka_log import offset_of
from streamlab.registry.schemas_topic import CorruptRecordError, Record, decode
from streamlab.registry.state import State

log = logging.getLogger("streamlab.registry")

APPLY_TIMEOUT_SECONDS: Final = 10.0
_REMEMBERED: Final = 10_000


class Replica:
    """The fold of one log, as far as this process has come.

    Attributes:
        state: what the records up to `position` amount to.
        position: the offset of the last record applied; -1 if there was none.
        skipped: the offsets that hold no record of a registry, each with the reason.
    """

    def __init__(self) -> None:
        self.state = State()
        self.position = -1
        self.skipped: list[tuple[int, str]] = []
        self._read = -1
        self._recent: deque[int] = deque(maxlen=_REMEMBERED)
        self._own: dict[int, Record] = {}
        self._draft: State | None = None
        self._expected: list[tuple[int, asyncio.Future[None]]] = []

    def draft(self) -> State:
        """A copy of the state that is kept up to date; whoever changes it must append the same or drop it."""
        if self._draft is None:
            self._draft = self.state.copy()
        return self._draft

    def drop_draft(self) -> None:
        """What was drawn into the draft has not become true."""
        self._draft = None

    def take_in(self, messages: Sequence[Message]) -> None:
        """Apply what was read, but for what was written here and applied then."""
        for message in messages:
            offset = self._read = offset_of(message)
            self._recent.append(offset)
            written_here = offset in self._own
            self._own = {one: record for one, record in self._own.items() if one > offset}
            if written_here:
                continue
            try:
                record = decode(message.key(), message.value())
                # Only who is no registry writes in between. Settings come out as others read them; a
                # version that both wrote may not, until this process reads the log anew.
                for one in (record, *self._own.values()):
                    self._apply(one)
            except (CorruptRecordError, KeyError, TypeError) as error:
                self.skipped.append((offset, str(error)))
                log.warning("The record at offset %d of the log is skipped: %s.", offset, error)
        self._advance(self._read)

    def take_in_own(self, records: Sequence[Record], offsets: Sequence[int]) -> None:
        """Apply what this process has committed, without waiting for it to be read; the draft has it."""
        for record, offset in zip(records, offsets, strict=True):
            if offset > self._read:
                self.state.apply(record)
                self._own[offset] = record
        self._advance(offsets[-1])

    def has_read(self, offset: int) -> bool:
        """Whether there was a committed record at an offset, one of those read lately."""
        return offset in self._recent

    async def catch_up(self, position: int) -> None:
        """Return when the record at this offset has been applied.

        Raises:
            RegistryError: 50002, it did not come in time.
        """
        if self.position >= position:
            return
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expected.append((position, arrived))
        try:
            await asyncio.wait_for(arrived, APPLY_TIMEOUT_SECONDS)
        except TimeoutError:
            raise errors.operation_timed_out(
                f"Offset {position} of the log was not read back within {APPLY_TIMEOUT_SECONDS:g} s."
            ) from None

    def _apply(self, record: Record) -> None:
        self.state.apply(record)
        if self._draft is not None:
            self._draft.apply(record)

    def _advance(self, position: int) -> None:
        self.position = max(self.position, position)
        for wanted, arrived in self._expected:
            if wanted <= self.position and not arrived.done():
                arrived.set_result(None)
        self._expected = [one for one in self._expected if not one[1].done()]
