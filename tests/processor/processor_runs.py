"""A load of events on a topic, processors in processes of their own, and the account of what came out.

load = Load(stack, seed=7, events=20_000)
with load.produced_at(rate=4_000):
    child = Child(load, guarantee="exactly-once")
    child.kill()
outcome = load.outcome()         # Outcome(expected=…, lost=0, doubled=0, different=0, …)
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import KafkaError, Message, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema

from streamlab import contracts
from streamlab.encoding import plain as plain_schema
from streamlab.features import CardFeatures
from streamlab.generators import World, stream
from streamlab.processor.dead_letter import Header, text_of
from streamlab.processor.jobs import rules_of
from streamlab.processor.settings import Settings
from streamlab.stack import Stack
from streamlab.wire import SchemaId, frame, unframe

CHILD = Path(__file__).with_name("processor_child.py")
PATIENCE_SECONDS = 90
LATENESS_SECONDS = 5.0

_TRANSACTION = fastavro.parse_schema(plain_schema(contracts.load("transaction", 3)))
_FEATURES = fastavro.parse_schema(plain_schema(contracts.load("card_features", 1)))


@dataclass(frozen=True)
class Outcome:
    """What came out, compared with an uninterrupted run over the same log.

    Attributes:
        expected: events whose features an uninterrupted run gives out.
        lost: of them, those that never came.
        doubled: features that came once more than they should.
        different: features that are not those of the uninterrupted run.
        dead_lost, dead_doubled: the same of dead letters.
        aborted: records in the topic that belong to transactions that were given up.
    """

    expected: int
    lost: int
    doubled: int
    different: int
    dead_expected: int
    dead_lost: int
    dead_doubled: int
    aborted: int = 0


@dataclass
class Load:
    """Events of the generator on a topic of their own."""

    stack: Stack
    seed: int
    events: int
    partitions: int = 6
    poison_every: int = 0
    topic: str = ""
    out: str = ""
    _records: list[tuple[str, bytes, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.topic = self.stack.unique("txn.events")
        self.out = f"{self.topic}.features"
        # Brokers delete by the records' timestamps, which are event times: of an old world, at once.
        self.stack.create_topic(self.topic, self.partitions, {"retention.ms": "-1"})
        self.stack.create_topic(self.out, self.partitions)
        self.schema_id = self._register(contracts.load("transaction", 3))
        self._headers = {frame(SchemaId(self.schema_id), b"")}
        generated = stream("txn", World(seed=self.seed, users=400), late_share=0.02, max_disorder_seconds=5)
        for number, event in enumerate(generated.events(0, self.events)):
            value = self.framed(event)
            if self.poison_every and number % self.poison_every == 0:
                value = (b"", b"plain text", value[:-3], b"\x00\x00\x00\xff\xff" + value[5:], value + b"?")[
                    number // self.poison_every % 5
                ]
            self._records.append((generated.key(event), value, event["event_time"]))

    def use_new_schema(self, start: int) -> None:
        """From this record on, an id that nobody has seen: the same fields with another text."""
        schema = contracts.load("transaction", 3)
        schema["doc"] = f"As {self.topic} has it."
        new = self._register(schema)
        header = frame(SchemaId(new), b"")
        self._headers.add(header)
        self._records[start:] = [(key, header + value[5:], at) for key, value, at in self._records[start:]]

    def _register(self, schema: dict[str, Any]) -> int:
        text = Schema(json.dumps(schema), "AVRO")
        return self.stack.registry().register_schema(f"{self.topic}-value", text)

    def framed(self, event: dict[str, Any]) -> bytes:
        """An event as a message's value."""
        stream_ = io.BytesIO()
        fastavro.schemaless_writer(stream_, _TRANSACTION, event)
        return frame(SchemaId(self.schema_id), stream_.getvalue())

    def produce(self, start: int = 0, stop: int | None = None, rate: float = 0.0) -> None:
        """Produce records, all at once or so many a second; lost is nothing."""
        failed: list[KafkaError] = []
        producer = self.stack.producer(
            linger_ms=5, delivery_timeout_ms=60_000,
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )  # fmt: skip
        began = time.monotonic()
        for number, (key, value, timestamp) in enumerate(self._records[start:stop]):
            while not _accepted(producer, self.topic, key=key, value=value, timestamp=timestamp):
                producer.poll(0.1)
            if number % 100 == 99:
                producer.poll(0)
                if rate and (ahead := began + number / rate - time.monotonic()) > 0:
                    time.sleep(ahead)
        assert producer.flush(60) == 0
        assert failed == []

    @contextlib.contextmanager
    def produced_at(self, rate: float) -> Iterator[None]:
        """Produce in the background; the block ends when all is produced."""
        with ThreadPoolExecutor(1) as thread:
            producing = thread.submit(self.produce, rate=rate)
            yield
            producing.result(PATIENCE_SECONDS + self.events / rate)

    # What came out

    def uninterrupted(self) -> tuple[dict[str, dict[str, Any]], set[tuple[int, int]]]:
        """Features by transaction, and dead letters by partition and offset, of one pass over the log."""
        features = CardFeatures(allowed_lateness_seconds=LATENESS_SECONDS)
        rules = rules_of(Settings())
        rows: dict[str, dict[str, Any]] = {}
        self.times_in_log: Counter[str] = Counter()
        dead: set[tuple[int, int]] = set()
        for message in self.stack.read_topic(self.topic, timeout_seconds=PATIENCE_SECONDS):
            at = (message.partition() or 0, message.offset() or 0)
            event = self._event(message)
            if event is None or rules(event) is not None or features.add(event, at[0]) is not None:
                dead.add(at)
            for row in features.release(at[0]):
                rows[row["txn_id"]] = plain(row)
                self.times_in_log[row["txn_id"]] += 1
        return rows, dead

    def _event(self, message: Message) -> dict[str, Any] | None:
        value = message.value()
        if not isinstance(value, bytes) or value[:5] not in self._headers:
            return None
        body = io.BytesIO(value[5:])
        try:
            event: dict[str, Any] = fastavro.schemaless_reader(body, _TRANSACTION, None)  # type: ignore[assignment]
        except (EOFError, ValueError, IndexError):
            return None
        return event if body.tell() == len(value) - 5 else None

    def outcome(self) -> Outcome:
        """Compare what is in the topics with the uninterrupted run."""
        expected, dead = self.uninterrupted()
        came = [self.features_of(message) for message in read_all(self.stack, self.out)]
        letters = Counter(
            (int(text_of(m, Header.PARTITION)), int(text_of(m, Header.OFFSET)))
            for m in read_all(self.stack, f"dlq.{self.topic}")
        )
        counts = Counter(row["txn_id"] for row in came)
        everything = read_all(self.stack, self.out, isolation_level="read_uncommitted")
        return Outcome(
            expected=len(expected),
            lost=len(expected.keys() - counts.keys()),
            doubled=(counts - self.times_in_log).total(),
            different=sum(row != expected.get(row["txn_id"]) for row in came),
            dead_expected=len(dead),
            dead_lost=len(dead - letters.keys()),
            dead_doubled=letters.total() - len(letters.keys() & dead),
            aborted=len(everything) - len(came),
        )

    @staticmethod
    def features_of(message: Message) -> dict[str, Any]:
        """A message of the features' topic as a row."""
        value = message.value()
        assert isinstance(value, bytes)
        _, body = unframe(value)
        return plain(fastavro.schemaless_reader(io.BytesIO(body), _FEATURES, None))  # type: ignore[arg-type]

    def in_topic(self) -> int:
        """How many messages there are; a producer whose broker was killed may have written some twice."""
        return len(self.stack.read_topic(self.topic, timeout_seconds=PATIENCE_SECONDS))

    def committed(self) -> dict[int, int]:
        """The group's offsets."""
        consumer = self.stack.consumer(group_id=self.topic)
        asked = [TopicPartition(self.topic, number) for number in range(self.partitions)]
        found = consumer.committed(asked, timeout=20)
        consumer.close()
        return {one.partition: one.offset for one in found if one.offset >= 0}


def _accepted(producer: Producer, topic: str, **record: Any) -> bool:
    """Whether the client had room for it."""
    try:
        producer.produce(topic, **record)
    except BufferError:
        return False
    return True


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose values compare whether they came from Avro or not."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}


def read_all(stack: Stack, topic: str, isolation_level: str = "read_committed") -> list[Message]:
    """Every message of a topic, up to the ends of this moment."""
    consumer = stack.consumer(enable_partition_eof=True, isolation_level=isolation_level)
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        ends: set[int] = set()
        messages: list[Message] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(ends) < len(partitions):
            assert time.monotonic() < deadline, f"{topic} could not be read"
            for message in consumer.consume(5_000, timeout=0.2):
                error = message.error()
                if error is None:
                    messages.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    ends.add(message.partition() or 0)
        return messages
    finally:
        consumer.close()


LIVING: "set[Child]" = set()


class Child:
    """A processor in a process of its own; the tests' fixture ends the ones that a failure left."""

    def __init__(self, load: Load, run: dict[str, Any] | None = None, **options: Any) -> None:
        here = load.stack
        chosen = {
            "bootstrap_servers": here.bootstrap_servers,
            "registry": here.schema_registry_url,
            "redis_url": here.redis_url,
            "topic": load.topic,
            "group": load.topic,
            "out": load.out,
            "store": False,
            "max_batch": 500,
            "lateness_seconds": LATENESS_SECONDS,
            "run": run or {},
            **options,
        }
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), json.dumps(chosen)], stdout=subprocess.PIPE, stderr=self._errors,
            text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        LIVING.add(self)
        self.said: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    @property
    def progress(self) -> dict[str, Any]:
        """What it said last of itself."""
        return self.said[-1] if self.said else {}

    def wait_until_it_works(self) -> None:
        """Return when it has taken its first messages, or there are none."""
        self.wait_until(lambda progress: progress.get("in", 0) > 0 or progress.get("idle", False))

    def wait_until(self, claim: Callable[[dict[str, Any]], bool]) -> None:
        """Return when the last progress is as wished."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not claim(self.progress):
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"{self.progress}\n{self._where()}"
            time.sleep(0.02)

    def _where(self) -> str:
        """Its log, with what it is doing now."""
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        return self.log()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._end()

    def stop(self) -> dict[str, Any]:
        """SIGTERM, and its account."""
        self.process.send_signal(signal.SIGTERM)
        return self.account()

    def account(self) -> dict[str, Any]:
        """Wait for its end; what it printed last."""
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            doing = self._where()
            self.process.kill()
            raise AssertionError(f"it did not end\n{doing}") from None
        finally:
            self._end()
        assert self.process.returncode == 0, self.log()
        assert self.said[-1]["balances"]
        return dict(self.said[-1]["account"])

    def log(self) -> str:
        """What it wrote to stderr."""
        if self._errors.closed:
            return self._kept
        self._errors.seek(0)
        return self._errors.read()

    def _end(self) -> None:
        LIVING.discard(self)
        self.process.wait()
        self._reader.join(10)
        self._kept = self.log()
        self._errors.close()
        assert self.process.stdout is not None
        self.process.stdout.close()


def wait_until(claim: Callable[[], bool]) -> None:
    """Return when the claim holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
