"""Taking versions and subjects out: softly (hidden, and the data still readable by id), then for good.

    delete_version(state, "orders-value", 2, permanent=False).answer      # 2
    delete_subject(state, "orders-value", permanent=False).answer         # [1, 3]
    delete_subject(state, "orders-value", permanent=True).answer          # [1, 2, 3]

A version that another schema refers to stays. Behaviour: Confluent Schema Registry 8.
"""

from collections.abc import Sequence
from dataclasses import replace

from streamlab.registry import contexts, errors
from streamlab.registry.schemas_topic import (
    Record,
    StoredSchema,
    noop_record,
    schema_key,
    schema_record,
    subject_record,
)
from streamlab.registry.state import State
from streamlab.registry.store import Plan


def delete_version(state: State, subject: str, version: int | None, *, permanent: bool) -> Plan[int]:
    """Delete one version of a subject; None is the latest.

    Raises:
        RegistryError: 40401, 40402, 40406 deleted softly before, 40407 not yet, 42205, 42206.
    """
    live = state.live_versions(subject)
    if version is None and live:
        version = live[-1].version
    schema = state.versions(subject).get(version) if version is not None else None
    if schema is None:
        if subject not in state.subjects():
            raise errors.subject_not_found(subject)
        raise errors.version_not_found(-1 if version is None else version)
    if schema.deleted and not permanent:
        raise errors.version_soft_deleted(subject, str(schema.version))
    check_writable(state, subject)
    _check_unreferenced(state, [schema])
    if permanent and not schema.deleted:
        raise errors.version_not_soft_deleted(subject, schema.version)
    if permanent:
        return Plan(for_good(state, [schema]), schema.version)
    records: tuple[Record, ...] = (schema_record(replace(schema, deleted=True)),)
    if live == [schema]:
        records += _without_settings(state, subject)
    return Plan(records, schema.version)


def delete_subject(state: State, subject: str, *, permanent: bool) -> Plan[list[int]]:
    """Delete every version of a subject, and the settings it has.

    Raises:
        RegistryError: 40401, 40404 deleted softly before, 40405 not yet, 42205, 42206.
    """
    live = state.live_versions(subject)
    if not state.versions(subject):
        raise errors.subject_not_found(subject)
    if not permanent and not live:
        raise errors.subject_soft_deleted(subject)
    check_writable(state, subject)
    going = list(state.versions(subject).values()) if permanent else live
    _check_unreferenced(state, going)
    if permanent and live:
        raise errors.subject_not_soft_deleted(subject)
    versions = [schema.version for schema in going]
    if permanent:
        return Plan(for_good(state, going), versions)
    value = {"subject": subject, "version": versions[-1]}
    records = (subject_record("DELETE_SUBJECT", subject, value), *_without_settings(state, subject))
    return Plan(records, versions)


def for_good(state: State, schemas: Sequence[StoredSchema]) -> tuple[Record, ...]:
    """The records that take versions out for good.

    After compaction nothing in the log would tell that their ids were given out, and old data would be read
    with whatever schema got the id next. So the highest ids are noted first, where Confluent's registry,
    which does give such ids out again, passes over them.
    """
    note = noop_record({"highestIds": state.highest_ids()})
    return (note, *(Record(schema_key(one.subject, one.version)) for one in schemas))


def clear_for_import(state: State, subject: str | None) -> tuple[Record, ...]:
    """Make room for an import: nothing may be live; what was soft-deleted goes for good.

    Raises:
        RegistryError: 42205 there are live versions, 42206 something refers to a deleted one.
    """
    subjects = state.subjects_under(subject)
    if any(state.live_versions(one) for one in subjects):
        raise errors.operation_not_permitted("Cannot import since found existing subjects")
    deleted = [schema for one in subjects for schema in state.versions(one).values()]
    _check_unreferenced(state, deleted)
    return for_good(state, deleted) if deleted else ()


def check_writable(state: State, subject: str | None) -> None:
    """Refuse what changes a subject that is read-only.

    Raises:
        RegistryError: 42205.
    """
    if state.mode_in_scope(subject) in ("READONLY", "READONLY_OVERRIDE"):
        context = contexts.context_of(subject or "")
        raise errors.operation_not_permitted(f"Subject {subject} in context {context} is in read-only mode")


def _check_unreferenced(state: State, schemas: Sequence[StoredSchema]) -> None:
    for one in schemas:
        if state.referencing((one.subject, one.version)):
            raise errors.reference_exists(one.subject, one.version)


def _without_settings(state: State, subject: str) -> tuple[Record, ...]:
    """A subject that goes takes its mode and its compatibility with it."""
    gone = []
    if state.mode(subject) is not None:
        gone.append(subject_record("MODE", subject, None))
    if state.config(subject) is not None:
        gone.append(subject_record("CONFIG", subject, None))
    return tuple(gone)
