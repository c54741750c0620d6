"""Rows of features as arguments of the script `redis_features.lua`, in little time.

    for arguments in calls_of(rows, KINDS["card"], (ttl_ms, series_length)):
        client.execute_command("EVALSHA", sha, *arguments)

redis-py and Redis take about a microsecond for each argument, and more for each command: with a command for
each row and an argument for each field that was most of the time. Therefore one call takes up to `CALL_ROWS`
rows that follow each other and have the same fields: the names once, and the values of a row in one argument.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import Any, Final, NamedTuple

Row = Mapping[str, Any]

CALL_ROWS: Final = 25
"""Rows of one call of the script: other clients of Redis wait for all of them, a millisecond or so."""

_EXACT_IN_A_DOUBLE: Final = 2**53


class Keys(NamedTuple):
    """The three keys of one card or user."""

    current: str
    latest: str
    series: str


@dataclass(frozen=True)
class Kind:
    """Whose features a row has: the entity, its event, and the fields with the ids of both."""

    entity: str
    event: str
    entity_field: str
    id_field: str

    def keys(self, entity_id: str) -> Keys:
        """Where the features of one card or user are."""
        return Keys(
            f"features:{self.entity}:{entity_id}:{self.event}",
            f"features:latest:{self.entity}:{entity_id}",
            f"features:ts:{self.entity}:{entity_id}:{self.event}",
        )


KINDS: Final = {
    "card": Kind("card", "transaction", "card_id", "txn_id"),
    "user": Kind("user", "click", "user_id", "click_id"),
}


def calls_of(rows: Sequence[Row], kind: Kind, limits: tuple[int, int]) -> Iterator[tuple[Any, ...]]:
    """Of each call: the number of keys, the keys, the arguments that the script names; rows stay in order.

    Raises:
        ValueError: a row without id or event time, or with a value that JSON has not.
    """
    for names, alike in groupby(rows, tuple):
        fields = "\n".join([encode_basestring_ascii(name) for name in names])
        "".join(names).encode()  # refuses half a character, which Redis would get as a name
        keys: list[bytes] = []
        values: list[bytes] = []
        for row in alike:
            values.append(_values(row, kind))
            keys += [key.encode() for key in kind.keys(row[kind.entity_field])]
        for start in range(0, len(values), CALL_ROWS):
            some = values[start : start + CALL_ROWS]
            theirs = keys[3 * start : 3 * (start + CALL_ROWS)]
            yield (len(theirs), *theirs, fields, *limits, kind.id_field, *some)


def _values(row: Row, kind: Kind) -> bytes:
    """Version and values of a row, a line each: JSON text in ASCII has no line breaks of its own."""
    try:
        texts = [_AS_JSON.get(type(value), _json)(value) for value in row.values()]
    except (TypeError, ValueError) as error:
        raise _refusal(row, error) from error
    event_id, event_time = row.get(kind.id_field), row.get("event_time")
    if not isinstance(row.get(kind.entity_field), str) or not isinstance(event_id, str):
        raise ValueError(f"a row needs {kind.entity_field} and {kind.id_field}, both text: {row!r}")
    if type(event_time) is not int or abs(event_time) > _EXACT_IN_A_DOUBLE:
        raise ValueError(f"event_time has to be an integer (milliseconds), and is {event_time!r}")
    return "\n".join([repr(event_time), encode_basestring_ascii(event_id), *texts]).encode()


_json: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _float(value: float) -> str:
    return repr(value) if isfinite(value) else _json(value)


_AS_JSON: Final[Mapping[type, Callable[[Any], str]]] = {
    str: encode_basestring_ascii,
    int: repr,
    float: _float,
    type(None): lambda _none: "null",
    tuple: lambda values: _json(values) if values else "[]",
}
"""What occurs a hundred thousand times a second, without the way through json.dumps."""


def _refusal(row: Row, error: Exception) -> Exception:
    """Which value of a row is the one that JSON has not."""
    for name, value in row.items():
        try:
            _json(value)
        except (TypeError, ValueError):
            return ValueError(f"{name} cannot be stored as JSON: {value!r}")
    return error
