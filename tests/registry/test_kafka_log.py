"""The log in Kafka, where a broker that has just started says passing things."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streamlab.registry import kafka_log
from streamlab.registry.errors import RegistryError


class Starting:
    """A consumer whose broker refuses the first questions about the log's end, then says that it is empty."""

    def __init__(self, *refusals: int) -> None:
        self.refusals = list(refusals)

    def __call__(self, *_: Any, **__: Any) -> "Starting":
        return self

    def assign(self, _: Any) -> None: ...

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        if self.refusals:
            raise KafkaException(KafkaError(self.refusals.pop(0)))
        return 0, 0


def test_a_partition_whose_leader_is_being_chosen_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    starting = Starting(KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
    monkeypatch.setattr(kafka_log, "Consumer", starting)

    assert list(kafka_log.KafkaLog("127.0.0.1:1", "_schemas").read_to_end()) == []
    assert starting.refusals == []


def test_a_refusal_that_does_not_pass_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED)
    starting = Starting(*refusals)
    monkeypatch.setattr(kafka_log, "Consumer", starting)

    with pytest.raises(RegistryError, match="end of _schemas is not known"):
        list(kafka_log.KafkaLog("127.0.0.1:1", "_schemas").read_to_end())
    assert len(starting.refusals) == 1
