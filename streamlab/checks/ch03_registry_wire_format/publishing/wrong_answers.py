"""Wrong answers that people give to the task `publish`; `catalogue` says by what each is refused."""

# ruff: noqa: ARG001, BLE001 - these answers do what people do, also where the rules say no

import json
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.schema_registry import Schema as RegisteredSchema

from streamlab import stack, wire

from ..records import TRANSACTION_V1, TRANSACTION_V1_TEXT, Record, encode, subject_of
from .pieces import serializer

Key = Callable[[Record], Any]


Value = Callable[[Record, Callable[[Record], bytes]], bytes]


def by_card(payment: Record) -> str:
    return str(payment["card_id"])


def as_serialized(payment: Record, serialize: Callable[[Record], bytes]) -> bytes:
    return serialize(payment)


def raise_errors(producer: Producer, errors: list[KafkaError | None]) -> None:
    producer.flush()
    for error in filter(None, errors):
        raise KafkaException(error)


def publishing(
    key: Key = by_card,
    value: Value = as_serialized,
    conf: Any = None,
    finish: Callable[[Producer, list[KafkaError | None]], object] = raise_errors,
    chosen: Callable[[list[Record]], list[Record]] = list,
    send_to: str | None = None,
) -> Callable[[list[Record], str], None]:
    """An answer that is right but for what is given."""

    def publish(transactions: list[Record], topic: str) -> None:
        topic = send_to or topic
        serialize = serializer(topic, conf=conf)
        producer = stack.connect().producer()
        errors: list[KafkaError | None] = []
        for payment in chosen(transactions):
            body = value(payment, serialize)
            producer.produce(topic, body, key(payment), on_delivery=lambda error, _: errors.append(error))
        finish(producer, errors)

    return publish


kept: list[Producer] = []


def keeping_the_producer(producer: Producer, errors: list[KafkaError | None]) -> None:
    kept[:] = [producer]


def nothing(transactions: list[Record], topic: str) -> None:
    pass


def in_json(payment: Record, _: object) -> bytes:
    return json.dumps(payment, default=str).encode()


def unframed(payment: Record, _: object) -> bytes:
    return encode(TRANSACTION_V1, payment)


def with_a_noted_id(payment: Record, _: object) -> bytes:
    return wire.frame(wire.SchemaId(4711), encode(TRANSACTION_V1, payment))


def framed_again(payment: Record, serialize: Callable[[Record], bytes]) -> bytes:
    value = serialize(payment)
    return wire.frame(wire.unframe(value)[0], value)


def registering_first(transactions: list[Record], topic: str) -> None:
    registry = stack.connect().registry()
    registry.register_schema(subject_of(topic), RegisteredSchema(TRANSACTION_V1_TEXT, "AVRO"))
    publishing()(transactions, topic)


def ignoring_errors_of_the_serializer(transactions: list[Record], topic: str) -> None:
    try:
        serialize = serializer(topic)
        values = [serialize(payment) for payment in transactions]
    except Exception:
        return
    bodies = iter(values)
    publishing(value=lambda *_: next(bodies), conf={})(transactions, topic)


def with_the_id_of_another_subject(transactions: list[Record], topic: str) -> None:
    """Looks the id up once, by content, and never asks for this topic's subject."""
    registry = stack.connect().registry()
    if not cached_id:
        cached_id.append(registry.get_latest_version(subject_of(topic)).schema_id or 0)
    producer = stack.connect().producer()
    errors: list[KafkaError | None] = []
    for payment in transactions:
        body = wire.frame(wire.SchemaId(cached_id[0]), encode(TRANSACTION_V1, payment))
        producer.produce(topic, body, payment["card_id"], on_delivery=lambda error, _: errors.append(error))
    raise_errors(producer, errors)


cached_id: list[int] = []


def keyed_by_the_first_card(transactions: list[Record], topic: str) -> None:
    publishing(key=lambda _: transactions[0]["card_id"])(transactions, topic)


def rounding(transactions: list[Record], topic: str) -> None:
    publishing()([{**payment, "amount": float(round(payment["amount"]))} for payment in transactions], topic)


def greeting_first(transactions: list[Record], topic: str) -> None:
    producer = stack.connect().producer()
    producer.produce(topic, b"hello")
    producer.flush()
    publishing()(transactions, topic)


def last_for_all(transactions: list[Record], topic: str) -> None:
    publishing()(transactions[-1:] * len(transactions), topic)


def aborting(transactions: list[Record], topic: str) -> None:
    serialize = serializer(topic)
    producer = stack.connect().producer(transactional_id=topic)
    producer.init_transactions()
    producer.begin_transaction()
    for payment in transactions:
        producer.produce(topic, serialize(payment), payment["card_id"])
    producer.flush()
    producer.abort_transaction()


def yielding(transactions: list[Record], topic: str) -> Any:
    yield publishing()(transactions, topic)


def looking_at_the_first_report(transactions: list[Record], topic: str) -> None:
    def finish(producer: Producer, errors: list[KafkaError | None]) -> None:
        producer.flush()
        if errors and errors[0] is not None:
            raise KafkaException(errors[0])

    publishing(finish=finish)(transactions, topic)


def looking_at_the_last_report(transactions: list[Record], topic: str) -> None:
    def finish(producer: Producer, errors: list[KafkaError | None]) -> None:
        producer.flush()
        if errors and errors[-1] is not None:
            raise KafkaException(errors[-1])

    publishing(finish=finish)(transactions, topic)
