"""What every generator of events shares: two hooks say what an event is, all the rest is given from outside.

    class Temperatures(EventGenerator):
        def generate_event(self, index):
            return {"sensor": f"s-{index % 3}", "celsius": self.random.gauss(20, 1)}

        def partition_key(self, event):
            return event["sensor"]

    generator = Temperatures("temperatures", producer, serialize=lambda event: json.dumps(event).encode(),
                             random=Random(7), rate=Rate(100))
    run = generator.run(count=1_000)
    run.deliveries.delivered                 # 1_000

Nothing is looked up by itself: clock, random source, producer and rate are arguments, so a test gives a
`ManualClock`, a seed and a `RecordingProducer`, and needs neither Kafka nor time.
"""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count as count_from
from math import ceil
from random import Random
from typing import Any, Final

from streamlab.generators.rate import Rate
from streamlab.producers.clock import Clock, SystemClock
from streamlab.producers.deliveries import Deliveries
from streamlab.producers.interface import EventProducer
from streamlab.producers.reliable import ReliableProducer

Event = dict[str, Any]

EVENTS_BETWEEN_POLLS: Final = 64
"""Reports are served so often when there is no pause to do it in."""
FLUSH_SECONDS: Final = 30.0
"""How long the end of a run waits for the last reports; a client gives up what it cannot send before that."""


@dataclass(frozen=True)
class Run:
    """What a run came to.

    Attributes:
        seconds: from the first event to the last report.
        late_seconds: by how much the schedule had to be put off; 0 if the rate was kept.
        stopped: whether it was stopped before its end.
        deliveries: the producer's account of this run.
    """

    seconds: float
    late_seconds: float
    stopped: bool
    deliveries: Deliveries

    @property
    def events_per_second(self) -> float:
        """The rate that was reached."""
        return self.deliveries.sent / self.seconds if self.seconds > 0 else 0.0

    @property
    def ok(self) -> bool:
        """Whether every event that was sent has arrived."""
        return self.deliveries.complete


class EventGenerator(ABC):
    """Sends events to a topic.

    Args:
        topic: where they go.
        producer: what sends them; it is made to account for every event if it does not.
        serialize: from an event to a message's value.
        rate: when they go; None is as fast as it goes.
        clock: what time it is.
        random: where chance comes from, for generators that need one.
        stop: ends a run in order when it is set, by whoever holds it.
    """

    def __init__(
        self,
        topic: str,
        producer: EventProducer,
        *,
        serialize: Callable[[Event], bytes],
        rate: Rate | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.topic = topic
        self.clock = clock or SystemClock()
        self.random = random or Random(0)
        self.stop = stop or threading.Event()
        self.producer = (
            producer
            if isinstance(producer, ReliableProducer)
            else ReliableProducer(producer, clock=self.clock)
        )
        self.rate = rate or Rate(None, clock=self.clock)
        self._serialize = serialize

    @abstractmethod
    def generate_event(self, index: int) -> Event:
        """The event with this index, from 0."""

    @abstractmethod
    def partition_key(self, event: Event) -> str:
        """The message's key: events with one key stay in their order."""

    def event_time_ms(self, event: Event) -> int:
        """When it happened; it becomes the record's timestamp. 0 is "now"."""
        time_ms: int = event.get("event_time", 0)
        return time_ms

    def send(self, index: int) -> None:
        """Send one event, without waiting until it is due."""
        event = self.generate_event(index)
        self.producer.produce(
            self.topic,
            self._serialize(event),
            key=self.partition_key(event).encode(),
            timestamp=self.event_time_ms(event),
        )

    def run(
        self,
        *,
        count: int | None = None,
        seconds: float | None = None,
        first: int = 0,
        progress: Callable[[Deliveries], Any] | None = None,
    ) -> Run:
        """Send events until there were `count`, or `seconds` have passed, or `stop` is set; then wait for the
        reports of all of them.

        Args:
            first: the index of the first event.
            progress: told of the account about ten times a second.
        """
        before = self.producer.deliveries()
        began = self.clock.seconds()
        self.rate.start()
        end = None if seconds is None else began + seconds
        told = began
        stopped = False
        if seconds is not None and self.rate.per_second is not None:
            due = ceil(seconds * self.rate.per_second)
            count = due if count is None else min(count, due)
        numbers = range(count) if count is not None else count_from()
        try:
            for number in numbers:
                self.rate.wait(number, lambda: self._idle(end))
                now = self.clock.seconds()
                stopped = self.stop.is_set()
                if stopped or (end is not None and now >= end):
                    break
                self.send(first + number)
                if number % EVENTS_BETWEEN_POLLS == 0:
                    self.producer.poll(0)
                if progress is not None and now - told >= 0.1:
                    told = now
                    progress(since(before, self.producer.deliveries()))
        finally:
            self.producer.flush(FLUSH_SECONDS)
        deliveries = since(before, self.producer.deliveries())
        if progress is not None:
            progress(deliveries)
        return Run(self.clock.seconds() - began, self.rate.forgiven_seconds, stopped, deliveries)

    def _idle(self, end: float | None) -> bool:
        """Serve reports; whether the run is over, so that nobody needs to wait for the next event."""
        self.producer.poll(0)
        return self.stop.is_set() or (end is not None and self.clock.seconds() >= end)


def since(before: Deliveries, after: Deliveries) -> Deliveries:
    """What has been added between two moments of one account."""
    return Deliveries(
        after.sent - before.sent,
        after.delivered - before.delivered,
        after.failed - before.failed,
        after.outstanding,
        after.backpressure_waits - before.backpressure_waits,
        after.waited_seconds - before.waited_seconds,
        dict(Counter(after.by_partition) - Counter(before.by_partition)),
        dict(Counter(after.by_error) - Counter(before.by_error)),
    )
