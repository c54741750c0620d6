"""A broker that says nothing but where it wants to be found: enough of Kafka's protocol for metadata.

    with FakeBroker(advertised=("kafka", 9092)) as broker:
        AdminClient({"bootstrap.servers": broker.address}).list_topics()

Two requests are answered, ApiVersions (key 18, version 0) and Metadata (key 3, version 1), laid out as in the
protocol guide. A newer ApiVersions is refused with UNSUPPORTED_VERSION, whereupon clients ask for version 0.
"""

import socketserver
import struct
import threading
from types import TracebackType

METADATA, API_VERSIONS = 3, 18
UNSUPPORTED_VERSION = 35


def text(value: str) -> bytes:
    """A string of the protocol."""
    return struct.pack(">h", len(value)) + value.encode()


class FakeBroker:
    """Listens on loopback while it is entered; advertises itself unless told otherwise."""

    def __init__(self, advertised: tuple[str, int] | None = None) -> None:
        self._advertised = advertised

    def __enter__(self) -> "FakeBroker":
        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while len(head := self.rfile.read(4)) == 4:
                    request = self.rfile.read(struct.unpack(">i", head)[0])
                    key, version, correlation = struct.unpack_from(">hhi", request)
                    body = struct.pack(">i", correlation) + answer(key, version, advertised)
                    self.wfile.write(struct.pack(">i", len(body)) + body)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
        self._server.daemon_threads = True
        host, port = self._server.server_address[:2]
        advertised = self._advertised or (str(host), port)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(key: int, version: int, advertised: tuple[str, int]) -> bytes:
    """The body of the answer to one request."""
    if key == API_VERSIONS:
        error = UNSUPPORTED_VERSION if version > 0 else 0
        known = ((METADATA, 0, 1), (API_VERSIONS, 0, 0))
        return struct.pack(">hi", error, len(known)) + b"".join(struct.pack(">hhh", *api) for api in known)
    assert (key, version) == (METADATA, 1), f"request {key} version {version} is not known here"
    host, port = advertised
    broker = struct.pack(">i", 1) + text(host) + struct.pack(">i", port) + struct.pack(">h", -1)
    return struct.pack(">i", 1) + broker + struct.pack(">ii", 1, 0)  # controller 1, no topics
