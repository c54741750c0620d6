"""What a demonstration made, so that it can be taken away: topics, subjects, groups, features.

    with Leavings(stack) as leavings:
        topic = leavings.topic(stack.unique("demo.txn.events"))      # noted, with what comes of it
        leavings.features("card", ids)

What cannot be taken away is named in `left`, never a reason to fail. A broker in memory keeps its topics
until it is stopped.
"""

from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

import requests
from confluent_kafka import KafkaException
from confluent_kafka.schema_registry.error import SchemaRegistryError
from redis.exceptions import RedisError

from streamlab.processor.settings import DEAD_LETTER_PREFIX
from streamlab.sinks.redis_features import RedisFeatures
from streamlab.stack import Capability, Stack

_TIMEOUT_SECONDS: Final = 10.0
_KEYS_AT_A_TIME: Final = 1_000


class Leavings:
    """Notes what is made, and at the end of its `with` block takes it away.

    Attributes:
        left: what could not be taken away, in words; empty when all went well.
    """

    def __init__(self, stack: Stack) -> None:
        self.left: list[str] = []
        self._stack = stack
        self._topics: list[str] = []
        self._groups: list[str] = []
        self._keys: list[str] = []

    def topic(self, topic: str) -> str:
        """Note a topic; its dead letters and its subject go with it."""
        self._topics.append(topic)
        return topic

    def group(self, group: str) -> str:
        """Note a consumer group."""
        self._groups.append(group)
        return group

    def features(self, kind: str, ids: Iterable[str]) -> None:
        """Note whose features are in the store."""
        if self._stack.has(Capability.FEATURE_STORE):
            sink = RedisFeatures(self._stack.redis(), "card" if kind == "card" else "user")
            self._keys.extend(key for one in ids for key in sink.keys(one))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_keys()
        self._take_subjects()
        if self._stack.has(Capability.ADMIN):
            self._take_topics()

    def _take_keys(self) -> None:
        try:
            for start in range(0, len(self._keys), _KEYS_AT_A_TIME):
                self._stack.redis().unlink(*self._keys[start : start + _KEYS_AT_A_TIME])
        except RedisError as error:
            self.left.append(f"features in Redis ({error})")

    def _take_subjects(self) -> None:
        registry = self._stack.registry()
        try:
            there = set(registry.get_subjects())
            for topic in self._topics:
                if (subject := f"{topic}-value") in there:
                    registry.delete_subject(subject)
                    registry.delete_subject(subject, permanent=True)
        except (SchemaRegistryError, requests.RequestException, OSError) as error:
            self.left.append(f"subjects in the registry ({error})")

    def _take_topics(self) -> None:
        admin = self._stack.admin()
        try:
            there = admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
            wanted = [name for topic in self._topics for name in (topic, DEAD_LETTER_PREFIX + topic)]
            doomed = [name for name in wanted if name in there]
            for future in (admin.delete_topics(doomed) if doomed else {}).values():
                future.result(_TIMEOUT_SECONDS)
            for future in (admin.delete_consumer_groups(self._groups) if self._groups else {}).values():
                future.result(_TIMEOUT_SECONDS)
        except (KafkaException, TimeoutError) as error:
            self.left.append(f"topics or groups in Kafka ({error})")
