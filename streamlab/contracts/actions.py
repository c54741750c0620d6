"""What is to be done in a registry for the contracts, and what was refused: plain data.

action = Action(Kind.REGISTER, "transaction", "txn.events-value", version=2)
told(action)                    # "txn.events-value: v2 to be registered"
prepared.pending                # the actions that change something
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from streamlab.contracts.contract import Contract
from streamlab.registry.compatibility import Level


class Kind(StrEnum):
    """What is done with a subject."""

    PRESENT = "present"
    SET_LEVEL = "set level"
    REGISTER = "register"


@dataclass(frozen=True)
class Action:
    """One step towards the contracts' state of the registry.

    Attributes:
        version: the contract's version; None for the level.
        level: the level that is set.
        replaces: the level that applied before.
        own: whether that was the subject's own level, and not the registry's for all.
        registry_version: the subject's version that holds the schema, once it is known.
        schema_id: the schema's id, once it is known.
    """

    kind: Kind
    contract: str
    subject: str
    version: int | None = None
    level: Level | None = None
    replaces: Level | None = None
    own: bool = False
    registry_version: int | None = None
    schema_id: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A reason to register nothing.

    Attributes:
        by: who refuses: "contract" (our rules at the contract's level) or "registry".
        message: a sentence.
    """

    by: str
    contract: str
    subject: str
    version: int | None
    message: str


@dataclass(frozen=True)
class Prepared:
    """What is to be done, and what stands in the way."""

    contracts: tuple[Contract, ...]
    actions: tuple[Action, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]

    @property
    def pending(self) -> tuple[Action, ...]:
        """The actions that change something."""
        return tuple(action for action in self.actions if action.kind is not Kind.PRESENT)

    def as_json(self) -> dict[str, Any]:
        """Actions, refusals and notes with stable names."""
        return {
            "actions": [asdict(one) for one in self.actions],
            "refusals": [asdict(one) for one in self.refusals],
            "notes": list(self.notes),
        }


def told(action: Action) -> str:
    """An action in words."""
    if action.kind is Kind.SET_LEVEL:
        before = (
            f"it was {action.replaces}" if action.own else f"so far the registry's {action.replaces} applied"
        )
        return f"{action.subject}: its level becomes {action.level} ({before})"
    place = "" if action.registry_version is None else f" as version {action.registry_version}"
    place += "" if action.schema_id is None else f" with id {action.schema_id}"
    verb = "is registered" if action.kind is Kind.PRESENT or place else "to be registered"
    return f"{action.subject}: v{action.version} {verb}{place}"
