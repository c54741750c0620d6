"""Compatibility and mode, of the registry, a context or a subject: what may be set, and what it does.

    set_config(state, "orders-value", {"compatibility": "FULL"}).records
    set_mode(state, None, "READONLY", force=False)             # None is the whole registry

Behaviour: Confluent Schema Registry 8.
"""

from typing import Final

from streamlab.registry import errors
from streamlab.registry.compatibility import Level
from streamlab.registry.deletion import check_writable, clear_for_import
from streamlab.registry.registration import IMPORTING
from streamlab.registry.schemas_topic import MODES, Json, Record, subject_record
from streamlab.registry.state import DEFAULT_COMPATIBILITY, DEFAULT_MODE, State
from streamlab.registry.store import Plan

OBJECTS: Final = ("defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet")
FLAGS: Final = ("normalize", "validateFields", "validateNames")
TEXTS: Final = ("alias", "compatibilityGroup", "compatibilityPolicy")


def shown(config: Json) -> Json:
    """A configuration as GET shows it."""
    return {"compatibilityLevel": DEFAULT_COMPATIBILITY} | config


def set_config(state: State, subject: str | None, request: Json) -> Plan[Json]:
    """Set what the request has; what it does not have stays. Answers with the request.

    Raises:
        RegistryError: 42203 no such level, 42205 read-only, 400 a member of another type.
    """
    new: Json = {}
    level = request.get("compatibility")
    if level is not None:
        try:
            new["compatibilityLevel"] = Level(level.upper() if isinstance(level, str) else level).value
        except ValueError:
            raise errors.invalid_compatibility() from None
    for members, wanted in ((OBJECTS, dict), (FLAGS, bool), (TEXTS, str)):
        for member in members:
            value = request.get(member)
            if value is None:
                continue
            if not isinstance(value, wanted):
                raise errors.bad_request(f"{member} is not a JSON {_JSON_NAMES[wanted]}")
            new[member] = value
    check_writable(state, subject)
    value = (state.config(subject) or {}) | new
    return Plan((subject_record("CONFIG", subject, value),), request)


_JSON_NAMES: Final[dict[type, str]] = {dict: "object", bool: "boolean", str: "string"}


def delete_config(state: State, subject: str | None) -> Plan[Json]:
    """Go back to what holds above; answers with what was set.

    Raises:
        RegistryError: 40401 nothing was set for this subject, 42205 read-only.
    """
    config = state.config(subject)
    if config is None and subject is not None:
        raise errors.subject_not_found(subject)
    check_writable(state, subject)
    records = () if config is None else (subject_record("CONFIG", subject, None),)
    return Plan(records, shown(config or {}))


def config_of(state: State, subject: str | None, *, default_to_global: bool) -> Json:
    """What GET answers.

    Raises:
        RegistryError: 40408, nothing was set for this subject.
    """
    config = state.config(subject)
    if config is None and subject is not None and not default_to_global:
        raise errors.subject_config_not_set(subject)
    return shown(state.config_in_scope(subject))


def set_mode(state: State, subject: str | None, mode: object, *, force: bool) -> Plan[Json]:
    """Set the mode of a subject. IMPORT needs an empty subject, or `force`. Answers with the request.

    Raises:
        RegistryError: 42204 no such mode, 42205 not empty, 42206 something refers to what would go.
    """
    if not isinstance(mode, str) or mode.upper() not in MODES:
        raise errors.invalid_mode()
    new = mode.upper()
    records: tuple[Record, ...] = ()
    if new == "IMPORT" and state.mode_in_scope(subject) not in IMPORTING and not force:
        records = clear_for_import(state, subject)
    value = {"subject": subject, "mode": new} if subject is not None else {"mode": new}
    return Plan((*records, subject_record("MODE", subject, value)), {"mode": mode})


def delete_mode(state: State, subject: str | None) -> Plan[Json]:
    """Go back to the mode that holds above; answers with the one that was set.

    Raises:
        RegistryError: 40401, no mode was set for this subject.
    """
    mode = state.mode(subject)
    if mode is None and subject is not None:
        raise errors.subject_not_found(subject)
    records = () if mode is None else (subject_record("MODE", subject, None),)
    return Plan(records, {"mode": mode or DEFAULT_MODE})


def mode_of(state: State, subject: str | None, *, default_to_global: bool) -> Json:
    """What GET answers.

    Raises:
        RegistryError: 40409, no mode was set for this subject.
    """
    if subject is None or default_to_global or state.mode(None) == "READONLY_OVERRIDE":
        return {"mode": state.mode_in_scope(subject)}
    mode = state.mode(subject)
    if mode is None:
        raise errors.subject_mode_not_set(subject)
    return {"mode": mode}
