"""The embedded backend: which servers it has.

EmbeddedBackend(Layout.here()).up().stack.capabilities       # without "admin", with "error injection"

Broker and registry are two processes that live and die together: what both know is in memory, and a message
must not outlive the schema that its id names. There is no feature store: all that is here is in memory and
comes with Python's packages, and Redis does neither. With REDIS_URL there is the one that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import confluent_kafka

from streamlab.stack import broker_probe, environment
from streamlab.stack.backend import Backend
from streamlab.stack.capabilities import MOCK_CLUSTER, Capability
from streamlab.stack.component import Component, Prepared
from streamlab.stack.course_registry import CourseRegistry
from streamlab.stack.embedded import librdkafka
from streamlab.stack.layout import Layout
from streamlab.stack.redis_store import RedisStore


@dataclass(frozen=True)
class MockBroker:
    """librdkafka's mock cluster with one broker; it chooses its port itself and says which."""

    name: str = "broker"
    kind: str = "librdkafka"
    module: str = "streamlab.stack.embedded.process"
    is_needed: bool = True
    lives_with: frozenset[str] = frozenset({"registry"})
    capabilities: frozenset[Capability] = MOCK_CLUSTER

    @property
    def product(self) -> str:
        """What it is, for people."""
        return f"mock cluster of librdkafka {confluent_kafka.libversion()[0]}, in memory"

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """None: they cannot be chosen."""
        return {}

    def address(self, ports: Mapping[str, int]) -> str:  # noqa: ARG002
        """Not known before it runs."""
        return ""

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:  # noqa: ARG002
        """It has no configuration; its address comes from a file that it writes."""
        announced = layout.run / "broker.address"
        announced.unlink(missing_ok=True)
        return Prepared(["--announce", str(announced.relative_to(layout.state))], announced=announced)

    def probe(self, address: str, timeout_seconds: float) -> None:
        """Ask for the cluster's metadata."""
        broker_probe.ask(address, timeout_seconds)

    def settle(self, layout: Layout, address: str) -> None:
        """Nothing to do."""


@dataclass
class EmbeddedBackend(Backend):
    """A mock broker and a registry in memory, below one state folder."""

    name: ClassVar[str] = "embedded"
    needed_bytes: ClassVar[int] = 20_000_000

    @property
    def components(self) -> tuple[Component, ...]:
        """Both are always there: they are part of what `make lab` installs. A Redis has to be given."""
        both = (MockBroker(), CourseRegistry(in_memory=True))
        return (*both, RedisStore()) if environment.given_address("store") else both

    def provide(self) -> None:
        """Nothing is fetched.

        Raises:
            StreamlabError: the installed client does not offer the mock cluster.
        """
        librdkafka.load()

    def archives(self) -> None:
        """No server is a Java program."""
