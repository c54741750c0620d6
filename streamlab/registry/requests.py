"""What a client asked, and which operation answers it.

    router = Router([Operation("GET", "/subjects/{subject}/versions", "List versions", handler)])
    path = b"/subjects/a%2Fb/versions"
    operation, request = router.find("GET", path, b"deleted=true", body=b"", headers={})
    request.subject                # "a/b": the path is cut before it is decoded, so that names may hold "/"
    request.flag("deleted")        # True
    request.json()                 # the body; RegistryError 400 if it is not a JSON object

Any path may stand below `/contexts/{context}`: its subjects are then those of that context.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

from streamlab.registry import contexts, errors
from streamlab.registry.registration import MAX_INT, NewSchema
from streamlab.registry.schemas_topic import Json, Reference

if TYPE_CHECKING:
    from streamlab.registry.service import Service

JSON_TYPES: Final = frozenset(
    (
        "application/vnd.schemaregistry.v1+json",
        "application/vnd.schemaregistry+json",
        "application/json",
        "application/octet-stream",
    )
)


@dataclass(frozen=True)
class Request:
    """One request, taken apart. Its methods refuse with a RegistryError what cannot be understood."""

    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    context: str = contexts.DEFAULT

    @property
    def subject(self) -> str:
        """The subject in the path."""
        return self._qualified(self.params["subject"])

    @property
    def scope(self) -> str | None:
        """The subject in the path, else the context in the path as a subject, else None: the registry."""
        if "subject" in self.params:
            return self.subject
        return None if self.context == contexts.DEFAULT else contexts.qualified(self.context, "")

    @property
    def schema_id(self) -> int:
        """The id in the path."""
        return _integer(self.params["id"])

    @property
    def version(self) -> int | None:
        """The version in the path; None is the latest."""
        text = self.params["version"]
        if text.lower() == "latest" or text == "-1":
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 10 or not 1 <= int(text) <= MAX_INT:
            raise errors.invalid_version(text)
        return int(text)

    def flag(self, name: str) -> bool:
        """A switch in the query: on if it says "true"."""
        return self.text(name).lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A number in the query."""
        text = self.text(name)
        return _integer(text) if text else default

    def text(self, name: str) -> str:
        """A text in the query; empty if it is not there."""
        return self.query.get(name, [""])[0]

    def asked_subject(self) -> str | None:
        """The subject in the query, by which an id is looked up."""
        given = self.text("subject")
        if given:
            return self._qualified(given)
        return None if self.context == contexts.DEFAULT else contexts.qualified(self.context, "")

    def page(self, items: Sequence[Any]) -> list[Any]:
        """The part of a list that `offset` and `limit` ask for; a limit below zero is none."""
        start = max(0, self.number("offset", 0))
        limit = self.number("limit", -1)
        return list(items[start:] if limit < 0 else items[start : start + limit])

    def json(self) -> Json:
        """The body as a JSON object."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type and media_type not in JSON_TYPES:
            raise errors.unsupported_media_type()
        if not self.body.strip():
            raise errors.unprocessable("The request body must not be null")
        try:
            parsed = json.loads(self.body, parse_constant=_refuse_constant)
            json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            raise errors.bad_request(
                f"The request body is not JSON: {error}".encode("ascii", "replace").decode()
            ) from error
        if parsed is None:
            raise errors.unprocessable("The request body must not be null")
        if not isinstance(parsed, dict):
            raise errors.bad_request("The request body is not a JSON object")
        return parsed

    def new_schema(self) -> NewSchema:
        """The body as a schema to register, to look up or to test."""
        body = self.json()
        references = member(body, "references", list) or []
        return NewSchema(
            text=member(body, "schema", str),
            schema_type=member(body, "schemaType", str) or "AVRO",
            references=tuple(_reference(one) for one in references),
            version=number_member(body, "version", 0),
            schema_id=number_member(body, "id", -1),
            metadata=member(body, "metadata", dict),
            rule_set=member(body, "ruleSet", dict),
        )

    def _qualified(self, subject: str) -> str:
        if self.context != contexts.DEFAULT and not subject.startswith(":."):
            return contexts.qualified(self.context, subject)
        return contexts.normalized(subject)


Handler = Callable[["Service", Request], Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """One row of the API.

    Attributes:
        path: with names in braces: `/subjects/{subject}/versions/{version}`.
        query: the parameters it knows, by their JSON type.
        body: the name of the body's schema in the OpenAPI document; empty if it takes none.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class Router:
    """Finds the operation for a method and a path."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self._by_length: dict[int, list[tuple[list[str], Operation]]] = {}
        for operation in operations:
            segments = operation.path.strip("/").split("/")
            self._by_length.setdefault(len(segments), []).append((segments, operation))

    def find(
        self, method: str, raw_path: bytes, query: bytes, *, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Operation, Request]:
        """The operation, and the request as it takes it.

        Raises:
            RegistryError: 404 there is no such path, 405 no such method for it.
        """
        segments = raw_path.decode("latin-1").split("?")[0].strip("/").split("/")
        context = contexts.DEFAULT
        if segments[0] == "contexts" and len(segments) > 2:
            context = unquote(segments[1]).strip(":") or contexts.DEFAULT
            segments = segments[2:]
        known = False
        wanted = "GET" if method == "HEAD" else method
        for pattern, operation in self._by_length.get(len(segments), ()):
            params = _match(pattern, segments)
            if params is None:
                continue
            known = True
            if operation.method == wanted:
                values = parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
                return operation, Request(params, values, headers, body, context)
        raise errors.method_not_allowed() if known else errors.not_found()


def member(body: Json, name: str, wanted: type) -> Any:
    """A member of a body, None if it is not there.

    Raises:
        RegistryError: 400, it is of another type.
    """
    value = body.get(name)
    if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise errors.bad_request(f"The member {name} of the body is not of the type {_JSON_NAMES[wanted]}")
    return value


def number_member(body: Json, name: str, default: int) -> int:
    """A whole number in a body, within the 32 bits that the registry has for it."""
    value = member(body, name, int)
    if value is not None and not -(2**31) <= value <= MAX_INT:
        raise errors.bad_request(f"The member {name} of the body does not fit into 32 bits")
    return default if value is None else int(value)


_JSON_NAMES: Final[dict[type, str]] = {str: "string", int: "integer", dict: "object", list: "array"}


def _reference(one: Any) -> Reference:
    if not isinstance(one, dict):
        raise errors.bad_request("A reference in the body is not a JSON object")
    name, subject = member(one, "name", str), member(one, "subject", str)
    if not name or not subject:
        raise errors.invalid_schema("A reference needs a name and a subject")
    return Reference(name, subject, number_member(one, "version", -1))


def _match(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    params = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if not segment:
                return None
            params[expected.strip("{}")] = unquote(segment)
        elif expected != segment:
            return None
    return params


def _integer(text: str) -> int:
    """A number in a path or a query; another text makes the path one that does not exist, as in JAX-RS."""
    digits = text.removeprefix("-")
    if (
        not digits.isascii()
        or not digits.isdigit()
        or len(digits) > 10
        or not -(2**31) <= int(text) <= MAX_INT
    ):
        raise errors.not_found()
    return int(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
