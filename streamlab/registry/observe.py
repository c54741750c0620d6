"""See what clients ask of a schema registry: a reverse proxy on the loopback that counts.

    with observe(here.schema_registry_url) as watched:
        registry = here.registry(watched.url)     # everything it asks goes through the proxy
        registry.get_schema(7)
        watched.counts()                          # {"GET /schemas/ids/{id}": 1}
        with watched.away():                      # connections are refused, as by a registry that is down
            ...

Answers, errors included, are passed on as they come. Names and numbers in a path are replaced by what they
are, so that what is counted reads the same from run to run.
"""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

UPSTREAM_TIMEOUT_SECONDS = 10.0

_TEMPLATES = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"/schemas/ids/[^/]+(?P<rest>/schema|/subjects|/versions)?", r"/schemas/ids/{id}\g<rest>"),
        (r"/schemas/guids/[^/]+", "/schemas/guids/{guid}"),
        (r"/subjects/[^/]+", "/subjects/{subject}"),
        (r"/subjects/[^/]+/versions", "/subjects/{subject}/versions"),
        (
            r"/subjects/[^/]+/versions/[^/]+(?P<rest>/schema|/referencedby)?",
            r"/subjects/{subject}/versions/{version}\g<rest>",
        ),
        (r"/compatibility/subjects/[^/]+/versions", "/compatibility/subjects/{subject}/versions"),
        (
            r"/compatibility/subjects/[^/]+/versions/[^/]+",
            "/compatibility/subjects/{subject}/versions/{version}",
        ),
        (r"/(?P<what>config|mode)/[^/]+", r"/\g<what>/{subject}"),
        (r"/associations/resources/[^/]+/[^/]+", "/associations/resources/{cluster}/{topic}"),
    )
)
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
_NOT_PASSED_ON = _HOP_BY_HOP | {"host", "content-length", "accept-encoding", "content-encoding"}


@dataclass(frozen=True)
class Request:
    """One request as a client sent it: method, path with placeholders, and the status of the answer."""

    method: str
    path: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def path_template(path: str) -> str:
    """The path of a registry's API with names and numbers replaced by what they are; no query.

    >>> path_template("/subjects/txn.events-value/versions/2?deleted=true")
    '/subjects/{subject}/versions/{version}'

    A path that the API does not have comes back as it is.
    """
    bare = "/" + urlsplit(path).path.strip("/")
    for pattern, template in _TEMPLATES:
        if match := pattern.fullmatch(bare):
            return match.expand(template)
    return bare


class Observer:
    """A running proxy; made by `observe`.

    Attributes:
        url: the address to give to a client in place of the registry's own.
    """

    def __init__(self, registry_url: str) -> None:
        self._upstream = httpx.Client(
            base_url=registry_url.rstrip("/") + "/", timeout=UPSTREAM_TIMEOUT_SECONDS, trust_env=False
        )
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._server: _Server | None = _Server(self, ("127.0.0.1", 0))
        self._address: tuple[str, int] = ("127.0.0.1", self._server.server_port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in the order in which the answers came."""
        with self._lock:
            return tuple(self._requests)

    def counts(self) -> dict[str, int]:
        """How often each kind of request was made, first asked first; the sum is `len(requests)`."""
        return dict(Counter(str(request) for request in self.requests))

    @contextmanager
    def away(self) -> Iterator[None]:
        """Refuse connections for as long as the block runs, and cut those that are open."""
        self._stop_serving()
        # The port stays ours: bound but not listening is what a client sees as "connection refused".
        with socket.socket() as placeholder:
            placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            placeholder.bind(self._address)
            try:
                yield
            finally:
                placeholder.close()
                self._server = _Server(self, self._address)

    def close(self) -> None:
        """Stop listening and cut what is open. Safe to call more than once."""
        self._stop_serving()
        self._upstream.close()

    def _stop_serving(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """Ask the registry what the client asked, and note it.

        Raises:
            httpx.TransportError: the registry itself does not answer; it is noted with status 502.
        """
        request = self._upstream.build_request(method, path.lstrip("/"), headers=headers, content=body)
        try:
            answer = self._upstream.send(request)
        except httpx.TransportError:
            self._note(Request(method, path_template(path), 502))
            raise
        self._note(Request(method, path_template(path), answer.status_code))
        return answer

    def _note(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)


def observe(registry_url: str) -> Observer:
    """Start a proxy in front of the registry at `registry_url` (which may have a path)."""
    return Observer(registry_url)


class _Server(ThreadingHTTPServer):
    """Serves from its own thread as soon as it is made; `stop` also cuts connections that are kept alive."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, observer: Observer, address: tuple[str, int]) -> None:
        self.observer = observer
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="registry-observer", daemon=True
        )
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news; nothing is printed."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON
        } | {"Accept-Encoding": "identity"}
        try:
            answer = self.server.observer.pass_on(self.command, self.path, headers, body)
        except httpx.TransportError:
            self.send_error(502, "The registry behind this proxy does not answer")
            return
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _NOT_PASSED_ON | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the names are those of http.server)

    def log_message(self, *_args: Any) -> None:
        """Nothing of the proxy is printed: a notebook shows what the lesson prints."""
