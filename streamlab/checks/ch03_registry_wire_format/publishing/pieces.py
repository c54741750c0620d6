"""What wrong and right answers to the task `publish` are made of."""

from collections.abc import Callable
from typing import Any

from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from streamlab import stack

from ..records import TRANSACTION_V1_TEXT, Record

OFF = {"auto.register.schemas": False}


def serializer(topic: str, conf: Any = None) -> Callable[[Record], bytes]:
    registry = stack.connect().registry()
    serialize = AvroSerializer(registry, TRANSACTION_V1_TEXT, conf=OFF if conf is None else conf)
    context = SerializationContext(topic, MessageField.VALUE)
    return lambda payment: serialize(payment, context)
