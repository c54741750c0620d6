"""A producer in memory, for tests: it remembers, and it fails, delays and keeps silent when it is told to.

    producer = RecordingProducer(clock=ManualClock())
    producer.produce("txn.events", b"value", key=b"card-1", on_delivery=report)
    producer.flush()
    producer.messages("txn.events")          # [Message], with partition, offset, timestamp

    producer.fail(3)                         # the next three are reported as undelivered, and are
    producer.delay(2.0)                      # from here on a report takes two seconds of the clock
    producer.keep_silent()                   # from here on nobody hears what became of a message

It has the client's interface and none of its insides. Where it differs: `streamlab.producers.lies`.
"""

from collections import deque
from typing import Final, NamedTuple

from confluent_kafka import TIMESTAMP_CREATE_TIME, KafkaError, KafkaException, Message

from streamlab.producers.clock import Clock, SystemClock
from streamlab.producers.interface import ANY_PARTITION, DeliveryCallback, Headers
from streamlab.producers.recorded_log import RecordedLog

LARGEST_BYTES: Final = 1_000_000
"""The client's own limit, `message.max.bytes`."""

_NEVER: Final = float("inf")


class _Queued(NamedTuple):
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers | None
    timestamp_ms: int
    on_delivery: DeliveryCallback | None
    error: int | None
    sent_seconds: float
    due_seconds: float


class RecordingProducer:
    """An `EventProducer` that writes to a `RecordedLog`.

    Args:
        log: where the messages go; a consumer double reads the same one.
        queue_capacity: how many messages may be without a served report.
        clock: what delays are measured by; `poll` and `flush` wait by it.
    """

    def __init__(
        self, log: RecordedLog | None = None, *, queue_capacity: int = 100_000, clock: Clock | None = None
    ) -> None:
        self.log = log or RecordedLog()
        self._capacity = queue_capacity
        self._clock = clock or SystemClock()
        self._queue: deque[_Queued] = deque()
        self._unheard: deque[_Queued] = deque()
        self._errors: deque[int] = deque()
        self._delay_seconds = 0.0
        self._closed = False

    def fail(self, times: int = 1, error: int = KafkaError._MSG_TIMED_OUT) -> None:
        """Report the next messages that are produced as undelivered; the log never has them."""
        self._errors.extend([error] * times)

    def delay(self, seconds: float) -> None:
        """Deliver and report what is produced from here on so much later; 0 ends it."""
        self._delay_seconds = seconds

    def keep_silent(self) -> None:
        """Deliver and report nothing of what is produced from here on; `delay(0)` ends it."""
        self._delay_seconds = _NEVER

    def produce(
        self,
        topic: str,
        value: str | bytes | None = None,
        key: str | bytes | None = None,
        partition: int = ANY_PARTITION,
        callback: DeliveryCallback | None = None,
        on_delivery: DeliveryCallback | None = None,
        timestamp: int = 0,
        headers: Headers | None = None,
    ) -> None:
        """Put a message into the queue; see `EventProducer.produce`."""
        self._must_be_open()
        value_bytes, key_bytes = _bytes("value", value), _bytes("key", key)
        if len(value_bytes or b"") + len(key_bytes or b"") > LARGEST_BYTES:
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        if not ANY_PARTITION <= partition < self.log.partitions(topic):
            raise KafkaException(KafkaError(KafkaError._UNKNOWN_PARTITION))
        if len(self) >= self._capacity:
            raise BufferError("Local: Queue full")
        now = self._clock.seconds()
        queued = _Queued(
            topic=topic,
            partition=self.log.partition_of(topic, key_bytes) if partition == ANY_PARTITION else partition,
            key=key_bytes,
            value=value_bytes,
            headers=headers,
            timestamp_ms=timestamp or self._clock.now_ms(),
            on_delivery=on_delivery or callback,
            error=self._errors.popleft() if self._errors else None,
            sent_seconds=now,
            due_seconds=now + self._delay_seconds,
        )
        (self._unheard if queued.due_seconds == _NEVER else self._queue).append(queued)

    def poll(self, timeout: float = -1) -> int:
        """Deliver and report what is due; wait for the first one. How many reports were served."""
        self._must_be_open()
        deadline = self._deadline(timeout)
        if not self._is_due() and (timeout > 0 or len(self)):
            self._wait(min(deadline, self._next_due()))
        return self._serve()

    def flush(self, timeout: float = -1) -> int:
        """Deliver and report everything that is due within the time; how many are left."""
        self._must_be_open()
        deadline = self._deadline(timeout)
        self._serve()
        while len(self) and self._clock.seconds() < deadline:
            self._wait(min(deadline, self._next_due()))
            self._serve()
        return len(self)

    def purge(self, in_queue: bool = True, in_flight: bool = True, blocking: bool = True) -> None:  # noqa: ARG002
        """Give up every message without a report; the reports come with the next `poll`."""
        self._must_be_open()
        if in_queue:
            self._queue.extend(self._unheard)
            self._unheard.clear()
            self._queue = deque(
                queued._replace(error=KafkaError._PURGE_QUEUE, due_seconds=0.0) for queued in self._queue
            )

    def close(self) -> bool:
        """Flush, and take nothing more."""
        if not self._closed:
            self.flush()
            self._closed = True
        return True

    def __len__(self) -> int:
        """How many messages have no report yet."""
        return len(self._queue) + len(self._unheard)

    def __bool__(self) -> bool:
        """A producer is there, however empty its queue."""
        return True

    def messages(self, topic: str, partition: int | None = None) -> list[Message]:
        """What was delivered to a topic, by partition and offset."""
        return self.log.messages(topic, partition)

    def _next_due(self) -> float:
        return self._queue[0].due_seconds if self._queue else _NEVER

    def _is_due(self) -> bool:
        return self._next_due() <= self._clock.seconds()

    def _deadline(self, timeout: float) -> float:
        return _NEVER if timeout < 0 else self._clock.seconds() + timeout

    def _serve(self) -> int:
        """Take from the queue what is due, in the order of `produce`."""
        now = self._clock.seconds()
        served = 0
        while self._queue and self._queue[0].due_seconds <= now:
            queued = self._queue.popleft()
            error, message = self._outcome(queued, now)
            served += 1
            if queued.on_delivery is not None:
                queued.on_delivery(error, message)
        return served

    def _outcome(self, queued: _Queued, now: float) -> tuple[KafkaError | None, Message]:
        latency_seconds = now - queued.sent_seconds
        if queued.error is not None:
            failed = Message(
                topic=queued.topic, partition=queued.partition, key=queued.key, value=queued.value,
                latency=latency_seconds, timestamp=(0, -1),
            )  # fmt: skip
            return KafkaError(queued.error), failed
        offset = self.log.append(
            queued.topic, queued.partition, key=queued.key, value=queued.value,
            timestamp_ms=queued.timestamp_ms, headers=queued.headers,
        )  # fmt: skip
        delivered = Message(
            topic=queued.topic, partition=queued.partition, offset=offset, key=queued.key, value=queued.value,
            timestamp=(TIMESTAMP_CREATE_TIME, queued.timestamp_ms), latency=latency_seconds,
        )  # fmt: skip
        return None, delivered

    def _wait(self, until: float) -> None:
        if until == _NEVER:
            raise RuntimeError("This double is silent, and would be waited for without end: give a timeout.")
        self._clock.sleep(until - self._clock.seconds())

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("Producer has been closed")


def _bytes(name: str, given: object) -> bytes | None:
    if given is None or isinstance(given, bytes):
        return given
    if isinstance(given, str):
        return given.encode()
    raise TypeError(f"a bytes-like object is required as {name}, not {type(given).__name__!r}")
