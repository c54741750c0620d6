"""What a broker says while things settle: answers that call for asking again, not for giving up.

error.code() in LEADER_IS_BEING_CHOSEN      # a partition's leader, or what the client knows of it, is new
error.code() in TOPIC_IS_NEW                # the same of a topic that was made a moment ago
"""

from typing import Final

from confluent_kafka import KafkaError

LEADER_IS_BEING_CHOSEN: Final = frozenset(
    (
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.FENCED_LEADER_EPOCH,
    )
)
"""Of a partition while its broker starts, or while it moves (KIP-320 for the two about epochs)."""

TOPIC_IS_NEW: Final = LEADER_IS_BEING_CHOSEN | {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
}
"""Of a topic in its first milliseconds, although somebody was told that it exists."""
