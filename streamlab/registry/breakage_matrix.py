"""What really happens when a schema changes: written and read with fastavro, beside what each level promises.

    rows = breakage_matrix()                     # a Row for each change, reader, data and level
    [row.change for row in rows if row.level == "BACKWARD" and row.outcome == Outcome.BREAKS]
    rows[0].evidence                             # the values that were read, or the reader's error

Who reads what is found out by reading; only `allowed` comes from the rules of compatibility.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import fastavro

from streamlab.registry.changes import Change, Json, the_changes
from streamlab.registry.compatibility import Level, check


class Outcome(StrEnum):
    """What becomes of a reading under a level."""

    READS = "reads"
    BREAKS = "breaks"
    REFUSED = "refused"


@dataclass(frozen=True)
class Row:
    """One change, seen by one reader of one version's data, under one level.

    Attributes:
        change: the change's name ("remove a field that has no default").
        reader: the version that reads: "old", "new", or "oldest" where there are three.
        data: the version that wrote.
        level: the compatibility level.
        reads: whether the reader read every datum.
        evidence: what it read, or the datum that broke it and the error.
        promised: whether the level promises that this reader reads this data.
        allowed: whether a registry with this level accepts the change.
    """

    change: str
    reader: str
    data: str
    level: Level
    reads: bool
    evidence: str
    promised: bool
    allowed: bool

    @property
    def outcome(self) -> Outcome:
        """Whether the change is refused; if it is accepted, whether the reader then reads or breaks."""
        if not self.allowed:
            return Outcome.REFUSED
        return Outcome.READS if self.reads else Outcome.BREAKS


def breakage_matrix(changes: Sequence[Change] | None = None) -> list[Row]:
    """Every change with every reader, data and level, by writing the data and reading it.

    Args:
        changes: what to try; by default the project's own list.
    """
    return [row for change in changes or the_changes() for row in _rows(change)]


def _rows(change: Change) -> Iterator[Row]:
    ages = ("oldest", "old", "new")[-len(change.versions) :]
    *history, new = change.versions
    allowed = {level: not check(level, new, history) for level in Level}
    for reader, reader_schema in zip(ages, change.versions, strict=True):
        for writer, writer_schema, data in zip(ages, change.versions, change.data, strict=True):
            reads, evidence = read_all(data, writer_schema, reader_schema)
            for level in Level:
                promised = promises(level, reader, writer)
                yield Row(change.name, reader, writer, level, reads, evidence, promised, allowed[level])


def promises(level: Level, reader: str, data: str) -> bool:
    """Whether a level promises that this version's reader reads that version's data.

    A schema always reads its own data. Nothing is promised between two earlier versions: what was allowed
    when the later of them came decided that.
    """
    if reader == data:
        return True
    earlier = data if reader == "new" else reader
    in_reach = level.transitive or earlier == "old"
    if reader == "new":
        return level.backward and in_reach
    return data == "new" and level.forward and in_reach


def read_all(data: Sequence[Json], writer: Json, reader: Json) -> tuple[bool, str]:
    """Whether a reader reads all the data, and what shows it: the values read, or what broke it."""
    seen: list[str] = []
    for datum in data:
        encoded = io.BytesIO()
        fastavro.schemaless_writer(encoded, writer, datum)
        encoded.seek(0)
        try:
            value = fastavro.schemaless_reader(encoded, writer, reader)
        except Exception as error:  # noqa: BLE001 - a failing reader is the finding; fastavro raises many kinds
            return False, f"{datum}: {type(error).__name__}: {error}"
        seen.append(f"{datum} is read as {value!r}")
    return True, "; ".join(seen)
