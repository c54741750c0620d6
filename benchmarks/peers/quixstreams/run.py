"""Quix Streams: its dataframe, its keyed state in RocksDB, its checkpoints; no broker.

Its `sliding_window` ends at each event, but cannot count distinct values without keeping them all in each
of the overlapping windows, and an event updates all of these. The windows are therefore the plain ones of
`card_window` in its keyed state, which stores JSON. It is driven as its `Application` drives it, message by
message, with a consumer and a producer that do nothing: Kafka and the changelog topic are left out, in its
favour.
"""

import contextvars
import io
import logging
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import fastavro
from quixstreams.context import set_message_context
from quixstreams.dataframe import DataFrameRegistry, StreamingDataFrame
from quixstreams.internal_consumer import InternalConsumer
from quixstreams.internal_producer import InternalProducer
from quixstreams.models import MessageContext, Topic, TopicConfig, TopicManager
from quixstreams.processing import ProcessingContext
from quixstreams.sinks import SinkManager
from quixstreams.state import StateStoreManager

from benchmarks.peers import side
from benchmarks.peers.card_window import CardWindow, event_of

TOPIC, PARTITION = "txn.events", 0
COMMIT_SECONDS = 5.0
"""Its default."""

NOTE = "windows by hand in its keyed state: RocksDB, JSON; no broker, no changelog"


def context(folder: Path) -> ProcessingContext:
    """What its application gives to a dataframe, without Kafka."""
    producer, consumer = mock.create_autospec(InternalProducer), mock.create_autospec(InternalConsumer)
    producer.flush.return_value = 0
    consumer.commit.return_value = []
    return ProcessingContext(
        commit_interval=COMMIT_SECONDS,
        producer=producer,
        consumer=consumer,
        state_manager=StateStoreManager(group_id="bench", state_dir=folder),
        sink_manager=SinkManager(),
        dataframe_registry=DataFrameRegistry(),
    )


def compute(given: side.Input, collected: side.Collector) -> str:
    """Put all messages through the dataframe."""
    logging.disable(logging.WARNING)
    schema, parameters = fastavro.parse_schema(given.plain_schema), given.parameters
    parameters["high_risk_mcc"] = frozenset(parameters["high_risk_mcc"])

    def features(value: list[Any], state: Any) -> list[tuple[Any, ...]]:
        window = CardWindow(parameters, state.get("window"))
        rows = window.add(value)
        state.set("window", window.state)
        return rows

    with tempfile.TemporaryDirectory() as folder:
        processing = context(Path(folder))
        topic = Topic(name=TOPIC)
        topic.broker_config = TopicConfig(num_partitions=1, replication_factor=1)
        topics = mock.create_autospec(TopicManager)
        topics.stream_id_from_topics.return_value = TOPIC
        root = StreamingDataFrame(
            topic,
            topic_manager=topics,
            registry=processing.dataframe_registry,
            processing_context=processing,
        )
        processing.dataframe_registry.register_root(root)
        dataframe = root.apply(features, stateful=True, expand=True)
        composed = dataframe.compose(sink=lambda value, *_: collected.extend([value]))
        with processing.state_manager:
            processing.state_manager.on_partition_assign(TOPIC, PARTITION, {TOPIC: -1001})
            processing.init_checkpoint()
            row = 0
            for batch in given.batches(size=200):
                for message in batch:
                    record = fastavro.schemaless_reader(io.BytesIO(message), schema, None)
                    running = contextvars.copy_context()
                    running.run(set_message_context, MessageContext(TOPIC, PARTITION, row, len(message)))
                    event, key = event_of(row, record, parameters), record["card_id"].encode()
                    running.run(composed[TOPIC], event, key, record["event_time"], None)
                    processing.store_offset(TOPIC, PARTITION, row)
                    processing.commit_checkpoint()
                    row += 1
            processing.commit_checkpoint(force=True)
            processing.state_manager.on_partition_revoke(TOPIC, PARTITION)
    return NOTE


if __name__ == "__main__":
    side.main(compute, ("quixstreams", "rocksdict", "fastavro"))
