"""One partition that this processor holds: its features' state, its books, and what its messages become.

    held = Partition(3, plan, CardFeatures(allowed_lateness_seconds=5.0))
    step = held.process(messages, decoder)      # rows for the sinks, dead letters, the next offset
    step.note                                   # what is committed with that offset when the sinks took them

Everything here is a pure function of the partition's log from the plan's start on. Messages before the plan's
`live` offset change the state and give nothing out.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from confluent_kafka import Message

from streamlab.features import Pipeline, rebuild_from_ms
from streamlab.features.partition import event_time_of
from streamlab.processor.account import PartitionBooks
from streamlab.processor.commit_note import Note
from streamlab.processor.dead_letter import DeadLetter, Reason
from streamlab.processor.decoding import Decoder, Wait
from streamlab.processor.intake import letter, take
from streamlab.processor.needed import Needed
from streamlab.processor.refusals import Refusals
from streamlab.processor.restore import Plan

Row = dict[str, Any]

log = logging.getLogger("streamlab.processor")

MOST_DRAINS: Final = 20
"""As many as are remembered within the longest window, so that they fit in a commit's metadata."""


@dataclass(frozen=True)
class Step:
    """What a run of messages of one partition became.

    Attributes:
        holder: the partition as it was held when the messages were taken.
        events_in: how many messages were taken.
        rows: features to give to the sinks, in event-time order.
        dead: messages to set aside.
        next_offset: the offset to commit.
        note: what to commit with it.
    """

    holder: "Partition"
    events_in: int
    rows: list[Row]
    dead: list[DeadLetter]
    next_offset: int
    note: Note

    @property
    def partition(self) -> int:
        """The partition's number."""
        return self.holder.number


class Partition:
    """A partition from its assignment to its revocation; a new object each time.

    Attributes:
        number: which it is.
        next_offset: the first offset that has not been taken.
        live: the first offset whose results count.
        begun_from: the note of the commit that it begins at; None if there is none of ours.
        restoring: whether there is something to read again before that.
        reread: how many messages were read again.
        blocked: the message that waits for its schema, if one does.
        end_seen: the end of the log as it was when everything before it had been handed out; -1 if that has
            not happened since messages were last gone back to.
        settled: how many events waited in the buffer at the last commit, as far as is known by now.
        lost: messages that were deleted before anything came of them, as far as is known by now.
    """

    def __init__(self, number: int, plan: Plan, features: Pipeline) -> None:
        note = plan.note
        self.number = number
        self.next_offset = plan.start
        self.live = plan.live
        self.begun_from = note
        self.restoring = plan.start < plan.live
        self.reread = 0
        self.blocked: Wait | None = None
        self.end_seen = -1
        self.lost = plan.lost
        self.books = replace(note.books) if note else PartitionBooks()
        self._books_known = note is not None and not plan.incomplete
        self.settled = self.books.waiting if self._books_known else 0
        self._needed = Needed(plan.start)
        self._features = features
        self._reached_ms = note.watermark_ms if note else None
        self._drained = list(note.drained) if note else []
        self._drain_again = [offset for offset, _ in self._drained if offset > plan.start]
        self._refusals = Refusals(note.refused if note else ())
        features.forget(number)
        features.assign(number)
        if not self.restoring:
            self._settle()

    @property
    def watermark_ms(self) -> int | None:
        """The partition's watermark; None before its first event."""
        return self._features.watermark(self.number)

    @property
    def buffered(self) -> int:
        """How many events the buffer holds."""
        return self._features.waiting(self.number)

    def process(self, messages: Sequence[Message], decoder: Decoder) -> Step | None:
        """Take messages, in the log's order; those that were taken already are passed over.

        Returns:
            What came of them; None if they only rebuilt the state. After it, `blocked` says whether the
            partition waits for a schema: then nothing from `next_offset` on has been taken.
        """
        self.blocked = None
        if messages and _offset(messages[0]) < self.next_offset:
            messages = [message for message in messages if _offset(message) >= self.next_offset]
        if self.restoring:
            messages = self._restore(messages, decoder)
        if self.restoring or self.blocked or not messages:
            return None
        before = self.next_offset
        dead, taken = self._take(messages, decoder)
        if self.next_offset == before:
            return None
        return self._step(taken, self._features.release(self.number), dead)

    def drain(self) -> Step | None:
        """Release everything that waits: the stream is at its end. None if nothing waits."""
        if self.restoring or self.buffered == 0:
            return None
        rows = self._features.drain(self.number)
        assert self.watermark_ms is not None
        self._drained = [*self._drained, [self.next_offset, self.watermark_ms]][-MOST_DRAINS:]
        return self._step(0, rows, [])

    def _step(self, taken: int, rows: list[Row], dead: list[DeadLetter]) -> Step:
        books = self.books
        books.events_in += taken
        books.out += len(rows)
        books.dead += len(dead)
        books.check(self.number, self.buffered)
        needed_from = self._needed.first(self.watermark_ms)
        self._refusals.forget_before(needed_from)
        if self._drained and self.watermark_ms is not None:
            horizon_ms = rebuild_from_ms(self.watermark_ms)
            self._drained = [[offset, after] for offset, after in self._drained if after > horizon_ms]
        note = Note(
            watermark_ms=self.watermark_ms,
            lateness_ms=self._features.watermarks.lateness_ms,
            needed_from=needed_from,
            books=replace(books),
            drained=self._drained,
            refused=self._refusals.as_list(),
        )
        return Step(self, taken, rows, dead, self.next_offset, note)

    def _restore(self, messages: Sequence[Message], decoder: Decoder) -> Sequence[Message]:
        """Rebuild the state from what comes before `live`; gives back the rest."""
        old = [message for message in messages if _offset(message) < self.live]
        rest = messages[len(old) :]
        while self._drain_again:
            at = self._drain_again[0]
            before = [message for message in old if _offset(message) < at]
            if not self._reread(before, decoder):
                return rest
            old = old[len(before) :]
            if not (old or rest or self._has_read(at)):
                return rest
            self._features.drain(self.number, emit=False)
            del self._drain_again[0]
        if not self._reread(old, decoder):
            return rest
        if rest or self._has_read(self.live):
            self.restoring = False
            self.next_offset = max(self.next_offset, self.live)
            self._settle()
        return rest

    def _has_read(self, offset: int) -> bool:
        """Whether nothing is left before an offset; markers of transactions have offsets, too."""
        return max(self.next_offset, self.end_seen) >= offset

    def _reread(self, messages: Sequence[Message], decoder: Decoder) -> bool:
        """Change the state alone; False if a message has to wait."""
        if messages:
            self.reread += self._take(messages, decoder)[1]
            self._features.release(self.number, emit=False)
        return self.blocked is None

    def _settle(self) -> None:
        """The state is there: compare it with the committed books, or begin books where there are none."""
        if self._reached_ms is not None:
            # Where retention took the event that moved the watermark: what was judged by it stays judged.
            progress = self._features.watermarks.assign(self.number)
            progress.watermark_ms = max(progress.watermark_ms, self._reached_ms)
            progress.newest_ms = max(progress.newest_ms, self._reached_ms - 1)
            self._features.release(self.number, emit=False)
        buffered = self.buffered
        if self._books_known:
            self.books.check(self.number, buffered)
        else:
            # What waited and is in the log no more is counted as lost, and new books begin.
            deleted = max(0, self.books.waiting - buffered)
            if deleted:
                log.warning(
                    "Partition %d: %d events that waited were deleted from the log.", self.number, deleted
                )
            self.lost += deleted
            self.books = PartitionBooks(events_in=buffered)
        self.settled = buffered

    def _take(self, messages: Sequence[Message], decoder: Decoder) -> tuple[list[DeadLetter], int]:
        """Decode, validate, buffer; up to the first message that has to wait."""
        taken = take(messages, decoder, self._refusals, again=self.restoring)
        self.blocked = taken.blocked
        late = self._features.add_all(taken.events, self.number)
        if late:
            origin = {id(event): message for event, message in zip(taken.events, taken.origins, strict=True)}
            taken.dead.extend(letter(Reason.LATE, one.reason, origin[id(one.event)]) for one in late)
        if taken.count:
            self.next_offset = _offset(messages[taken.count - 1]) + 1
            newest_ms = max(map(event_time_of, taken.events), default=None)
            self._needed.add(self.next_offset, newest_ms)
        return taken.dead, taken.count


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None
    return offset
