"""A registry's log that lives as long as the process: for tests and lessons without a broker.

store = MemoryStore()
await store.write(plan)
store.log                                   # every record so far
"""

from collections.abc import Callable

from streamlab.registry.schemas_topic import Json, Record
from streamlab.registry.state import State
from streamlab.registry.store import Answer, Plan


class MemoryStore:
    """The store without a broker; the event loop alone writes, so that no lock is needed."""

    name = "memory"

    def __init__(self) -> None:
        self.state = State()
        self.log: list[Record] = []

    async def start(self) -> None:
        """Nothing to read."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    async def write(self, planned: Callable[[State], Plan[Answer]]) -> Answer:
        """Append the planned records and apply them."""
        plan = planned(self.state)
        for record in plan.records:
            self.log.append(record)
            self.state.apply(record)
        return plan.answer

    def signature(self) -> list[tuple[bytes, bytes]]:
        """Nobody else reads this log."""
        return []

    def health(self) -> Json:
        """Memory does not fail by itself."""
        return {"healthy": True, "role": "alone", "records": len(self.log)}
