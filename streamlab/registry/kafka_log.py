"""The topic `_schemas` as a log: made, read to its end, followed.

    log = KafkaLog("127.0.0.1:9092", "_schemas")
    log.create()                                     # nothing happens if it is there
    for message in log.read_to_end(): ...            # then log.next_messages() for what comes after
    LogWriter(log.connection(), "_schemas")          # `kafka_writer` appends

Everything here blocks, within bounds; `kafka_store` calls it from threads.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import tenacity
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from streamlab.registry import errors
from streamlab.stack.passing import LEADER_IS_BEING_CHOSEN

log = logging.getLogger("streamlab.registry")
client_log = logging.getLogger("streamlab.registry.client")

START_TIMEOUT_SECONDS: Final = 15.0
_CONNECTION: Final[dict[str, Any]] = {
    "socket.timeout.ms": 5_000,
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1_000,
    "log_level": 3,
}


def offset_of(message: Message) -> int:
    """Where a message is in the log; -1 if it is not."""
    offset = message.offset()
    return -1 if offset is None else offset


def _code_of(error: BaseException) -> int | None:
    """Kafka's code of an error, None if it is none of Kafka's."""
    return error.args[0].code() if isinstance(error, KafkaException) else None


class KafkaLog:
    """One topic of one partition, compacted, read as it is committed."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        self.topic = topic
        self.cluster = ""
        self.away = False
        self._bootstrap_servers = bootstrap_servers
        self._consumer: Consumer | None = None

    def create(self) -> None:
        """Make the topic if it is not there, and look whether it can hold a registry.

        Raises:
            RegistryError: the broker does not answer, or the topic has several partitions.
        """
        admin = AdminClient(self.connection(), logger=client_log)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        try:
            metadata = admin.list_topics(self.topic, timeout=START_TIMEOUT_SECONDS)
            self.cluster = metadata.cluster_id or ""
            while metadata.topics[self.topic].error is not None:
                self._make(admin, deadline)
                metadata = admin.list_topics(self.topic, timeout=5)
        except KafkaException as error:
            raise errors.store_error(
                f"The broker at {self._bootstrap_servers} does not answer: {error.args[0].str()}"
            ) from error
        partitions = len(metadata.topics[self.topic].partitions)
        if partitions != 1:
            raise errors.store_error(
                f"The topic {self.topic} has {partitions} partitions; a registry's log has one."
            )
        self._warn_unless_compacted(admin)

    def _make(self, admin: AdminClient, deadline: float) -> None:
        new = NewTopic(
            self.topic, num_partitions=1, replication_factor=-1, config={"cleanup.policy": "compact"}
        )
        try:
            admin.create_topics([new], operation_timeout=5)[self.topic].result(timeout=10)
        except KafkaException as error:
            code = error.args[0].code()
            # A broker that has just started cannot place a replica until its first heartbeat.
            transient = code in (KafkaError.INVALID_REPLICATION_FACTOR, KafkaError.TOPIC_ALREADY_EXISTS)
            if not transient or time.monotonic() > deadline:
                raise
        time.sleep(0.05)

    def _warn_unless_compacted(self, admin: AdminClient) -> None:
        resource = ConfigResource(ResourceType.TOPIC, self.topic)
        try:
            config = admin.describe_configs([resource], request_timeout=5)[resource].result(timeout=5)
        except KafkaException:
            return
        policy = config["cleanup.policy"].value
        if policy != "compact":
            log.warning(
                "The topic %s has cleanup.policy=%s: schemas will be lost. Set it to compact.",
                self.topic,
                policy,
            )

    def read_to_end(self) -> Iterator[Message]:
        """Every committed message that is in the topic now, oldest first.

        Raises:
            RegistryError: the broker stopped answering on the way.
        """
        self._consumer = Consumer(
            {
                **self.connection(),
                "group.id": "streamlab-registry",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                # The end of the topic is seen when a fetch comes back empty: the start waits for one.
                "fetch.wait.max.ms": 100,
            },
            logger=client_log,
        )
        partition = TopicPartition(self.topic, 0, 0)
        self._consumer.assign([partition])
        try:
            # While others write without a pause the consumer never sees an end; this one does not move.
            start, end = self._watermarks(self._consumer, partition)
        except KafkaException as refusal:
            raise errors.store_error(f"The end of {self.topic} is not known: {refusal}") from refusal
        if start == end:
            return
        quiet_until = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < quiet_until:
            message = self._consumer.poll(0.2)
            if message is None:
                continue
            error = message.error()
            if error is None:
                quiet_until = time.monotonic() + START_TIMEOUT_SECONDS
                yield message
                if offset_of(message) + 1 >= end:
                    return
            elif error.code() == KafkaError._PARTITION_EOF:
                return
        raise errors.store_error(f"The topic {self.topic} could not be read to its end.")

    @tenacity.retry(
        retry=tenacity.retry_if_exception(lambda error: _code_of(error) in LEADER_IS_BEING_CHOSEN),
        stop=tenacity.stop_after_delay(START_TIMEOUT_SECONDS),
        wait=tenacity.wait_fixed(0.05),
        reraise=True,
    )
    def _watermarks(self, consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
        low, high = consumer.get_watermark_offsets(partition, timeout=START_TIMEOUT_SECONDS)
        return low, high

    def next_messages(self, timeout_seconds: float = 0.2) -> list[Message]:
        """What has come since; empty if nothing came within the time-out."""
        assert self._consumer is not None
        found = []
        message = self._consumer.poll(timeout_seconds)
        while message is not None:
            error = message.error()
            if error is None:
                self.away = False
                found.append(message)
            elif error.code() != KafkaError._PARTITION_EOF:
                log.warning("Reading %s: %s", self.topic, error.str())
            if len(found) >= 500:
                break
            message = self._consumer.poll(0)
        return found

    def follow(self, stopping: threading.Event, take_in: Callable[[list[Message]], object]) -> None:
        """Give what comes to a function, until told to stop."""
        while not stopping.is_set():
            try:
                messages = self.next_messages()
            except (KafkaException, RuntimeError) as error:
                log.warning("The log cannot be read: %s", error)
                stopping.wait(0.5)
                continue
            if messages:
                with contextlib.suppress(RuntimeError):  # the event loop has closed: the server is stopping
                    take_in(messages)

    def close(self) -> None:
        """Stop reading."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def connection(self) -> dict[str, Any]:
        """The settings that every client of this topic has."""
        return {
            **_CONNECTION,
            "bootstrap.servers": self._bootstrap_servers,
            "error_cb": self._note_error,
        }

    def _note_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.away = True
