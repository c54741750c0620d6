"""The API below /subjects and /compatibility: versions of subjects, and what may become one.

OPERATIONS                                  # rows for `requests.Router`
version_json(stored)                        # {"subject": ..., "version": 1, "id": 7, "schema": ...}
"""

from streamlab.registry import contexts, deletion, errors, registration, rule_sets
from streamlab.registry.requests import Operation, Request
from streamlab.registry.schemas_topic import Json, StoredSchema
from streamlab.registry.service import Service
from streamlab.registry.state import State
from streamlab.registry.store import Plan


class RawText(str):
    """An answer that is sent as it is: a schema is JSON already."""


def version_json(schema: StoredSchema) -> Json:
    """A version as the API shows it; what is usual (AVRO, no references) is left out."""
    return {
        "subject": schema.subject,
        "version": schema.version,
        "id": schema.schema_id,
        "guid": schema.guid,
    } | schema.json


async def subjects(service: Service, request: Request) -> list[str]:
    """Names in order; `subjectPrefix=:.sales:` those of one context, default all."""
    prefix = request.text("subjectPrefix") or contexts.WILDCARD
    if request.context != contexts.DEFAULT and prefix == contexts.WILDCARD:
        prefix = contexts.qualified(request.context, "")
    found = []
    for subject in service.state.subjects():
        if not has_prefix(subject, prefix):
            continue
        live = bool(service.state.live_versions(subject))
        wanted = not live if request.flag("deletedOnly") else live or request.flag("deleted")
        if wanted:
            found.append(subject)
    return request.page(found)


def has_prefix(subject: str, prefix: str) -> bool:
    """Whether a subject starts so; `:*:` stands for every context."""
    if prefix.startswith(contexts.WILDCARD):
        return contexts.split(subject)[1].startswith(prefix.removeprefix(contexts.WILDCARD))
    return subject.startswith(prefix)


async def versions(service: Service, request: Request) -> list[int]:
    """Version numbers of a subject, ascending."""
    deleted, deleted_only = request.flag("deleted"), request.flag("deletedOnly")
    known = service.state.versions(request.subject).values()
    if not any(deleted or deleted_only or not schema.deleted for schema in known):
        raise errors.subject_not_found(request.subject)
    return request.page(
        [
            schema.version
            for schema in known
            if (schema.deleted if deleted_only else deleted or not schema.deleted)
        ]
    )


async def version(service: Service, request: Request) -> Json:
    """One version of a subject."""
    return version_json(_version(service, request, deleted=request.flag("deleted")))


async def version_text(service: Service, request: Request) -> RawText:
    """One version of a subject, the schema alone."""
    return RawText(_version(service, request, deleted=request.flag("deleted")).text)


async def referenced_by(service: Service, request: Request) -> list[int]:
    """Ids of the schemas that refer to a version."""
    schema = _version(service, request, deleted=True)
    return request.page(service.state.referencing((schema.subject, schema.version)))


async def metadata(service: Service, request: Request) -> Json:
    """The latest version whose metadata has the properties asked for (`key=owner&value=sales`)."""
    wanted = dict(zip(request.query.get("key", []), request.query.get("value", []), strict=False))
    known = list(service.state.versions(request.subject).values())
    found = [one for one in known if request.flag("deleted") or not one.deleted]
    if not found:
        raise errors.subject_not_found(request.subject)
    for schema in reversed(found):
        if wanted.items() <= rule_sets.properties(schema.metadata).items():
            return version_json(schema)
    raise errors.schema_not_found()


async def register(service: Service, request: Request) -> Json:
    """Make a schema a version of the subject, unless it is one."""
    subject, new = request.subject, request.new_schema()
    rule_sets.check(new.rule_set)
    if not contexts.is_valid(subject):
        raise errors.invalid_subject(subject)
    normalize = request.flag("normalize")

    checks = service.metrics.compatibility_checks
    compared = False

    def planned(state: State) -> Plan[registration.Registered]:
        # It may be called more than once: nothing is counted here.
        nonlocal compared
        compared = bool(state.live_versions(subject))
        plan = registration.register(state, service.parser, subject, new, normalize=normalize)
        compared = compared and bool(plan.records)
        return plan

    try:
        registered = await service.write(planned)
    except errors.RegistryError as error:
        if error.status == 409:
            checks.labels(result="refused").inc()
        raise
    if compared:
        checks.labels(result="allowed").inc()
        service.metrics.migrations.inc()
    schema = registered.schema
    answer: Json = {"id": schema.schema_id, "version": schema.version, "guid": schema.guid}
    return answer | schema.json if registered.changed else answer


async def look_up(service: Service, request: Request) -> Json:
    """Which version of the subject a schema is."""
    return version_json(
        registration.look_up(
            service.state,
            service.parser,
            request.subject,
            request.new_schema(),
            normalize=request.flag("normalize"),
            deleted=request.flag("deleted"),
        )
    )


async def delete_version(service: Service, request: Request) -> int:
    """Delete one version: softly, or with `permanent` for good."""
    subject, number, permanent = request.subject, request.version, request.flag("permanent")
    return await service.write(
        lambda state: deletion.delete_version(state, subject, number, permanent=permanent)
    )


async def delete_subject(service: Service, request: Request) -> list[int]:
    """Delete all versions: softly, or with `permanent` for good."""
    subject, permanent = request.subject, request.flag("permanent")
    return await service.write(lambda state: deletion.delete_subject(state, subject, permanent=permanent))


async def compatible_with_version(service: Service, request: Request) -> Json:
    """Whether a schema may follow this one version, whatever else the level compares with."""
    number = request.version
    live = service.state.live_versions(request.subject)
    chosen = live[-1:] if number is None else [one for one in live if one.version == number]
    if number is not None and not chosen:
        raise errors.version_not_found(number)
    return _verdict(service, request, chosen)


async def compatible_with_versions(service: Service, request: Request) -> Json:
    """Whether a schema could be registered, by the subject's level."""
    return _verdict(service, request, service.state.live_versions(request.subject))


def _verdict(service: Service, request: Request, earlier: list[StoredSchema]) -> Json:
    verbose = request.flag("verbose")
    try:
        messages = registration.compatibility_messages(
            service.state,
            service.parser,
            request.subject,
            request.new_schema(),
            earlier,
            normalize=request.flag("normalize"),
        )
    except errors.RegistryError as error:
        if not verbose or error.code != 42201:
            raise
        messages = [error.message]
    result = "refused" if messages else "allowed"
    service.metrics.compatibility_checks.labels(result=result).inc()
    return {"is_compatible": not messages} | ({"messages": messages} if verbose else {})


def _version(service: Service, request: Request, *, deleted: bool) -> StoredSchema:
    number = request.version
    for subject in registration.in_contexts(service.state, request.subject):
        if number is None:
            live = service.state.live_versions(subject)
            schema = live[-1] if live else None
        else:
            schema = service.state.versions(subject).get(number)
        if schema is not None and (deleted or not schema.deleted):
            return schema
    known = service.state.versions(request.subject).values()
    if not any(deleted or not schema.deleted for schema in known):
        raise errors.subject_not_found(request.subject)
    raise errors.version_not_found(-1 if number is None else number)


_PAGE = {"offset": "integer", "limit": "integer"}
_DELETED = {"deleted": "boolean"}
_ONE = "/subjects/{subject}/versions/{version}"
_TESTS = {"verbose": "boolean", "normalize": "boolean"}

OPERATIONS = (
    Operation(
        "GET",
        "/subjects",
        "List subjects",
        subjects,
        {"subjectPrefix": "string", **_DELETED, "deletedOnly": "boolean", **_PAGE},
    ),
    Operation(
        "POST",
        "/subjects/{subject}",
        "Look up a schema",
        look_up,
        {"normalize": "boolean", **_DELETED},
        "schema",
    ),
    Operation("DELETE", "/subjects/{subject}", "Delete a subject", delete_subject, {"permanent": "boolean"}),
    Operation(
        "GET",
        "/subjects/{subject}/versions",
        "List versions",
        versions,
        {**_DELETED, "deletedOnly": "boolean", **_PAGE},
    ),
    Operation(
        "POST",
        "/subjects/{subject}/versions",
        "Register a schema",
        register,
        {"normalize": "boolean"},
        "schema",
    ),
    Operation("GET", "/subjects/{subject}/metadata", "Latest version by metadata", metadata, _DELETED),
    Operation("GET", _ONE, "Get a version", version, _DELETED),
    Operation("DELETE", _ONE, "Delete a version", delete_version, {"permanent": "boolean"}),
    Operation("GET", f"{_ONE}/schema", "Get a version's schema alone", version_text, _DELETED),
    Operation("GET", f"{_ONE}/referencedby", "List schemas that refer to a version", referenced_by, _PAGE),
    Operation(
        "POST",
        f"/compatibility{_ONE}",
        "Test a schema against one version",
        compatible_with_version,
        _TESTS,
        "schema",
    ),
    Operation(
        "POST",
        "/compatibility/subjects/{subject}/versions",
        "Test a schema as if it were registered",
        compatible_with_versions,
        _TESTS,
        "schema",
    ),
)
