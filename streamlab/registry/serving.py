"""The registry as a process: a socket, a store, uvicorn.

run("127.0.0.1", 8081, kafka=None)                       # until the process is ended
with background(MemoryStore()) as url:                   # for tests: a server in a thread
    httpx.get(f"{url}/subjects")
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn

from streamlab.errors import StreamlabError
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.server import RegistryApp
from streamlab.registry.store import Store


def run(host: str, port: int, *, kafka: str | None, topic: str = "_schemas") -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        kafka: the bootstrap servers of the log's broker; None keeps the log in memory.

    Raises:
        StreamlabError: the port is taken, or the log cannot be read.
    """
    listener = _listen(host, port)
    bound = listener.getsockname()[1]
    store: Store = MemoryStore()
    if kafka is not None:
        from streamlab.registry.kafka_store import KafkaStore

        store = KafkaStore(kafka, url=f"http://{host}:{bound}", topic=topic)
    server = _server(store)
    server.run(sockets=[listener])
    if not server.started:
        raise StreamlabError(
            f"The registry on port {bound} did not start: its log could not be read.",
            "Look at the line above, and at `streamlab status`.",
        )


@contextlib.contextmanager
def background(store: Store, port: int = 0) -> Iterator[str]:
    """A registry in a thread of this process; gives its address."""
    listener = _listen("127.0.0.1", port)
    server = _server(store)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise StreamlabError("The registry did not start.", "Look at its log.")
        thread.join(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol asyncio leaves Nagle's algorithm on, and every answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Listening is how a second process notices that the port is taken: SO_REUSEADDR lets both bind.
        listener.listen(2048)
    except (OSError, TypeError, UnicodeError) as error:  # the last two: a host that is no name
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "that is no name of a host"
        raise StreamlabError(
            f"The registry cannot listen on {host}:{port}: {reason}.", "Give another --port or --host."
        ) from error
    return listener


def _server(store: Store) -> uvicorn.Server:
    config = uvicorn.Config(
        RegistryApp(store),
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
    )
    return uvicorn.Server(config)
