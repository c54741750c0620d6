"""The asyncio variant: the same account, reports without polling, and its client's limits said plainly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast
from zlib import crc32

import pytest
from producer_places import PATIENCE_SECONDS, Embedded, OnStack, Reports

from streamlab.errors import StreamlabError
from streamlab.producers import AsyncioProducer
from streamlab.stack import Stack


@pytest.fixture(
    params=[
        pytest.param("embedded", marks=pytest.mark.slow),
        pytest.param("kafka", marks=pytest.mark.stack),
    ]
)
def place(request: pytest.FixtureRequest) -> OnStack:
    """The stacks that have a client for asyncio."""
    if request.param == "embedded":
        return Embedded(request.getfixturevalue("embedded_stack"))
    return OnStack(request.getfixturevalue("live_stack"))


def on(
    stack: Stack, work: Callable[[AsyncioProducer], Awaitable[None]], open_reports: int = 10_000
) -> AsyncioProducer:
    """Work with a producer in an event loop, until it is closed."""

    async def main() -> AsyncioProducer:
        async with AsyncioProducer(stack.asyncio_producer(), open_reports=open_reports) as producer:
            await work(producer)
        return producer

    return asyncio.run(main())


def test_asyncio_delivers_reports_and_counts_each_message(place: OnStack) -> None:
    topic, reports = place.topic(partitions=3), Reports()

    async def work(producer: AsyncioProducer) -> None:
        for number in range(200):
            key = f"card-{number % 7}"
            await producer.produce(topic, f"{number}", key=key, on_delivery=reports)
        assert await producer.flush(PATIENCE_SECONDS) == 0
        assert len(producer) == 0

    account = on(place.stack, work).deliveries()
    assert (account.sent, account.delivered, account.failed) == (200, 200, 0)
    assert reports.errors == [None] * 200
    assert all(m.partition() == crc32(m.key() or b"") % 3 for _, m in reports.all)
    last: dict[bytes | None, int] = {}
    for message in place.stack.read_topic(topic):
        number = int(message.value() or b"")
        assert last.get(message.key(), -1) < number, "in the order of its key"
        last[message.key()] = number


def test_asyncio_too_many_open_reports_hold_the_sender_back_and_lose_nothing(place: OnStack) -> None:
    topic = place.topic()

    async def work(producer: AsyncioProducer) -> None:
        for number in range(100):
            await producer.produce(topic, f"{number}")
            assert len(producer) <= 10

    account = on(place.stack, work, open_reports=10).deliveries()
    assert account.complete
    assert account.backpressure_waits >= 1
    assert len(place.stack.read_topic(topic)) == 100


def test_asyncio_reports_what_does_not_arrive(place: OnStack) -> None:
    topic, reports = place.topic(), Reports()

    async def work(producer: AsyncioProducer) -> None:
        await producer.produce(topic, bytes(1_000_001), key="k", on_delivery=reports)
        await producer.produce(topic, b"after it")

    producer = on(place.stack, work)
    assert producer.deliveries().by_error == {"MSG_SIZE_TOO_LARGE": 1}
    assert producer.deliveries().delivered == 1
    assert producer.undelivered[0].key == b"k"
    assert reports.errors == ["MSG_SIZE_TOO_LARGE"]


def test_asyncio_flush_says_how_many_it_leaves_behind(place: OnStack) -> None:
    async def main() -> None:
        client = place.stack.asyncio_producer(
            bootstrap_servers="127.0.0.1:1", delivery_timeout_ms=300, request_timeout_ms=200
        )
        async with AsyncioProducer(client) as producer:
            await producer.produce("t", b"v")
            assert await producer.flush(0.01) == 1
            assert await producer.flush(PATIENCE_SECONDS) == 0
            assert producer.deliveries().by_error == {"_MSG_TIMED_OUT": 1}

    asyncio.run(main())


def test_asyncio_refuses_what_its_client_would_choke_on_and_goes_on(place: OnStack) -> None:
    topic = place.topic()

    async def work(producer: AsyncioProducer) -> None:
        with pytest.raises(StreamlabError, match=r"no headers.*ReliableProducer"):
            await producer.produce(topic, b"v", headers={"a": "b"})
        with pytest.raises(StreamlabError, match=r"no timestamps.*ReliableProducer"):
            await producer.produce(topic, b"v", timestamp=1)
        with pytest.raises(TypeError, match="bytes-like"):
            await producer.produce(topic, 3)  # type: ignore[arg-type]
        await producer.produce(topic, b"v")

    assert on(place.stack, work).deliveries().delivered == 1


def test_asyncio_client_itself_still_has_these_limits(place: OnStack) -> None:
    """Why they are refused: headers by the client, too; a timestamp breaks the batch that it is in."""

    async def main() -> None:
        client = place.stack.asyncio_producer()
        topic = place.topic()
        with pytest.raises(NotImplementedError, match="Headers are not supported"):
            await client.produce(topic, b"v", headers={"a": "b"})
        report = await client.produce(topic, b"v", timestamp=1)
        with pytest.raises(NotImplementedError, match="timestamps are not"):
            await client.flush(1)
        with pytest.raises(NotImplementedError):
            await report
        client._batch_processor.clear_buffer()
        await client.close()

    asyncio.run(main())


def test_asyncio_what_its_client_does_not_take_is_not_sent() -> None:
    class Closed:
        async def produce(self, *_: object, **__: object) -> None:
            raise RuntimeError("the producer is closed")

    async def main() -> None:
        producer = AsyncioProducer(cast(Any, Closed()))
        with pytest.raises(RuntimeError, match="closed"):
            await producer.produce("txn.events", b"value")
        assert (producer.deliveries().sent, producer.deliveries().outstanding) == (0, 0)

    asyncio.run(main())
