"""Random schemas, random changes of them and random data, for the laws of compatibility.

maker = SchemaMaker(random.Random(7))
schema = maker.schema()
changed = maker.change(schema)               # one small step of evolution; it may be no valid schema
encoded = random_encoding(random.Random(7), schema_parser.parse(schema))
"""

import copy
import random
import struct
from collections.abc import Sequence
from typing import Any

from streamlab.registry.schema_tree import Array, Enum, Fixed, Map, Record, Schema, Union

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
NAMES = ["A", "B", "C", "D", "E", "F"]
FIELD_NAMES = ["p", "q", "r", "s", "t"]
NAMESPACES = ["", "x", "x", "x.y"]
SYMBOLS = ["LOW", "MID", "TOP", "ODD"]
DEFAULTS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": 3,
    "long": 4,
    "float": 1.5,
    "double": 2.5,
    "bytes": "b",
    "string": "s",
}


class SchemaMaker:
    """Schemas over few names, so that two of them often meet; the same seed makes the same schemas."""

    def __init__(self, seeded: random.Random, namespaces: Sequence[str] = NAMESPACES) -> None:
        self.random = seeded
        self.namespaces = namespaces
        self.used: list[str] = []
        self.open: list[str] = []

    def schema(self, depth: int = 3) -> Any:
        """A valid schema, most often a record."""
        self.used, self.open = [], []
        if self.random.random() < 0.6:
            return self._named("record", depth)
        return self._type(depth)

    def change(self, schema: Any) -> Any:
        """A copy with one random change in a random place; what comes out may break the rules of names."""
        changed = copy.deepcopy(schema)
        self.used, self.open = _full_names(changed), []
        places = list(_places(changed))
        parent, key = self.random.choice(places)
        here = changed if parent is None else parent[key]
        new = self._changed(here)
        if parent is None:
            return new
        parent[key] = new
        return changed

    def _type(self, depth: int) -> Any:
        kinds = ["primitive"] * 3
        if depth > 0:
            kinds += ["array", "map", "union", "union", "record", "enum", "fixed"]
        kind = self.random.choice(kinds)
        if self.open and self.random.random() < 0.25:
            return self.random.choice(self.open)
        if kind == "primitive":
            return self._primitive()
        if kind == "union":
            return self._union(depth - 1)
        if kind in ("array", "map"):
            return {"type": kind, "items" if kind == "array" else "values": self._type(depth - 1)}
        return self._named(kind, depth)

    def _primitive(self) -> Any:
        name = self.random.choice(PRIMITIVES)
        if self.random.random() < 0.1:
            if name == "bytes":
                return {
                    "type": "bytes",
                    "logicalType": "decimal",
                    "precision": 9,
                    "scale": self.random.randint(0, 4),
                }
            if name == "long":
                return {
                    "type": "long",
                    "logicalType": self.random.choice(["timestamp-millis", "timestamp-micros"]),
                }
            return {"type": name}
        return name

    def _union(self, depth: int) -> list[Any]:
        branches: list[Any] = []
        taken = set()
        for _ in range(self.random.randint(1, 4)):
            branch = self._type(depth)
            key = (
                branch if isinstance(branch, str) else branch["type"] if isinstance(branch, dict) else "union"
            )
            if isinstance(branch, dict) and "name" in branch:
                key = branch["full"]
            if key == "union" or key in taken:
                if isinstance(branch, dict | list):
                    self._forget(branch)
                continue
            taken.add(key)
            branches.append(branch)
        return branches or ["null"]

    def _forget(self, schema: Any) -> None:
        gone = _full_names(schema)
        self.open = [name for name in self.open if name not in gone]

    def _named(self, kind: str, depth: int) -> Any:
        name = self.random.choice(NAMES)
        namespace = self.random.choice(self.namespaces)
        full = f"{namespace}.{name}" if namespace else name
        if full in self.used:
            return self._primitive()
        self.used.append(full)
        made: dict[str, Any] = {"type": kind, "name": name, "namespace": namespace, "full": full}
        if self.random.random() < 0.25:
            made["aliases"] = [self.random.choice(["", ".", "x.", "x.y."]) + self.random.choice(NAMES)]
            if made["aliases"][0].startswith("."):
                made["aliases"][0] = made["aliases"][0][1:]
        if kind == "fixed":
            made["size"] = self.random.randint(1, 3)
        if kind == "enum":
            made["symbols"] = self.random.sample(SYMBOLS, self.random.randint(1, 4))
            if self.random.random() < 0.3:
                made["default"] = made["symbols"][0]
        if "." in full:  # a name with a dot means the same in every namespace
            self.open.append(full)
        if kind == "record":
            names = self.random.sample(FIELD_NAMES, self.random.randint(0, 4))
            made["fields"] = [self._field(one, depth - 1) for one in names]
        return made

    def _field(self, name: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"name": name, "type": self._type(depth)}
        if self.random.random() < 0.4:
            default = _default_of(made["type"])
            if default is not Ellipsis:
                made["default"] = default
        if self.random.random() < 0.08:
            made["aliases"] = [self.random.choice(FIELD_NAMES)]
        return made

    def _changed(self, here: Any) -> Any:
        chance = self.random.random()
        if isinstance(here, str):
            if here in PRIMITIVES and chance < 0.5:
                return self.random.choice(PRIMITIVES)
            return self._union_around(here) if chance < 0.8 else self._type(1)
        if isinstance(here, list):
            branches = list(here)
            if chance < 0.3 and len(branches) > 1:
                branches.pop(self.random.randrange(len(branches)))
            elif chance < 0.7:
                branches.append(self._type(1))
            else:
                self.random.shuffle(branches)
            return branches
        if chance < 0.1:
            return self._union_around(here)
        kind = here.get("type")
        if kind == "record":
            return self._changed_record(here)
        if kind == "enum":
            here["symbols"] = self.random.sample(SYMBOLS, self.random.randint(1, 4))
            here.pop("default", None)
            if chance < 0.5:
                here["default"] = here["symbols"][-1]
        elif kind == "fixed" and chance < 0.5:
            here["size"] = self.random.randint(1, 3)
        elif chance < 0.3 or kind in PRIMITIVES:
            return self._type(1)
        if "name" in here and chance > 0.7:
            self._rename(here)
        return here

    def _changed_record(self, here: dict[str, Any]) -> dict[str, Any]:
        chance = self.random.random()
        fields = here["fields"]
        if chance < 0.3:
            fields.append(self._field(self.random.choice(FIELD_NAMES), 1))
        elif chance < 0.5 and fields:
            fields.pop(self.random.randrange(len(fields)))
        elif chance < 0.6 and fields:
            self.random.choice(fields).pop("default", None)
        elif chance < 0.7 and fields:
            one = self.random.choice(fields)
            if self.random.random() < 0.5:
                one["aliases"] = [one["name"]]
            one["name"] = self.random.choice(FIELD_NAMES)
        elif chance < 0.8:
            self._rename(here)
        else:
            self.random.shuffle(fields)
        return here

    def _rename(self, here: dict[str, Any]) -> None:
        if self.random.random() < 0.5:
            here["aliases"] = [here["full"]]
        if self.random.random() < 0.4:
            here["namespace"] = self.random.choice(self.namespaces)
        else:
            here["name"] = self.random.choice(NAMES)
        here["full"] = f"{here['namespace']}.{here['name']}" if here["namespace"] else here["name"]

    def _union_around(self, here: Any) -> Any:
        other = self._primitive()
        return [here, other] if self.random.random() < 0.5 else [other, here]


def encodings(schema: Schema, inside: tuple[Schema, ...] = ()) -> list[bytes]:
    """The bytes of some data in which every branch of a union and every symbol occurs at least once.

    A record that contains itself is entered three times; the list is empty where no datum is finite.
    """
    match schema:
        case Union():
            return [
                _long(index) + encoded
                for index, branch in enumerate(schema.branches)
                for encoded in encodings(branch, inside)
            ]
        case Array():
            items = encodings(schema.items, inside)
            return [_long(1) + item + _long(0) for item in items] or [_long(0)]
        case Map():
            values = encodings(schema.values, inside)
            return [_long(1) + _long(1) + b"k" + value + _long(0) for value in values] or [_long(0)]
        case Record():
            if inside.count(schema) == 3:
                return []
            columns = [encodings(one.schema, (*inside, schema)) for one in schema.fields]
            if not all(columns):
                return []
            rows = max((len(column) for column in columns), default=1)
            return [b"".join(column[row % len(column)] for column in columns) for row in range(rows)]
        case Enum():
            return [_long(index) for index in range(len(schema.symbols))]
        case Fixed():
            return [b"f" * schema.size]
    return [
        {
            "null": b"",
            "boolean": b"\x01",
            "int": _long(-3),
            "long": _long(2**40),
            "float": struct.pack("<f", 0.5),
            "double": struct.pack("<d", 0.25),
            "bytes": _long(2) + b"by",
            "string": _long(4) + b"text",
        }[schema.type]
    ]


def _long(number: int) -> bytes:
    """Binary Encoding: zig-zag, then seven bits a byte."""
    rest = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*encoded, rest])


def _default_of(schema: Any) -> Any:
    """A default of the type, or Ellipsis where none is simple."""
    if isinstance(schema, list):
        return _default_of(schema[0])
    if isinstance(schema, str):
        return DEFAULTS.get(schema, ...)
    if schema["type"] == "array":
        return []
    if schema["type"] == "map":
        return {}
    if schema["type"] == "enum":
        return schema["symbols"][0]
    if schema["type"] == "fixed":
        return "f" * schema["size"]
    return DEFAULTS.get(schema["type"], ...)


def _places(schema: Any) -> Any:
    """Every place where a type stands, as (container, key); the root is (None, None)."""
    yield None, None
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        inner: list[tuple[Any, Any]] = []
        if isinstance(one, list):
            inner = [(one, i) for i in range(len(one))]
        elif isinstance(one, dict):
            inner = [(one, key) for key in ("items", "values") if key in one]
            inner += [(field, "type") for field in one.get("fields", [])]
        for parent, key in inner:
            yield parent, key
            waiting.append(parent[key])


def _full_names(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for branch in schema for name in _full_names(branch)]
    if not isinstance(schema, dict):
        return []
    inner = [schema[key] for key in ("items", "values") if key in schema]
    inner += [field["type"] for field in schema.get("fields", [])]
    own = [schema["full"]] if "full" in schema else []
    return own + [name for one in inner for name in _full_names(one)]
