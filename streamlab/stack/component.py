"""What the stack asks of a server: the interface that the broker and every registry implement.

class MyRegistry:                          # see apicurio.py and course_registry.py for complete ones
    name = "registry"
    def prepare(self, layout, ports): ...  # write configuration, say which arguments start it
    def probe(self, address, timeout_seconds): ...
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from streamlab.stack.capabilities import Capability
from streamlab.stack.layout import Layout


class NotAnswering(Exception):
    """A server did not give the answer of a healthy one; the text says what came instead."""


@dataclass(frozen=True)
class Prepared:
    """How a server is started from the state folder: its arguments, and what had to be repaired.

    `announced` is the file into which a server writes its address, if it chooses that itself. `program` is
    how a server is called that is neither a module of this project nor a Java program; its mark is added to
    it as the last argument.
    """

    arguments: list[str]
    notes: list[str] = field(default_factory=list)
    announced: Path | None = None
    program: Sequence[str] = ()


class Component(Protocol):
    """A server that runs as a process of this machine and answers on loopback alone."""

    @property
    def name(self) -> str:
        """Its part in the stack, "broker", "registry" or "store": names its files, its record and its log."""

    @property
    def kind(self) -> str:
        """Which of the servers that can play this part it is, "kafka" or "apicurio"."""

    @property
    def product(self) -> str:
        """What it is, for people: "Apache Kafka 4.3.1"."""

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """The ports it takes when they are free, by purpose; "client" is the one that clients use."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""

    @property
    def module(self) -> str | None:
        """The module of this project that is its program; None when it is another program."""

    @property
    def is_needed(self) -> bool:
        """Whether the stack is worth nothing without it; else it comes up without, and says so."""

    @property
    def lives_with(self) -> frozenset[str]:
        """Parts without which its memory is worth nothing: started anew whenever one of them is."""

    def address(self, ports: Mapping[str, int]) -> str:
        """Where clients find it; empty if it chooses its port itself (`Prepared.announced`)."""

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:
        """Write its configuration, make its data folder whole, say how it is started.

        Raises:
            StreamlabError: its data cannot be used.
        """

    def probe(self, address: str, timeout_seconds: float) -> None:
        """Ask one cheap question that only a working server answers.

        Raises:
            NotAnswering: it did not answer in time, or not as it should.
        """

    def settle(self, layout: Layout, address: str) -> None:
        """Bring a server that answers into the state that the course expects; done at each start.

        Raises:
            NotAnswering: it refused.
        """
