"""The course's own registry as one local process, on loopback alone; its log is in Kafka or in memory.

    registry = CourseRegistry()                    # the log in the topic `_schemas` of the stack's broker
    registry = CourseRegistry(in_memory=True)      # for a broker that forgets too
    registry.prepare(layout, {"client": 8081})

With its log in Kafka it needs no data folder: killed, moved or started years later, it reads the topic and is
the same registry. It lives with its broker, because what it remembers is worth nothing beside another log.

A broker from the environment may be shared, and another registry may keep its schemas there in `_schemas`.
That topic is left alone: ours gets a name of its own, different for each state folder.
"""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from streamlab.stack import environment
from streamlab.stack.capabilities import CONFLUENT_REGISTRY_8, Capability
from streamlab.stack.component import NotAnswering, Prepared
from streamlab.stack.layout import Layout
from streamlab.stack.ports import LOOPBACK
from streamlab.stack.registry_http import ask, why

TOPIC: Final = "_schemas"
"""As Confluent's registry calls it."""


@dataclass(frozen=True)
class CourseRegistry:
    """The registry of the local and of the embedded backend."""

    in_memory: bool = False
    name: str = "registry"
    module: str = "streamlab.stack.registry_process"
    is_needed: bool = True
    lives_with: frozenset[str] = frozenset({"broker"})
    capabilities: frozenset[Capability] = CONFLUENT_REGISTRY_8

    @property
    def kind(self) -> str:
        """Its log's place belongs to its kind: one in memory cannot stand in for one in Kafka."""
        return "streamlab in memory" if self.in_memory else "streamlab"

    @property
    def product(self) -> str:
        """What it is, for people."""
        return f"the course's registry, {'in memory' if self.in_memory else 'its log in Kafka'}"

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """Confluent's usual port."""
        return {"client": 8081}

    def address(self, ports: Mapping[str, int]) -> str:
        """The URL that a registry client is given."""
        return f"http://{LOOPBACK}:{ports['client']}"

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:
        """Everything is an argument; without `--broker` the process follows the stack's record."""
        arguments = ["--port", str(ports["client"])]
        given = environment.given_address("broker")
        if self.in_memory:
            return Prepared([*arguments, "--in-memory"])
        if given:
            return Prepared([*arguments, "--broker", given, "--topic", topic_on_a_given_broker(layout)])
        return Prepared([*arguments, "--topic", TOPIC])

    def probe(self, address: str, timeout_seconds: float) -> None:
        """List the subjects: it answers when its log has been read."""
        try:
            answer = ask("GET", f"{address}/subjects", timeout_seconds)
        except httpx.HTTPError as error:
            raise NotAnswering(why(error)) from error
        if answer.status_code != httpx.codes.OK:
            raise NotAnswering(f"HTTP {answer.status_code} from GET {address}/subjects")
        try:
            subjects = answer.json()
        except ValueError:
            subjects = None
        if not isinstance(subjects, list):
            raise NotAnswering(f"no list of subjects from GET {address}/subjects: another server answers")

    def settle(self, layout: Layout, address: str) -> None:
        """Nothing to do: it starts with BACKWARD, as Confluent's does."""


def topic_on_a_given_broker(layout: Layout) -> str:
    """The log of this state folder's registry on a broker that others use too."""
    place = f"{platform.node()}:{layout.state}"
    return f"{TOPIC}_streamlab_{hashlib.sha256(place.encode()).hexdigest()[:12]}"
