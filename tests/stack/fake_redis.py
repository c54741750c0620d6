"""A server that answers each thing that it is sent with the next of some given bytes, whatever was asked.

with fake_redis(b"+PONG\\r\\n") as url:
    redis_probe.ask(url, 5.0, ("PING",))
"""

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[bytes], bytes]


def echoing_get(request: bytes) -> bytes:
    """SET is fine, and GET gives back what was set just before: enough for a round trip."""
    token = request.split(b"\r\n")[6]
    return b"+OK\r\n$%d\r\n%s\r\n" % (len(token), token)


@contextlib.contextmanager
def fake_redis(answer: bytes | Answer, *, stay: bool = True) -> Iterator[str]:
    """Listens on loopback; gives its URL.

    Args:
        answer: what is sent back for all that came at once.
        stay: keep the connection open after it.
    """

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while request := self.request.recv(65536):
                self.request.sendall(answer if isinstance(answer, bytes) else answer(request))
                if not stay:
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()
        thread.join()
