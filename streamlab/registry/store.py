"""Where a registry keeps its log: one interface, two stores.

    store = MemoryStore()                       # or KafkaStore(...)
    await store.start()
    answer = await store.write(lambda state: Plan((record,), "done"))
    store.state                                 # what all records so far amount to

A write is a function from the state to a plan. The store calls it when it is alone in writing, so that what
the function sees is what holds when its records are appended; it is answered when they are applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from streamlab.registry.schemas_topic import Json, Record
from streamlab.registry.state import State

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Plan(Generic[Answer]):
    """The records to append, all or none, and what to answer when they are in the log."""

    records: tuple[Record, ...]
    answer: Answer


class Store(Protocol):
    """A log of records and the state that they amount to."""

    name: str
    """"memory" or "kafka"."""

    @property
    def state(self) -> State:
        """What the log amounts to, as far as it is known here."""
        ...

    async def start(self) -> None:
        """Read the log to its end."""

    async def stop(self) -> None:
        """Let go of connections; a write under way fails."""

    async def write(self, planned: Callable[[State], Plan[Answer]]) -> Answer:
        """Append what `planned` makes of the state.

        Raises:
            RegistryError: raised by `planned`, nothing was written; or the log does not answer.
        """
        ...

    def signature(self) -> list[tuple[bytes, bytes]]:
        """Headers of every answer, by which another registry on the same log knows this one; may be empty."""
        ...

    def health(self) -> Json:
        """What the health page says about the store; `healthy` is true or false."""
        ...
