"""Running a stream of a world: the pure events of `streamlab.generators` as a generator that sends them.

    world = live_world("txn", rate=2_000, events=60_000, now_ms=..., seed=7, users=2_000)
    txn = stream("txn", world, late_share=0.02, max_disorder_seconds=5)
    generator = StreamGenerator(txn, producer, serialize=framed(txn.schema, schema_id), rate=Rate(2_000))
    run = generator.run(seconds=30)

The streams of one world belong together (their keys join), so several generators may be given one world.
Event time is not the time of sending: a live world is made so that the two go along together, and no event is
in the future of the broker, which refuses what is more than an hour ahead.
"""

from collections.abc import Iterator
from typing import Any, Final

from streamlab.errors import StreamlabError
from streamlab.generators import Stream, World, stream
from streamlab.generators.base import Event, EventGenerator

PAYMENTS_PER_SECOND: Final = 1_000.0
"""Of event time, where nobody keeps to a rate."""


class StreamGenerator(EventGenerator):
    """Sends the events of a stream.

    Args:
        source: the stream.
        topic: where they go; None is the contract's topic.
        others: as for `EventGenerator`.
    """

    def __init__(self, source: Stream, *args: Any, topic: str | None = None, **others: Any) -> None:
        super().__init__(topic or source.contract.topic or source.name, *args, **others)
        self.source = source
        self._upcoming: Iterator[Event] = iter(())
        self._upcoming_index = -1

    def generate_event(self, index: int) -> Event:
        """The stream's event; one after the other is faster than in any order."""
        if index != self._upcoming_index:
            self._upcoming, self._upcoming_index = self.source.events(index), index
        self._upcoming_index += 1
        return next(self._upcoming)

    def partition_key(self, event: Event) -> str:
        """The key that the contract names."""
        return self.source.key(event)

    def event_time_ms(self, event: Event) -> int:
        """When it happened."""
        return self.source.event_time_ms(event)


def live_world(
    name: str, *, rate: float | None, events: float, now_ms: int, start_ms: int | None = None,
    payments_per_second: float | None = None, **world: Any,
) -> World:  # fmt: skip
    """A world whose stream can be sent now: event time goes along with the sending, and not ahead of it.

    Args:
        name: the stream that is sent.
        rate: events a second that are sent; None is as fast as it goes.
        events: how many will be sent, about.
        now_ms: when the first one is sent.
        start_ms: when the payments begin; None is chosen so that no event lies ahead of its sending.
        payments_per_second: mean, in event time; None is chosen so that event time passes as time does.
        world: the other arguments of `World`. Its rate is even unless `day_curve` is given.

    Raises:
        StreamlabError: an argument makes no sense.
    """
    world.setdefault("day_curve", False)
    pace = payments_per_second
    if pace is None and rate is not None:
        slots = World(**world).layout
        pace = rate * len(slots("txn").slots) / len(slots(name).slots)
    if pace is None:
        pace = PAYMENTS_PER_SECOND
    if start_ms is not None:
        return World(**world, payments_per_second=pace, start_ms=start_ms)
    made = World(**world, payments_per_second=pace)
    source = stream(name, made)
    if not events >= 0 or events == float("inf"):
        raise StreamlabError(
            "Nobody knows how many events there will be.", "Give a count, or a rate and seconds."
        )
    last = max(int(events) - 1, 0)
    span_ms = source.arrival_ms(last) - source.arrival_ms(0)
    sending_ms = 0 if rate is None else round(events / rate * 1_000)
    first_ms = now_ms - max(span_ms - sending_ms, 0)
    return World(**world, payments_per_second=pace, start_ms=made.start_ms + first_ms - source.arrival_ms(0))
