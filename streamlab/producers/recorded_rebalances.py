"""How a `RecordingConsumer` gets and loses partitions: when a test says so, in the next poll.

rebalances = Rebalances(consumer, reading)
rebalances.tell(on_assign, on_revoke, on_lost)
rebalances.later("assign", [TopicPartition("txn.events", 3)])
rebalances.happen()                      # on_assign(consumer, partitions), and they are read
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from confluent_kafka import TopicPartition

from streamlab.producers.recorded_reading import Reading

Rebalanced = Callable[[Any, list[TopicPartition]], Any]
What = Literal["assign", "revoke", "lost"]


class Rebalances:
    """What a consumer is to be told of its partitions."""

    def __init__(self, consumer: object, reading: Reading) -> None:
        self._consumer = consumer
        self._reading = reading
        self._callbacks: dict[What, Rebalanced | None] | None = None
        self._to_come: deque[tuple[What, list[TopicPartition]]] = deque()

    def tell(
        self, on_assign: Rebalanced | None, on_revoke: Rebalanced | None, on_lost: Rebalanced | None
    ) -> None:
        """Who is told from now on: the consumer has subscribed."""
        self._callbacks = {"assign": on_assign, "revoke": on_revoke, "lost": on_lost}

    def later(self, what: What, partitions: list[TopicPartition]) -> None:
        """Let it happen in the next poll."""
        self._to_come.append((what, partitions))

    def happen(self) -> None:
        """What is to come comes now."""
        while self._to_come:
            self._rebalance(*self._to_come.popleft())

    def give_back(self) -> None:
        """Give everything back, and subscribe to nothing; nobody is told who did not subscribe."""
        held = [TopicPartition(*here) for here in sorted(self._reading.next_offsets)]
        if self._callbacks is not None and held:
            self._rebalance("revoke", held)
        self._callbacks = None
        self._to_come.clear()
        self._reading.remove([TopicPartition(*here) for here in sorted(self._reading.next_offsets)])

    def _rebalance(self, what: What, partitions: list[TopicPartition]) -> None:
        """Tell the callback; unless it has assigned or unassigned by itself, do what the client then does."""
        before = dict(self._reading.next_offsets)
        callback = (self._callbacks or {}).get(what)
        if callback is not None:
            callback(self._consumer, partitions)
        if self._reading.next_offsets != before:
            return
        if what == "assign":
            self._reading.add(partitions)
        else:
            self._reading.remove(partitions)
