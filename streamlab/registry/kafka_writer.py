"""The one that appends to a registry's log in Kafka: all of a batch or none, and alone in doing so.

    writer = LogWriter(log.connection(), "_schemas")   # from here on, an earlier writer's appends are refused
    writer.append(records)                             # the offset of each, when they are committed

Fencing
    Every append is a transaction under a transactional id that all writers of the topic share. Kafka's
    `initTransactions` ends what the writer before left open and refuses what it sends from then on (KIP-98).

Why there are two producers
    A transaction that begins before the markers of the one before are written is put off by the client for
    20 ms. Two ids that take turns leave each the time of the other's transaction. Readers notice nothing:
    the log shows them nothing behind an open transaction. Whoever takes over claims both ids, and is the
    writer only when it has appended once through each after it had claimed both (`PRODUCERS`): of two that
    claim at the same time and get one id each, no more than one can come so far.

Everything here blocks, within bounds; `kafka_store` calls it from a thread.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from streamlab.registry import errors
from streamlab.registry.kafka_log import START_TIMEOUT_SECONDS, offset_of
from streamlab.registry.schemas_topic import Record

PRODUCERS: Final = 2
WRITE_TIMEOUT_SECONDS: Final = 8.0
_FENCED: Final = frozenset(
    (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED)
)
_SETTINGS: Final[dict[str, Any]] = {
    "transaction.timeout.ms": 10_000,
    "delivery.timeout.ms": 8_000,
    "acks": "all",
    "linger.ms": 0,
}
_client_log = logging.getLogger("streamlab.registry.client")


class FencedError(Exception):
    """Another registry has become the writer since; nothing that is not in the log will get there."""


class OutcomeUnknownError(Exception):
    """The broker did not say whether the records are in the log.

    Attributes:
        last_offset: where the last of them is, if they are; None if not even that is known.
    """

    def __init__(self, reason: str, last_offset: int | None) -> None:
        super().__init__(reason)
        self.last_offset = last_offset


class LogWriter:
    """The producers of the one that may write, claimed when this is made.

    Raises:
        RegistryError: the broker does not let this registry write.
    """

    def __init__(self, connection: Mapping[str, Any], topic: str) -> None:
        self._topic = topic
        first = f"streamlab-registry-{topic}"
        names = (first, *(f"{first}-{number}" for number in range(2, PRODUCERS + 1)))
        self._producers = [_claimed({**connection, **_SETTINGS, "transactional.id": name}) for name in names]

    def append(self, records: Sequence[Record]) -> list[int]:
        """Append all of the records or none; the offset of each. The producers take turns.

        Raises:
            FencedError: another writer has taken over, and these records are not in the log.
            OutcomeUnknownError: they may be there or not, and only a new writer can find out.
            RegistryError: they are not there, and this writer can go on.
        """
        return self.started(records)()

    def started(self, records: Sequence[Record]) -> Callable[[], list[int]]:
        """Hand the records to the client, without waiting; the rest of `append`, which waits.

        The client then waits a millisecond for further partitions before it asks the broker. Whoever has to
        pass on the waiting to a thread gains that time.
        """
        producer = self._producers.pop(0)
        self._producers.append(producer)
        offsets: list[int] = []
        failed: Exception | None = None
        try:
            producer.begin_transaction()
            for record in records:
                producer.produce(
                    self._topic,
                    key=record.key_bytes,
                    value=record.value_bytes,
                    partition=0,
                    on_delivery=lambda error, message: offsets.append(-1 if error else offset_of(message)),
                )
        except (KafkaException, BufferError) as error:
            failed = error

        def finish() -> list[int]:
            committing = False
            try:
                if failed is not None:
                    raise failed
                producer.flush(WRITE_TIMEOUT_SECONDS)
                committing = len(offsets) == len(records) and min(offsets) >= 0
                producer.commit_transaction(WRITE_TIMEOUT_SECONDS)
            except (KafkaException, BufferError) as error:
                _give_up(producer, error, offsets[-1] if committing else None)
            except SystemError as error:
                # How the client reports a fatal error that it meets just before it calls `on_delivery`.
                if not isinstance(error.__cause__, KafkaException):
                    raise
                _give_up(producer, error.__cause__, offsets[-1] if committing else None)
            return offsets

        return finish


def _claimed(settings: dict[str, Any]) -> Producer:
    producer = Producer(settings, logger=_client_log)
    try:
        # The client looks for the coordinator twice a second, and at once if it knows a broker.
        producer.list_topics(timeout=START_TIMEOUT_SECONDS)
        producer.init_transactions(START_TIMEOUT_SECONDS)
    except KafkaException as error:
        raise errors.store_error(
            f"The broker did not let this registry write: {error.args[0].str()}"
        ) from error
    return producer


def _give_up(producer: Producer, error: Exception, last_offset: int | None) -> None:
    """Say which of the three it was; always raises."""
    reason = error.args[0] if isinstance(error.args[0], KafkaError) else None
    if reason is not None and reason.code() in _FENCED:
        # Fenced at the commit, it may have gone through just before the other took over.
        if last_offset is None:
            raise FencedError from error
        raise OutcomeUnknownError("another registry took over during the commit", last_offset) from error
    if reason is not None and not reason.txn_requires_abort():
        raise OutcomeUnknownError(reason.str(), last_offset) from error
    try:
        producer.abort_transaction(WRITE_TIMEOUT_SECONDS)
    except KafkaException as second:
        raise OutcomeUnknownError(second.args[0].str(), last_offset) from second
    if reason is not None and reason.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        raise errors.schema_too_large() from error
    raise errors.store_error(f"The record was not written: {reason.str() if reason else error}") from error
