"""Producers with one interface: the real one, one in memory for tests, one for asyncio.

    from streamlab.producers import RecordingConsumer, RecordingProducer, ReliableProducer

    producer = ReliableProducer.of(stack.connect())      # Kafka; accounts for every event
    producer = RecordingProducer()                       # memory; fails, delays, keeps silent
    consumer = RecordingConsumer(producer.log)           # reads what it wrote

Code that is given an `EventProducer` runs with each of them. One test suite holds all to the same contract;
`WHERE_DOUBLES_LIE` lists where they differ all the same.
"""

from streamlab.producers.asyncio_producer import AsyncioProducer
from streamlab.producers.clock import Clock, ManualClock, SystemClock
from streamlab.producers.deliveries import Deliveries, Undelivered
from streamlab.producers.interface import DeliveryCallback, EventProducer, Headers
from streamlab.producers.lies import WHERE_DOUBLES_LIE, Double, Lie
from streamlab.producers.recorded_log import RecordedLog
from streamlab.producers.recording import RecordingProducer
from streamlab.producers.recording_consumer import RecordingConsumer
from streamlab.producers.reliable import ReliableProducer

__all__ = [
    "WHERE_DOUBLES_LIE",
    "AsyncioProducer",
    "Clock",
    "Deliveries",
    "DeliveryCallback",
    "Double",
    "EventProducer",
    "Headers",
    "Lie",
    "ManualClock",
    "RecordedLog",
    "RecordingConsumer",
    "RecordingProducer",
    "ReliableProducer",
    "SystemClock",
    "Undelivered",
]
