"""The texts under which a registry keeps and recognises an Avro schema.

Not the parsing canonical form of `canonical`, which drops doc and defaults: a registry keeps what people
wrote, less white space and in Avro Java's order of members (`Schema.toString`).

    kept_text({"name": "n", "type": "string", "doc": "d"})      # '"string"': a primitive has no name
    kept_text(schema, normalized=True)        # further properties in alphabetical order
    inlined_text(schema, [referenced])        # normalized, with the definitions of what it refers to

The schemas are valid: `schema_parser.parse` has seen them.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from streamlab.registry.field_defaults import number_of
from streamlab.registry.schema_tree import PRIMITIVES

_TYPE_NAMES = frozenset((*PRIMITIVES, "array", "enum", "fixed", "map", "record", "union"))
_RESERVED = frozenset(
    ("doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases")
)
_RESERVED_IN_FIELD = frozenset(("default", "doc", "name", "order", "type", "aliases"))


def kept_text(schema: Any, *, normalized: bool = False) -> str:
    """The text that a registry stores; names of other schemas stay names."""
    return compact(_Writer(normalized).write(schema, ""))


def inlined_text(schema: Any, references: Sequence[Any]) -> str:
    """The normalized text in which the first use of a referenced type is its definition.

    Args:
        references: the schemas referred to, each before those that use it.
    """
    writer = _Writer(normalized=True)
    for reference in references:
        writer.learn(reference, "")
    return compact(writer.write(schema, ""))


def compact(content: Any) -> str:
    """JSON without white space."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


class _Writer:
    """One walk: the names written so far, and the definitions that wait for their first use."""

    def __init__(self, normalized: bool) -> None:
        self._normalized = normalized
        self._written: set[str] = set()
        self._waiting: dict[str, tuple[dict[str, Any], str]] = {}

    def learn(self, schema: Any, space: str) -> None:
        """Note every named type in a schema that others refer to."""
        if isinstance(schema, list):
            for branch in schema:
                self.learn(branch, space)
        elif isinstance(schema, dict):
            kind = schema["type"]
            if kind in ("record", "error", "enum", "fixed"):
                full_name = _full_name(schema, space)
                self._waiting.setdefault(full_name, (schema, space))
                for field in schema.get("fields", ()):
                    self.learn(field["type"], full_name.rpartition(".")[0])
            for inner in ("items", "values"):
                if inner in schema:
                    self.learn(schema[inner], space)

    def write(self, schema: Any, space: str) -> Any:
        """The schema as JSON in Avro Java's order; `space` is the enclosing namespace."""
        if isinstance(schema, list):
            return [self.write(branch, space) for branch in schema]
        if isinstance(schema, str):
            return self._name(schema, space)
        kind = schema["type"]
        if kind == "array":
            return {"type": kind, "items": self.write(schema["items"], space)} | self._further(schema)
        if kind == "map":
            return {"type": kind, "values": self.write(schema["values"], space)} | self._further(schema)
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(schema, space)
        if kind not in PRIMITIVES:
            return self._name(kind, space)
        further = self._further(schema)
        return {"type": kind} | further if further else kind

    def _name(self, name: str, space: str) -> Any:
        if name in PRIMITIVES:
            return name
        full_name = name if "." in name or not space else f"{space}.{name}"
        if full_name not in self._written and full_name not in self._waiting and name in self._known():
            full_name = name
        if full_name in self._waiting and full_name not in self._written:
            definition, outer = self._waiting[full_name]
            return self._definition(definition, outer, space)
        return _relative(full_name, space)

    def _known(self) -> set[str]:
        return self._written | set(self._waiting)

    def _definition(self, schema: dict[str, Any], space: str, shown_in: str | None = None) -> dict[str, Any]:
        """A record, enum or fixed; `shown_in` is the namespace around it where that differs from its own."""
        full_name = _full_name(schema, space)
        self._written.add(full_name)
        own, _, name = full_name.rpartition(".")
        around = space if shown_in is None else shown_in
        written: dict[str, Any] = {"type": schema["type"], "name": name}
        if own != around:
            written["namespace"] = own
        if schema["type"] != "fixed" or "doc" in schema:
            _copy_text(schema, "doc", written)
        if schema["type"] in ("record", "error"):
            written["fields"] = [self._field(field, own) for field in schema["fields"]]
        elif schema["type"] == "enum":
            written["symbols"] = schema["symbols"]
            if schema.get("default") is not None:
                written["default"] = schema["default"]
        else:
            written["size"] = schema["size"]
        further = self._further(schema)
        if schema["type"] == "enum":
            further.pop("default", None)
        written |= further
        if schema.get("aliases"):
            written["aliases"] = _aliases(schema["aliases"], own)
        return written

    def _field(self, field: dict[str, Any], space: str) -> dict[str, Any]:
        written = {"name": field["name"], "type": self.write(field["type"], space)}
        _copy_text(field, "doc", written)
        if "default" in field:
            written["default"] = _default(field["default"], written["type"])
        if str(field.get("order", "ascending")).lower() != "ascending":
            written["order"] = str(field["order"]).lower()
        if field.get("aliases"):
            written["aliases"] = list(dict.fromkeys(field["aliases"]))
        return written | self._further(field, _RESERVED_IN_FIELD)

    def _further(self, schema: dict[str, Any], reserved: frozenset[str] = _RESERVED) -> dict[str, Any]:
        """Properties that are not the specification's: logicalType, connect.name, ..."""
        items = [(name, value) for name, value in schema.items() if name not in reserved]
        return dict(sorted(items)) if self._normalized else dict(items)


def _full_name(schema: dict[str, Any], space: str) -> str:
    own = schema.get("namespace")
    return _qualified(str(schema["name"]), space if own is None else str(own))


def _qualified(name: str, space: str) -> str:
    """A name with dots is full; one that begins with its only dot is of no namespace."""
    return name.removeprefix(".") if "." in name or not space else f"{space}.{name}"


def _aliases(names: list[str], space: str) -> list[str]:
    """Each once; inside a namespace, one of none begins with a dot, which Avro Java drops."""
    full_names = [_qualified(one, space) for one in names]
    written = (f".{one}" if space and "." not in one else _relative(one, space) for one in full_names)
    return list(dict.fromkeys(written))


def _relative(full_name: str, space: str) -> str:
    """A name as it is written inside a namespace."""
    own, _, name = full_name.rpartition(".")
    return name if own == space and name not in _TYPE_NAMES else full_name


def _default(default: Any, kind: Any) -> Any:
    """A number that is written as text becomes a number; what is none in JSON ("NaN") stays text."""
    if isinstance(kind, dict):
        kind = kind["type"]
    number = number_of(default) if kind in ("float", "double") and isinstance(default, str) else None
    return default if number is None or not math.isfinite(number) else number


def _copy_text(schema: dict[str, Any], member: str, written: dict[str, Any]) -> None:
    if isinstance(schema.get(member), str):
        written[member] = schema[member]
