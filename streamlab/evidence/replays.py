"""Evidence on reading a stream again: C35. It needs a real Kafka.

from streamlab.evidence import replays

replays.c35_a_stream_can_be_read_again(stack.connect()).verdict
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confluent_kafka import TopicPartition

from streamlab.evidence.crashing import PARTITIONS, Load, features, fill, finish
from streamlab.processor.settings import Guarantee
from streamlab.stack.capabilities import Capability

if TYPE_CHECKING:
    from streamlab.processor.partition import Row
    from streamlab.stack.clients import Stack


@dataclass(frozen=True)
class Replay:
    """C35: a stream that was read, read again.

    Attributes:
        events: features of the first reading.
        again_equal: of a reading from the beginning, those that are equal to them.
        from_the_middle: features of a reading that began at a point in time.
        from_the_middle_equal: of these, the equal ones.
        deleted: events that retention took away, then.
        after_retention: features of a reading of what was left.
        after_retention_equal: of these, the equal ones.
    """

    events: int
    again_equal: int
    from_the_middle: int
    from_the_middle_equal: int
    deleted: int
    after_retention: int
    after_retention_equal: int

    @property
    def verdict(self) -> str:
        """A sentence made of the figures."""
        return (
            f"A stream can be read again, as far as it is kept: {self.again_equal} of {self.events} features "
            f"came out equal from the beginning, {self.from_the_middle_equal} of {self.from_the_middle} from "
            f"a point in time. After retention had deleted {self.deleted} events, "
            f"{self.after_retention_equal} of {self.after_retention} were equal: the rest had lost a part of "
            f"their windows, and {self.events - self.after_retention} never came."
        )


def c35_a_stream_can_be_read_again(stack: "Stack", seed: int = 13, events: int = 3_000) -> Replay:
    """C35: process a topic, then again, from the middle, and after its first half was deleted.

    Raises:
        CapabilityMissing: the stack's broker is not a real one.
    """
    stack.require(Capability.OFFSETS_BY_TIME)
    load = fill(stack, seed, events)
    first = {row["txn_id"]: row for row in _read(stack, load, "first", {})}
    again = _read(stack, load, "again", {})
    middle = sorted(row["event_time"] for row in first.values())[len(first) // 2]
    offsets = _offsets_at(stack, load, middle)
    later = _read(stack, load, "middle", offsets)
    _delete_before(stack, load, offsets)
    left = _read(stack, load, "left", {})
    return Replay(
        events=len(first),
        again_equal=_equal(again, first),
        from_the_middle=len(later),
        from_the_middle_equal=_equal(later, first),
        deleted=sum(offsets.values()),
        after_retention=len(left),
        after_retention_equal=_equal(left, first),
    )


def _read(stack: "Stack", load: Load, name: str, offsets: dict[int, int]) -> "list[Row]":
    """Process with a group of its own, from these offsets on or from the beginning; what came out."""
    out, group = f"{load.out}.{name}", f"{load.topic}.{name}"
    stack.create_topic(out, PARTITIONS)
    if offsets:
        consumer = stack.consumer(group_id=group)
        places = [TopicPartition(load.topic, number, offset) for number, offset in offsets.items()]
        consumer.commit(offsets=places, asynchronous=False)
        consumer.close()
    finish(stack, load, Guarantee.AT_LEAST_ONCE, group=group, out=out)
    return features(stack, out)


def _offsets_at(stack: "Stack", load: Load, time_ms: int) -> dict[int, int]:
    consumer = stack.consumer()
    asked = [TopicPartition(load.topic, number, time_ms) for number in range(PARTITIONS)]
    found = {one.partition: one.offset for one in consumer.offsets_for_times(asked, timeout=10)}
    consumer.close()
    return found


def _delete_before(stack: "Stack", load: Load, offsets: dict[int, int]) -> None:
    """What retention does, at once."""
    places = [TopicPartition(load.topic, number, offset) for number, offset in offsets.items()]
    admin = stack.admin()  # kept by name: its answers come only as long as it lives
    for deleted in admin.delete_records(places).values():
        deleted.result(timeout=10)


def _equal(rows: "Sequence[Row]", first: "dict[str, Row]") -> int:
    return sum(row == first.get(row["txn_id"]) for row in rows)
