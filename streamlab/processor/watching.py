"""What a run shows of itself while it lasts: how far it is, and how long its state took to be rebuilt.

watch = Watch(account)
watch.restoring_begins()             # a partition was given to it whose state is to be rebuilt
watch.look_at_restoring(now, held)   # says so, once, when all of them are
watch.progress(now, source, state_size)
"""

import logging
import time
from collections.abc import Iterable

from streamlab.processor.account import Account
from streamlab.processor.partition import Partition
from streamlab.processor.progress import Progress
from streamlab.processor.source import Source

log = logging.getLogger("streamlab.processor")


class Watch:
    """One run's; moments are those of the monotonic clock."""

    def __init__(self, account: Account) -> None:
        self.began = time.monotonic()
        self._account = account
        self._shown_at = 0.0
        self._shown_in = 0
        self._restoring_since: float | None = None
        self._reread = 0

    def restoring_begins(self) -> None:
        """A partition is to be restored; several at once are one restore."""
        self._restoring_since = self._restoring_since or time.monotonic()

    def look_at_restoring(self, now: float, held: Iterable[Partition]) -> None:
        """Note how long it took, if nothing is being restored any more."""
        if self._restoring_since is None or any(one.restoring for one in held):
            return
        seconds = now - self._restoring_since
        self._restoring_since = None
        reread = self._account.restored_events - self._reread
        self._reread = self._account.restored_events
        self._account.restore_seconds += seconds
        log.info("State restored: %d messages read again in %.1f s.", reread, seconds)

    def progress(self, now: float, source: Source, state_size: int) -> Progress:
        """This moment; its rate is that since the moment before."""
        account = self._account
        taken = account.events_in - self._shown_in
        rate = taken / (now - self._shown_at) if self._shown_at else 0.0
        self._shown_at, self._shown_in = now, account.events_in
        held = list(source.held.values())
        watermarks = [one.watermark_ms for one in held if one.watermark_ms is not None]
        return Progress(
            account=account,
            seconds=now - self.began,
            rate=rate,
            lag=source.lag(),
            watermark_ms=min(watermarks, default=None),
            state_size=state_size,
            restoring=sum(one.restoring for one in held),
            blocked=sum(one.blocked is not None for one in held),
        )
