"""Examinations of what runs: the processes, their addresses, and one round trip through each.

broker_round_trip(LocalBackend(Layout.here()))       # Finding("broker round trip", "ok", ...)
"""

import socket
import sys
from collections.abc import Callable
from typing import Final

import psutil

from streamlab.stack import environment, health, processes, records
from streamlab.stack.apicurio import COMPATIBILITY
from streamlab.stack.capabilities import KAFKA, WHAT_HELPS, Capability
from streamlab.stack.clients import Stack
from streamlab.stack.condition import State
from streamlab.stack.doctor.finding import RESTART, Backend, Said, examination, note, ok, wrong
from streamlab.stack.errors import StackUnavailable

_TIMEOUT_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 2.0
_UP: Final = "Run `streamlab up`."
_SET_LEVEL: Final = (
    f"from streamlab import stack; stack.connect().registry().set_compatibility(level='{COMPATIBILITY}')"
)
_MEND_LISTENER: Final = (
    "Set advertised.listeners of that broker to an address that this machine reaches; in docker-compose.yml "
    "that is EXTERNAL in KAFKA_ADVERTISED_LISTENERS, then `docker compose up -d kafka`."
)


@examination("stack", helps_when_hanging=RESTART)
def parts(backend: Backend) -> Said:
    """What is started still runs and answers, and nothing else of this stack does."""
    report = backend.status()
    sick = [part for part in report.parts if part.state in {State.DEAD, State.UNRESPONSIVE} or part.orphans]
    if sick:
        cause = "; ".join(f"{p.name} {p.state}{f' ({p.detail})' if p.detail else ''}" for p in sick)
        return wrong(cause, _UP)
    idle = [part for part in report.parts if part.state is not State.RUNNING]
    if idle:
        return note("; ".join(f"{p.name} {p.state}" for p in idle), _UP)
    return ok("; ".join(f"{p.name} at {p.address}" for p in report.parts))


@examination("loopback")
def loopback_only(backend: Backend) -> Said:
    """Our servers listen on the loopback address alone: nobody on the network reaches them."""
    try:
        addresses = listening_addresses(backend)
    except psutil.Error as error:
        return note(f"the system does not say ({type(error).__name__})", "Nothing: it is only not known.")
    open_to_all = sorted(address for address in addresses if not address.startswith("127."))
    if open_to_all:
        return wrong(f"listens on {', '.join(open_to_all)}", "Run `streamlab down`.")
    return ok("nothing of ours listens elsewhere")


@examination("broker round trip", within_seconds=30, helps_when_hanging=RESTART)
def broker_round_trip(backend: Backend) -> Said:
    """A message goes out and comes back."""
    return _ask(backend, "broker", lambda at: health.check_broker(_broker(backend, at), _TIMEOUT_SECONDS))


@examination("advertised listener", helps_when_hanging=RESTART)
def advertised_listener(backend: Backend) -> Said:
    """The address that the broker gives to its clients can be reached: a frequent trap with containers."""
    address = _address(backend, "broker")
    if isinstance(address, Said):
        return address
    brokers = health.advertised_brokers(_broker(backend, address), _TIMEOUT_SECONDS)
    if not brokers:
        return wrong(f"the broker at {address} does not answer", _UP)
    for host, port in brokers:
        try:
            socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
        except OSError as error:
            cause = f"the broker at {address} sends its clients to {host}:{port}, which cannot be reached"
            return wrong(f"{cause} ({error})", _MEND_LISTENER)
    return ok(", ".join(f"{host}:{port}" for host, port in brokers))


@examination("registry round trip", helps_when_hanging=RESTART)
def registry_round_trip(backend: Backend) -> Said:
    """A schema goes out and comes back."""
    return _ask(backend, "registry", lambda at: health.check_registry(at, _TIMEOUT_SECONDS))


@examination("compatibility", helps_when_hanging=RESTART)
def compatibility_level(backend: Backend) -> Said:
    """The registry refuses incompatible schemas; with NONE it lets everything through."""
    address = _address(backend, "registry")
    if isinstance(address, Said):
        return address
    try:
        level = health.compatibility_level(address, _TIMEOUT_SECONDS)
    except StackUnavailable as error:
        return wrong(error.what, error.next_step)
    if level == COMPATIBILITY:
        return ok(f"the global level is {level}")
    command = f'{sys.executable} -c "{_SET_LEVEL}"'
    if level == "NONE":
        return wrong("the global level is NONE: every schema is let through", command)
    return note(f"the global level is {level}; the course assumes {COMPATIBILITY}", command)


@examination("store round trip", helps_when_hanging=RESTART)
def store_round_trip(backend: Backend) -> Said:
    """A value goes into the feature store and comes back; a stack without a store lacks little."""
    if "store" not in {component.name for component in backend.components}:
        return note(f"the {backend.name} stack has none here", WHAT_HELPS[Capability.FEATURE_STORE])
    return _ask(backend, "store", lambda at: health.check_store(at, _TIMEOUT_SECONDS))


def listening_addresses(backend: Backend) -> set[str]:
    """The addresses on which the processes of this stack listen, as "127.0.0.1:9092"."""
    marks = [f"@{backend.layout.arguments(component.name)}" for component in backend.components]
    return {
        f"{connection.laddr.ip}:{connection.laddr.port}"
        for process in processes.marked(*marks)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def _address(backend: Backend, name: str) -> str | Said:
    """Where a part is; that it was not started is nothing wrong."""
    try:
        return environment.address_of(name, records.read(backend.layout))
    except StackUnavailable as error:
        return note(error.what.rstrip("."), error.next_step)


def _broker(backend: Backend, address: str) -> Stack:
    """As much of a stack as the broker's examinations need: they must not depend on the registry."""
    ours = next((c.capabilities for c in backend.components if c.name == "broker"), KAFKA)
    return Stack(backend.name, address, "", KAFKA if environment.given_address("broker") else ours)


def _ask(backend: Backend, name: str, check: Callable[[str], None]) -> Said:
    address = _address(backend, name)
    if isinstance(address, Said):
        return address
    try:
        check(address)
    except StackUnavailable as error:
        return wrong(error.what, error.next_step)
    return ok("went out and came back")
