"""Right answers to the task `publish` that are written differently from ours."""

from functools import partial

from confluent_kafka import KafkaError, Message, Producer, SerializingProducer
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import StringSerializer

from streamlab import stack, wire

from ..records import TRANSACTION_V1, TRANSACTION_V1_TEXT, Record, encode, subject_of
from .pieces import serializer


def flushing_each(transactions: list[Record], topic: str) -> None:
    serialize, producer = serializer(topic), stack.connect().producer()

    def report(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise RuntimeError(f"{message.topic()}: {error}")

    for payment in transactions:
        producer.produce(topic, key=payment["card_id"].encode(), value=serialize(payment), callback=report)
        producer.flush()


def serializing_producer(transactions: list[Record], topic: str) -> None:
    here, failed = stack.connect(), []
    producer = SerializingProducer(
        {
            "bootstrap.servers": here.bootstrap_servers,
            "key.serializer": StringSerializer("utf_8"),
            "value.serializer": AvroSerializer(
                here.registry(), conf={"auto.register.schemas": False, "use.latest.version": True}
            ),
        }
    )
    for payment in transactions:
        producer.produce(
            topic,
            key=payment["card_id"],
            value=payment,
            on_delivery=lambda error, message: failed.append(message) if error else None,
        )
        producer.poll(0)
    left = producer.flush(10)
    if left or failed:
        raise RuntimeError(f"{left} left, {len(failed)} failed")


def tick(delivered: list[Record], payment: Record, error: KafkaError | None, _: Message) -> None:
    if error is None:
        delivered.append(payment)


def with_own_framing(transactions: list[Record], topic: str) -> None:
    if not transactions:
        return
    here = stack.connect()
    known = here.registry().lookup_schema(subject_of(topic), RegisteredSchema(TRANSACTION_V1_TEXT, "AVRO"))
    producer = Producer({"bootstrap.servers": here.bootstrap_servers, "acks": "all", "linger.ms": 20})
    delivered: list[Record] = []
    for payment in transactions:
        value = wire.frame(wire.SchemaId(known.schema_id or 0), encode(TRANSACTION_V1, payment))
        report = partial(tick, delivered, payment)
        producer.produce(topic, value, payment["card_id"], callback=report)
    while len(producer):
        producer.poll(0.1)
    assert len(delivered) == len(transactions)


def in_a_transaction(transactions: list[Record], topic: str) -> None:
    serialize = serializer(topic)
    producer = stack.connect().producer(transactional_id=topic)
    producer.init_transactions()
    producer.begin_transaction()
    for payment in transactions:
        producer.produce(topic, serialize(payment), payment["card_id"])
    producer.commit_transaction()
