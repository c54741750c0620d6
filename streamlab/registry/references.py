"""Schemas that are named in other schemas: finding them, and what they name in turn.

resolved(state, parser, "orders-value", "AVRO", (Reference("shop.Address", "address", 1),))
# [ParsedSchema(...)]: in the order of the references; RegistryError 42201 if one is not there
"""

from collections.abc import Sequence
from typing import Final

from streamlab.registry import contexts, errors
from streamlab.registry.schema_types import ParsedSchema, SchemaParser
from streamlab.registry.schemas_topic import Reference, StoredSchema
from streamlab.registry.state import State

MAX_DEPTH: Final = 50
"""Versions do not change, so references cannot run in a circle, unless an import made them."""


def resolved(
    state: State,
    parser: SchemaParser,
    subject: str,
    schema_type: str,
    references: Sequence[Reference],
    depth: int = 0,
) -> list[ParsedSchema]:
    """What the references of a schema in `subject` refer to.

    Raises:
        RegistryError: 42201, one of them is not there, is deleted, or is of another type.
    """
    if depth > MAX_DEPTH:
        raise errors.invalid_schema(f"The references of subject {subject} are nested too deeply.")
    found = []
    for reference in references:
        stored = _stored(state, subject, reference)
        if stored is None:
            raise errors.invalid_schema(
                f"Invalid schema of type {schema_type}, details: No schema reference found for subject "
                f'"{reference.subject}" and version {reference.version}'
            )
        if stored.schema_type != schema_type:
            raise errors.invalid_schema(
                f"Invalid schema of type {schema_type}, details: the reference {reference.name} is a schema "
                f"of type {stored.schema_type}"
            )
        deeper = resolved(state, parser, stored.subject, schema_type, stored.references, depth + 1)
        found.append(parser.parse(schema_type, stored.text, deeper))
    return found


def _stored(state: State, subject: str, reference: Reference) -> StoredSchema | None:
    """A reference without a context is to the context of the schema that has it."""
    target = contexts.relative(reference.subject, subject)
    if reference.version == -1:
        return next(reversed(state.live_versions(target)), None)
    return state.versions(target).get(reference.version)
