"""Writers' schemas by id: fetched once, kept, and asked for in the background while the registry is away.

    schemas = WriterSchemas(stack.schema_registry_url, reader=contracts.load("transaction", 3))
    schemas.find(7)                  # Found: a function from a framed message to its event
    schemas.find(8)                  # Away: nobody can say now. Unknown: there is no such schema

An id means the same schema for ever, so what was fetched needs no registry any more.
"""

import io
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import fastavro
import httpx
from fastavro.schema import SchemaParseException

from streamlab.encoding import plain
from streamlab.stack.registry_http import ask
from streamlab.wire import HEADER

log = logging.getLogger("streamlab.processor")

FIRST_ANSWER_SECONDS: Final = 1.0
"""How long a new id holds everything up before only its partition waits."""

ASK_AGAIN_SECONDS: Final = 0.5
REQUEST_SECONDS: Final = 5.0
BELIEVE_UNKNOWN_SECONDS: Final = 5.0
"""For so long a missing id is not asked for again: it may be registered later, and come in floods."""

MOST_UNKNOWN: Final = 1_000

UNPARSABLE: Final = (
    SchemaParseException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What parsing raises on an answer, or a text, that is no schema."""

Event = dict[str, Any]
Read = Callable[[bytes], Event]


class UndecodableError(ValueError):
    """The bytes are not what the writer's schema says, or that schema cannot be read by the contract."""


@dataclass(frozen=True)
class Found:
    """The schema is here."""

    read: Read


@dataclass(frozen=True)
class Unknown:
    """The registry answered: there is no such id, or it is no Avro schema that the contract can read."""

    error: str


@dataclass(frozen=True)
class Away:
    """The registry does not answer, so far, or not as one."""

    error: str


class WriterSchemas:
    """What the registry said, by schema id. `find` is for one thread; fetching has its own."""

    def __init__(self, registry_url: str, reader: Any) -> None:
        self._registry_url = registry_url
        self._reader = fastavro.parse_schema(plain(reader))
        self._known: dict[int, Found] = {}
        self._unknown: dict[int, tuple[float, Unknown]] = {}
        self._asked: dict[int, tuple[float, Future[Found | Unknown | Away]]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="schemas")

    def find(self, schema_id: int) -> Found | Unknown | Away:
        """The schema, or why it is not here; waits for at most `FIRST_ANSWER_SECONDS`, and only at first."""
        known = self._known.get(schema_id)
        if known is not None:
            return known
        believed_until, unknown = self._unknown.get(schema_id, (0.0, None))
        if unknown is not None and time.monotonic() < believed_until:
            return unknown
        if schema_id not in self._asked:
            self._asked[schema_id] = (time.monotonic(), self._thread.submit(self._fetch, schema_id))
            patience = FIRST_ANSWER_SECONDS
        else:
            patience = 0.0
        asked_at, future = self._asked[schema_id]
        try:
            answer = future.result(patience)
        except TimeoutError:
            return Away("the registry has not answered yet")
        if not isinstance(answer, Away):
            del self._asked[schema_id]
            if isinstance(answer, Found):
                self._known[schema_id] = answer
            else:
                if len(self._unknown) >= MOST_UNKNOWN:
                    self._unknown.clear()
                self._unknown[schema_id] = (time.monotonic() + BELIEVE_UNKNOWN_SECONDS, answer)
        elif time.monotonic() - asked_at >= ASK_AGAIN_SECONDS:
            self._asked[schema_id] = (time.monotonic(), self._thread.submit(self._fetch, schema_id))
        return answer

    def close(self) -> None:
        """Ask no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, schema_id: int) -> Found | Unknown | Away:
        try:
            answer = self._ask(f"/schemas/ids/{schema_id}")
            if answer.get("schemaType", "AVRO") != "AVRO":
                return Unknown(f"schema {schema_id} is {answer['schemaType']}, not Avro")
            named: dict[str, Any] = {}
            self._parse_references(answer, named)
            return Found(self._reading(parse(answer["schema"], named)))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status == httpx.codes.NOT_FOUND:
                return Unknown(f"the registry knows no schema {schema_id}")
            return Away(f"the registry answers {status}")
        except httpx.HTTPError as error:
            # Something else at its address, a proxy that wants a password: not the registry's word.
            return Away(f"the registry does not answer ({type(error).__name__})")
        except UNPARSABLE as error:
            return Unknown(f"schema {schema_id} cannot be parsed: {error}")

    def _parse_references(self, answer: dict[str, Any], named: dict[str, Any]) -> None:
        for reference in answer.get("references") or ():
            subject = quote(reference["subject"], safe="")
            version = self._ask(f"/subjects/{subject}/versions/{reference['version']}?deleted=true")
            self._parse_references(version, named)
            parse(version["schema"], named)

    def _ask(self, path: str) -> dict[str, Any]:
        answer = ask("GET", f"{self._registry_url}{path}", REQUEST_SECONDS)
        answer.raise_for_status()
        try:
            found = answer.json()
        except ValueError as error:
            raise httpx.DecodingError("no JSON", request=answer.request) from error
        if not isinstance(found, dict):
            raise httpx.DecodingError("no JSON object", request=answer.request)
        return found

    def _reading(self, writer: Any) -> Read:
        """A function from a framed message to its event, in the contract's newest form."""
        stream_of, decode = io.BytesIO, fastavro.schemaless_reader
        reader = None if writer == self._reader else self._reader
        start = HEADER.size

        def read(message: bytes) -> Event:
            stream = stream_of(message)
            stream.seek(start)
            event: Event = decode(stream, writer, reader)  # type: ignore[assignment]
            if stream.tell() != len(message):
                raise UndecodableError(f"{len(message) - stream.tell()} bytes are left over after the record")
            return event

        return read


def parse(text: str, named: dict[str, Any]) -> Any:
    """A schema as fastavro wants it, with times as plain integers; `named` collects the types it names.

    Raises:
        ValueError, and others of `UNPARSABLE`: it is no schema, or a recursive one.
    """
    parsed = fastavro.parse_schema(plain(json.loads(text)), named_schemas=named)
    if is_recursive(parsed):
        raise ValueError("it is recursive, so its messages can be of any depth")
    return parsed


def is_recursive(schema: Any, within: frozenset[str] = frozenset()) -> bool:
    """Whether a type of a parsed schema holds itself.

    fastavro decodes such a type by calling itself in C without a bound: a message of half a million levels,
    one byte each, ends the whole process, again after every restart.
    """
    if isinstance(schema, str):
        return schema in within
    if isinstance(schema, list):
        return any(is_recursive(branch, within) for branch in schema)
    if schema["type"] in ("record", "error"):
        inside = within | {schema["name"]}
        return any(is_recursive(field["type"], inside) for field in schema["fields"])
    inner = (schema[part] for part in ("type", "items", "values") if part in schema)
    return any(is_recursive(part, within) for part in inner)
