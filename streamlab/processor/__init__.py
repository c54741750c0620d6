"""The stream processor: from events in Kafka to features in Redis and in Kafka, losing nothing.

    from streamlab.processor import Processor

    processor = Processor(stack.connect(), job="card", guarantee="exactly-once")
    account = processor.run(until_idle_seconds=3)
    account.sentence()                   # "20,000 in = 19,611 out + 371 dead-lettered + 18 waiting"

`consume → unframe → decode (by the writer's schema) → validate → features → sinks`, in batches.

How state survives
    There is no second store of state: the log is the state. The committed offset of a partition, with a note
    of about a hundred bytes in the commit's metadata, says what has been released; the windows and the buffer
    are rebuilt from the log by reading again, silently, what they depend on (`restore`). It is done when a
    partition is assigned: after kill -9, after a normal restart, and when another processor takes over in a
    rebalance. A revoked partition's state is dropped; between two batches nothing of it is half done. The
    features are those of an uninterrupted run, event by event, because what a partition gives out is a
    function of its log alone.

What it costs
    Nothing while it runs: no snapshots, no changelog. At a restore, reading the longest window of event time
    again (an hour for the jobs here) at somewhat more than the speed of processing; the account says how many
    messages and seconds. Where windows are days long or restarts must take milliseconds, a snapshot or a
    changelog topic (Flink, Kafka Streams) is the better trade. The log has to be kept for longer than the
    longest window plus the longest outage: less is noticed at the restore and said.

What it assumes
    A change of the features' or rules' code makes another function of the same log: use a new group then.
    Events of one key come through one partition. The log keeps messages for longer than the longest window:
    retention goes by the records' timestamps, and producers here give the event's time as such.

Guarantees: `guarantees`. Dead letters: `dead_letter`, `dead_letters_topic`, `replaying`. Books: `account`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlab.processor.account import Account, BooksError
    from streamlab.processor.processor import Processor
    from streamlab.processor.progress import Progress
    from streamlab.processor.settings import Guarantee, Settings, UnknownSchema

__all__ = ["Account", "BooksError", "Guarantee", "Processor", "Progress", "Settings", "UnknownSchema"]

_MODULES = {
    "Account": "account",
    "BooksError": "account",
    "Processor": "processor",
    "Progress": "progress",
    "Guarantee": "settings",
    "Settings": "settings",
    "UnknownSchema": "settings",
}


def __getattr__(name: str) -> Any:
    """Load a part when it is asked for: the command line should not load NumPy to print its help."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
