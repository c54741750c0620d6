"""Where to begin reading a partition so that its state is that of a run which was never interrupted.

    plan = restoration(committed=5_000, note=note, low=0, found=4_120)
    plan.start, plan.live                # read [4120, 5000) silently, then go on at 5000

The log is the state. Take a partition whose committed offset is C, with watermark W there, and let w be the
longest window. What has been released at C are the accepted events before C with a time below W; the buffer
holds the accepted ones from W on. An event that is released later has a time t >= W, and sees the times in (t
- w, t]. So nothing older than W - w is ever needed again: neither by a window, nor by the buffer, nor by the
watermark, whose event is W + lateness. Kafka finds S, the first offset with a record timestamp of at least W
- w (`offsets_for_times`, KIP-79), and producers here give the event's time as the record's timestamp. Reading
[S, C) again, and writing nothing, rebuilds the state. Which events were late is decided as before: what comes
before S is older than W - w, and can make late only what is older still by the lateness.

Three things can be otherwise, and are taken care of:

- A producer that does not set the timestamp. The largest lead of an event's time over its record's timestamp
  travels in the commit's note and is subtracted as well.
- A commit without our note (an offset that was set by hand). Then W is not known, and the whole log is read
  again.
- A log that keeps less than it should (retention). That is found by comparing with the first offset that is
  left, and said; the features of the next w of event time may then be too small.
"""

from dataclasses import dataclass
from typing import Final

from streamlab.features import rebuild_from_ms
from streamlab.processor.commit_note import Note

END: Final = -1
"""`offsets_for_times` when no record is as new as asked."""


@dataclass(frozen=True)
class Plan:
    """How to restore one partition.

    Attributes:
        start: the first offset to read, S.
        live: the first offset whose results count, C.
        note: what was written beside C, if it was ours.
        lost: messages between the committed offset and the first one that is left: deleted unread.
        incomplete: whether something that the state needs may have been deleted.
    """

    start: int
    live: int
    note: Note | None = None
    lost: int = 0
    incomplete: bool = False


def needed_from_ms(note: Note | None) -> int | None:
    """The record timestamp from which the log is needed; None if all of it is, or none of it."""
    if note is None or note.watermark_ms is None:
        return None
    return max(0, rebuild_from_ms(note.watermark_ms) - note.skew_ms)


def restoration(committed: int | None, note: Note | None, low: int, found: int | None) -> Plan:
    """Where to begin.

    Args:
        committed: the group's offset; None if it has none here.
        note: what was written beside it; None if nothing, or somebody else's.
        low: the first offset that is left in the log.
        found: what `offsets_for_times` said about `needed_from_ms`; None if it was not asked.
    """
    if committed is None:
        return Plan(low, low)
    if committed < low:
        return Plan(low, low, note, lost=low - committed, incomplete=True)
    if note is not None and note.watermark_ms is None:
        return Plan(committed, committed, note)
    if found is None:
        return Plan(low, committed, note, incomplete=low > 0)
    start = committed if found == END else min(found, committed)
    start = max(start, low)
    # Where the first record that is left is needed, the ones before it may have been needed too.
    return Plan(start, committed, note, incomplete=start == low > 0)
