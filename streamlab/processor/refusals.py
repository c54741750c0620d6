"""Which messages of unknown schemas were set aside: the one thing that the log alone does not say.

    refusals = Refusals()
    refusals.add(schema_id=9, offset=120)
    refusals.covers(9, 120)              # True, also when the registry knows the id by then
    refusals.as_list()                   # [[9, 120, 120]]: it travels in the commit's note

Whether the registry answered is not a function of the log. When a partition is restored, the registry may
know an id that it did not know, or be there again; a message that became a dead letter must not come to life
then.
"""

from collections.abc import Sequence
from typing import Final

MOST_RANGES: Final = 40
"""As many as fit in a commit's metadata. One more, and the oldest is forgotten."""


class Refusals:
    """Ranges of offsets, for each schema id, in which every message of that id was set aside."""

    def __init__(self, ranges: Sequence[Sequence[int]] = ()) -> None:
        self._ranges: list[list[int]] = [list(one) for one in ranges]
        self._open: dict[int, list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def add(self, schema_id: int, offset: int) -> None:
        """Note that the message at this offset was set aside."""
        current = self._open.get(schema_id)
        if current is None:
            current = self._open[schema_id] = [schema_id, offset, offset]
            self._ranges.append(current)
            for forgotten in self._ranges[:-MOST_RANGES]:
                self._open.pop(forgotten[0], None)
            self._ranges = self._ranges[-MOST_RANGES:]
        current[2] = offset

    def close(self, schema_id: int) -> None:
        """The id is known from here on: its messages are taken again."""
        self._open.pop(schema_id, None)

    def covers(self, schema_id: int, offset: int) -> bool:
        """Whether the message with this id at this offset was set aside."""
        return any(one[0] == schema_id and one[1] <= offset <= one[2] for one in self._ranges)

    def forget_before(self, offset: int) -> None:
        """Drop what no restoring will read again."""
        if self._ranges and any(one[2] < offset for one in self._ranges):
            self._ranges = [one for one in self._ranges if one[2] >= offset]
            kept = {id(one) for one in self._ranges}
            self._open = {key: one for key, one in self._open.items() if id(one) in kept}

    def as_list(self) -> list[list[int]]:
        """Each as [schema id, first offset, last offset]."""
        return [list(one) for one in self._ranges]
