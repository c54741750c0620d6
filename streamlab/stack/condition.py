"""What is true of the stack now: asked of the system and of the servers, not of a memory.

report = condition.examine(layout, components)
report.is_well                  # every part runs and answers
for part in report.parts: part.name, part.state, part.pid, part.address, part.detail
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.stack import environment, locking, ports, processes, records
from streamlab.stack.component import Component, NotAnswering
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.layout import Layout
from streamlab.stack.redis_probe import shown

PROBE_SECONDS: Final = 3.0


class State(StrEnum):
    """One part of the stack, at one moment."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    DEAD = "dead"
    UNRESPONSIVE = "unresponsive"


@dataclass(frozen=True)
class Part:
    """One part of the stack as it is now.

    `address` is for people: without the password of a given URL. `given`: its address comes from the
    environment. `orphans`: processes of ours that no record knows.
    """

    name: str
    state: State
    product: str
    address: str | None = None
    pid: int | None = None
    ports: tuple[int, ...] = ()
    detail: str = ""
    given: bool = False
    orphans: tuple[int, ...] = ()


@dataclass(frozen=True)
class Report:
    """All parts, in the order in which they depend on each other."""

    parts: tuple[Part, ...]

    @property
    def is_well(self) -> bool:
        """Whether every part runs and answers."""
        return all(part.state is State.RUNNING for part in self.parts)

    def part(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)


def examine(layout: Layout, components: Sequence[Component], probe_seconds: float = PROBE_SECONDS) -> Report:
    """Ask the system about each process and each server for its answer; bounded by `probe_seconds`."""
    known = records.read(layout)
    with ThreadPoolExecutor(len(components)) as pool:
        parts = pool.map(lambda c: _examine(layout, c, known.get(c.name), probe_seconds), components)
        return Report(tuple(parts))


def unavailable(part: Part) -> StackUnavailable:
    """The sentence for a part that does not do its work."""
    detail = f" ({part.detail})" if part.detail else ""
    if part.given:
        variable = environment.VARIABLES[part.name]
        return StackUnavailable(
            f"The {part.name} at {variable}={part.address} does not answer{detail}.",
            f"Start it, or unset {variable} and run `streamlab up`.",
        )
    happened = {
        State.STOPPED: "is not running",
        State.DEAD: "has died",
        State.STARTING: "is still starting",
        State.UNRESPONSIVE: "does not answer",
    }
    next_step = "Wait a few seconds." if part.state is State.STARTING else "Run `streamlab up`."
    return StackUnavailable(f"The {part.name} {happened[part.state]}{detail}.", next_step)


def missing_of_the_given(report: Report, components: Sequence[Component]) -> dict[str, StreamlabError]:
    """The parts that the environment names, that do not answer, and that the stack can do without.

    Raises:
        StackUnavailable: one that it cannot do without.
    """
    sick = {part.name: part for part in report.parts if part.given and part.state is not State.RUNNING}
    for component in components:
        if component.is_needed and component.name in sick:
            raise unavailable(sick[component.name])
    return {name: unavailable(part) for name, part in sick.items()}


def _examine(layout: Layout, component: Component, record: records.Record | None, seconds: float) -> Part:
    given = environment.given_address(component.name)
    if given:
        trouble = _trouble(component, given, seconds)
        state = State.UNRESPONSIVE if trouble else State.RUNNING
        product = f"from {environment.VARIABLES[component.name]}"
        return Part(component.name, state, product, shown(given), detail=trouble or "", given=True)
    mark = f"@{layout.arguments(component.name)}"
    process = processes.find(record.process, mark) if record and record.process else None
    ours = processes.family(process) if process else set()
    orphans = tuple(other.pid for other in processes.marked(mark) if other.pid not in ours)
    numbers = tuple(record.ports.values()) if record else ()
    if record is None or process is None:
        state = State.DEAD if record and record.process else State.STOPPED
        address = record.address if record else None
        detail = _about_orphans(orphans) or _about_foreigners(numbers)
        return Part(component.name, state, component.product, address, None, numbers, detail, orphans=orphans)
    if processes.is_stopped(process):
        state, detail = State.UNRESPONSIVE, "the process is frozen (SIGSTOP)"
    elif trouble := _trouble(component, record.address, seconds):
        busy = locking.holder(layout)
        state = State.STARTING if busy and not record.ready else State.UNRESPONSIVE
        detail = trouble
    else:
        state, detail = State.RUNNING, _about_orphans(orphans)
    pid = process.pid
    return Part(component.name, state, record.product, record.address, pid, numbers, detail, orphans=orphans)


def _trouble(component: Component, address: str, seconds: float) -> str | None:
    try:
        component.probe(address, seconds)
    except NotAnswering as error:
        return str(error)
    return None


def _about_orphans(pids: Sequence[int]) -> str:
    numbers = ", ".join(str(pid) for pid in pids)
    return f"process {numbers} is left over from an interrupted `streamlab up`" if pids else ""


def _about_foreigners(numbers: Sequence[int]) -> str:
    taken = [(number, ports.owner(number)) for number in numbers if not ports.is_free(number)]
    return "; ".join(f"port {number} is used by {who or 'another process'}" for number, who in taken)
