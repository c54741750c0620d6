"""The one place where the course's clients of Kafka, of the registry and of Redis are made.

    here = stack.connect()
    topic = here.unique("txn.events")
    here.create_topic(topic)
    producer = here.producer()                   # acks=all, idempotent; logs go to a file
    messages = here.read_topic(topic)            # everything that is in it now
    here.redis().get("features:latest:card:c1")  # bytes; where the stack has a feature store

Every client has time-outs: a server that died is noticed within seconds, never waited for.
"""

import contextlib
import secrets
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from confluent_kafka import Consumer, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from streamlab.errors import StreamlabError
from streamlab.stack import health, topics
from streamlab.stack.capabilities import WHAT_HELPS, Capability
from streamlab.stack.client_logs import client_logger
from streamlab.stack.client_settings import (
    ASYNCIO_BUFFER_SECONDS,
    CONNECTION,
    CONSUMER,
    PRODUCER,
    REDIS,
    REGISTRY,
    dotted,
    log_in_loop,
)
from streamlab.stack.errors import CapabilityMissing
from streamlab.stack.proxies import proxies_ignored_for, reach_loopback_directly

if TYPE_CHECKING:
    from confluent_kafka.aio import AIOProducer
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from redis import Redis

    from streamlab.stack.embedded.injection import Injection

_Client = TypeVar("_Client", Producer, Consumer)


@dataclass(frozen=True)
class Stack:
    """A stack that can be used: its addresses, what it can do, and every client of the course."""

    backend: str
    bootstrap_servers: str
    schema_registry_url: str
    capabilities: frozenset[Capability]
    redis_url: str | None = field(default=None, repr=False)
    """None where there is no feature store; it may hold a password, so it is not shown."""

    def has(self, capability: Capability | str) -> bool:
        """Whether this stack can do it."""
        return Capability(capability) in self.capabilities

    def require(self, capability: Capability | str) -> None:
        """Do nothing if this stack can do it.

        Raises:
            CapabilityMissing: it cannot; the text says what helps.
        """
        wanted = Capability(capability)
        if wanted not in self.capabilities:
            raise CapabilityMissing(f"This stack has no {wanted.value}.", WHAT_HELPS[wanted])

    def unique(self, name: str) -> str:
        """`name` with an ending that no other call gets, so that runs on one stack do not meet."""
        alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
        return f"{name}.{''.join(secrets.choice(alphabet) for _ in range(8))}"

    def producer(self, **config: Any) -> Producer:
        """A producer that loses and doubles nothing: acks=all, idempotent.

        Args:
            config: further settings; `linger_ms=5` is `linger.ms`. Fewer acknowledgements than all switch
                idempotence off, as Kafka would otherwise refuse the combination.

        Raises:
            StreamlabError: a setting makes no sense.
        """
        given = dotted(config)
        if str(given.get("acks", "all")) not in {"all", "-1"}:
            given.setdefault("enable.idempotence", False)
        return _made(Producer, self._kafka(PRODUCER, given))

    def asyncio_producer(self, **config: Any) -> "AIOProducer":
        """The same for asyncio: made in a running event loop, ended by `await producer.close()`.

        It takes neither headers nor timestamps.

        Args:
            config: further settings, as for `producer`.
        """
        from confluent_kafka.aio import AIOProducer

        settings = self._kafka(PRODUCER, dotted(config))
        # This client awaits its callbacks.
        settings["error_cb"] = log_in_loop
        settings["logger"] = client_logger()
        return AIOProducer(settings, buffer_timeout=ASYNCIO_BUFFER_SECONDS)

    def consumer(self, **config: Any) -> Consumer:
        """A consumer that starts at the earliest message, in a group of its own, and commits when told to.

        Args:
            config: further settings; `group_id="fraud"` is `group.id`.

        Raises:
            StreamlabError: the name of the group is blank, or a setting makes no sense.
        """
        given = {"group.id": self.unique("streamlab"), **dotted(config)}
        if not str(given["group.id"] or "").strip():
            # The client would end the whole process: an assertion in C.
            raise StreamlabError("The name of the consumer group is blank.", "Give the group a name.")
        if "session.timeout.ms" in given:
            with contextlib.suppress(ValueError):  # what is no number, the client refuses by itself
                given.setdefault("heartbeat.interval.ms", max(1, int(given["session.timeout.ms"]) // 4))
        return _made(Consumer, self._kafka(CONSUMER, given))

    def admin(self) -> AdminClient:
        """A client that makes, describes and deletes topics."""
        return AdminClient(self._kafka({}, {}), logger=client_logger())

    def registry(self, url: str | None = None) -> "SchemaRegistryClient":
        """A registry client that gives up after a few seconds.

        Args:
            url: another address of the same registry, for instance of a proxy that counts requests.
        """
        from confluent_kafka.schema_registry import SchemaRegistryClient

        address = url or self.schema_registry_url
        reach_loopback_directly(address)
        with proxies_ignored_for(address):
            client = SchemaRegistryClient({"url": address, **REGISTRY})
        # Notebooks do not close what they make; an open connection would be reported when it is collected.
        weakref.finalize(client, client._rest_client.session.close)
        return client

    def redis(self, **config: Any) -> "Redis":
        """A Redis client that gives up after a few seconds, tries again thrice, and leaves bytes as they are.

        It connects when it is first used. A command that is tried again may have been done the first time:
        what is written with it has to be idempotent.

        Args:
            config: further settings of redis-py, `decode_responses=True`.

        Raises:
            CapabilityMissing: this stack has no feature store; the text says what helps.
        """
        if self.redis_url is None:
            raise CapabilityMissing(
                f"This stack has no {Capability.FEATURE_STORE.value}.", WHAT_HELPS[Capability.FEATURE_STORE]
            )
        from redis import Redis
        from redis.backoff import ExponentialBackoff
        from redis.retry import Retry

        retry = Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3)
        return Redis.from_url(self.redis_url, **{**REDIS, "retry": retry, **config})

    def create_topic(self, topic: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """Make a topic and return when it can be used; nothing happens if the same topic is there already.

        Raises:
            CapabilityMissing: `config` is given, and topics of this broker have no settings.
            StreamlabError: the topic exists with another number of partitions, or the broker refuses it.
            StackUnavailable: the broker does not answer.
        """
        topics.create(self, topic, partitions, config or {})

    def injection(self) -> "Injection":
        """Faults of the broker, on purpose; leaving its `with` block ends them.

        Raises:
            CapabilityMissing: this broker is a real one, and fails when it likes.
        """
        from streamlab.stack.embedded.injection import injection

        self.require(Capability.ERROR_INJECTION)
        return injection(self)

    def read_topic(
        self, topic: str, max_messages: int | None = None, timeout_seconds: float = 10.0
    ) -> list[Message]:
        """Every message that is in the topic at the time of the call, in order of partition and offset.

        Messages that arrive later are left out, and so are those of transactions that are open or aborted.

        Args:
            max_messages: at most so many, the first ones in that order.
            timeout_seconds: the bound of the whole call.

        Raises:
            StackUnavailable: the broker did not give them in time.
            StreamlabError: there is no such topic.
        """
        return topics.read(self, topic, max_messages, timeout_seconds)

    def check_health(self, timeout_seconds: float = 5.0) -> None:
        """Produce, consume, register and fetch, each once; set and get where there is a feature store.

        Raises:
            StackUnavailable: which part does not work, and the command that helps.
        """
        health.check(self, timeout_seconds)

    def _kafka(self, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        logger = client_logger()
        callbacks = {"error_cb": lambda error: logger.warning("%s", error)}
        return {"bootstrap.servers": self.bootstrap_servers, **CONNECTION, **callbacks, **defaults, **given}


def _made(kind: type[_Client], settings: dict[str, Any]) -> _Client:
    try:
        return kind(settings, logger=client_logger())
    except KafkaException as error:
        reason = error.args[0].str().strip()
        raise StreamlabError(
            f"The client takes no such settings: {reason}.", "Mend the setting, or leave it out."
        ) from error
