"""Events in, features out: lateness, the buffer, event-time order, and the state of every key.

    cards = CardFeatures(allowed_lateness_seconds=5.0)
    late = cards.add(transaction, partition=3)       # a Late, or None if it was accepted
    cards.release()                                  # [{"card_id": ..., "txn_count_5m": 1, ...}, ...]
    cards.drain()                                    # what is left, at the end of the streams

Accepted events wait until the watermark of their partition is greater than their time; then nothing can come
that they would have to see. So the features are a function of the accepted events, not of their order of
arrival, and what is accepted is a function of the partition's log: not of the clock, other partitions, or
when `release` was called. That makes it repeatable after a crash.

To rebuild a partition, read its log again from the first record whose event time is at least
`rebuild_from_ms(watermark)`, up to the committed offset; `add` every valid event again (ignore what comes
back late: it was judged before), and call `release(partition, emit=False)` once: windows, watermark and
buffer are then those that were there. What lies before cannot matter: it is outside of every window still to
come, and too old to make an event late that is in one.
"""

from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
from typing import Final, NamedTuple

from streamlab.features.constants import (
    ALLOWED_LATENESS_SECONDS,
    IDLE_AFTER_SECONDS,
    LONGEST_WINDOW_MS,
)
from streamlab.features.fraud import CardState
from streamlab.features.partition import Event, Features, KeyState, PartitionState
from streamlab.features.personalization import UserState
from streamlab.features.watermark import Clock, Late, Watermarks, monotonic_ms


class StateSize(NamedTuple):
    """How much is held: keys with state, events in their windows, events that wait for the watermark."""

    keys: int
    events: int
    waiting: int


def rebuild_from_ms(watermark_ms: int) -> int:
    """The smallest event time that the features after this watermark can depend on."""
    return watermark_ms - LONGEST_WINDOW_MS + 1


class Pipeline:
    """Features of one kind of event; see the module. `CardFeatures` and `UserFeatures` say which.

    Args:
        allowed_lateness_seconds: how much older than the newest event of its partition an event may be.
        idle_after_seconds: for `watermarks.overall`; the features do not depend on it.
        clock: milliseconds, monotonic; for idleness only.
    """

    _key: str
    _identity: str
    _new_state: Callable[[], KeyState]

    def __init__(
        self,
        allowed_lateness_seconds: float = ALLOWED_LATENESS_SECONDS,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        clock: Clock = monotonic_ms,
    ) -> None:
        self.watermarks: Final = Watermarks(allowed_lateness_seconds, idle_after_seconds, clock)
        self._partitions: dict[Hashable, PartitionState] = {}

    def assign(self, partition: Hashable) -> None:
        """Know a partition before its first event; it holds `watermarks.overall` back until it is idle."""
        if partition not in self._partitions:
            self._partitions[partition] = PartitionState(self.watermarks.assign(partition))

    def add(self, event: Event, partition: Hashable = 0) -> Late | None:
        """Judge an event and, unless it is late, keep it until the watermark has passed it.

        Args:
            event: shaped by its contract, event_time in milliseconds, and valid: a finite amount and a
                currency that has a rate. What is not valid must not come here: it would move the watermark.
            partition: where it came from; all events of a key come from the same one.
        """
        late = self.add_all((event,), partition)
        return late[0] if late else None

    def add_all(self, events: Iterable[Event], partition: Hashable = 0) -> list[Late]:
        """As `add`, for events of one partition in the order of the log; the late ones come back."""
        if partition not in self._partitions:
            self.assign(partition)
        part = self._partitions[partition]
        progress = part.progress
        keep = part.waiting.append
        lateness = self.watermarks.lateness_ms
        newest, watermark = progress.newest_ms, progress.watermark_ms
        late = []
        for event in events:
            time = event["event_time"]
            if time > newest:
                newest = time
                if time - lateness > watermark:
                    watermark = time - lateness
            if time < watermark:
                late.append(Late(event, partition, time, watermark))
            else:
                keep(event)
        progress.newest_ms, progress.watermark_ms, progress.fresh = newest, watermark, True
        return late

    def release(self, partition: Hashable | None = None, *, emit: bool = True) -> list[Features]:
        """The features of every event that its partition's watermark has passed.

        Each event is released once. Within a partition they come in the order of event time, then identifier;
        partitions follow one another. Call it once for every batch that was added: its cost is that of
        sorting what waits.

        Args:
            partition: only this one; all of them if it is left out.
            emit: False moves the state on as usual but computes and returns no features: for a rebuild.
        """
        names = list(self._partitions) if partition is None else [partition]
        released: list[Features] = []
        for name in names:
            part = self._partitions.get(name)
            if part is not None and part.waiting:
                ready, times = part.complete()
                if ready:
                    self._advance(part.states, ready, times, released, emit)
                    part.sweep()
        return released

    def drain(self, partition: Hashable | None = None, *, emit: bool = True) -> list[Features]:
        """The features of everything that still waits: the stream has ended, or has been quiet for good.

        The watermark goes past the newest event, so that what is not newer is late from then on. Which events
        came before is not in the log: a run that is to be repeatable drains at the end of the log only.
        """
        for name in self._partitions:
            if partition is None or name == partition:
                self.watermarks.end(name)
        return self.release(partition, emit=emit)

    def forget(self, partition: Hashable) -> None:
        """Drop everything about a partition: it belongs to somebody else now."""
        self._partitions.pop(partition, None)
        self.watermarks.forget(partition)

    def watermark(self, partition: Hashable) -> int | None:
        """The watermark of a partition in milliseconds; None before its first event."""
        return self.watermarks.of(partition)

    def waiting(self, partition: Hashable) -> int:
        """How many accepted events of a partition wait for its watermark."""
        part = self._partitions.get(partition)
        return 0 if part is None else len(part.waiting)

    def state_size(self, partition: Hashable | None = None) -> StateSize:
        """What is held now, of one partition or of all; takes time in proportion to the keys."""
        chosen = self._partitions.values() if partition is None else [self._partitions[partition]]
        return StateSize(
            keys=sum(len(part.states) for part in chosen),
            events=sum(len(state) for part in chosen for state in part.states.values()),
            waiting=sum(len(part.waiting) for part in chosen),
        )

    def _advance(
        self,
        states: dict[str, KeyState],
        ready: list[Event],
        times: list[int],
        released: list[Features],
        emit: bool,
    ) -> None:
        """Take events in event-time order into the state; those of one time see each other."""
        keys, find, keep = map(itemgetter(self._key), ready), states.get, released.append
        tied: list[tuple[Event, KeyState]] = []
        for event, key, now, following in zip(ready, keys, times, [*times[1:], None], strict=True):
            state = find(key)
            if state is None:
                state = states[key] = self._new_state()
            state.insert(event, now)
            if not emit:
                continue
            if now != following and not tied:
                keep(state.features(event, now))
                continue
            tied.append((event, state))
            if now != following:
                tied.sort(key=lambda pair: str(pair[0][self._identity]))
                released.extend(other.features(one, now) for one, other in tied)
                tied.clear()


class CardFeatures(Pipeline):
    """Features of cards (`definitions.FRAUD`) from transactions."""

    _key = "card_id"
    _identity = "txn_id"
    _new_state = CardState


class UserFeatures(Pipeline):
    """Features of users (`definitions.PERSONALIZATION`) from clicks."""

    _key = "user_id"
    _identity = "click_id"
    _new_state = UserState
