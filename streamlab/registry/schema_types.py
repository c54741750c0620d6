"""What the registry can read: Avro fully, JSON Schema without comparing it, Protocol Buffers not at all.

    parser = SchemaParser()
    parsed = parser.parse("AVRO", '{"type": "int"}')
    parsed.text                       # '"int"'
    parser.refusals("BACKWARD", parsed, parser.parse("AVRO", '"string"'))
    # ["{errorType:'TYPE_MISMATCH', ...}"]

Parsed schemas are kept, for a registry parses the same few again and again; `parser.hits` and `misses` say
how well that works.

Why JSON Schemas are not compared
    No library does it well enough to refuse or to let pass a version by its word. jsonsubschema 0.0.8 (the
    one that there is; its forks are copies with other requirements) was tried: it raises on a recursive
    schema, and it passes over what came after draft 4 and over `dependencies`, so that it calls a change
    from strings to integers in `prefixItems` compatible. It gives no reason either. Other registries compare
    by rules of their own that are part of the server. A wrong "compatible" is worse than none, so a second
    version needs the level NONE, and says so.
"""

import json
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from streamlab.registry import avro_text, compatibility, errors, schema_parser
from streamlab.registry.schema_tree import InvalidSchemaError, Schema

TYPES: Final = ("JSON", "AVRO")
CAPACITY: Final = 1000


@dataclass(frozen=True)
class ParsedSchema:
    """A schema that is valid, with the schemas that it refers to.

    Attributes:
        text: what the registry stores and gives back.
        content: the schema as parsed JSON.
        references: the contents of the schemas referred to, each before those that use it.
    """

    schema_type: str
    text: str
    content: Any
    references: tuple[Any, ...] = ()

    @cached_property
    def tree(self) -> Schema:
        """The types of an Avro schema, for the rules of compatibility."""
        return schema_parser.parse(self.content, self.references, check_defaults=False)

    @cached_property
    def inlined(self) -> str:
        """The text that is equal for schemas that mean the same, referred to or written out."""
        if self.schema_type == "AVRO":
            return avro_text.inlined_text(self.content, self.references)
        return json.dumps(self.content, sort_keys=True)


class SchemaParser:
    """Parses schemas and remembers the latest ones."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.hits = 0
        self.misses = 0
        self._capacity = capacity
        self._kept: OrderedDict[tuple[Any, ...], ParsedSchema] = OrderedDict()

    @property
    def entries(self) -> int:
        """How many parsed schemas are kept."""
        return len(self._kept)

    @property
    def kept_bytes(self) -> int:
        """How much text the kept schemas are of."""
        return sum(len(parsed.text) for parsed in self._kept.values())

    def parse(
        self,
        schema_type: str,
        text: str,
        references: Sequence[ParsedSchema] = (),
        *,
        normalized: bool = False,
        check_defaults: bool = False,
    ) -> ParsedSchema:
        """The schema that a text says.

        Raises:
            RegistryError: 42201, the text is not a valid schema of that type; it says where and why.
        """
        key = (schema_type, text, tuple(one.text for one in references), normalized, check_defaults)
        kept = self._kept.get(key)
        if kept is not None:
            self.hits += 1
            self._kept.move_to_end(key)
            return kept
        self.misses += 1
        try:
            parsed = _parse(schema_type, text, references, normalized, check_defaults)
        except (ValueError, RecursionError) as error:
            why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise errors.invalid_schema(f"Invalid schema of type {schema_type}, details: {why}") from error
        self._kept[key] = parsed
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return parsed

    def refusals(self, level: str, candidate: ParsedSchema, earlier: ParsedSchema) -> list[str]:
        """Why `candidate` may not follow `earlier` at a level; empty if it may.

        Raises:
            RegistryError: 42201, schemas of this type cannot be compared.
        """
        if level == compatibility.Level.NONE:
            return []
        if candidate.schema_type != earlier.schema_type:
            return [f"{{errorType:'SCHEMA_TYPE_MISMATCH', description:'{_TYPE_CHANGED}'}}"]
        if candidate.schema_type != "AVRO":
            if candidate.inlined == earlier.inlined:
                return []
            raise errors.invalid_schema(_NOT_COMPARED)
        try:
            found = compatibility.check(level, candidate.tree, [earlier.tree])
        except InvalidSchemaError as error:
            raise errors.invalid_schema(str(error)) from error
        return [
            f"{{errorType:'{one.type}', description:'{one.message} (path {one.path})', "
            f"additionalInfo:'{one.detail}'}}"
            for one in found
        ]


_TYPE_CHANGED: Final = "The new schema and the old one are of different types: AVRO, JSON."
_NOT_COMPARED: Final = (
    "This registry stores and validates JSON Schemas but does not compare them: a subject has one version "
    'unless its compatibility is NONE. PUT /config/{subject} {"compatibility": "NONE"} allows another.'
)


def _parse(
    schema_type: str, text: str, references: Sequence[ParsedSchema], normalized: bool, check_defaults: bool
) -> ParsedSchema:
    if schema_type == "PROTOBUF":
        raise ValueError("this registry reads AVRO and JSON; it has no parser for Protocol Buffers")
    if schema_type not in TYPES:
        raise ValueError(f"there is no schema type {schema_type}; this registry reads AVRO and JSON")
    try:
        content = json.loads(text, parse_constant=_refuse_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        raise ValueError(f"the schema is not JSON: {error}") from error
    try:
        avro_text.compact(content).encode()
    except UnicodeEncodeError:
        raise ValueError("the schema holds half a surrogate pair, which is no character") from None
    contents: dict[str, Any] = {}
    for reference in references:
        contents |= {avro_text.compact(one): one for one in (*reference.references, reference.content)}
    if schema_type == "JSON":
        kept = _checked_json_schema(content, normalized)
    else:
        schema_parser.parse(content, contents.values(), check_defaults=check_defaults)
        kept = avro_text.kept_text(content, normalized=normalized)
        if normalized:
            content = json.loads(kept)
    return ParsedSchema(schema_type, kept, content, tuple(contents.values()))


def _checked_json_schema(content: Any, normalized: bool) -> str:
    # Imported at the first JSON Schema: it takes longer than all else the server loads.
    from jsonschema import exceptions, validators

    if isinstance(content, bool):
        return json.dumps(content)
    if not isinstance(content, dict):
        raise ValueError("a JSON Schema is an object or a boolean")
    validator = validators.validator_for(content, default=validators.validator_for(_DRAFT_7))
    try:
        validator.check_schema(content)
    except exceptions.SchemaError as error:
        place = "/".join(str(step) for step in error.absolute_path) or "/"
        raise ValueError(f"at {place}, {error.message}") from error
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, sort_keys=normalized)


_DRAFT_7: Final = {"$schema": "http://json-schema.org/draft-07/schema#"}


def _float(text: str) -> float | str:
    """As Avro Java: what is beyond a double becomes the text "Infinity", for JSON has no such number."""
    number = float(text)
    if math.isfinite(number):
        return number
    return "Infinity" if number > 0 else "-Infinity"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
