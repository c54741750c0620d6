"""Evidence on keys and partitions: C18.

from streamlab.evidence import partitioning

partitioning.c18_one_key_one_partition_has_conditions().verdict
partitioning.c18_one_key_one_partition_has_conditions().frame()      # each key under each condition
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from confluent_kafka import consistent, murmur2


@dataclass(frozen=True)
class PartitionEvidence:
    """Where keys go: by two clients, and before and after partitions were added.

    Attributes:
        partitions, more_partitions: of the topic, before and after.
        rows: key, its partition by librdkafka's default (CRC-32), by Java's (murmur2), by librdkafka's after.
    """

    partitions: int
    more_partitions: int
    rows: tuple[tuple[str, int, int, int], ...]

    @property
    def keys(self) -> int:
        """How many keys were asked for."""
        return len(self.rows)

    @property
    def differing(self) -> int:
        """Keys that the two clients send to different partitions."""
        return sum(crc32 != murmur for _, crc32, murmur, _ in self.rows)

    @property
    def moved(self) -> int:
        """Keys that the same client sends elsewhere after partitions were added."""
        return sum(before != after for _, before, _, after in self.rows)

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"One client and {self.partitions} partitions: a key always goes to one partition. Another "
            f"client's partitioner sends {self.differing} of {self.keys} keys elsewhere, and with "
            f"{self.more_partitions} partitions {self.moved} keys move: their events before and after are in "
            "no order."
        )

    def frame(self) -> pl.DataFrame:
        """One row a key."""
        columns = ["key", "librdkafka", "java", f"librdkafka, {self.more_partitions} partitions"]
        return pl.DataFrame(self.rows, schema=columns, orient="row")


def c18_one_key_one_partition_has_conditions(
    keys: Sequence[str] | int = 2_000, partitions: int = 24, more_partitions: int = 36
) -> PartitionEvidence:
    """Ask where keys go, by the partitioners that the clients use (C18).

    librdkafka's default is `consistent_random`, CRC-32 of the key; Java's is murmur2. With the setting
    `partitioner=murmur2_random` librdkafka does as Java does.

    Args:
        keys: the keys, or how many cards.
        partitions: of the topic.
        more_partitions: of the same topic later.
    """
    named = [f"card-{number:06d}" for number in range(keys)] if isinstance(keys, int) else keys
    rows = tuple(
        (
            key,
            consistent(key.encode(), partitions),
            murmur2(key.encode(), partitions),
            consistent(key.encode(), more_partitions),
        )
        for key in named
    )
    return PartitionEvidence(partitions, more_partitions, rows)
