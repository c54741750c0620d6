"""Registries that fail in chosen ways: a server in a thread that answers whatever a function says.

with toy(lambda method, path: (200, b"<html>")) as server:
    server.url, server.asked                  # the address; [("GET", "/subjects/a-value/versions"), ...]
with failing(url, after=2) as server: ...     # passes requests on, and breaks down at the third registration
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Answer = tuple[int, bytes] | None
"""A status and a body; None closes the connection without a word."""


@dataclass
class Toy:
    url: str
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def written(self) -> list[tuple[str, str]]:
        """The requests that would change a registry."""
        return [
            (method, path)
            for method, path in self.asked
            if method == "PUT"
            or (method == "POST" and path.startswith("/subjects") and path.endswith("/versions"))
        ]


class Server(ThreadingHTTPServer):
    """Closing it waits for its threads, and a client that went away is no error: nothing is printed later."""

    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def toy(answer: Callable[[str, str, bytes], Answer]) -> Iterator[Toy]:
    """A server that answers by a function of method, path and body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.command, self.path))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = answer(self.command, self.path, body)
            if given is None:
                self.close_connection = True
                return
            self.send_response(given[0])
            self.send_header("Content-Length", str(len(given[1])))
            self.end_headers()
            self.wfile.write(given[1])

        do_POST = do_PUT = do_GET  # noqa: N815 (the names of http.server)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = Server(("127.0.0.1", 0), Handler)
    found = Toy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def failing(url: str, after: int, how: Answer = None) -> Iterator[Toy]:
    """A way to a registry that breaks down after so many changes went through."""
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:

        def answer(method: str, path: str, body: bytes) -> Answer:
            if len(server.written) > after:
                return how
            passed = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
            return passed.status_code, passed.content

        with toy(answer) as server:
            yield server
