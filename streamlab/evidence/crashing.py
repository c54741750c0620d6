"""A processor that dies where it hurts, and a count of what that did: the ground of C29 and C30.

    load = fill(here, seed=7, events=3_000)
    crash(here, load, Guarantee.AT_LEAST_ONCE, Moment.AFTER_SINKS)       # in a process of its own, kill -9
    finish(here, load, Guarantee.AT_LEAST_ONCE)                          # started again, to the end
    count(here, load)                                                    # Loss(expected=…, lost=0, doubled=…)

The crash is not left to chance: the process kills itself at a named moment of its third batch.
"""

import dataclasses
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

import fastavro

from streamlab import contracts
from streamlab.encoding import plain
from streamlab.errors import StreamlabError
from streamlab.features import CardFeatures
from streamlab.generators import World, stream
from streamlab.paths import PROJECT
from streamlab.processor.account import Account
from streamlab.processor.guarantees import Moment, OnMoment
from streamlab.processor.partition import Row, Step
from streamlab.processor.processor import Processor
from streamlab.processor.settings import Guarantee
from streamlab.producers import ReliableProducer
from streamlab.stack.capabilities import Capability
from streamlab.stack.clients import Stack
from streamlab.wire import SchemaId, frame, unframe

PARTITIONS: Final = 2
BATCH: Final = 400
FATAL_BATCH: Final = 3
LATENESS_SECONDS: Final = 5.0
TIMER_SECONDS: Final = 0.2
IDLE_SECONDS: Final = 0.7
_CHILD_SECONDS: Final = 60.0
_KEEP: Final = {"retention.ms": "-1"}
"""Brokers delete by the records' timestamps, which are event times here."""


@dataclasses.dataclass(frozen=True)
class Load:
    """Events on a topic of their own, and a topic for their features."""

    topic: str
    out: str
    events: int


@dataclasses.dataclass(frozen=True)
class Loss:
    """What a run with a crash gave out, beside one without.

    Attributes:
        expected: events whose features an uninterrupted run gives out.
        lost: of these, the ones that never came.
        doubled: features that came once more than they should.
        different: features that are not those of the uninterrupted run.
    """

    expected: int
    lost: int
    doubled: int
    different: int


def fill(stack: Stack, seed: int, events: int) -> Load:
    """Produce the first events of a generated stream, in order, and return when they are there."""
    topic = stack.unique("evidence.txn")
    load = Load(topic, f"{topic}.features", events)
    stack.create_topic(load.topic, PARTITIONS, _KEEP)
    stack.create_topic(load.out, PARTITIONS)
    generated = stream("txn", World(seed=seed, users=200), max_disorder_seconds=LATENESS_SECONDS)
    from confluent_kafka.schema_registry import Schema

    text = Schema(json.dumps(generated.schema), "AVRO")
    header = frame(SchemaId(stack.registry().register_schema(f"{topic}-value", text)), b"")
    parsed = fastavro.parse_schema(plain(generated.schema))
    producer = ReliableProducer.of(stack, linger_ms=5)
    for event in generated.events(0, events):
        partition = crc32(event["card_id"].encode()) % PARTITIONS
        # Cards of this load alone: what others wrote to the store is not looked at.
        event["card_id"] += topic.removeprefix("evidence.txn")
        body = io.BytesIO()
        fastavro.schemaless_writer(body, parsed, event)
        producer.produce(
            topic, key=generated.key(event), value=header + body.getvalue(), partition=partition,
            timestamp=event["event_time"],
        )  # fmt: skip
    producer.flush(30)
    if not producer.deliveries().complete:
        raise StreamlabError("Not every event was delivered.", "Run `streamlab status`.")
    return load


def crash(stack: Stack, load: Load, guarantee: Guarantee, moment: Moment, **options: Any) -> None:
    """Process until the fatal moment of the third batch, in a process that kills itself there.

    Raises:
        StreamlabError: it ended in another way.
    """
    described = {**dataclasses.asdict(stack), "capabilities": sorted(stack.capabilities)}
    arguments = [described, dataclasses.asdict(load), guarantee.value, moment.value, options]
    ended = subprocess.run(
        [sys.executable, "-m", __name__, json.dumps(arguments)],
        capture_output=True, text=True, check=False, timeout=_CHILD_SECONDS,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    if ended.returncode != -signal.SIGKILL:
        raise StreamlabError(
            f"The processor was to be killed, and ended with {ended.returncode}: {ended.stderr[-500:]}",
            "Run it again.",
        )


def finish(
    stack: Stack, load: Load, guarantee: Guarantee, on_moment: OnMoment | None = None, **options: Any
) -> Account:
    """Process what is left, in this process."""
    processor = _processor(stack, load, guarantee, options)
    return processor.run(until_idle_seconds=IDLE_SECONDS, on_moment=on_moment)


def count(stack: Stack, load: Load) -> Loss:
    """Compare the committed features with those of one pass over the log."""
    expected = uninterrupted(stack, load)
    came = features(stack, load.out)
    by_id = Counter(row["txn_id"] for row in came)
    return Loss(
        expected=len(expected),
        lost=len(expected.keys() - by_id.keys()),
        doubled=by_id.total() - len(by_id),
        different=sum(row != expected.get(row["txn_id"]) for row in came),
    )


def uninterrupted(stack: Stack, load: Load) -> dict[str, Row]:
    """The features, by transaction, of one pass over the whole log."""
    pipeline = CardFeatures(allowed_lateness_seconds=LATENESS_SECONDS)
    for message in stack.read_topic(load.topic, timeout_seconds=30):
        pipeline.add(_decoded(message.value(), "transaction"), message.partition() or 0)
    return {row["txn_id"]: comparable(row) for row in pipeline.release()}


def features(stack: Stack, topic: str) -> list[Row]:
    """Every committed row of a topic of features."""
    messages = stack.read_topic(topic, timeout_seconds=30)
    return [comparable(_decoded(message.value(), "card_features")) for message in messages]


def comparable(row: Row) -> Row:
    """A row that is equal to itself after a way through Avro, which knows no tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}


def _decoded(value: Any, contract: str) -> Row:
    schema = plain(contracts.load(contract, contracts.contract(contract).versions[-1]))
    return fastavro.schemaless_reader(io.BytesIO(unframe(value)[1]), fastavro.parse_schema(schema), None)  # type: ignore[return-value]


def _processor(stack: Stack, load: Load, guarantee: Guarantee, options: dict[str, Any]) -> Processor:
    chosen = {
        "topic": load.topic,
        "group": load.topic,
        "out": load.out,
        "store": False,
        "instance": "evidence",
        "lateness_seconds": LATENESS_SECONDS,
        "max_batch": BATCH,
        "auto_commit_interval_seconds": TIMER_SECONDS,
    }
    return Processor(stack, "card", guarantee, **{**chosen, **options})


def _die(arguments: str) -> None:
    """The child's work: process, and be killed."""
    described, load, guarantee, moment, options = json.loads(arguments)
    capabilities = frozenset(Capability(one) for one in described.pop("capabilities"))
    stack = Stack(**described, capabilities=capabilities)
    batches = 0

    def on_moment(now: Moment, steps: Sequence[Step]) -> None:
        nonlocal batches
        batches += now is Moment.BEFORE_SINKS
        naive_counters(stack, load["topic"], now, steps)
        if batches == FATAL_BATCH and now == moment:
            if guarantee == Guarantee.AUTO_COMMIT:
                time.sleep(3 * TIMER_SECONDS)  # the timer goes on while the batch is being worked on
            os.kill(os.getpid(), signal.SIGKILL)

    finish(stack, Load(**load), Guarantee(guarantee), on_moment, **options)


def naive_counters(stack: Stack, name: str, now: Moment, steps: Sequence[Step]) -> None:
    """What many write to Redis: a counter that goes up by one for each row. It cannot know a repetition."""
    rows = sum(len(step.rows) for step in steps)
    if now is Moment.BEFORE_SINKS and rows and stack.has(Capability.FEATURE_STORE):
        redis = stack.redis()
        redis.incrby(f"evidence:counter:{name}", rows)
        redis.expire(f"evidence:counter:{name}", 3_600)


if __name__ == "__main__":
    _die(sys.argv[1])
