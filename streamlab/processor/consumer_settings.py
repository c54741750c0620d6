"""How a processor's consumer is set up: bounded in memory, cooperative, and never mended in silence.

stack.consumer(**consumer_settings(settings))
"""

from typing import Any, Final

from streamlab.processor.settings import Guarantee, Settings
from streamlab.stack.client_settings import dotted

_BOUNDS: Final[dict[str, Any]] = {
    "partition.assignment.strategy": "cooperative-sticky",
    "isolation.level": "read_committed",
    # A position that the log no longer has must be noticed, not mended in silence.
    "auto.offset.reset": "error",
    # Memory is bounded whatever the lag: so many kilobytes are fetched ahead, for all partitions together.
    "queued.max.messages.kbytes": 16_384,
    "queued.min.messages": 20_000,
    # Default: a full queue is looked at again after a second.
    "fetch.queue.backoff.ms": 10,
    # Markers of transactions take offsets and are never given out: the end has to be told.
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 100,
}


def consumer_settings(settings: Settings) -> dict[str, Any]:
    """For `Stack.consumer`: the bounds, the group, what the guarantee needs, and last what was given."""
    chosen: dict[str, Any] = {**_BOUNDS, "group.id": settings.group}
    if settings.instance:
        chosen["group.instance.id"] = f"{settings.group}-{settings.instance}"
    if settings.guarantee is Guarantee.AUTO_COMMIT:
        interval_ms = round(settings.auto_commit_interval_seconds * 1000)
        chosen |= {"enable.auto.commit": True, "auto.commit.interval.ms": interval_ms}
        chosen["enable.auto.offset.store"] = False
    return chosen | dotted(settings.consumer)
