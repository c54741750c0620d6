"""Prepared requests to a registry, sent on bare sockets, so that little of what is measured is the client.

load = Load("http://127.0.0.1:8081")            # registers what it reads later
with contextlib.closing(Connection(load.url)) as connection:
    connection.ask(load.reading(1)[0])          # the body of the answer
"""

import contextlib
import json
import socket
from urllib.parse import urlsplit

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
KNOWN = 50
"""Schemas that are registered before the measurements."""


class Connection:
    """A keep-alive connection that sends prepared requests."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def ask(self, request: bytes) -> bytes:
        """The body of an answer with status 200."""
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), received
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        while len(body) < int(length) if length else not body.endswith(b"0\r\n\r\n"):
            body += self._more()
        return body

    def _more(self) -> bytes:
        part = self._socket.recv(65_536)
        assert part, "the registry closed the connection"
        return part


class Load:
    """The requests to one registry; `fresh` counts what was registered, so that new is always new."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._fresh = 0
        with contextlib.closing(Connection(url)) as connection:
            answers = [json.loads(connection.ask(self._post(number))) for number in range(KNOWN)]
        self._ids = [answer["id"] for answer in answers]

    def reading(self, count: int) -> list[bytes]:
        """GET /schemas/ids/{id}, all known ids in turn."""
        return [self._request("GET", f"/schemas/ids/{self._ids[n % KNOWN]}") for n in range(count)]

    def known(self, count: int) -> list[bytes]:
        """POST of schemas that are registered already, as every producer does at its start."""
        return [self._post(n % KNOWN) for n in range(count)]

    def new(self, count: int) -> list[bytes]:
        """POST of new schemas under new subjects."""
        self._fresh += count
        return [self._post(KNOWN + self._fresh - count + n) for n in range(count)]

    def _post(self, number: int) -> bytes:
        fields = [{"name": f"field_{number}", "type": "string"}, {"name": "amount", "type": "double"}]
        schema = {"type": "record", "name": "Order", "fields": fields}
        body = json.dumps({"schema": json.dumps(schema)})
        return self._request("POST", f"/subjects/bench-{number}-value/versions", body)

    def _request(self, method: str, path: str, body: str = "") -> bytes:
        parts = urlsplit(self.url)
        lines = (
            f"{method} {parts.path}{path} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Accept: {MEDIA_TYPE}",
            *((f"Content-Type: {MEDIA_TYPE}", f"Content-Length: {len(body)}") if body else ()),
        )
        return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
