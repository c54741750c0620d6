"""Addresses from the environment: a class's or a company's cluster instead of a local process.

    given_address("broker")          # the value of KAFKA_BOOTSTRAP_SERVERS, or None

Each variable wins on its own over starting that part: with SCHEMA_REGISTRY_URL alone, the broker is ours.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from streamlab.stack import broker_probe
from streamlab.stack.capabilities import CONFLUENT_REGISTRY_8, KAFKA, MOCK_CLUSTER, Capability
from streamlab.stack.clients import Stack
from streamlab.stack.component import Component, NotAnswering
from streamlab.stack.embedded.control import port_in
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.records import Record
from streamlab.stack.registry_http import ask

VARIABLES: Final = {
    "broker": "KAFKA_BOOTSTRAP_SERVERS",
    "registry": "SCHEMA_REGISTRY_URL",
    "store": "REDIS_URL",
}

_NO_SUCH_GUID: Final = "00000000-0000-0000-0000-000000000000"
_TIMEOUT_SECONDS: Final = 3.0


def given_address(name: str) -> str | None:
    """The address that the environment gives for a part, or None; a URL without final slash."""
    return os.environ.get(VARIABLES[name], "").strip().rstrip("/") or None


def address_of(name: str, known: Mapping[str, Record]) -> str:
    """Where a part is: the address from the environment, or else the recorded one.

    Raises:
        StackUnavailable: there is neither.
    """
    address = given_address(name) or (known[name].address if name in known else None)
    if address is None:
        raise StackUnavailable(f"The {name} is not running.", "Run `streamlab up`.")
    return address


def stack_of(components: Mapping[str, Component], known: Mapping[str, Record], backend: str) -> Stack:
    """The stack of a backend as clients see it: each address from the environment or else from the record.

    Args:
        components: the parts that work.

    Raises:
        StackUnavailable: a part has neither.
    """
    addresses = {name: address_of(name, known) for name in components}
    capabilities: frozenset[Capability] = frozenset()
    for name, component in components.items():
        if given_address(name) and name in _ASKED:
            capabilities |= _ASKED[name](addresses[name])
        else:
            capabilities |= component.capabilities
    all_given = all(given_address(name) for name, component in components.items() if component.is_needed)
    shown = "environment" if all_given else backend
    store = addresses.get("store")
    return Stack(shown, addresses["broker"], addresses["registry"], capabilities, redis_url=store)


def broker_capabilities(address: str) -> frozenset[Capability]:
    """What a broker that this call did not start can do: the embedded one says of itself that it is it."""
    try:
        topics = broker_probe.ask(address, _TIMEOUT_SECONDS).topics
    except NotAnswering:
        return KAFKA
    return KAFKA if port_in(topics) is None else MOCK_CLUSTER


def registry_capabilities(url: str) -> frozenset[Capability]:
    """What a registry that we did not start can do, learnt from its answer about a GUID that cannot exist.

    Confluent 8 knows the path and says that there is no such schema (a five-digit error code); an older one,
    and other registries, do not know the path.
    """
    try:
        answer = ask("GET", f"{url}/schemas/guids/{_NO_SUCH_GUID}", _TIMEOUT_SECONDS)
        code = int(answer.json()["error_code"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return frozenset()
    return CONFLUENT_REGISTRY_8 if code >= 40_000 else frozenset()


_ASKED: Final[dict[str, Callable[[str], frozenset[Capability]]]] = {
    "broker": broker_capabilities,
    "registry": registry_capabilities,
}
"""What a given server can do is asked; a Redis that answers can do all that the course needs."""
