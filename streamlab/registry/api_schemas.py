"""The API below /schemas: schemas by id and by guid, whatever subject they are in.

OPERATIONS                                  # rows for `requests.Router`
"""

from streamlab.registry import contexts, errors
from streamlab.registry.api_subjects import RawText, has_prefix, version_json
from streamlab.registry.requests import Operation, Request
from streamlab.registry.schema_types import TYPES
from streamlab.registry.schemas_topic import Json, StoredSchema
from streamlab.registry.service import Service


async def by_id(service: Service, request: Request) -> Json:
    """The schema with this id."""
    schema = _find(service, request)
    answer = schema.json | {"guid": schema.guid}
    if request.flag("fetchMaxId"):
        answer["maxId"] = service.state.highest_id(contexts.context_of(schema.subject))
    return answer


async def text_by_id(service: Service, request: Request) -> RawText:
    """The schema with this id, and nothing around it."""
    return RawText(_find(service, request).text)


async def subjects_of_id(service: Service, request: Request) -> list[str]:
    """The subjects that have a schema with this id."""
    return request.page(list(dict.fromkeys(one.subject for one in _places(service, request))))


async def versions_of_id(service: Service, request: Request) -> list[Json]:
    """The subjects and versions that have a schema with this id."""
    return request.page(
        [{"subject": one.subject, "version": one.version} for one in _places(service, request)]
    )


async def by_guid(service: Service, request: Request) -> Json:
    """The schema with this guid; it is the same in every registry."""
    guid = request.params["guid"].lower()
    for context, schema_id in service.state.ids_of_guid(guid):
        schema = service.state.by_id(schema_id, context)
        if schema is not None:
            return schema.json | {"guid": guid}
    raise errors.schema_not_found(guid)


async def ids_of_guid(service: Service, request: Request) -> list[Json]:
    """The contexts that know a guid, and the id in each."""
    guid = request.params["guid"].lower()
    ids = [{"context": context, "id": one} for context, one in service.state.ids_of_guid(guid)]
    if not ids:
        raise errors.schema_not_found(guid)
    return ids


async def types(service: Service, request: Request) -> list[str]:  # noqa: ARG001
    """What can be registered here."""
    return list(TYPES)


async def schemas(service: Service, request: Request) -> list[Json]:
    """All versions of the subjects that start so, or with `latestOnly` the last one of each."""
    prefix = request.text("subjectPrefix") or contexts.WILDCARD
    found: list[StoredSchema] = []
    for subject in service.state.subjects():
        if has_prefix(subject, prefix):
            known = service.state.versions(subject).values()
            shown = [one for one in known if request.flag("deleted") or not one.deleted]
            found += shown[-1:] if request.flag("latestOnly") else shown
    return [version_json(one) for one in request.page(found)]


def _find(service: Service, request: Request) -> StoredSchema:
    """By id alone in the default context; with a subject, first there, then in the other contexts."""
    schema_id, subject = request.schema_id, request.asked_subject()
    state = service.state
    context, name = contexts.split(subject or "")
    places = state.places_of(schema_id, context)
    if name:
        here = [one for one in places if one.subject == subject]
        if context == contexts.DEFAULT and not here:
            here = [
                one
                for other in state.known_contexts()
                for one in state.places_of(schema_id, other)
                if one.subject == contexts.qualified(other, name)
            ] or places
        places = here
    if not places:
        raise errors.schema_not_found(schema_id)
    return places[0]


def _places(service: Service, request: Request) -> list[StoredSchema]:
    schema = _find(service, request)
    places = service.state.places_of(schema.schema_id, contexts.context_of(schema.subject))
    return [one for one in places if request.flag("deleted") or not one.deleted]


_PAGE = {"offset": "integer", "limit": "integer"}
_SUBJECT = {"subject": "string"}
_ID = "/schemas/ids/{id}"

OPERATIONS = (
    Operation(
        "GET",
        _ID,
        "Get a schema by id",
        by_id,
        {**_SUBJECT, "format": "string", "fetchMaxId": "boolean"},
    ),
    Operation("GET", f"{_ID}/schema", "Get a schema alone", text_by_id, {**_SUBJECT, "format": "string"}),
    Operation(
        "GET",
        f"{_ID}/subjects",
        "List an id's subjects",
        subjects_of_id,
        {**_SUBJECT, "deleted": "boolean", **_PAGE},
    ),
    Operation(
        "GET",
        f"{_ID}/versions",
        "List an id's versions",
        versions_of_id,
        {**_SUBJECT, "deleted": "boolean", **_PAGE},
    ),
    Operation("GET", "/schemas/guids/{guid}", "Get a schema by guid", by_guid, {"format": "string"}),
    Operation("GET", "/schemas/guids/{guid}/ids", "List a guid's ids", ids_of_guid),
    Operation("GET", "/schemas/types", "List schema types", types),
    Operation(
        "GET",
        "/schemas",
        "List schemas",
        schemas,
        {"subjectPrefix": "string", "deleted": "boolean", "latestOnly": "boolean", **_PAGE},
    ),
)
