"""The writer of the log: two producers in turn, and one of three things said of an append that failed."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streamlab.registry import kafka_writer
from streamlab.registry.errors import RegistryError
from streamlab.registry.kafka_writer import FencedError, LogWriter, OutcomeUnknownError
from streamlab.registry.schemas_topic import noop_record


class FakeProducer:
    """A transactional producer that delivers at `flush`, and fails where the test says."""

    made: list["FakeProducer"]

    def __init__(self, settings: dict[str, Any], **_: Any) -> None:
        self.name = settings["transactional.id"]
        self.calls: list[str] = []
        self.fails: dict[str, Exception] = {}
        self._callbacks: list[Any] = []
        self.made.append(self)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]

    def list_topics(self, **_: Any) -> None: ...

    def init_transactions(self, _: float) -> None:
        self._call("init")

    def begin_transaction(self) -> None:
        self._call("begin")

    def produce(self, *_: Any, on_delivery: Any, **__: Any) -> None:
        self._call("produce")
        self._callbacks.append(on_delivery)

    def flush(self, _: float) -> None:
        self._call("flush")
        for number, callback in enumerate(self._callbacks):
            callback(None, FakeDelivered(40 + number))
        self._callbacks.clear()

    def commit_transaction(self, _: float) -> None:
        self._call("commit")

    def abort_transaction(self, _: float) -> None:
        self._call("abort")


class FakeDelivered:
    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self) -> int:
        return self._offset


@pytest.fixture
def producers(monkeypatch: pytest.MonkeyPatch) -> list[FakeProducer]:
    FakeProducer.made = []
    monkeypatch.setattr(kafka_writer, "Producer", FakeProducer)
    return FakeProducer.made


def failure(code: int, *, abortable: bool = False) -> KafkaException:
    return KafkaException(KafkaError(code, txn_requires_abort=abortable))


NOTE = noop_record()


def test_the_producers_take_turns_under_ids_that_every_writer_of_the_topic_has(
    producers: list[FakeProducer],
) -> None:
    writer = LogWriter({}, "_schemas")
    for _ in range(3):
        assert writer.append([NOTE, NOTE]) == [40, 41]
    assert [one.name for one in producers] == ["streamlab-registry-_schemas", "streamlab-registry-_schemas-2"]
    assert [one.calls.count("commit") for one in producers] == [2, 1]


@pytest.mark.parametrize("where", ["begin", "produce", "flush"])
def test_who_is_fenced_before_the_commit_has_written_nothing(
    producers: list[FakeProducer], where: str
) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails[where] = failure(KafkaError._FENCED)
    with pytest.raises(FencedError):
        writer.append([NOTE])


def test_who_is_fenced_at_the_commit_may_have_written(producers: list[FakeProducer]) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails["commit"] = failure(KafkaError.PRODUCER_FENCED)
    with pytest.raises(OutcomeUnknownError) as unknown:
        writer.append([NOTE, NOTE])
    assert unknown.value.last_offset == 41


@pytest.mark.parametrize(
    ("code", "error_code"), [(KafkaError.MSG_SIZE_TOO_LARGE, 42209), (KafkaError.INVALID_RECORD, 50001)]
)
def test_what_the_broker_refuses_is_taken_back_and_the_writer_goes_on(
    producers: list[FakeProducer], code: int, error_code: int
) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails["commit"] = failure(code, abortable=True)
    with pytest.raises(RegistryError) as refused:
        writer.append([NOTE])
    assert refused.value.code == error_code
    assert producers[0].calls[-1] == "abort"
    assert writer.append([NOTE]) == [40]


def test_a_client_whose_queue_is_full_takes_the_transaction_back(producers: list[FakeProducer]) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails["produce"] = BufferError("Local: Queue full")
    with pytest.raises(RegistryError, match="Queue full"):
        writer.append([NOTE])
    assert producers[0].calls[-1] == "abort"


def test_what_cannot_even_be_taken_back_is_unknown(producers: list[FakeProducer]) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails["commit"] = failure(KafkaError.INVALID_RECORD, abortable=True)
    producers[0].fails["abort"] = failure(KafkaError._TIMED_OUT)
    with pytest.raises(OutcomeUnknownError):
        writer.append([NOTE])


def test_silence_at_the_commit_is_unknown_and_says_where_the_record_would_be(
    producers: list[FakeProducer],
) -> None:
    writer = LogWriter({}, "_schemas")
    producers[0].fails["commit"] = failure(KafkaError._TIMED_OUT)
    with pytest.raises(OutcomeUnknownError) as unknown:
        writer.append([NOTE])
    assert unknown.value.last_offset == 40


def test_a_fatal_error_that_the_client_wraps_is_seen_through(producers: list[FakeProducer]) -> None:
    writer = LogWriter({}, "_schemas")
    wrapped = SystemError("returned a result with an exception set")
    wrapped.__cause__ = failure(KafkaError._FENCED)
    producers[0].fails["flush"] = wrapped
    with pytest.raises(FencedError):
        writer.append([NOTE])


def test_a_broker_that_does_not_let_it_write_is_named(
    producers: list[FakeProducer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise failure(KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)

    monkeypatch.setattr(FakeProducer, "init_transactions", refuse)
    with pytest.raises(RegistryError, match="did not let this registry write"):
        LogWriter({}, "_schemas")
    assert len(producers) == 1
