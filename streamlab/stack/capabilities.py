"""What a stack can do, stated by name, so that a notebook can ask before it fails half-way.

here = stack.connect()
here.has(Capability.TRANSACTIONS)             # True
here.require(Capability.SCHEMA_GUIDS)         # CapabilityMissing: one sentence with what helps
"""

from enum import StrEnum
from typing import Final


class Capability(StrEnum):
    """One thing that a chapter may need and that not every backend has."""

    TRANSACTIONS = "transactions"
    ADMIN = "admin"
    COMPACTION = "compaction"
    RETENTION = "retention"
    TOPIC_SETTINGS = "topic settings"
    OFFSETS_BY_TIME = "offsets by time"
    DURABILITY = "durability"
    ERROR_INJECTION = "error injection"
    SCHEMA_GUIDS = "schema guids"
    COMPATIBILITY_MESSAGES = "compatibility messages"
    FEATURE_STORE = "feature store"


KAFKA: Final = frozenset(
    {
        Capability.TRANSACTIONS,
        Capability.ADMIN,
        Capability.COMPACTION,
        Capability.RETENTION,
        Capability.TOPIC_SETTINGS,
        Capability.OFFSETS_BY_TIME,
        Capability.DURABILITY,
    }
)
"""A real Kafka broker, ours or one from the environment."""

MOCK_CLUSTER: Final = frozenset({Capability.ERROR_INJECTION})
"""librdkafka's mock cluster. It accepts transactions, and shows aborted messages to everybody."""

CONFLUENT_REGISTRY_8: Final = frozenset({Capability.SCHEMA_GUIDS, Capability.COMPATIBILITY_MESSAGES})
"""Confluent Schema Registry 8.0 and later, and the course's own."""

_A_KAFKA = (
    "Run `streamlab up --backend local`, which starts a real Kafka; unset KAFKA_BOOTSTRAP_SERVERS first."
)
_THE_MOCK = "Run `streamlab up --backend embedded`, whose broker fails when it is told to."
_THE_COURSES_REGISTRY = (
    "Unset SCHEMA_REGISTRY_URL and run `streamlab up --registry streamlab`, which starts the course's own."
)

_A_REDIS = (
    "Run `streamlab up --backend local`, which starts Redis or says why it cannot; "
    "or set REDIS_URL to a Redis that you have."
)

WHAT_HELPS: Final[dict[Capability, str]] = {
    **dict.fromkeys(KAFKA, _A_KAFKA),
    **dict.fromkeys(MOCK_CLUSTER, _THE_MOCK),
    **dict.fromkeys(CONFLUENT_REGISTRY_8, _THE_COURSES_REGISTRY),
    Capability.FEATURE_STORE: _A_REDIS,
}
"""What a person does to get a capability that is missing."""
