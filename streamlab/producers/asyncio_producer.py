"""The same account for programs on asyncio, through the client's own `confluent_kafka.aio`.

    async with AsyncioProducer.of(stack.connect()) as producer:
        await producer.produce("txn.events", value, key=key, on_delivery=report)
        await producer.flush(10)
        producer.deliveries().delivered

Reports come by themselves, in the event loop: there is nothing to poll. Too many open reports are
backpressure here as well: `produce` waits for one, and counts the waits.

The client sends batches, and these carry neither headers nor timestamps: an event's time cannot become the
record's timestamp, so `offsets_for_times` finds events by when they were sent. Whoever needs either takes
`ReliableProducer` in a thread. One wrong type in a batch would keep the client from sending anything ever
after, so types are looked at first.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from confluent_kafka import KafkaError, KafkaException, Message

from streamlab.errors import StreamlabError
from streamlab.producers.clock import Clock, SystemClock
from streamlab.producers.deliveries import Account, Deliveries, Undelivered, unsent
from streamlab.producers.interface import ANY_PARTITION, DeliveryCallback, Headers

if TYPE_CHECKING:
    from confluent_kafka.aio import AIOProducer

    from streamlab.stack import Stack

OPEN_REPORTS: Final = 10_000


class AsyncioProducer:
    """A producer with an account, for one event loop.

    Args:
        client: what sends.
        open_reports: how many messages may be without a report; fewer than the client's queue holds.
        on_undelivered: told of every event that did not arrive.

    Attributes:
        undelivered: the first thousand events that did not arrive.
    """

    def __init__(
        self,
        client: "AIOProducer",
        *,
        open_reports: int = OPEN_REPORTS,
        on_undelivered: Callable[[Undelivered], Any] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._open_reports = open_reports
        self._clock = clock or SystemClock()
        self._account = Account(on_undelivered)
        self.undelivered = self._account.undelivered
        self._open: set[asyncio.Future[Message]] = set()

    @classmethod
    def of(cls, here: "Stack", **config: Any) -> Self:
        """The asyncio producer of a stack; to be called in a running event loop."""
        return cls(here.asyncio_producer(**config))

    async def produce(
        self,
        topic: str,
        value: str | bytes | None = None,
        key: str | bytes | None = None,
        partition: int = ANY_PARTITION,
        *,
        on_delivery: DeliveryCallback | None = None,
        timestamp: int = 0,
        headers: Headers | None = None,
    ) -> None:
        """Send an event; wait while too many reports are open.

        Raises:
            StreamlabError: headers or a timestamp are given.
            TypeError: key or value is neither text nor bytes.
        """
        if headers or timestamp:
            what = "headers" if headers else "timestamps"
            raise StreamlabError(f"The asyncio client sends no {what}.", "Use ReliableProducer for these.")
        for name, given in (("value", value), ("key", key)):
            if given is not None and not isinstance(given, str | bytes):
                raise TypeError(f"a bytes-like object is required as {name}, not {type(given).__name__!r}")
        await self._room()
        report: asyncio.Future[Message] = await self._client.produce(
            topic, value=value, key=key, partition=partition
        )
        self._account.sent += 1
        self._open.add(report)

        def close(done: "asyncio.Future[Message]") -> None:
            self._open.discard(done)
            error, message = _outcome(done, topic, value, key, partition)
            self._account.add(error, message)
            if on_delivery is not None:
                on_delivery(error, message)

        report.add_done_callback(close)

    async def flush(self, timeout: float = -1) -> int:
        """Send everything and wait for the reports, for so many seconds (-1: for ever). How many are left."""
        try:
            async with asyncio.timeout(None if timeout < 0 else timeout):
                await self._client.flush(-1 if timeout < 0 else timeout)
                while self._open:
                    await asyncio.wait(self._open)
        except TimeoutError:
            pass
        return len(self._open)

    async def close(self) -> None:
        """Flush, and end the client's threads."""
        await self.flush()
        await self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __len__(self) -> int:
        """How many messages have no report yet."""
        return len(self._open)

    def deliveries(self) -> Deliveries:
        """The account of this moment."""
        return self._account.deliveries()

    async def _room(self) -> None:
        if len(self._open) < self._open_reports:
            return
        began = self._clock.seconds()
        self._account.backpressure_waits += 1
        # What waits in the client's own buffer would not be sent before its time is up.
        await self._client.flush(0)
        while len(self._open) >= self._open_reports:
            await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
        self._account.waited_seconds += self._clock.seconds() - began


def _outcome(
    done: "asyncio.Future[Message]",
    topic: str,
    value: str | bytes | None,
    key: str | bytes | None,
    partition: int,
) -> tuple[KafkaError | None, Message]:
    """What a future came to, as a delivery report has it."""
    failure = None if done.cancelled() else done.exception()
    if failure is None and not done.cancelled():
        return None, done.result()
    message = unsent(topic, value, key, partition)
    if isinstance(failure, KafkaException):
        return failure.args[0], message
    return KafkaError(KafkaError._FAIL, str(failure or "cancelled")), message
