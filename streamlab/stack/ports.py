"""Choose the ports of the stack: the usual ones if they are free, others if not.

    chosen = choose({"client": 9092, "controller": 9093}, before={})
    chosen.ports        # {"client": 9092, "controller": 9093}
    chosen.moved        # the names whose usual port is somebody else's

A port is free when this machine's loopback address can be bound and nobody answers there. Between this
question and the server's own bind another process may take it; whoever starts the server tries again.
"""

import random
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import psutil

LOOPBACK: Final = "127.0.0.1"
OTHER_PORTS: Final = range(20_000, 32_000)
"""Below the range that Linux, macOS and Windows give to outgoing connections."""

_TRIES: Final = 200


@dataclass(frozen=True)
class Chosen:
    """Ports by name, and which of them are not the usual ones."""

    ports: dict[str, int]
    moved: tuple[str, ...]


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # As the JVM does: connections of a server that ended a moment ago do not hold its port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    # On macOS an address can be bound beside a foreign server on all addresses.
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((LOOPBACK, port)) != 0


def choose(
    usual: Mapping[str, int],
    before: Mapping[str, int],
    free: Callable[[int], bool] = is_free,
    rng: random.Random | None = None,
) -> Chosen:
    """A port for each name: the one it had before, the usual one, or another; all different.

    Args:
        usual: the usual port of each name.
        before: the ports of the last run, so that clients find a repaired server again.
        free: whether a port can be used.
        rng: where other ports come from; random, so that two stacks that start at once seldom meet.

    Raises:
        OSError: no free port was found.
    """
    rng = rng or random.Random()
    ports: dict[str, int] = {}
    for name, usual_port in usual.items():
        others = (rng.choice(OTHER_PORTS) for _ in range(_TRIES))
        candidates = [p for p in (before.get(name), usual_port) if p is not None]
        for port in (*candidates, *others):
            if port not in ports.values() and free(port):
                ports[name] = port
                break
        else:
            raise OSError(f"no free port found for {name} among {_TRIES} tried")
    return Chosen(ports, tuple(name for name in usual if ports[name] != usual[name]))


def owner(port: int) -> str | None:
    """Who listens on a port, as "name (process 123)"; None where the system does not say."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        return None
    return None
