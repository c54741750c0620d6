"""Waiting for something that is away, without being away oneself: bounded, stoppable, and said once.

    patience = Patience(stop, keep_alive=source.keep_alive)
    patience.wait_for(lambda: sink.write(rows), passing=is_away, what="Redis")

`keep_alive(seconds)` polls the consumer, so that the group does not take this processor for dead.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import tenacity
from confluent_kafka import KafkaError, KafkaException

from streamlab.stack.errors import StackUnavailable
from streamlab.stack.passing import LEADER_IS_BEING_CHOSEN

log = logging.getLogger("streamlab.processor")

BETWEEN_TRIES_SECONDS: Final = 0.2
LAST_TRIES_SECONDS: Final = 3.0
"""For so long a wait goes on although the processor is to stop: a commit is worth it."""

T = TypeVar("T")

_AWAY: Final = LEADER_IS_BEING_CHOSEN | frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._WAIT_COORD,
        KafkaError._NOENT,
        KafkaError._RESOLVE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.BROKER_NOT_AVAILABLE,
    }
)

_GROUP_CHANGES: Final = frozenset(
    {
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError._ASSIGNMENT_LOST,
    }
)


class Interrupted(Exception):
    """The processor was told to stop while it waited: what it waited for was not done."""


def broker_is_away(error: BaseException) -> bool:
    """Whether an error of the client means that the broker does not answer now, and may later."""
    if not isinstance(error, KafkaException):
        return False
    reason: KafkaError = error.args[0]
    return reason.code() in _AWAY or (reason.retriable() and not reason.fatal())


def group_is_changing(error: BaseException) -> bool:
    """Whether a commit came at a time when the group was dividing its partitions anew."""
    return isinstance(error, KafkaException) and error.args[0].code() in _GROUP_CHANGES


class Patience:
    """How long, and how, this processor waits."""

    def __init__(self, stop: threading.Event, keep_alive: Callable[[float], None]) -> None:
        self._stop = stop
        self._keep_alive = keep_alive

    def wait_for(
        self,
        attempt: Callable[[], T],
        passing: Callable[[BaseException], bool],
        what: str,
        limit_seconds: float | None = None,
        asleep: bool = False,
    ) -> T:
        """Try until it works.

        Args:
            passing: whether an error means "not now"; every other one is raised.
            what: who is away, as the beginning of a sentence.
            limit_seconds: after which it is given up; None is never.
            asleep: do not poll between tries (inside a transaction, where partitions must not change hands).

        Raises:
            StackUnavailable: the limit has passed.
            Interrupted: the processor is to stop.
        """
        said = False

        def note(state: tenacity.RetryCallState) -> None:
            nonlocal said
            if not said:
                said = True
                error = state.outcome.exception() if state.outcome else None
                log.warning("%s does not answer (%s): waiting.", what, error)

        too_long = tenacity.stop_never if limit_seconds is None else tenacity.stop_after_delay(limit_seconds)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(passing),
            wait=tenacity.wait_fixed(BETWEEN_TRIES_SECONDS),
            stop=lambda state: self._is_to_stop(state) or too_long(state),
            sleep=time.sleep if asleep else self._keep_alive,
            before_sleep=note,
        )
        try:
            result = retrying(attempt)
        except tenacity.RetryError as error:
            if self._stop.is_set():
                raise Interrupted(f"{what} did not answer") from error
            raise StackUnavailable(
                f"{what} has not answered for {limit_seconds:g} s.", "Run `streamlab up`, then start again."
            ) from error
        if said:
            log.warning("%s answers again.", what)
        return result

    def _is_to_stop(self, state: tenacity.RetryCallState) -> bool:
        return self._stop.is_set() and (state.seconds_since_start or 0.0) >= LAST_TRIES_SECONDS
