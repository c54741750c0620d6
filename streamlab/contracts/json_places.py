"""Where each value of a JSON text stands, and which keys are written twice: what `json.loads` does not tell.

    places = find('{"a": [1, 2], "a": 3}')
    places.offsets["/a"]               # 19: the last one wins, as in json.loads
    places.duplicates                  # [("", "a", 14)]: the object, the key, where it is the second time
    line_and_column("one\\ntwo", 5)     # (2, 2)

The text has been read by `json.loads`: it is known to be valid.
"""

import json
import re
from dataclasses import dataclass, field

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^\s,\]}]+")
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass
class Places:
    """Offsets in a JSON text.

    Attributes:
        offsets: where the value at a JSON pointer begins; "" is the whole.
        duplicates: keys that an object has again: pointer of the object, key, where the key begins.
    """

    offsets: dict[str, int] = field(default_factory=dict)
    duplicates: list[tuple[str, str, int]] = field(default_factory=list)

    def offset(self, pointer: str) -> int:
        """Where the value at a pointer begins, or the nearest one around it that there is."""
        pointer = "" if pointer == "/" else pointer
        while pointer and pointer not in self.offsets:
            pointer = pointer.rpartition("/")[0]
        return self.offsets.get(pointer, 0)


def find(text: str) -> Places:
    """The places in a valid JSON text.

    Raises:
        RecursionError: it is nested too deeply.
    """
    places = Places()
    _value(text, _skip(text, 0), "", places)
    return places


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def escaped(step: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, pointer: str, places: Places) -> int:
    """Note the value that begins at an offset and everything in it; the offset of its end."""
    places.offsets[pointer] = at
    if text[at] == "{":
        return _object(text, at, pointer, places)
    if text[at] == "[":
        return _array(text, at, pointer, places)
    match = (_STRING if text[at] == '"' else _SCALAR).match(text, at)
    return match.end() if match else len(text)


def _object(text: str, at: int, pointer: str, places: Places) -> int:
    seen: set[str] = set()
    at = _skip(text, at + 1)
    while text[at] != "}":
        key_at = at
        at = _value(text, at, pointer + "/", Places())
        key = json.loads(text[key_at:at])
        if key in seen:
            places.duplicates.append((pointer, key, key_at))
        seen.add(key)
        at = _skip(text, at)  # the colon
        at = _value(text, _skip(text, at + 1), f"{pointer}/{escaped(key)}", places)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1


def _array(text: str, at: int, pointer: str, places: Places) -> int:
    index = 0
    at = _skip(text, at + 1)
    while text[at] != "]":
        at = _skip(text, _value(text, at, f"{pointer}/{index}", places))
        index += 1
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1
