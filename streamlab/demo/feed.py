"""A stream played at the pace of its own clock: an event is sent when its time of arrival has come.

feed = Feed(stack, stream("txn", world, ...), topic, lateness_seconds=2.0)
feed.play(stop)                      # in a thread; returns when told to, with everything delivered
feed.late                            # how many of them were late already when they were sent
"""

import threading
from typing import Final

from streamlab.encoding import framed
from streamlab.features.watermark import Watermarks
from streamlab.generators import Stream
from streamlab.producers import ReliableProducer, SystemClock
from streamlab.producers.destination import prepare
from streamlab.stack import Stack

FLUSH_SECONDS: Final = 15.0
_NAP_SECONDS: Final = 0.01


class Feed:
    """One stream on its way into one topic.

    Attributes:
        sent: events that were produced.
        late: of these, those that are late for their partition's watermark. The generator's own truth is not
            enough here: an event may be late only because of one that was due before the demonstration began.
    """

    def __init__(self, stack: Stack, events: Stream, topic: str, lateness_seconds: float) -> None:
        self.sent = 0
        self.late = 0
        self.topic = topic
        self.events = events
        self.producer = ReliableProducer.of(stack)
        destination = prepare(stack, events.contract, events.version, topic=topic)
        self._encode = framed(events.schema, destination.schema_id)
        self._clock = SystemClock()
        self._watermarks = Watermarks(lateness_seconds)

    def play(self, stop: threading.Event) -> None:
        """Send what arrives from now on, until told to stop; then wait for the reports."""
        events, producer, clock = self.events, self.producer, self._clock
        first = index = events.index_at(clock.now_ms())
        for event in events.events(first):
            due_ms = events.arrival_ms(index)
            while clock.now_ms() < due_ms and not stop.is_set():
                producer.poll(0)
                clock.sleep(_NAP_SECONDS)
            if stop.is_set():
                break
            key, time_ms = events.key(event), events.event_time_ms(event)
            producer.produce(self.topic, self._encode(event), key, timestamp=time_ms)
            self.sent += 1
            self.late += self._watermarks.observe(events.partition(key), time_ms)
            index += 1
        producer.flush(FLUSH_SECONDS)
