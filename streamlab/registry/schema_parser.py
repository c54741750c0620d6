"""From parsed JSON to a tree of types, or an error that names the place.

It accepts what Avro Java 1.12 accepts, except where the specification is narrower: a name is defined once,
and before it is used; names are ASCII; a namespace is text, and the default of an enum is one of its symbols.

    schema_parser.parse({"type": "array", "items": "long"}).label      # "array of long"
    schema_parser.parse({"type": "array"})       # InvalidSchemaError: at /, an array needs "items". ...
"""

import re
from collections.abc import Iterable
from typing import Any

from streamlab.registry.field_defaults import UnfinishedRecordError, fits
from streamlab.registry.schema_tree import (
    PRIMITIVES,
    Array,
    Enum,
    Field,
    Fixed,
    InvalidSchemaError,
    Json,
    Map,
    Named,
    Record,
    Schema,
    Union,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_INT = 2**31 - 1


def parse(
    schema: Json | Schema,
    references: Iterable[Json] = (),
    *,
    check_defaults: bool = True,
    whose: str = "the schema",
) -> Schema:
    """The tree of a schema that is given as parsed JSON; a tree is returned as it is.

    Args:
        schema: a JSON object, array or string, as `json.loads` returns them.
        references: schemas whose named types this one may use, each before those that use it.
        check_defaults: whether defaults must be of their field's type. A registry insists on it for a new
            schema; a comparison with what was registered long ago does not.
        whose: what an error calls it ("the new schema").

    Raises:
        InvalidSchemaError: a rule of the specification is broken; it names the place.
    """
    if isinstance(schema, Schema):
        return schema
    parser = _Parser(check_defaults)
    try:
        for reference in references:
            parser.parse(reference, "", "")
        tree = parser.parse(schema, "", "")
    except InvalidSchemaError as error:
        raise InvalidSchemaError(error.place, error.problem, error.next_step, whose) from None
    except RecursionError:
        raise _invalid("", "it is nested too deeply to be read", "Make it flatter.", whose) from None
    return tree


class _Parser:
    """One reading of a schema: the names defined so far, and the records that are not read to their end."""

    def __init__(self, check_defaults: bool) -> None:
        self.named: dict[str, Named] = {}
        self.unfinished: set[Schema] = set()
        self._check_defaults = check_defaults

    def parse(self, schema: Any, namespace: str, place: str) -> Schema:
        if isinstance(schema, str):
            return self._by_name(schema, namespace, place)
        if isinstance(schema, list):
            return self._union(schema, namespace, place)
        if not isinstance(schema, dict):
            raise _invalid(place, f"{schema!r} is not a type", "Write a name, an object or an array.")
        kind = schema.get("type")
        if not isinstance(kind, str):
            what = "has no type" if kind is None else "has a type that is not a string"
            raise _invalid(place, f"the object {what}", 'Write "type": and the name of a type.')
        if kind == "array":
            return Array("array", self._inner(schema, "items", "an array", namespace, place))
        if kind == "map":
            return Map("map", self._inner(schema, "values", "a map", namespace, place))
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition("record" if kind == "error" else kind, schema, namespace, place)
        return self._by_name(kind, namespace, f"{place}/type")

    def _by_name(self, name: str, namespace: str, place: str) -> Schema:
        if name in PRIMITIVES:
            return Schema(name)
        full_name = name if "." in name or not namespace else f"{namespace}.{name}"
        found = self.named.get(full_name) or self.named.get(name)
        if found is None:
            if name.lstrip().startswith(("{", "[", '"')):
                raise _invalid(place, "JSON text stands for a schema", "Read it with json.loads first.")
            raise _invalid(place, f"the type {full_name} is not defined", "Define it before its first use.")
        return found

    def _inner(self, schema: dict[str, Any], key: str, whose: str, namespace: str, place: str) -> Schema:
        if key not in schema:
            raise _invalid(place, f'{whose} needs "{key}"', f'Add "{key}": and a type.')
        return self.parse(schema[key], namespace, f"{place}/{key}")

    def _union(self, branches: list[Any], namespace: str, place: str) -> Schema:
        parsed: list[Schema] = []
        taken: set[str] = set()
        for index, branch in enumerate(branches):
            here = f"{place}/{index}"
            schema = self.parse(branch, namespace, here)
            if isinstance(schema, Union):
                raise _invalid(here, "a union stands directly inside a union", "Make one union of both.")
            key = schema.full_name if isinstance(schema, Named) else schema.type
            if key in taken:
                raise _invalid(here, f"the union has two branches of type {key}", "Keep one of them.")
            taken.add(key)
            parsed.append(schema)
        return Union("union", tuple(parsed))

    def _definition(self, kind: str, schema: dict[str, Any], namespace: str, place: str) -> Named:
        full_name = _full_name(kind, schema, namespace, place)
        if full_name in self.named:
            raise _invalid(f"{place}/name", f"{full_name} is defined twice", "Refer to it by its name.")
        space = full_name.rpartition(".")[0]
        names = _names(schema, "aliases", place)
        for alias in names:
            _check_name(alias.rpartition(".")[2], f"{place}/aliases")
        aliases = tuple(n.removeprefix(".") if "." in n or not space else f"{space}.{n}" for n in names)
        if kind == "fixed":
            self.named[full_name] = fixed = Fixed("fixed", full_name, aliases, _size(schema, place))
            return fixed
        if kind == "enum":
            symbols = _symbols(schema, place)
            default = schema.get("default")
            if default is not None and default not in symbols:
                problem = f"{default!r} is not one of the symbols"
                raise _invalid(f"{place}/default", problem, "Take a symbol of the enum.")
            self.named[full_name] = enum = Enum("enum", full_name, aliases, symbols, default)
            return enum
        self.named[full_name] = record = Record("record", full_name, aliases)
        self.unfinished.add(record)
        record.fields = self._fields(schema, space, place)
        self.unfinished.remove(record)
        return record

    def _fields(self, schema: dict[str, Any], namespace: str, place: str) -> tuple[Field, ...]:
        fields = schema.get("fields")
        if not isinstance(fields, list):
            raise _invalid(place, 'a record needs "fields", an array', 'Add "fields": [...].')
        parsed: list[Field] = []
        for index, one in enumerate(fields):
            here = f"{place}/fields/{index}"
            name = one.get("name") if isinstance(one, dict) else None
            if not isinstance(name, str):
                raise _invalid(here, "the field has no name", 'Write {"name": ..., "type": ...}.')
            _check_name(name, f"{here}/name")
            if any(name == other.name for other in parsed):
                raise _invalid(f"{here}/name", f"there is a second field {name!r}", "Field names are unique.")
            if str(one.get("order", "ascending")).lower() not in ("ascending", "descending", "ignore"):
                raise _invalid(f"{here}/order", "the order is unknown", "Use ascending or descending.")
            field_schema = self._inner(one, "type", f"the field {name!r}", namespace, here)
            has_default = "default" in one
            aliases = _names(one, "aliases", here)
            parsed.append(Field(name, aliases, field_schema, has_default, one.get("default")))
            if has_default and self._check_defaults:
                self._check_default(one["default"], field_schema, f"{here}/default")
        return tuple(parsed)

    def _check_default(self, default: Any, wanted: Schema, place: str) -> None:
        why, next_step = "", "Give a default of the field's type."
        try:
            if fits(default, wanted, self.unfinished):
                return
        except UnfinishedRecordError:
            why, next_step = ", whose fields are not known yet", "Leave it out, or let the field be null."
        raise _invalid(place, f"the default {default!r} is not of the type {wanted.label}{why}", next_step)


def _invalid(place: str, problem: str, next_step: str, whose: str = "the schema") -> InvalidSchemaError:
    return InvalidSchemaError(place or "/", problem, next_step, whose)


def _check_name(name: str, place: str) -> None:
    if not _NAME.fullmatch(name):
        raise _invalid(place, f"{name!r} is not a name", "Use letters, digits and _, with no digit first.")


def _full_name(kind: str, schema: dict[str, Any], enclosing: str, place: str) -> str:
    """Names: a name with dots is full; any other is qualified by `namespace`, else by the enclosing one."""
    name, namespace = schema.get("name"), schema.get("namespace")
    if namespace is None:
        namespace = enclosing
    if not isinstance(name, str) or not name:
        article = "an" if kind == "enum" else "a"
        raise _invalid(place, f"{article} {kind} needs a name", 'Add "name".')
    if not isinstance(namespace, str):
        raise _invalid(f"{place}/namespace", "the namespace is not a string", "Write it as a dotted name.")
    if "." in name:
        namespace, _, name = name.rpartition(".")
    for part in [*(namespace.split(".") if namespace else []), name]:
        _check_name(part, f"{place}/name")
    if not namespace and name in PRIMITIVES:
        raise _invalid(f"{place}/name", f"{name!r} is the name of a primitive type", "Choose another name.")
    return f"{namespace}.{name}" if namespace else name


def _names(schema: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    names = schema.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _invalid(f"{place}/{key}", f'"{key}" is not an array of strings', "Write an array of names.")
    return tuple(dict.fromkeys(names))


def _size(schema: dict[str, Any], place: str) -> int:
    size = schema.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_INT:
        raise _invalid(f"{place}/size", f"the size {size!r} is not a number of bytes", "Write an integer.")
    return size


def _symbols(schema: dict[str, Any], place: str) -> tuple[str, ...]:
    symbols = _names(schema, "symbols", place)
    if "symbols" not in schema:
        raise _invalid(place, 'an enum needs "symbols"', 'Add "symbols": [...].')
    for symbol in symbols:
        _check_name(symbol, f"{place}/symbols")
    if len(symbols) != len(schema["symbols"]):
        raise _invalid(f"{place}/symbols", "a symbol is there twice", "Keep one of them.")
    return symbols
