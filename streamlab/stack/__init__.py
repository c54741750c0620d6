"""The running Kafka and registry: start it, find it, stop it.

    from streamlab import stack

    here = stack.connect()               # never starts anything; StackUnavailable says what to do
    producer = here.producer()
    stack.up()                           # what `streamlab up` calls
    stack.status().is_well
    stack.down()

`KAFKA_BOOTSTRAP_SERVERS` and `SCHEMA_REGISTRY_URL` each win, on its own, over starting that part.
"""

from rich.console import Console

from streamlab.stack import backends
from streamlab.stack.backend import UpReport
from streamlab.stack.capabilities import Capability
from streamlab.stack.clients import Stack
from streamlab.stack.condition import Part, Report, State
from streamlab.stack.errors import CapabilityMissing, StackUnavailable
from streamlab.stack.layout import Layout

__all__ = [
    "Capability",
    "CapabilityMissing",
    "Part",
    "Report",
    "Stack",
    "StackUnavailable",
    "State",
    "UpReport",
    "connect",
    "down",
    "status",
    "up",
]


def connect() -> Stack:
    """The running stack; asks each part one quick question and starts nothing.

    Raises:
        StackUnavailable: a part does not run or does not answer; one sentence with the command that helps.
    """
    return backends.current(Layout.here()).connect()


def up(console: Console | None = None) -> UpReport:
    """Start what does not run, repair what is broken, return when a round trip went well.

    Keeps the backend that runs; else takes the first that can be used of local, docker and embedded.

    Args:
        console: told what happens; silent unless given.

    Raises:
        StreamlabError: what stands in the way, and what to do.
    """
    return backends.choose(Layout.here(), console or Console(quiet=True)).up()


def down(console: Console | None = None, *, delete_data: bool = False) -> tuple[str, ...]:
    """Stop what `up` started; the names of the parts that had a process. Data stays unless `delete_data`."""
    return backends.current(Layout.here(), console).down(delete_data=delete_data)


def status() -> Report:
    """What is true of each part now, in bounded time."""
    return backends.current(Layout.here()).status()
