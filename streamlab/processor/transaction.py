"""One transaction after another under one name: records and offsets together, or neither (KIP-98, KIP-447).

    transactions = Transactions(stack, "streamlab-card-host-0", patience, limit_seconds=60.0)
    transactions.run(produce, offsets, group_metadata)       # RedoError: begin again at what is committed

What fences a processor that was thought dead is its group's generation, which the broker compares when the
offsets come, and the name: whoever begins under it ends what was left open before. So when it is not known
how a transaction ended, a new producer under the same name decides it, and the committed offsets tell.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.processor.settings import DEAD_LETTER_BYTES
from streamlab.processor.waiting import Patience, broker_is_away
from streamlab.stack import Stack

TRANSACTION_TIMEOUT_MS: Final = 10_000
"""After it the broker ends the transaction of a processor that died and did not come back."""

PRODUCER: Final[dict[str, Any]] = {
    "linger_ms": 5,
    "compression_type": "lz4",
    "delivery_report_only_error": True,
    "message_max_bytes": DEAD_LETTER_BYTES,
    "queue_buffering_max_messages": 50_000,
    "queue_buffering_max_kbytes": 65_536,
}
"""Bounded in memory; for producers with and without transactions."""

_CALL_SECONDS: Final = 5.0
_HUNG_SECONDS: Final = _CALL_SECONDS + 2.0
_FENCED: Final = frozenset(
    (
        KafkaError._FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.PRODUCER_FENCED,
        KafkaError.UNKNOWN_PRODUCER_ID,
        KafkaError.INVALID_PRODUCER_ID_MAPPING,
    )
)
_ABANDONED: Final[list[Producer]] = []
"""Producers that hang: to free one would hang as well."""


class RedoError(Exception):
    """The transaction was given up, or nobody knows how it ended: read the commits, and go on from there."""


class HungError(Exception):
    """A call did not come back at its time-out, nor for two seconds more."""


class Transactions:
    """A producer under one transactional id, replaced where it cannot go on."""

    def __init__(self, stack: Stack, name: str, patience: Patience, limit_seconds: float) -> None:
        self._stack = stack
        self._name = name
        self._patience = patience
        self._limit_seconds = limit_seconds
        self._fenced_before = False
        self._producer = self._begin_anew()

    def run(
        self, produce: Callable[[Producer], None], offsets: Sequence[TopicPartition], group_metadata: Any
    ) -> None:
        """Produce and commit the offsets in one transaction.

        Raises:
            RedoError: it does not count, or nobody knows.
            StreamlabError: another processor goes by this name.
            StackUnavailable: the broker was away for too long.
        """
        producer = self._producer
        try:
            producer.begin_transaction()
            produce(producer)
            bounded(
                lambda: producer.send_offsets_to_transaction(list(offsets), group_metadata, _CALL_SECONDS)
            )
            self._until_answered(lambda: producer.commit_transaction(_CALL_SECONDS))
        except (KafkaException, HungError) as error:
            self._give_up(error)
            raise RedoError(_said(error)) from error
        self._fenced_before = False

    def _until_answered(self, call: Callable[[], None]) -> None:
        self._patience.wait_for(
            lambda: bounded(call), _can_be_called_again, "The broker", self._limit_seconds, asleep=True
        )

    def _give_up(self, error: KafkaException | HungError) -> None:
        """Abort; where that cannot be done, begin anew."""
        producer = self._producer
        if isinstance(error, KafkaException) and error.args[0].txn_requires_abort():
            try:
                self._until_answered(lambda: producer.abort_transaction(_CALL_SECONDS))
                return
            except (KafkaException, HungError) as second:
                error = second
        if isinstance(error, KafkaException) and error.args[0].code() in _FENCED:
            if self._fenced_before:
                raise StreamlabError(
                    f"Another processor uses the name {self._name!r}.", "Give each its own: --instance."
                ) from error
            self._fenced_before = True
        _ABANDONED.append(producer)
        self._producer = self._begin_anew()

    def _begin_anew(self) -> Producer:
        """A producer that has ended what was open under this name."""

        def attempt() -> Producer:
            producer = self._stack.producer(
                **PRODUCER,
                transactional_id=self._name,
                transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
                delivery_timeout_ms=TRANSACTION_TIMEOUT_MS,
            )
            bounded(lambda: producer.init_transactions(_CALL_SECONDS))
            return producer

        def passing(error: BaseException) -> bool:
            return isinstance(error, HungError) or broker_is_away(error)

        return self._patience.wait_for(attempt, passing, "The broker", self._limit_seconds, asleep=True)


def bounded(call: Callable[[], None]) -> None:
    """Make a call that may hang: librdkafka waits without end for a coordinator that went away (its #5456).

    Raises:
        HungError: it did not come back in time.
        BaseException: what the call raised.
    """
    outcome: Future[None] = Future()

    def work() -> None:
        try:
            call()
            outcome.set_result(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again, by who waits
            outcome.set_exception(error)

    threading.Thread(target=work, name="transaction", daemon=True).start()
    try:
        outcome.result(_HUNG_SECONDS)
    except TimeoutError as error:
        raise HungError("the client does not come back from a call") from error


def _can_be_called_again(error: BaseException) -> bool:
    return isinstance(error, KafkaException) and error.args[0].retriable()


def _said(error: KafkaException | HungError) -> str:
    return str(error.args[0].str() if isinstance(error, KafkaException) else error)
