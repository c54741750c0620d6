"""One change of a schema and what it does to consumers; the two of them are never mixed up here.

change.new_consumers.breaks            # a consumer with the new schema on old data
change.old_consumers.why               # what a consumer with the old schema does on new data
change.calmed(Side.NEW)                # the same change, which breaks no new consumer after all
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Side(StrEnum):
    """Which consumers are meant."""

    NEW = "new_consumers"
    OLD = "old_consumers"


@dataclass(frozen=True)
class Effect:
    """What a change does to consumers of one schema on data of the other.

    Attributes:
        breaks: whether they fail.
        why: what happens, as a clause about a consumer.
        misleads: whether they read on and understand something wrong.
    """

    breaks: bool
    why: str
    misleads: bool = False

    @property
    def harms(self) -> bool:
        """Whether they fail or are misled."""
        return self.breaks or self.misleads


@dataclass(frozen=True)
class Change:
    """One change from the old schema to the new.

    Attributes:
        kind: what sort of change ("field-added").
        field: the path of the field ("payload.items[].sku"); "" is the schema itself.
        what: the change in words.
        new_consumers: what happens to consumers with the new schema on old data.
        old_consumers: what happens to consumers with the old schema on new data.
        producers: what a producer has to do when it takes the new schema; "" is nothing.
    """

    kind: str
    field: str
    what: str
    new_consumers: Effect
    old_consumers: Effect
    producers: str = ""

    def effect(self, side: Side) -> Effect:
        """What happens to the consumers of one side."""
        return self.new_consumers if side is Side.NEW else self.old_consumers

    def with_effect(self, side: Side, effect: Effect) -> "Change":
        """The change with another effect on one side."""
        if side is Side.NEW:
            return replace(self, new_consumers=effect)
        return replace(self, old_consumers=effect)

    def calmed(self, side: Side) -> "Change":
        """The change, if it breaks nobody on one side after all."""
        if not self.effect(side).breaks:
            return self
        return self.with_effect(side, NOTHING_NEW if side is Side.NEW else NOTHING_OLD)


NOTHING_NEW: Final = Effect(False, "it reads old data as before")
NOTHING_OLD: Final = Effect(False, "it reads new data as before")
