"""Examination of the ports: who else uses the usual ones.

usual_ports(backend)     # Finding("ports", "note", "8081 (java (process 4711), a Flink JobManager)", ...)

8081 is the usual port of two programs of this field: of schema registries, and of Flink's web page.
"""

from typing import Final

import httpx

from streamlab.stack import ports, records
from streamlab.stack.doctor.finding import Backend, Said, examination, note, ok
from streamlab.stack.registry_http import ask

_NOTHING_TO_DO: Final = (
    "Nothing: `streamlab up` takes other ports, and says which. The containers need them, or others: "
    "`SCHEMA_REGISTRY_PORT=18081 KAFKA_PORT=19092 REDIS_PORT=16379 docker compose up`."
)
_FLINK_SECONDS: Final = 1.0


@examination("ports")
def usual_ports(backend: Backend) -> Said:
    """The usual ports are free or ours; others are taken otherwise."""
    ours = {port for record in records.read(backend.layout).values() for port in record.ports.values()}
    usual = {port for component in backend.components for port in component.usual_ports.values()}
    taken = [f"{port} ({_who(port)})" for port in sorted(usual - ours) if not ports.is_free(port)]
    if taken:
        return note(f"used by others: {', '.join(taken)}", _NOTHING_TO_DO)
    return ok("the usual ones are free or ours")


def _who(port: int) -> str:
    owner = ports.owner(port) or "another process"
    return f"{owner}, a Flink JobManager" if _is_flink(port) else owner


def _is_flink(port: int) -> bool:
    """Flink's web page tells its version; nobody else has that key."""
    try:
        answer = ask("GET", f"http://{ports.LOOPBACK}:{port}/config", _FLINK_SECONDS)
        return "flink-version" in answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError):
        return False
