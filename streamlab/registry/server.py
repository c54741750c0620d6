"""The registry as an ASGI application: Confluent's REST API over a store.

    app = RegistryApp(MemoryStore())
    uvicorn.run(app, host="127.0.0.1", port=8081)
    # GET /subjects, POST /subjects/{subject}/versions, ...; GET /docs lists them all

The API is small and its paths have names in them that may hold encoded slashes, so that it is routed by
`requests.Router` before anything is decoded. Content types, codes and texts: Confluent Schema Registry 8.
"""

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

from streamlab.registry import aliases, api_schemas, api_settings, api_subjects, errors, openapi
from streamlab.registry.forwarding import FORWARDED, ElsewhereError, Forwarder
from streamlab.registry.metrics import CONTENT_TYPE
from streamlab.registry.requests import Operation, Request, Router
from streamlab.registry.service import Service
from streamlab.registry.store import Store

log = logging.getLogger("streamlab.registry")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

REGISTRY_JSON: Final = b"application/vnd.schemaregistry.v1+json"
ATTEMPTS: Final = 4
MAX_BODY_BYTES: Final = 8_000_000
_JSON_ALSO: Final = (b"application/json", b"application/vnd.schemaregistry+json")


class RegistryApp:
    """The ASGI application of one registry.

    Attributes:
        service: the registry behind it.
    """

    def __init__(self, store: Store) -> None:
        self.service = Service(store)
        self.router = Router((*api_subjects.OPERATIONS, *api_schemas.OPERATIONS, *api_settings.OPERATIONS))
        self._forwarder = Forwarder()
        self._pages: dict[bytes, tuple[str, Callable[[], bytes]]] = {
            b"/metrics": (CONTENT_TYPE, self.service.metrics.text),
            b"/openapi.json": ("application/json", self._openapi),
            b"/docs": ("text/html; charset=utf-8", lambda: openapi.page(self.router.operations).encode()),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.service.store.start()
        except errors.RegistryError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._forwarder.close()
        await self.service.store.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if scope["method"] in ("GET", "HEAD") and raw_path in self._pages:
            page_type, page = self._pages[raw_path]
            await _send(send, scope, 200, page_type.encode(), page())
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await _body(receive)
            operation, request = self.router.find(
                scope["method"], raw_path, scope["query_string"], body=body, headers=headers
            )
            request = aliases.resolved(operation, request, self.service.state)
            status, content = await self._handle(operation, request, scope)
        except errors.RegistryError as error:
            self.service.metrics.errors.labels(code=str(error.code)).inc()
            status, content = error.status, _dump(error.body)
        except Exception:  # a request that breaks the server is answered, counted, and logged to be mended
            log.exception("%s %s could not be answered", scope["method"], scope["path"])
            self.service.metrics.errors.labels(code="500").inc()
            status, content = 500, _dump(errors.RegistryError(500, "HTTP 500 Internal Server Error").body)
        signature = self.service.store.signature()
        await _send(send, scope, status, _content_type(headers.get("accept", "")), content, signature)

    async def _handle(self, operation: Operation, request: Request, scope: Scope) -> tuple[int, bytes]:
        """Answer here, or have the leader answer; a leader that is gone is succeeded."""
        for _ in range(ATTEMPTS):
            try:
                content = await operation.handler(self.service, request)
            except ElsewhereError as elsewhere:
                forwarded = None
                if FORWARDED not in request.headers:
                    forwarded = await self._forwarder.forward(elsewhere, scope, request)
                if forwarded is not None:
                    await elsewhere.catch_up(forwarded.position)
                    return forwarded.status, forwarded.content
                await elsewhere.take_over()
            else:
                return 200, content.encode() if isinstance(content, api_subjects.RawText) else _dump(content)
        raise errors.unknown_leader()

    def _openapi(self) -> bytes:
        return _dump(openapi.document(self.router.operations))


async def _body(receive: Receive) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise errors.bad_request("The client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise errors.RegistryError(413, "HTTP 413 Request Entity Too Large")
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(
    send: Send,
    scope: Scope,
    status: int,
    content_type: bytes,
    content: bytes,
    signature: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(content)).encode()),
        *signature,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


def _dump(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")


def _content_type(accept: str) -> bytes:
    """The registry's own type, unless the client asks for another JSON alone."""
    asked = [part.partition(";")[0].strip().lower().encode() for part in accept.split(",")]
    if REGISTRY_JSON in asked or b"*/*" in asked:
        return REGISTRY_JSON
    return next((one for one in asked if one in _JSON_ALSO), REGISTRY_JSON)
