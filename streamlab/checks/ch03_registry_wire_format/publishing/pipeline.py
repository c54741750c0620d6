"""What a pipeline does before anybody publishes: topics, and contracts for the subjects of their values.

    with prepared(stack.connect()) as topics:
        topics.usual, topics.small, topics.unregistered       # the names
        topics.schema_id                                      # the id of the contract
        topics.registry, topics.admin                         # clients that are connected already

Everything has a name of its own and is deleted afterwards, while the check goes on.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient

from streamlab import stack

from ..records import TRANSACTION_V1_TEXT, subject_of

PARTITIONS = 3
SMALL_BYTES = 1000

_BROKER_DEFAULT_REPLICAS = -1
_CREATE_SECONDS = 5.0
_DELETE_SECONDS = 2.0


class Topics(NamedTuple):
    """A topic as usual, one that refuses big messages, and one whose contract nobody registered."""

    usual: str
    small: str
    unregistered: str
    schema_id: int
    admin: AdminClient
    registry: SchemaRegistryClient


@contextlib.contextmanager
def prepared(here: stack.Stack) -> Iterator[Topics]:
    """Topics of this check alone."""
    usual, small, unregistered = (here.unique("txn.events") for _ in range(3))
    settings: dict[str, dict[str, str]] = {
        usual: {},
        small: {"max.message.bytes": str(SMALL_BYTES)},
        unregistered: {},
    }
    if not here.has("topic settings"):
        settings = {topic: {} for topic in settings}
    admin = here.admin()
    new = [
        NewTopic(topic, num_partitions=PARTITIONS, replication_factor=_BROKER_DEFAULT_REPLICAS, config=config)
        for topic, config in settings.items()
        if here.has("admin")
    ]
    waits = {"operation_timeout": _CREATE_SECONDS, "request_timeout": _CREATE_SECONDS}
    made = admin.create_topics(new, **waits) if new else {}
    # The broker works on the topics while the registry takes the contract.
    registry = here.registry()
    contract = RegisteredSchema(TRANSACTION_V1_TEXT, "AVRO")
    schema_id = registry.register_schema(subject_of(usual), contract)
    registry.register_schema(subject_of(small), contract)
    for topic, config in settings.items():
        with contextlib.suppress(KafkaException):  # what went wrong is tried again below, with patience
            if topic in made:
                made[topic].result(timeout=2 * _CREATE_SECONDS)
        if topic not in made or not _is_usable(admin, topic):
            here.create_topic(topic, PARTITIONS, config)
    try:
        yield Topics(usual, small, unregistered, schema_id, admin, registry)
    finally:
        cleaning = (admin, registry, tuple(settings))
        threading.Thread(target=_delete, args=cleaning, name="deleting topics").start()


@contextlib.contextmanager
def refusing(here: stack.Stack, number: int) -> Iterator[None]:
    """Where topics have no settings, the broker is told to refuse the message with this number, from 0.

    To the client that is the same answer. It sends one request a partition, in the order of the partitions.
    """
    if here.has("topic settings"):
        yield
        return
    with here.injection() as broker:
        broker.errors("Produce", *["NO_ERROR"] * number, "MSG_SIZE_TOO_LARGE")
        yield


@contextlib.contextmanager
def hesitating(here: stack.Stack) -> Iterator[None]:
    """A broker in memory is so fast that who forgets to flush may be lucky: there, each first try fails.

    The client tries again by itself a tenth of a second later; who flushes does not notice.
    """
    if not here.has("error injection"):
        yield
        return
    with here.injection() as broker:
        broker.errors("Produce", "NOT_LEADER_FOR_PARTITION", times=PARTITIONS)
        yield


def _is_usable(admin: AdminClient, topic: str) -> bool:
    known = admin.list_topics(topic, timeout=_CREATE_SECONDS).topics[topic]
    leaders = [partition.leader for partition in known.partitions.values()]
    return known.error is None and len(leaders) == PARTITIONS and min(leaders) >= 0


def _delete(admin: AdminClient, registry: SchemaRegistryClient, topics: tuple[str, ...]) -> None:
    """Delete them; what cannot be deleted stays: its name is used once, so nobody meets it."""
    until = time.monotonic() + _DELETE_SECONDS
    with contextlib.suppress(Exception):
        for gone in admin.delete_topics(list(topics), request_timeout=_DELETE_SECONDS).values():
            gone.result(timeout=max(0.1, until - time.monotonic()))
        for subject in registry.get_subjects():
            if subject.startswith(topics):
                registry.delete_subject(subject)
