"""Avro codecs beside each other in one run: messages to values, and values to messages.

    python -m benchmarks.codec               # this part alone
    codec.measure(200_000)                   # [Row("fastavro, decoding", ...), ...]

All get the same framed messages and give them back. What each decodes and encodes is compared with the
others' before a time is shown; a difference stops the run. Sides of one process take turns, the first turn
warms up and is not counted, and the median of the others is. pyruhvro runs in an environment of its own;
without a network that brings it, it is left out, aloud.
"""

import io
import json
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from rich.console import Console
from rich.table import Table

from benchmarks import children, environments, machine, transactions
from benchmarks.peers.side import Input
from benchmarks.rows import Goal, Row
from streamlab.errors import StreamlabError
from streamlab.features.columnar import CARD_COLUMNS, Decoder, encode
from streamlab.paths import PROJECT
from streamlab.wire import SchemaId

COUNT = 200_000
ROUNDS = 3
TIMEOUT_SECONDS = 300.0
TOPIC = "txn.events"
DECODING, ENCODING = "decoding", "encoding"
PYRUHVRO = "pyruhvro"

Event = dict[str, Any]


WHY_NOT_RUST = (
    "pyruhvro is Rust from end to end. Of the columnar decoder's time more than half is `polars.read_avro`, "
    "the rest is what names a damaged message instead of refusing its batch; the encoder is NumPy alone."
)


class Disagreement(StreamlabError):
    """Two codecs make different things of the same messages."""


@dataclass
class Side:
    """One codec in one direction: what it does, and what it took in each round."""

    name: str
    run: Callable[[], Any]
    note: str
    seconds: list[float] = field(default_factory=list)


def measure(count: int = COUNT) -> list[Row]:
    """Both directions of every codec; a name ends in `, decoding` or `, encoding`.

    Raises:
        Disagreement: what two of them decode or encode differs.
    """
    shape = transactions.DENSE
    folder = transactions.written(shape if count == shape.events else transactions.shape_like(shape, count))
    material = Material(folder)
    decoders, encoders = list(_decoders(material)), list(_encoders(material))
    _compare(decoders, encoders, material)
    for turn in range(ROUNDS + 1):
        for side in (*decoders, *encoders):
            began = time.perf_counter()
            side.run()
            if turn:
                side.seconds.append(time.perf_counter() - began)
    rows = [Row(one.name, statistics.median(one.seconds), count, one.note) for one in (*decoders, *encoders)]
    return sorted([*rows, *_pyruhvro(folder, material)], key=lambda row: row.name.endswith(ENCODING))


class Material:
    """The same transactions as framed messages, as dicts and as columns."""

    def __init__(self, folder: Path) -> None:
        given = Input(folder, {})
        self.schema, self.plain = given.schema, given.plain_schema
        self.parsed = fastavro.parse_schema(self.plain)
        self.registry = SchemaRegistryClient.new_client({"url": "mock://"})
        registered = self.registry.register_schema(f"{TOPIC}-value", Schema(json.dumps(self.schema), "AVRO"))
        self.schema_id = SchemaId(registered)
        self.header = struct.pack(">bI", 0, self.schema_id)
        self.messages = [self.header + body for batch in given.batches() for body in batch]
        self.events = [self.decoded(message) for message in self.messages]
        self.frame = pl.DataFrame(self.events, infer_schema_length=None)

    def decoded(self, message: bytes) -> Event:
        """One message by fastavro; times as integers."""
        return fastavro.schemaless_reader(io.BytesIO(message[5:]), self.parsed, None)  # type: ignore[return-value]

    def encoded(self, event: Event) -> bytes:
        """One message by fastavro."""
        stream = io.BytesIO()
        stream.write(self.header)
        fastavro.schemaless_writer(stream, self.parsed, event)
        return stream.getvalue()


def _decoders(material: Material) -> Iterator[Side]:
    messages, writers = material.messages, {material.schema_id: material.schema}
    yield Side(
        f"fastavro, {DECODING}",
        lambda: [material.decoded(message) for message in messages],
        f"fastavro {version('fastavro')}, a dict a message, times as integers",
    )
    deserialize = AvroDeserializer(material.registry)
    context = SerializationContext(TOPIC, MessageField.VALUE)
    yield Side(
        f"confluent-kafka, {DECODING}",
        lambda: [deserialize(message, context) for message in messages],
        f"confluent-kafka {version('confluent-kafka')}, AvroDeserializer, schema cached; times as datetime",
    )
    whole, needed = Decoder(writers, material.schema), Decoder(writers, material.schema, CARD_COLUMNS)
    yield Side(
        f"columnar, {DECODING}",
        lambda: whole.decode(messages).frame,
        "ours: NumPy looks at every message, Polars decodes; a damaged one is named, the others stay",
    )
    yield Side(
        f"columnar, fields of the features, {DECODING}",
        lambda: needed.decode(messages).frame,
        f"the same, {len(CARD_COLUMNS)} of {len(material.schema['fields'])} fields as columns, all checked",
    )


def _encoders(material: Material) -> Iterator[Side]:
    yield Side(
        f"fastavro, {ENCODING}",
        lambda: [material.encoded(event) for event in material.events],
        "a dict a message",
    )
    serialize = AvroSerializer(
        material.registry, json.dumps(material.schema), conf={"auto.register.schemas": False}
    )
    context = SerializationContext(TOPIC, MessageField.VALUE)
    yield Side(
        f"confluent-kafka, {ENCODING}",
        lambda: [serialize(event, context) for event in material.events],
        "its AvroSerializer, schema cached",
    )
    yield Side(
        f"columnar, {ENCODING}",
        lambda: encode(material.frame, material.schema, material.schema_id),
        "ours, NumPy: all messages a field at a time",
    )


def _compare(decoders: list[Side], encoders: list[Side], material: Material) -> None:
    """Everything that everyone makes of everything."""
    for side in decoders:
        _must_agree(side.name, _as_events(side.run(), material.events), material.events)
    for side in encoders:
        _must_agree(side.name, side.run(), material.messages)


def _as_events(found: Any, events: list[Event]) -> list[Event]:
    """What a decoder gave, as dicts with integer times; of fields that it left out, those expected."""
    if isinstance(found, pl.DataFrame):
        rows = found.drop("row").to_dicts()
        return [event | row for event, row in zip(events, rows, strict=True)]
    for event in found:
        if isinstance(event["event_time"], datetime):
            event["event_time"] = round(event["event_time"].timestamp() * 1_000)
    return list(found)


def _must_agree(name: str, found: list[Any], expected: list[Any]) -> None:
    if found != expected:
        pairs = zip(found, expected, strict=False)
        place = next((number for number, (one, other) in enumerate(pairs) if one != other), len(expected))
        raise Disagreement(f"{name} differs at message {place:,}.", "Mend it: until then no time counts.")


def _pyruhvro(folder: Path, material: Material) -> list[Row]:
    """Both directions in a process of its own; nothing, aloud, if its packages cannot be had."""
    count = len(material.messages)
    program = environments.PEERS / PYRUHVRO / "run.py"
    with tempfile.TemporaryDirectory(prefix="streamlab-bench-") as temporary:
        output = Path(temporary) / "decoded.arrow"
        try:
            arguments = [str(folder), str(output), "--count", str(count), "--rounds", str(ROUNDS)]
            command = [environments.python_of(PYRUHVRO), str(program), *arguments]
            told = children.run(command, {**os.environ, "PYTHONPATH": str(PROJECT)}, TIMEOUT_SECONDS).told
        except (environments.PeerUnavailable, children.SideFailed) as reason:
            Console(stderr=True).print(f"{PYRUHVRO} is left out: {reason.what}", style="bold red")
            return []
        found = pl.read_ipc(io.BytesIO(output.read_bytes()))
    bodies = [message[len(material.header) :] for message in material.messages]
    _must_agree(f"{PYRUHVRO}, {ENCODING}", [message[5:] for message in found["message"].to_list()], bodies)
    times = found["event_time"].dt.epoch("ms")
    rows = found.drop("message").with_columns(times).to_dicts()
    _must_agree(f"{PYRUHVRO}, {DECODING}", rows, material.events)
    return [
        Row(f"{PYRUHVRO}, {direction}", statistics.median(told[direction]), count, told["note"])
        for direction in (DECODING, ENCODING)
    ]


def goals(rows: list[Row]) -> list[Goal]:
    """What is asked of the course's own codec, as ratios of this run."""
    by_name = {row.name: row for row in rows}
    found = []
    for direction in (DECODING, ENCODING):
        own = by_name[f"columnar, {direction}"]
        for other in ("fastavro", "confluent-kafka", PYRUHVRO):
            beside = by_name.get(f"{other}, {direction}")
            ratio = own.rate / beside.rate if beside else None
            why = WHY_NOT_RUST if other == PYRUHVRO else ""
            text = f"{direction}: columnar at least as fast as {other}"
            found.append(Goal(text, ratio, at_least=1.0, why=why))
    return found


def main() -> None:
    """Print both directions with their ratios to fastavro."""
    rows = measure()
    by_name = {row.name: row for row in rows}
    table = Table("codec", "messages/s", "/ fastavro", "how", title=machine.facts(), title_justify="left")
    for row in rows:
        base = by_name[f"fastavro, {row.name.rpartition(', ')[2]}"]
        table.add_row(row.name, f"{row.rate:,.0f}", f"{row.rate / base.rate:.2f}", row.note)
    Console().print(table)
    for goal in goals(rows):
        print(f"{goal.verdict}: {goal.text}" + (f" ({goal.ratio:.2f})" if goal.ratio is not None else ""))


if __name__ == "__main__":
    main()
