"""What a person is told before `up` stops or starts anything.

telling.what_is_left("embedded")             # "The embedded stack is stopped: its topics ... are gone."
telling.repairs(known, report, to_start)     # "The broker was dead: starting it again.", ...
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from streamlab.stack.component import Component
from streamlab.stack.condition import Report, State
from streamlab.stack.records import Record

_WHEN_LEFT: Final = {
    "local": "stopped: its topics, schemas and features stay on disk and are there again after "
    "`streamlab up --backend local`",
    "embedded": "stopped: its topics and schemas were in memory and are gone",
    "docker": "left alone: its containers go on until `docker compose down`",
}
"""What becomes of a backend and its data, for the person who changes to another one."""


def what_is_left(backend: str) -> str | None:
    """What becomes of the backend that ran, for who changes to another one; None if none ran."""
    return f"The {backend} stack is {_WHEN_LEFT[backend]}." if backend in _WHEN_LEFT else None


def repairs(known: Mapping[str, Record], report: Report, to_start: Sequence[Component]) -> Iterator[str]:
    """Which parts are started again, and why; of one that starts for the first time nothing is said."""
    for component in to_start:
        part = report.part(component.name)
        if component.name in known and known[component.name].kind not in ("", component.kind):
            continue  # another server has this part: a change, no repair
        detail = f" ({part.detail})" if part.detail else ""
        if part.state in {State.DEAD, State.UNRESPONSIVE, State.STARTING} or (
            part.state is State.STOPPED and part.detail
        ):
            yield f"The {part.name} was {part.state}{detail}: starting it again."
        elif part.state is State.RUNNING:
            others = " and ".join(sorted(component.lives_with))
            yield f"The {part.name} is started again with the {others}."
