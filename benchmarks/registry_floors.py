"""What a durable write costs by itself: the broker and its client, without a registry around them.

    with floors("127.0.0.1:9092", "bench") as found:
        found["one transaction"](200)           # the seconds that each of 200 took

A registry whose log is in Kafka cannot answer sooner than its record is there. These are measured in the same
rounds as the registries, so that a goal that is missed can be told from a machine that is busy.
"""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator

from confluent_kafka import Producer

from streamlab.registry.kafka_log import KafkaLog
from streamlab.registry.kafka_writer import LogWriter
from streamlab.registry.schemas_topic import Record, StoredSchema, schema_record

PRODUCE = "one produce, acks=all"
TRANSACTION = "one transaction"

Floor = Callable[[int], list[float]]
"""Writes so many records, one after another; the seconds of each."""


@contextlib.contextmanager
def floors(bootstrap_servers: str, topic: str) -> Iterator[dict[str, Floor]]:
    """By name; each has a compacted topic of its own, whose name begins so."""
    numbers = itertools.count()

    def record() -> Record:
        number = next(numbers)
        text = f'{{"type":"record","name":"Order","fields":[{{"name":"field_{number}","type":"string"}}]}}'
        return schema_record(StoredSchema(f"bench-{number}-value", 1, number, text))

    def timed(write: Callable[[Record], object]) -> Floor:
        def run(count: int) -> list[float]:
            took = []
            for _ in range(count):
                one = record()
                began = time.perf_counter()
                write(one)
                took.append(time.perf_counter() - began)
            return took

        return run

    logs = [KafkaLog(bootstrap_servers, f"{topic}.{kind}") for kind in ("produce", "transaction")]
    for log in logs:
        log.create()
    producer = Producer({**logs[0].connection(), "enable.idempotence": True, "linger.ms": 0})

    def produce(one: Record) -> None:
        producer.produce(logs[0].topic, key=one.key_bytes, value=one.value_bytes, partition=0)
        assert producer.flush(10) == 0

    writer = LogWriter(logs[1].connection(), logs[1].topic)
    yield {PRODUCE: timed(produce), TRANSACTION: timed(lambda one: writer.append((one,)))}
