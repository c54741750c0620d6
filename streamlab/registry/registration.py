"""What happens when a schema is registered, looked up or tested: the rules between request and log.

    plan = register(state, parser, "orders-value", NewSchema('"string"'), normalize=False)
    plan.records             # what to append; none if the subject has the schema already
    plan.answer.schema.schema_id
    look_up(state, parser, "orders-value", NewSchema('"string"'))     # the version that has it

Behaviour: Confluent Schema Registry 8, `register` and `lookUpSchemaUnderSubject`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from streamlab.registry import contexts, errors, rule_sets
from streamlab.registry.compatibility import Level
from streamlab.registry.references import resolved
from streamlab.registry.schema_types import ParsedSchema, SchemaParser
from streamlab.registry.schemas_topic import (
    Json,
    Record,
    Reference,
    StoredSchema,
    context_record,
    schema_key,
    schema_record,
)
from streamlab.registry.state import State
from streamlab.registry.store import Plan

IMPORTING: Final = ("IMPORT", "FORWARD")
MAX_RECORD_BYTES: Final = 1_000_000
"""A little less than the largest message that Kafka takes by default."""
MAX_INT: Final = 2**31 - 1


@dataclass(frozen=True)
class NewSchema:
    """A schema as a client sends it.

    Attributes:
        version: the version that it is to have; 0 is the next one.
        schema_id: the id that it is to have, which only the mode IMPORT allows; -1 is none.
    """

    text: str | None
    schema_type: str = "AVRO"
    references: tuple[Reference, ...] = ()
    version: int = 0
    schema_id: int = -1
    metadata: Json | None = None
    rule_set: Json | None = None

    @property
    def empty(self) -> bool:
        """Whether no schema was sent at all."""
        return self.text is None or not self.text.strip()


@dataclass(frozen=True)
class Registered:
    """A registered schema; `changed` if it is not as it was sent, so that the client wants to see it."""

    schema: StoredSchema
    changed: bool = False


def register(
    state: State, parser: SchemaParser, subject: str, new: NewSchema, *, normalize: bool
) -> Plan[Registered]:
    """Make the schema a version of the subject, unless it is one."""
    mode = state.mode_in_scope(subject)
    _check_mode(subject, mode, new)
    importing = mode in IMPORTING
    config = state.config_in_scope(subject)
    normalize = normalize or config.get("normalize") is True
    live = state.live_versions(subject)
    next_version = max(state.versions(subject), default=0) + 1
    sent = new
    if not importing:
        new = _completed(new, live, config, next_version)
    parsed, candidate = _parsed(
        state, parser, subject, new, normalize=normalize, check_defaults=not importing
    )
    changed = sent.empty or (candidate.metadata, candidate.rule_set) != (sent.metadata, sent.rule_set)

    if new.version == 0:
        existing = _same_in(state, parser, reversed(live), parsed, candidate)
        if existing is not None and new.schema_id in (-1, existing.schema_id):
            return Plan((), Registered(existing, changed))
    if not importing:
        refusals = _refusals(state, parser, config, parsed, candidate, live)
        if refusals:
            raise errors.incompatible_schema(subject, refusals)
        if new.version > 0 and new.version != next_version:
            raise errors.invalid_schema("Version is not one more than previous version")

    context = contexts.context_of(subject)
    candidate = replace(
        candidate,
        version=new.version if new.version > 0 else next_version,
        schema_id=_id_for(state, context, candidate, new.schema_id),
    )
    return Plan(tuple(_records(state, context, candidate)), Registered(candidate, changed))


def look_up(
    state: State,
    parser: SchemaParser,
    subject: str,
    new: NewSchema,
    *,
    normalize: bool = False,
    deleted: bool = False,
) -> StoredSchema:
    """The version of the subject that has this schema.

    Raises:
        RegistryError: 40401 the subject has no version, 40403 it has not this one, 42201 it is no schema.
    """
    normalize = normalize or state.config_in_scope(subject).get("normalize") is True
    for place in in_contexts(state, subject):
        versions = list(state.versions(place).values()) if deleted else state.live_versions(place)
        if not new.empty:
            parsed, candidate = _parsed(state, parser, place, new, normalize=normalize, check_defaults=False)
            found = _same_in(state, parser, reversed(versions), parsed, candidate)
            if found is not None:
                return found
    if not any(schema.deleted <= deleted for schema in state.versions(subject).values()):
        raise errors.subject_not_found(subject)
    raise errors.schema_not_found()


def compatibility_messages(
    state: State,
    parser: SchemaParser,
    subject: str,
    new: NewSchema,
    earlier: Sequence[StoredSchema],
    *,
    normalize: bool,
) -> list[str]:
    """Why the schema could not follow these versions at the subject's level; empty if it could.

    Args:
        earlier: the versions to compare with, oldest first.
    """
    if new.empty:
        raise errors.invalid_schema("Empty schema")
    parsed, candidate = _parsed(state, parser, subject, new, normalize=normalize, check_defaults=True)
    return _refusals(state, parser, state.config_in_scope(subject), parsed, candidate, earlier)


def in_contexts(state: State, subject: str) -> list[str]:
    """The subject; for one of the default context, the subjects of that name in the others after it."""
    context, name = contexts.split(subject)
    if context != contexts.DEFAULT:
        return [subject]
    return [contexts.qualified(one, name) for one in state.known_contexts()]


def _check_mode(subject: str, mode: str, new: NewSchema) -> None:
    where = f"Subject {subject} in context {contexts.context_of(subject)}"
    if mode in ("READONLY", "READONLY_OVERRIDE"):
        raise errors.operation_not_permitted(f"{where} is in read-only mode")
    if new.schema_id >= 0 and mode not in IMPORTING:
        raise errors.operation_not_permitted(f"{where} is not in import mode")
    if new.schema_id < 0 and mode != "READWRITE":
        raise errors.operation_not_permitted(f"{where} is not in read-write mode")


def _completed(new: NewSchema, live: Sequence[StoredSchema], config: Json, next_version: int) -> NewSchema:
    """What was not sent is taken from the latest version and from the configuration."""
    latest = live[-1] if live else None
    if new.empty:
        if latest is None:
            raise errors.invalid_schema("Empty schema")
        new = replace(new, text=latest.text, schema_type=latest.schema_type, references=latest.references)
    metadata = new.metadata if new.metadata is not None or latest is None else latest.metadata
    rule_set = new.rule_set if new.rule_set is not None or latest is None else latest.rule_set
    metadata = rule_sets.merged(config.get("defaultMetadata"), metadata, config.get("overrideMetadata"))
    rule_set = rule_sets.merged(config.get("defaultRuleSet"), rule_set, config.get("overrideRuleSet"))
    if new.version != 0 or rule_sets.VERSION_PROPERTY in rule_sets.properties(metadata):
        metadata = rule_sets.with_version(metadata, next_version)
    return replace(new, metadata=metadata, rule_set=rule_set)


def _parsed(
    state: State, parser: SchemaParser, subject: str, new: NewSchema, *, normalize: bool, check_defaults: bool
) -> tuple[ParsedSchema, StoredSchema]:
    """The schema as types, and as a version that has neither number nor id yet."""
    if new.empty:
        raise errors.invalid_schema("Empty schema")
    references = tuple(sorted(new.references)) if normalize else new.references
    parsed = parser.parse(
        new.schema_type,
        new.text or "",
        resolved(state, parser, subject, new.schema_type, references),
        normalized=normalize,
        check_defaults=check_defaults,
    )
    unnumbered = StoredSchema(
        subject=subject,
        version=0,
        schema_id=-1,
        text=parsed.text,
        schema_type=new.schema_type,
        references=references,
        metadata=new.metadata,
        rule_set=new.rule_set,
    )
    return parsed, unnumbered


def _same_in(
    state: State,
    parser: SchemaParser,
    versions: Iterable[StoredSchema],
    parsed: ParsedSchema,
    candidate: StoredSchema,
) -> StoredSchema | None:
    """The first of these versions that is the same schema: in the same words, or by what the words mean."""
    versions = list(versions)
    for one in versions:
        if one.digest == candidate.digest:
            return one
    for one in versions:
        if (
            one.schema_type == candidate.schema_type
            and (not candidate.references or set(one.references) == set(candidate.references))
            and rule_sets.without_version(one.metadata) == rule_sets.without_version(candidate.metadata)
            and one.rule_set == candidate.rule_set
            and parsed_version(state, parser, one).inlined == parsed.inlined
        ):
            return one
    return None


def parsed_version(state: State, parser: SchemaParser, schema: StoredSchema) -> ParsedSchema:
    """A version of a subject as types."""
    references = resolved(state, parser, schema.subject, schema.schema_type, schema.references)
    return parser.parse(schema.schema_type, schema.text, references)


def _refusals(
    state: State,
    parser: SchemaParser,
    config: Json,
    parsed: ParsedSchema,
    candidate: StoredSchema,
    earlier: Sequence[StoredSchema],
) -> list[str]:
    """Newest first, and no further than the first version that stands in the way, as Confluent reports it."""
    group = config.get("compatibilityGroup")
    if group is not None:
        mine = rule_sets.properties(candidate.metadata).get(group)
        earlier = [one for one in earlier if rule_sets.properties(one.metadata).get(group) == mine]
    level = Level(config["compatibilityLevel"])
    for one in reversed(earlier if level.transitive else earlier[-1:]):
        if level == Level.NONE:
            break
        reasons = parser.refusals(level, parsed, parsed_version(state, parser, one))
        if reasons:
            return [
                *reasons,
                f"{{oldSchemaVersion: {one.version}}}",
                f"{{oldSchema: '{one.text}'}}",
                f"{{validateFields: 'false', compatibility: '{level}'}}",
            ]
    return []


def _id_for(state: State, context: str, candidate: StoredSchema, wanted: int) -> int:
    known = state.id_of_digest(candidate.digest, context)
    if wanted < 0:
        if known is None and state.highest_id(context) >= MAX_INT:
            raise errors.store_error("Every id of this context has been given out.")
        return known if known is not None else state.highest_id(context) + 1
    holder = state.by_id(wanted, context)
    if holder is not None and holder.digest != candidate.digest:
        raise errors.operation_not_permitted(
            f"Overwrite new schema with id {wanted} in context {context} is not permitted."
        )
    return wanted


def _records(state: State, context: str, schema: StoredSchema) -> Iterator[Record]:
    if context not in state.known_contexts():
        yield context_record(context)
    for version, one in state.versions(schema.subject).items():
        # A deleted version of the same schema only stood in for its id, which has a version again.
        if one.deleted and one.schema_id == schema.schema_id and version < schema.version:
            yield Record(schema_key(schema.subject, version))
    record = schema_record(schema)
    if len(record.value_bytes or b"") > MAX_RECORD_BYTES:
        raise errors.schema_too_large()
    yield record
