"""Where to begin reading a partition so that its state is that of a run which was never interrupted.

    plan = restoration(committed=5_000, note=note, low=0)
    plan.start, plan.live                # read [4120, 5000) silently, then go on at 5000

The log is the state. Take a partition whose committed offset is C, with watermark W there, and let w be the
longest window. What has been released at C are the accepted events before C with a time below W; the buffer
holds the accepted ones from W on. An event that is released later has a time t >= W, and sees the times in (t
- w, t]. So nothing older than W - w is ever needed again: neither by a window, nor by the buffer, nor by the
watermark, whose event is W + lateness. The processor keeps account of which offset S is the first that may
hold something newer (`needed`), and writes it beside C. Reading [S, C) again, and giving nothing out,
rebuilds the state. Which events were late is decided as before: what comes before S is older than W - w, and
can make late only what is older still by the lateness.

Two things can be otherwise, and are taken care of:

- A commit without our note (an offset that was set by hand). Then S is not known, and the whole log is read
  again.
- A log that keeps less than it should (retention). That is found by comparing S with the first offset that is
  left, and said. What waited in the buffer and was deleted is counted as lost; the features of the next w of
  event time may be too small.
"""

from dataclasses import dataclass

from streamlab.processor.commit_note import Note


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


def restoration(committed: int | None, note: Note | None, low: int) -> Plan:
    """Where to begin.

    Args:
        committed: the group's offset; None if it has none here.
        note: what was written beside it; None if nothing, or somebody else's.
        low: the first offset that is left in the log.
    """
    if committed is None:
        return Plan(low, low)
    if committed < low:
        return Plan(low, low, note, lost=low - committed, incomplete=True)
    if note is None:
        return Plan(low, committed, incomplete=low > 0)
    return Plan(max(note.needed_from, low), committed, note, incomplete=low > note.needed_from)
