"""Transactions into a topic: all at once, or now and at a rate.

feed = Feed(here, transactions.written(DENSE))
feed.at_once(topic, count=200_000)                        # with the times that they have
feed.at_rate(topic, per_second=5_000, seconds=15)         # each with the time at which it is sent
"""

import io
import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
from confluent_kafka.schema_registry import Schema

from benchmarks.peers.side import Input
from streamlab.errors import StreamlabError
from streamlab.sinks.redis_features import RedisFeatures
from streamlab.stack import Stack
from streamlab.wire import SchemaId, frame

PARTITIONS = 24
TICK_SECONDS = 0.005
FLUSH_SECONDS = 30.0
KEYS_AT_A_TIME = 1_000


class Feed:
    """An input file as the source of messages."""

    def __init__(self, here: Stack, folder: Path) -> None:
        self._here = here
        self._given = Input(folder, {})
        with np.load(folder / "index.npz") as index:
            self._times, self._cards = index["times"], index["cards"]

    def topic(self) -> tuple[str, SchemaId]:
        """A new topic that keeps everything, and the id of its schema."""
        topic = self._here.unique("bench.txn.events")
        self._here.create_topic(topic, PARTITIONS, {"retention.ms": "-1"})
        schema = Schema(json.dumps(self._given.schema), "AVRO")
        return topic, SchemaId(self._here.registry().register_schema(f"{topic}-value", schema))

    def forget_features(self) -> None:
        """Take these cards out of the store: writing what is there already, or older, would be less work."""
        sink = RedisFeatures(self._here.redis(), "card")
        keys = [key for card in np.unique(self._cards).tolist() for key in sink.keys(_card_id(card))]
        for first in range(0, len(keys), KEYS_AT_A_TIME):
            self._here.redis().unlink(*keys[first : first + KEYS_AT_A_TIME])

    def at_once(self, topic: str, schema_id: SchemaId, count: int) -> None:
        """The first `count` messages, as fast as they go."""
        producer = self._here.producer(linger_ms=20, queue_buffering_max_messages=1_000_000)
        row = 0
        for batch in self._given.batches():
            for body in batch[: count - row]:
                key = _card_id(self._cards[row])
                producer.produce(topic, frame(schema_id, body), key, timestamp=int(self._times[row]))
                row += 1
            producer.poll(0)
            if row >= count:
                break
        _delivered(producer)

    def at_rate(self, topic: str, schema_id: SchemaId, per_second: float, seconds: float) -> float:
        """Messages of now, evenly; the rate that was kept."""
        schema = fastavro.parse_schema(self._given.plain_schema)
        count = int(per_second * seconds)
        records = self._records(schema, count)
        producer = self._here.producer(linger_ms=5)
        began, sent = time.perf_counter(), 0
        while sent < count:
            due = min(count, int((time.perf_counter() - began) * per_second))
            for record in records[sent:due]:
                now_ms = time.time_ns() // 1_000_000
                body = io.BytesIO()
                fastavro.schemaless_writer(body, schema, {**record, "event_time": now_ms})
                value = frame(schema_id, body.getvalue())
                producer.produce(topic, value, record["card_id"], timestamp=now_ms)
            sent = max(sent, due)
            producer.poll(0)
            time.sleep(TICK_SECONDS)
        kept = count / (time.perf_counter() - began)
        _delivered(producer)
        return kept

    def _records(self, schema: Any, count: int) -> list[dict[str, Any]]:
        messages = (message for batch in self._given.batches() for message in batch)
        return [
            fastavro.schemaless_reader(io.BytesIO(message), schema, None)  # type: ignore[misc]
            for message in islice(messages, count)
        ]


def _card_id(card: int) -> str:
    return f"card-{card:06}"


def _delivered(producer: Any) -> None:
    left = producer.flush(FLUSH_SECONDS)
    if left:
        raise StreamlabError(f"{left:,} messages were not delivered.", "See the broker's log.")
