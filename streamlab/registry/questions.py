"""What a client of a schema registry may rely on, as questions that any registry can be asked.

    [question.name for question in QUESTIONS]
    QUESTIONS[0].ask(asked)                      # "404, code 40401"

Confluent Schema Registry 8 answers them as its REST reference says; others differ in some.
"""

import json
from typing import Any, Final

from streamlab.registry.asked import Asked, Question

_NO_SUCH_ID: Final = 2_000_000_000
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_NO_SUCH_GUID: Final = "00000000-0000-0000-0000-000000000000"


def _body(schema: Any, **more: Any) -> dict[str, Any]:
    """What registers a schema: parsed JSON, or a text that is sent as it is."""
    return {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}


def _record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": list(fields), **more}


_AMOUNT: Final = {"name": "amount", "type": "double"}
_NOTE: Final = {"name": "note", "type": "string"}
_SHORT: Final = _body(_record(_AMOUNT))
_LONG: Final = _body(_record(_AMOUNT, _NOTE))
_BOOKED: Final = {"type": "record", "name": "Booking", "fields": [{"name": "of", "type": "Order"}]}


def _yes(whether: object) -> str:
    return "yes" if whether else "no"


def _incompatible(registry: Asked) -> tuple[str, str]:
    subject = registry.with_versions(_SHORT, level="BACKWARD")
    answer = registry.request("POST", f"/subjects/{subject}/versions", _LONG)
    return f"{answer.status_code}, code {answer.json()['error_code']}", answer.json()["message"]


def _invalid_says_where(registry: Asked) -> str:
    wrong = _body(_record({"name": "amount", "type": "dubble"}))
    message = registry.said("POST", f"/subjects/{registry.subject()}/versions", wrong)["message"]
    return _yes("dubble" in message)


def _comes_back(registry: Asked, body: dict[str, Any], member: str) -> str:
    subject = registry.with_versions(body)
    return _yes(member in registry.said("GET", f"/subjects/{subject}/versions/1"))


def _ids(registry: Asked, one: dict[str, Any], other: dict[str, Any], query: str = "") -> str:
    """Whether two subjects get the same id."""
    ids = {
        registry.must("POST", f"/subjects/{registry.subject()}/versions{query}", body)["id"]
        for body in (one, other)
    }
    return "the same id" if len(ids) == 1 else "two ids"


def _documented(registry: Asked) -> str:
    subject = registry.with_versions(_SHORT, _body(_record(_AMOUNT, doc="What a customer ordered.")))
    versions = registry.said("GET", f"/subjects/{subject}/versions")
    return "a new version" if len(versions) == 2 else "the same version"


def _read_only(registry: Asked) -> str:
    subject = registry.subject()
    registry.must("PUT", f"/mode/{subject}", {"mode": "READONLY"})
    return registry.code("POST", f"/subjects/{subject}/versions", _SHORT)


def _verbose(registry: Asked) -> str:
    subject = registry.with_versions(_SHORT, level="BACKWARD")
    path = f"/compatibility/subjects/{subject}/versions/latest?verbose=true"
    return _yes(registry.said("POST", path, _LONG).get("messages"))


def _older(registry: Asked, path: str) -> str:
    """Compatible with the latest version, not with the one before; the level is not transitive."""
    first = _body(_record({"name": "amount", "type": "int"}))
    candidate = _body(_record({"name": "amount", "type": "string", "default": ""}))
    subject = registry.with_versions(first, _body(_record()), level="BACKWARD")
    return _tested(registry, subject, path, candidate)


def _tested(registry: Asked, subject: str, path: str, body: dict[str, Any]) -> str:
    answer = registry.said("POST", f"/compatibility/subjects/{subject}/{path}", body)
    return "compatible" if answer["is_compatible"] else "not compatible"


def _own_level(registry: Asked, query: str) -> str:
    answer = registry.request("GET", f"/config/{registry.with_versions(_SHORT)}{query}")
    if answer.status_code != 200:
        return f"{answer.status_code}, code {answer.json()['error_code']}"
    level = answer.json()["compatibilityLevel"]
    return "the global level" if level == registry.said("GET", "/config")["compatibilityLevel"] else level


def _deleted(registry: Asked, *steps: tuple[str, str]) -> str:
    """A subject with one version, after some requests; the answer to the last one."""
    subject = registry.with_versions(_SHORT)
    answers = [registry.code(method, path.format(subject)) for method, path in steps]
    return answers[-1]


def _numbers(registry: Asked, query: str = "") -> str:
    """The version that is registered after one that was deleted, softly or for good."""
    subject = registry.with_versions(_SHORT, _LONG)
    registry.must("DELETE", f"/subjects/{subject}/versions/2")
    if query:
        registry.must("DELETE", f"/subjects/{subject}/versions/2{query}")
    registry.must("POST", f"/subjects/{subject}/versions", _body(_record(_NOTE)))
    return str(registry.said("GET", f"/subjects/{subject}/versions"))


def _delete_referenced(registry: Asked) -> str:
    order = registry.with_versions(_SHORT)
    reference = {"name": "Order", "subject": order, "version": 1}
    registry.with_versions(_body(_BOOKED, references=[reference]))
    return registry.code("DELETE", f"/subjects/{order}/versions/1")


def _reference(registry: Asked) -> str:
    reference = {"name": "Order", "subject": registry.subject(), "version": 1}
    body = _body(_BOOKED, references=[reference])
    return registry.code("POST", f"/subjects/{registry.subject()}/versions", body)


def _register(registry: Asked, schema: Any, **more: Any) -> str:
    return registry.code("POST", f"/subjects/{registry.subject()}/versions", _body(schema, **more))


QUESTIONS: Final = (
    # What is not there
    Question("versions of an unknown subject", "error handling of clients",
             lambda r: r.code("GET", f"/subjects/{r.subject()}/versions")),
    Question("an unknown version of a subject", "error handling of clients",
             lambda r: r.code("GET", f"/subjects/{r.with_versions(_SHORT)}/versions/9")),
    Question("version 0", "error handling of clients",
             lambda r: r.code("GET", f"/subjects/{r.with_versions(_SHORT)}/versions/0")),
    Question("an unknown schema id", "what a consumer of foreign data is told",
             lambda r: r.code("GET", f"/schemas/ids/{_NO_SUCH_ID}")),
    Question("an unknown GUID", "whether the registry knows GUIDs, which ids in message headers need",
             lambda r: r.code("GET", f"/schemas/guids/{_NO_SUCH_GUID}")),
    Question("look up a schema that is not registered", "producers that must not register",
             lambda r: r.code("POST", f"/subjects/{r.with_versions(_SHORT)}", _LONG)),
    Question("look up in an unknown subject", "producers that must not register",
             lambda r: r.code("POST", f"/subjects/{r.subject()}", _SHORT)),
    Question("an association of a topic", "serializers ask first, and go on after 404",
             lambda r: f"{r.request('GET', f'/associations/resources/-/{r.subject()}').status_code}"),
    Question("the id of the cluster", "tools that tell registries apart",
             lambda r: f"{r.request('GET', '/v1/metadata/id').status_code}"),
    # Register
    Question("an incompatible schema", "programs compare the code; 409 up to release 8.0.3",
             lambda r: _incompatible(r)[0]),
    Question("the refusal says which version broke it", "how fast the mistake is found",
             lambda r: _yes("oldSchemaVersion" in _incompatible(r)[1])),
    Question("a schema that is not JSON", "error handling of clients", lambda r: _register(r, "{")),
    Question("a field of an unknown type", "error handling of clients",
             lambda r: _register(r, _record({"name": "amount", "type": "dubble"}))),
    Question("the refusal names the unknown type", "how fast the mistake is found", _invalid_says_where),
    Question("a default of another type", "a schema that no reader can use",
             lambda r: _register(r, _record({**_AMOUNT, "default": "much"}))),
    Question("an empty schema", "a subject with a version that nobody can read",
             lambda r: _register(r, "")),
    Question("a reference to nothing", "error handling of clients", _reference),
    Question("a JSON Schema", "topics that are not Avro",
             lambda r: _register(r, {"$schema": _DRAFT, "type": "object"}, schemaType="JSON")),
    Question("a Protocol Buffers schema", "topics that are not Avro",
             lambda r: _register(r, 'syntax = "proto3"; message A { string a = 1; }', schemaType="PROTOBUF")),
    Question("register under READONLY", "freezing a subject during a migration", _read_only),
    # What is kept
    Question("a version has a GUID", "ids in message headers",
             lambda r: _comes_back(r, _SHORT, "guid")),
    Question("metadata comes back", "owners and tags beside a schema",
             lambda r: _comes_back(r, _SHORT | {"metadata": {"properties": {"owner": "sales"}}}, "metadata")),
    Question("the same schema in two subjects", "how many schemas a consumer fetches",
             lambda r: _ids(r, _SHORT, _SHORT)),
    Question("the same schema with other spaces, in two subjects", "whether formatting makes versions",
             lambda r: _ids(r, _SHORT, _body(json.dumps(_record(_AMOUNT), indent=1)))),
    Question("the same schema, properties in another order", "whether generated files make versions",
             lambda r: _ids(r, _body(_record(_AMOUNT, owner="sales", tier="1")),
                            _body(_record(_AMOUNT, tier="1", owner="sales")))),
    Question("the same schema, properties in another order, normalize=true", "the way to avoid such versions",
             lambda r: _ids(r, _body(_record(_AMOUNT, owner="sales", tier="2")),
                            _body(_record(_AMOUNT, tier="2", owner="sales")), "?normalize=true")),
    Question("a schema that differs in a doc alone", "whether better documentation is published",
             _documented),
    # Test compatibility
    Question("a test with verbose says why", "how fast the mistake is found", _verbose),
    Question("test all versions, level BACKWARD, an older one breaks", "what a pipeline is told",
             lambda r: _older(r, "versions")),
    Question("test the latest version, level BACKWARD, an older one breaks", "what a pipeline is told",
             lambda r: _older(r, "versions/latest")),
    Question("test against an unknown subject", "pipelines of new contracts",
             lambda r: _tested(r, r.subject(), "versions/latest", _SHORT)),
    Question("test an invalid schema, verbose", "what a pipeline is told",
             lambda r: r.code("POST", f"/compatibility/subjects/{r.with_versions(_SHORT)}/versions"
                                      "?verbose=true", _body("{"))),
    # Settings
    Question("the global level", "what is checked where nothing was set",
             lambda r: str(r.said("GET", "/config")["compatibilityLevel"])),
    Question("the level of a subject without one", "scripts that copy settings",
             lambda r: _own_level(r, "")),
    Question("the level of a subject without one, defaultToGlobal=true", "scripts that ask what holds",
             lambda r: _own_level(r, "?defaultToGlobal=true")),
    Question("set an unknown level", "typing mistakes in scripts",
             lambda r: r.code("PUT", f"/config/{r.subject()}", {"compatibility": "BACKWARDS"})),
    Question("the mode of a subject without one", "scripts that copy settings",
             lambda r: r.code("GET", f"/mode/{r.with_versions(_SHORT)}")),
    Question("set an unknown mode", "typing mistakes in scripts",
             lambda r: r.code("PUT", f"/mode/{r.subject()}", {"mode": "READ"})),
    # Delete
    Question("delete for good what was not deleted first", "clean-up scripts",
             lambda r: _deleted(r, ("DELETE", "/subjects/{}?permanent=true"))),
    Question("delete a subject twice", "clean-up scripts",
             lambda r: _deleted(r, ("DELETE", "/subjects/{}"), ("DELETE", "/subjects/{}"))),
    Question("a deleted version", "consumers of a deleted subject",
             lambda r: _deleted(r, ("DELETE", "/subjects/{}/versions/1"),
                                ("GET", "/subjects/{}/versions/1"))),
    Question("a deleted version with deleted=true", "repairing a mistake",
             lambda r: _deleted(r, ("DELETE", "/subjects/{}/versions/1"),
                                ("GET", "/subjects/{}/versions/1?deleted=true"))),
    Question("delete what another schema refers to", "clean-up scripts", _delete_referenced),
    Question("versions after 2 was deleted softly, and a new one", "numbers that people wrote down",
             lambda r: _numbers(r)),
    Question("versions after 2 was deleted for good, and a new one", "numbers that people wrote down",
             lambda r: _numbers(r, "?permanent=true")),
    # The shape of answers
    Question("the content type of an answer", "strict clients and proxies",
             lambda r: r.request("GET", "/subjects").headers.get("content-type", "none").partition(";")[0]),
    Question("an unknown path", "error handling of clients", lambda r: r.code("GET", "/nothing")),
    Question("the types of schema", "topics that are not Avro",
             lambda r: ", ".join(sorted(r.said("GET", "/schemas/types")))),
    Question("the default context is called", "tools that list contexts",
             lambda r: " ".join(name for name in r.said("GET", "/contexts") if name.strip(":.") == "")),
)  # fmt: skip
"""The stated list, by what a client does."""
