"""Evidence on producers under errors: C19 and C20. Both need the embedded broker, which fails to order.

from streamlab.evidence import reliability

here = stack.connect()                                     # the embedded one
reliability.c20_three_retries_lose(here).verdict
reliability.c19_order_needs_idempotence_not_one_in_flight(here).frame()

Two kinds of errors are injected into answers to Produce. A *cut*: the connection is closed in place of an
answer, as a network does. A *refusal*: the broker answers `NOT_LEADER_FOR_PARTITION`, and takes the next
request. An idempotent producer that shall lose and double nothing is transactional here, and tried with cuts:
of others this broker does not check the sequence numbers by which Kafka knows a batch that it has, and keeps
out what comes after a gap (KIP-98).
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from streamlab.producers.deliveries import Undelivered
from streamlab.producers.reliable import ReliableProducer

if TYPE_CHECKING:
    from streamlab.stack import Stack
    from streamlab.stack.embedded.injection import Injection

_FLUSH_SECONDS: Final = 60.0
_FAST: Final[dict[str, Any]] = {
    # The defaults wait between tries for 0.1 to 1 s; the order of things is the same, only faster.
    "retry_backoff_ms": 10,
    "retry_backoff_max_ms": 50,
    "reconnect_backoff_ms": 1,
    "reconnect_backoff_max_ms": 20,
    "linger_ms": 0,
    "batch_num_messages": 5,
    "delivery_timeout_ms": 60_000,
}
_ANY_NAME: Final = "any"
_TRANSACTIONAL: Final[dict[str, Any]] = {"transactional_id": _ANY_NAME}
"""Idempotent, and this broker checks it."""


@dataclass(frozen=True)
class ProducerRun:
    """What became of one producer's events.

    Attributes:
        name: how it was set up, in words.
        errors: how many errors were injected.
        sent: how many events.
        reported_lost: of these, those that the client reported as undelivered; it may err on this side.
        lost: of these, those that are not in the log.
        lost_unreported: of the lost, those that were not reported.
        doubled: how many are in the log once more than they should be.
        keys: how many keys the events have.
        keys_out_of_order: of these, those whose events are not in the order of sending.
    """

    name: str
    errors: int
    sent: int
    reported_lost: int
    lost: int
    lost_unreported: int
    doubled: int
    keys: int
    keys_out_of_order: int


@dataclass(frozen=True)
class ReliabilityEvidence:
    """Producers that differ in their settings, under the same errors."""

    runs: tuple[ProducerRun, ...]
    verdict: str

    def frame(self) -> pl.DataFrame:
        """One row a producer."""
        return pl.DataFrame([run.__dict__ for run in self.runs])


def c20_three_retries_lose(here: "Stack", events: int = 1_000, errors: int = 50) -> ReliabilityEvidence:
    """Cut the connection so many times, for producers with budgets of different size (C20).

    Raises:
        CapabilityMissing: this broker does not fail to order.
    """
    idempotent = _run(here, "idempotent, a minute", _TRANSACTIONAL, events, errors)
    three = _run(here, "retries=3", {"enable_idempotence": False, "retries": 3}, events, errors)
    little_time = {"delivery_timeout_ms": 300, "request_timeout_ms": 200}
    hasty = _run(here, "idempotent, 0.3 s", little_time, events, errors)
    verdict = (
        f"After {errors} network errors, of {events} events: retries=3 lost {three.lost}; an idempotent "
        f"producer that gives up after 0.3 s lost {hasty.lost}; one that takes a minute lost "
        f"{idempotent.lost}, doubled {idempotent.doubled}, and has {idempotent.keys_out_of_order} of "
        f"{idempotent.keys} keys out of order. What counts is the time that it may take. Of the losses "
        f"{three.lost_unreported + hasty.lost_unreported} were not reported."
    )
    return ReliabilityEvidence((idempotent, three, hasty), verdict)


def c19_order_needs_idempotence_not_one_in_flight(
    here: "Stack", events: int = 1_000, errors: int = 50
) -> ReliabilityEvidence:
    """Disturb producers with up to five requests, and with one, under way (C19).

    Raises:
        CapabilityMissing: this broker does not fail to order.
    """
    in_flight = {"max_in_flight": 5}
    idempotent = _run(here, "idempotent, 5 in flight, cuts", {**_TRANSACTIONAL, **in_flight}, events, errors)
    plain = {"enable_idempotence": False}
    five = _run(here, "plain, 5 in flight, refusals", {**plain, **in_flight}, events, errors, refusals=True)
    one = _run(
        here, "plain, 1 in flight, refusals", {**plain, "max_in_flight": 1}, events, errors, refusals=True
    )
    verdict = (
        f"Idempotent and with five requests in flight, {idempotent.keys_out_of_order} of {idempotent.keys} "
        f"keys are out of order after {errors} errors, {idempotent.lost} events lost, {idempotent.doubled} "
        f"doubled. Without idempotence, {five.keys_out_of_order} keys are out of order with five in flight "
        f"and {one.keys_out_of_order} with one: max.in.flight=1 is not needed for order"
        f"{', and with this client it is not enough' if one.keys_out_of_order else ''}."
    )
    return ReliabilityEvidence((idempotent, five, one), verdict)


def _run(
    here: "Stack", name: str, settings: dict[str, Any], events: int, errors: int, *, refusals: bool = False,
    keys: int = 10,
) -> ProducerRun:  # fmt: skip
    """Send numbered events through a disturbed connection, and look at what the log has."""
    topic = here.unique("reliability")
    in_transaction = settings.get("transactional_id") == _ANY_NAME
    named = {**settings, "transactional_id": topic} if in_transaction else settings
    with here.injection() as broker:
        here.create_topic(topic, partitions=2)
        client = here.producer(**{**_FAST, **named})
        if in_transaction:
            client.init_transactions(_FLUSH_SECONDS)
            client.begin_transaction()
        reported: list[Undelivered] = []
        producer = ReliableProducer(client, on_undelivered=reported.append)
        _disturb(broker, errors, refusals=refusals)
        for number in range(events):
            producer.produce(topic, str(number), key=f"key-{number % keys}")
            producer.poll(0.001 if number % 5 == 0 else 0)
        producer.flush(_FLUSH_SECONDS)
        broker.end()
        if in_transaction and producer.deliveries().complete:
            client.commit_transaction(_FLUSH_SECONDS)
    of_key: defaultdict[bytes | None, list[int]] = defaultdict(list)
    for message in here.read_topic(topic):
        of_key[message.key()].append(int(message.value() or b""))
    arrived = [number for numbers in of_key.values() for number in numbers]
    lost = set(range(events)) - set(arrived)
    return ProducerRun(
        name,
        errors,
        events,
        reported_lost=len(reported),
        lost=len(lost),
        lost_unreported=len(lost - {int(one.value or b"") for one in reported}),
        doubled=len(arrived) - len(set(arrived)),
        keys=keys,
        keys_out_of_order=sum(numbers != sorted(numbers) for numbers in of_key.values()),
    )


def _disturb(broker: "Injection", errors: int, *, refusals: bool) -> None:
    if not refusals:
        broker.disconnects("Produce", times=errors)
        return
    # With a trip of ten milliseconds several requests are under way when the first one is refused.
    broker.delay(0.01)
    broker.errors("Produce", "NOT_LEADER_FOR_PARTITION", "NO_ERROR", times=errors)
