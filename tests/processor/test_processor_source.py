"""What a processor holds of its topic, and what comes and goes with it; on a consumer in memory."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from processor_messages import JsonSchemas, framed_json

from streamlab.features import CardFeatures
from streamlab.processor.decoding import Decoder
from streamlab.processor.jobs import rules_of
from streamlab.processor.partition import Partition
from streamlab.processor.settings import Settings, UnknownSchema
from streamlab.processor.source import Source
from streamlab.producers import RecordedLog, RecordingConsumer
from streamlab.stack import Stack

SETTINGS = Settings(broker_timeout_seconds=1.0)
TOPIC = SETTINGS.topic
ALL = [TopicPartition(TOPIC, 0)]
EVENT: dict[str, Any] = {
    "txn_id": "t", "card_id": "c", "user_id": "u", "amount": 10.0, "currency": "USD",
    "event_time": 1_700_000_000_000,
}  # fmt: skip


class Here:
    """As much of a stack as a source needs."""

    def __init__(self, events: int) -> None:
        self.log = RecordedLog(partitions=1)
        for number in range(events):
            value = framed_json({**EVENT, "txn_id": f"t-{number}"})
            self.log.append(TOPIC, 0, key=b"c", value=value, timestamp_ms=EVENT["event_time"])
        self.made = RecordingConsumer(self.log, group_id=SETTINGS.group, enable_partition_eof=True)

    def consumer(self, **_: Any) -> RecordingConsumer:
        return self.made


def source_of(here: Here) -> Source:
    def new(number: int, plan: Any) -> Partition:
        return Partition(number, plan, CardFeatures(5.0))

    return Source(cast(Stack, here), SETTINGS, new, lambda _: None, threading.Event())


def offsets_in(batch: dict[int, list[Any]]) -> list[int]:
    return [one.offset() for part in batch.values() for one in part]


def decoder(schemas: JsonSchemas | None = None) -> Decoder:
    return Decoder(schemas or JsonSchemas(), rules_of(SETTINGS), UnknownSchema.WAIT)


def test_a_message_that_was_kept_of_a_partition_that_went_is_not_given_out_when_it_comes_back() -> None:
    here = Here(events=3)
    source = source_of(here)
    source.keep_alive(0)
    here.made.take_away(ALL)
    here.made.hand_over(ALL)
    source.keep_alive(0)
    assert offsets_in(source.fetch()) == [0]
    assert offsets_in(source.fetch()) == [1, 2]


def test_what_a_blocked_partition_has_not_taken_is_lag_though_its_end_was_seen() -> None:
    here = Here(events=3)
    source = source_of(here)
    schemas = JsonSchemas()
    schemas.away = {1}
    for number, messages in source.fetch().items():
        source.held[number].process(messages, decoder(schemas))
        source.block(source.held[number])
    assert source.lag() == {0: 3}


def test_before_a_partition_was_looked_at_nobody_takes_it_for_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Here(events=3)
    # As the real client answers before its first fetch has come back.
    monkeypatch.setattr(here.made, "get_watermark_offsets", lambda *_, **__: (-1001, -1001))
    source = source_of(here)
    source.keep_alive(0)
    assert (list(source.held), source.is_at_end()) == ([0], False)
    for _ in range(3):
        for number, messages in source.fetch().items():
            source.held[number].process(messages, decoder())
    assert source.is_at_end()


def test_a_commit_that_the_broker_refuses_for_one_partition_is_no_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Here(events=3)
    source = source_of(here)
    steps = [
        step
        for number, messages in source.fetch().items()
        if (step := source.held[number].process(messages, decoder())) is not None
    ]
    refusal = KafkaError(KafkaError.OFFSET_METADATA_TOO_LARGE)
    monkeypatch.setattr(here.made, "commit", lambda **_: [SimpleNamespace(error=refusal)])
    with pytest.raises(KafkaException, match="METADATA"):
        source.commit(steps)


class WithMarkers(RecordingConsumer):
    """Behind the messages lie two markers of transactions: they take offsets, and nobody is given them."""

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        return [
            one if one.error() is None
            else Message(topic=TOPIC, partition=0, offset=(one.offset() or 0) + 2, error=one.error())
            for one in super().consume(num_messages, timeout)
        ]  # fmt: skip


def test_a_partition_is_restored_though_nothing_but_markers_lies_before_its_committed_offset() -> None:
    here = Here(events=3)
    here.made = WithMarkers(here.log, group_id=SETTINGS.group, enable_partition_eof=True)
    here.log.committed[SETTINGS.group, TOPIC, 0] = TopicPartition(TOPIC, 0, 5)
    source = source_of(here)
    for _ in range(2):
        for number, messages in source.fetch().items():
            assert source.held[number].process(messages, decoder()) is None
    held = source.held[0]
    assert (held.restoring, held.reread, held.next_offset) == (False, 3, 5)
