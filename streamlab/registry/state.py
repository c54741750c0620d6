"""What a registry knows: the fold of its log. It changes by applying records and in no other way.

    state = State()
    for record in log:
        state.apply(record)
    state.by_id(7).text
    state.versions("orders-value")           # {1: StoredSchema(...), 3: ...}, soft-deleted ones included
    state.mode_in_scope("orders-value")      # "READWRITE"

Two registries that have applied the same log are equal; that is all the agreement there is between a
restarted registry and its former self, or between a leader and its follower.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from streamlab.registry import contexts
from streamlab.registry.schemas_topic import Json, Record, StoredSchema, stored_schema

DEFAULT_COMPATIBILITY = "BACKWARD"
DEFAULT_MODE = "READWRITE"

Place = tuple[str, int]
"""A version's place: subject and version."""


@dataclass
class _Context:
    """What is counted in each context on its own."""

    places: dict[int, dict[Place, None]] = field(default_factory=dict)
    id_of_digest: dict[bytes, int] = field(default_factory=dict)
    id_of_guid: dict[str, int] = field(default_factory=dict)
    highest_id: int = 0

    def copy(self) -> "_Context":
        places = {schema_id: dict(found) for schema_id, found in self.places.items()}
        return _Context(places, dict(self.id_of_digest), dict(self.id_of_guid), self.highest_id)


class State:
    """The subjects, ids, references and settings of a registry.

    Attributes:
        leader: what the log says about who leads, as the leader wrote it.
        schemas_seen: how many different schemas were ever applied.
    """

    def __init__(self) -> None:
        self.leader: Json | None = None
        self.schemas_seen = 0
        self._versions: dict[str, dict[int, StoredSchema]] = {}
        self._contexts: dict[str, _Context] = {contexts.DEFAULT: _Context()}
        self._references_to: dict[Place, dict[Place, int]] = {}
        self._configs: dict[str | None, Json] = {}
        self._modes: dict[str | None, str] = {}

    def copy(self) -> "State":
        """A state that changes on its own from here on; schemas and settings themselves never change."""
        twin = State()
        twin.leader, twin.schemas_seen = self.leader, self.schemas_seen
        twin._versions = {subject: dict(versions) for subject, versions in self._versions.items()}
        twin._contexts = {name: context.copy() for name, context in self._contexts.items()}
        twin._references_to = {place: dict(found) for place, found in self._references_to.items()}
        twin._configs, twin._modes = dict(self._configs), dict(self._modes)
        return twin

    def apply(self, record: Record) -> None:
        """Take in one record that `schemas_topic.decode` has let through."""
        value = record.value
        match record.key_type:
            case "SCHEMA":
                place = (record.key["subject"], record.key["version"])
                self._forget(place)
                if value is not None:
                    self._put(stored_schema(value))
            case "DELETE_SUBJECT" if value is not None:
                for version, schema in list(self.versions(value["subject"]).items()):
                    if version <= value["version"] and not schema.deleted:
                        self._forget((schema.subject, version))
                        self._put(replace(schema, deleted=True))
            case "CLEAR_SUBJECT" if value is not None:
                for subject in self.subjects_under(record.key["subject"]):
                    for version, schema in list(self.versions(subject).items()):
                        if schema.deleted:
                            self._forget((subject, version))
            case "CONFIG":
                _set(self._configs, record.key["subject"], value)
            case "MODE":
                _set(self._modes, record.key["subject"], value and value["mode"])
            case "CONTEXT":
                self._context(record.key["context"])
            case "NOOP" if value is not None:
                self._take_note(value)

    # What is asked

    def versions(self, subject: str) -> dict[int, StoredSchema]:
        """All versions of a subject, soft-deleted ones included, in ascending order; not to be changed."""
        return self._versions.get(subject, {})

    def live_versions(self, subject: str) -> list[StoredSchema]:
        """The versions of a subject that are not deleted, oldest first."""
        return [schema for schema in self.versions(subject).values() if not schema.deleted]

    def subjects(self) -> list[str]:
        """All subjects that have a version, deleted or not, in order."""
        return sorted(self._versions)

    def subjects_under(self, subject: str | None) -> list[str]:
        """The subject itself; for a bare context (`:.sales:`) those in it; for None all there are."""
        if subject is None:
            return self.subjects()
        context, name = contexts.split(subject)
        if name:
            return [subject] if subject in self._versions else []
        return [one for one in self.subjects() if contexts.context_of(one) == context]

    def known_contexts(self) -> list[str]:
        """The default context, then the others in order."""
        return [contexts.DEFAULT, *sorted(set(self._contexts) - {contexts.DEFAULT})]

    def by_id(self, schema_id: int, context: str = contexts.DEFAULT) -> StoredSchema | None:
        """A version that has this id; a soft-deleted one too, for its data may still be there."""
        place = next(iter(self._places(schema_id, context)), None)
        return None if place is None else self._versions[place[0]][place[1]]

    def places_of(self, schema_id: int, context: str = contexts.DEFAULT) -> list[StoredSchema]:
        """Every version that has this id, by subject and version."""
        return [
            self._versions[subject][version] for subject, version in sorted(self._places(schema_id, context))
        ]

    def id_of_digest(self, digest: bytes, context: str) -> int | None:
        """The id under which a schema is known in a context."""
        known = self._contexts.get(context)
        return known.id_of_digest.get(digest) if known else None

    def ids_of_guid(self, guid: str) -> Iterator[tuple[str, int]]:
        """The contexts that know a schema by this guid, and its id in each."""
        for context in self.known_contexts():
            schema_id = self._contexts[context].id_of_guid.get(guid)
            if schema_id is not None:
                yield context, schema_id

    def highest_id(self, context: str = contexts.DEFAULT) -> int:
        """The highest id that was ever given out in a context, as far as the log remembers."""
        known = self._contexts.get(context)
        return known.highest_id if known else 0

    def highest_ids(self) -> dict[str, int]:
        """`highest_id` of every context."""
        return {context: self._contexts[context].highest_id for context in self.known_contexts()}

    def referencing(self, place: Place) -> list[int]:
        """The ids of the schemas, not deleted, that refer to a version."""
        return sorted(set(self._references_to.get(place, {}).values()))

    def config(self, subject: str | None) -> Json | None:
        """What was set for exactly this subject (None: for the registry)."""
        return self._configs.get(subject)

    def config_in_scope(self, subject: str | None) -> Json:
        """What holds for a subject: its own settings, then its context's, then the registry's."""
        found: Json = {"compatibilityLevel": DEFAULT_COMPATIBILITY}
        for scope in reversed(contexts.scopes(subject)):
            found |= self._configs.get(scope, {})
        return found

    def mode(self, subject: str | None) -> str | None:
        """The mode that was set for exactly this subject (None: for the registry)."""
        return self._modes.get(subject)

    def mode_in_scope(self, subject: str | None) -> str:
        """The mode that holds for a subject. READONLY_OVERRIDE of the registry beats every other one."""
        if self._modes.get(None) == "READONLY_OVERRIDE":
            return "READONLY_OVERRIDE"
        found = (self._modes.get(scope) for scope in contexts.scopes(subject))
        return next((mode for mode in found if mode), DEFAULT_MODE)

    def __eq__(self, other: object) -> bool:
        """Whether the two would answer every question alike."""
        if not isinstance(other, State):
            return NotImplemented
        return (
            self._versions == other._versions
            and self.highest_ids() == other.highest_ids()
            and self._configs == other._configs
            and self._modes == other._modes
        )

    __hash__ = None  # type: ignore[assignment]

    # How it changes

    def _context(self, name: str) -> _Context:
        return self._contexts.setdefault(name, _Context())

    def _places(self, schema_id: int, context: str) -> dict[Place, None]:
        known = self._contexts.get(context)
        return known.places.get(schema_id, {}) if known else {}

    def _put(self, schema: StoredSchema) -> None:
        place = (schema.subject, schema.version)
        versions = self._versions.setdefault(schema.subject, {})
        in_order = not versions or next(reversed(versions)) < schema.version
        versions[schema.version] = schema
        if not in_order:
            self._versions[schema.subject] = dict(sorted(versions.items()))
        context = self._context(contexts.context_of(schema.subject))
        if schema.schema_id not in context.places and not schema.deleted:
            self.schemas_seen += 1
        context.places.setdefault(schema.schema_id, {})[place] = None
        context.id_of_digest[schema.digest] = schema.schema_id
        context.id_of_guid[schema.guid] = schema.schema_id
        context.highest_id = max(context.highest_id, schema.schema_id)
        if not schema.deleted:
            for one in schema.references:
                target = (contexts.relative(one.subject, schema.subject), one.version)
                self._references_to.setdefault(target, {})[place] = schema.schema_id

    def _forget(self, place: Place) -> None:
        """Take a version out of every index; nothing happens if it is not there."""
        subject, version = place
        schema = self._versions.get(subject, {}).pop(version, None)
        if schema is None:
            return
        if not self._versions[subject]:
            del self._versions[subject]
        context = self._context(contexts.context_of(subject))
        places = context.places[schema.schema_id]
        del places[place]
        if not places:
            del context.places[schema.schema_id]
            if context.id_of_digest.get(schema.digest) == schema.schema_id:
                del context.id_of_digest[schema.digest]
                del context.id_of_guid[schema.guid]
        for one in schema.references:
            target = (contexts.relative(one.subject, subject), one.version)
            self._references_to.get(target, {}).pop(place, None)

    def _take_note(self, value: Json) -> None:
        """What this registry writes into its NOOP records; another's are null and say nothing."""
        highest_ids = value.get("highestIds")
        if isinstance(highest_ids, dict):
            for context, highest_id in highest_ids.items():
                if isinstance(highest_id, int):
                    known = self._context(context)
                    known.highest_id = max(known.highest_id, highest_id)
        if isinstance(value.get("leader"), dict):
            self.leader = value["leader"]


def _set(settings: dict[str | None, Any], subject: str | None, value: Any) -> None:
    if value is None:
        settings.pop(subject, None)
    else:
        settings[subject] = value
