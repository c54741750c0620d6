"""Whether a stack does its work: one message out and back, one schema in and out, one value set and got.

    health.check(here, timeout_seconds=5)        # StackUnavailable says which part does not work
    health.check_broker("127.0.0.1:9092", 5)
    health.check_registry("http://127.0.0.1:8081/apis/ccompat/v7", 5)
    health.check_store("redis://127.0.0.1:6379/0", 5)

An open port proves little: a frozen process keeps its port open, a broker with a full disk still answers for
its metadata. The topic, the subject and the key that this leaves behind have names that speak for themselves.
"""

import json
import secrets
import time
from typing import TYPE_CHECKING, Final

import httpx
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from streamlab.errors import StreamlabError
from streamlab.stack import redis_probe
from streamlab.stack.capabilities import Capability
from streamlab.stack.component import NotAnswering
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.registry_http import ask

if TYPE_CHECKING:
    from streamlab.stack.clients import Stack

TOPIC: Final = "__streamlab_health"
"""Kafka's own internal topics start with two underscores as well."""

SUBJECT: Final = "streamlab-health"
KEY: Final = "streamlab:health"
SCHEMA: Final = json.dumps({"type": "fixed", "name": "streamlab_health", "size": 8})

_KEEP_ONE_HOUR: Final = {"retention.ms": "3600000", "segment.bytes": "1048576"}


def check(here: "Stack", timeout_seconds: float) -> None:
    """Every round trip: through the feature store only where there is one.

    Raises:
        StackUnavailable: which part does not work, and what to do.
    """
    check_broker(here, timeout_seconds)
    check_registry(here.schema_registry_url, timeout_seconds)
    if here.redis_url is not None:
        check_store(here.redis_url, timeout_seconds)


def check_broker(here: "Stack", timeout_seconds: float) -> None:
    """Produce one message and consume it again.

    Raises:
        StackUnavailable: it did not come back in time.
    """
    deadline = time.monotonic() + timeout_seconds
    token = secrets.token_bytes(8)
    try:
        offset = _produce(here, token, timeout_seconds)
        came = _consume(here, offset, deadline)
    except (KafkaException, StreamlabError) as error:
        reason = error.args[0].str() if isinstance(error, KafkaException) else error.args[0]
        raise _broker_sick(here, reason) from error
    if came != token:
        raise _broker_sick(here, "the message that was produced did not come back")


def check_registry(url: str, timeout_seconds: float) -> None:
    """Register one schema (the same each time, so that it takes one id) and fetch it by its id.

    Raises:
        StackUnavailable: it did not come back in time.
    """
    try:
        register = ask("POST", f"{url}/subjects/{SUBJECT}/versions", timeout_seconds, {"schema": SCHEMA})
        if register.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise _registry_refuses(url, str(register.json()["message"]))
        register.raise_for_status()
        fetch = ask("GET", f"{url}/schemas/ids/{int(register.json()['id'])}", timeout_seconds)
        fetch.raise_for_status()
        came = json.loads(fetch.json()["schema"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise _registry_sick(url, f"{type(error).__name__}") from error
    if came != json.loads(SCHEMA):
        raise _registry_sick(url, "the schema that was registered did not come back")


def check_store(url: str, timeout_seconds: float) -> None:
    """Set one value (it goes by itself after an hour) and get it again.

    Raises:
        StackUnavailable: it did not come back in time.
    """
    token = secrets.token_hex(8)
    try:
        _, came = redis_probe.ask(url, timeout_seconds, ("SET", KEY, token, "EX", "3600"), ("GET", KEY))
    except NotAnswering as error:
        raise _store_sick(url, str(error)) from error
    if came != token.encode():
        raise _store_sick(url, "the value that was set did not come back")


def advertised_brokers(here: "Stack", timeout_seconds: float) -> list[tuple[str, int]]:
    """Host and port of each broker, as the cluster tells its clients; empty when it does not answer."""
    try:
        metadata = here.admin().list_topics(timeout=timeout_seconds)
    except KafkaException:
        return []
    return [(str(broker.host), int(broker.port)) for broker in metadata.brokers.values()]


def compatibility_level(url: str, timeout_seconds: float) -> str:
    """The registry's global compatibility level.

    Raises:
        StackUnavailable: it does not say.
    """
    try:
        answer = ask("GET", f"{url}/config", timeout_seconds)
        answer.raise_for_status()
        return str(answer.json()["compatibilityLevel"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise _registry_sick(url, type(error).__name__) from error


def _produce(here: "Stack", token: bytes, timeout_seconds: float) -> int:
    """The offset of the message; makes the topic when it is missing."""
    reports: list[tuple[KafkaError | None, int]] = []

    def report(error: KafkaError | None, message: Message) -> None:
        reports.append((error, message.offset() or 0))

    timeout_ms = max(200, int(timeout_seconds * 1000))
    # Not idempotent: that would ask a coordinator for a producer id, and one message needs none.
    producer = here.producer(
        enable_idempotence=False,
        linger_ms=0,
        request_timeout_ms=timeout_ms,
        delivery_timeout_ms=timeout_ms,
    )
    if producer.list_topics(TOPIC, timeout=timeout_seconds).topics[TOPIC].error is not None:
        here.create_topic(TOPIC, config=_KEEP_ONE_HOUR if here.has(Capability.TOPIC_SETTINGS) else None)
    producer.produce(TOPIC, value=token, partition=0, on_delivery=report)
    producer.flush(timeout_seconds)
    if not reports:
        raise StreamlabError("the broker did not acknowledge in time", "")
    error, offset = reports.pop()
    if error is not None:
        raise KafkaException(error)
    return offset


def _consume(here: "Stack", offset: int, deadline: float) -> bytes | None:
    consumer = here.consumer()
    try:
        # By assignment: a group would need its coordinator, and leave a group behind.
        consumer.assign([TopicPartition(TOPIC, 0, offset)])
        while (left := deadline - time.monotonic()) > 0:
            message = consumer.poll(min(left, 0.5))
            if message is None:
                continue
            if message.error() is not None:
                raise KafkaException(message.error())
            value = message.value()
            return value if isinstance(value, bytes) else None
    finally:
        consumer.close()
    return None


def _broker_sick(here: "Stack", reason: object) -> StackUnavailable:
    return StackUnavailable(
        f"The broker at {here.bootstrap_servers} does not work ({reason}).",
        "Run `streamlab up`, and `streamlab doctor` if that does not help.",
    )


def _registry_refuses(url: str, reason: str) -> StackUnavailable:
    """It works, and somebody told it to take nothing: a mode is the only reason to refuse this schema."""
    return StackUnavailable(
        f"The registry at {url} registers nothing ({reason.rstrip('.')}).",
        "Set its mode back: "
        f"""curl -X PUT -H 'Content-Type: application/json' -d '{{"mode": "READWRITE"}}' {url}/mode""",
    )


def _store_sick(url: str, reason: str) -> StackUnavailable:
    address = redis_probe.shown(url)
    if reason.startswith("OOM"):
        return StackUnavailable(
            f"The store at {address} is full: its memory is bounded, and it forgets nothing by itself.",
            "Wait until features expire (24 h), or delete keys with redis-py or redis-cli.",
        )
    return StackUnavailable(
        f"The store at {address} does not work ({reason}).",
        "Run `streamlab up`, and `streamlab doctor` if that does not help.",
    )


def _registry_sick(url: str, reason: str) -> StackUnavailable:
    return StackUnavailable(
        f"The registry at {url} does not work ({reason}).",
        "Run `streamlab up`, and `streamlab doctor` if that does not help.",
    )
