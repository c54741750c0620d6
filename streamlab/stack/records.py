"""The record of what was started: one small file, written whole or not at all.

    records.write(layout, {"broker": Record(...)})
    records.read(layout)          # {} when there is none, or when it is damaged
    records.choice(layout)        # Choice("local", "streamlab")

The record is a memory, not the truth: whether a process lives is asked of the system each time.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from streamlab.stack.layout import Layout
from streamlab.stack.processes import Identity

FORMAT: Final = 1


@dataclass(frozen=True)
class Record:
    """One server that `up` started or is about to start (then without process).

    `uses` is the broker that it worked with when it was found well.
    """

    product: str
    address: str
    ports: dict[str, int]
    process: Identity | None = None
    ready: bool = False
    kind: str = ""
    uses: str = ""


@dataclass(frozen=True)
class Choice:
    """What a person chose to run, by name; empty is not chosen.

    `backend` is the one that runs. `registry` is the one of the local backend, and outlives `down`: the
    messages that stay in Kafka carry its ids.
    """

    backend: str = ""
    registry: str = ""


def read(layout: Layout) -> dict[str, Record]:
    """What the last `up` recorded, by component; empty when nothing is known."""
    try:
        stored = json.loads(layout.record.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            return {}
        return {name: _from_json(entry) for name, entry in stored["components"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def choice(layout: Layout) -> Choice:
    """What was chosen last; empty when nothing was ever started, or the data were deleted."""
    try:
        stored = json.loads(layout.record.read_text(encoding="utf-8"))["choice"]
        return Choice(str(stored["backend"]), str(stored["registry"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Choice()


def write(layout: Layout, records: Mapping[str, Record], chosen: Choice | None = None) -> None:
    """Replace the record in one step; the choice stays unless another is given."""
    layout.state.mkdir(parents=True, exist_ok=True)
    new = layout.record.with_suffix(".new")
    content = {
        "format": FORMAT,
        "choice": asdict(chosen or choice(layout)),
        "components": {name: asdict(record) for name, record in records.items()},
    }
    new.write_text(json.dumps(content, indent=1), encoding="utf-8")
    new.replace(layout.record)


def write_if_known(layout: Layout, records: Mapping[str, Record]) -> None:
    """Replace the record if there is one: stopping what never ran leaves no file."""
    if layout.record.exists():
        write(layout, records)


def _from_json(entry: dict[str, object]) -> Record:
    process = entry["process"]
    ports = entry["ports"]
    if not isinstance(ports, dict):
        raise TypeError("ports")
    return Record(
        product=str(entry["product"]),
        address=str(entry["address"]),
        ports={str(k): _within(int(v), 2**16) for k, v in ports.items()},
        process=Identity(_within(int(process["pid"]), 2**31), float(process["created"]))
        if isinstance(process, dict)
        else None,
        ready=bool(entry["ready"]),
        kind=str(entry["kind"]),
        uses=str(entry["uses"]),
    )


def _within(number: int, bound: int) -> int:
    """The number, if the system can have given it."""
    if not 0 < number < bound:
        raise ValueError(number)
    return number
