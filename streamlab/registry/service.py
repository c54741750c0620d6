"""What every operation of the API needs: the store, the parser, the counters.

service = Service(MemoryStore())
service.state                      # what the registry knows now
await service.write(lambda state: register(state, service.parser, ...))
"""

from collections.abc import Callable
from datetime import UTC, datetime

from streamlab.registry.metrics import Metrics
from streamlab.registry.schema_types import SchemaParser
from streamlab.registry.schemas_topic import Json
from streamlab.registry.state import State
from streamlab.registry.store import Answer, Plan, Store

VERSION = "8.2"
"""The release of Confluent's registry whose API this is."""


class Service:
    """One registry: its store and what belongs to the process that serves it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.parser = SchemaParser()
        self.metrics = Metrics(self)
        self.last_registration: datetime | None = None

    @property
    def state(self) -> State:
        """What the log amounts to, as far as it has been read."""
        return self.store.state

    async def write(self, planned: Callable[[State], Plan[Answer]]) -> Answer:
        """Append to the log; see `Store.write`."""
        known = self.state.schemas_seen
        answer = await self.store.write(planned)
        if self.state.schemas_seen > known:
            self.last_registration = datetime.now(UTC)
        return answer

    def health(self) -> Json:
        """Whether the registry can do its work, in the form that its monitoring expects.

        `cache` is the cache of parsed schemas; `memory_mb` counts the texts in it. `providers` is the log.
        `last_discovery` is when this process last registered a schema that was new.
        """
        store = self.store.health()
        healthy = store.pop("healthy")
        asked = self.parser.hits + self.parser.misses
        last = self.last_registration
        return {
            "status": "healthy" if healthy else "unhealthy",
            "cache": {
                "entries": self.parser.entries,
                "hit_rate": round(self.parser.hits / asked, 4) if asked else 0.0,
                "memory_mb": round(self.parser.kept_bytes / 1e6, 3),
            },
            "providers": {self.store.name: "healthy" if healthy else "unhealthy"},
            "last_discovery": None if last is None else last.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "store": store,
        }
