"""The docker backend: Kafka, Confluent's registry and Redis from `docker-compose.yml`.

    DockerBackend(Layout.here()).up()         # docker compose up --detach --wait kafka schema-registry redis
    obstacle()                                # why it cannot be used here; None if it can

The containers belong to Docker: it starts, restarts and forgets them. This asks it to, and then asks the
servers, at the addresses that the Compose file publishes. Ready means a round trip, as with every backend.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT
from streamlab.stack import records
from streamlab.stack.backend import Backend
from streamlab.stack.capabilities import CONFLUENT_REGISTRY_8, KAFKA, Capability
from streamlab.stack.clients import Stack
from streamlab.stack.component import Component, NotAnswering
from streamlab.stack.condition import PROBE_SECONDS, Part, Report, State
from streamlab.stack.course_registry import CourseRegistry
from streamlab.stack.kafka import KafkaBroker
from streamlab.stack.ports import LOOPBACK
from streamlab.stack.records import Choice
from streamlab.stack.redis_store import RedisStore
from streamlab.stack.stopping import stop_parts

COMPOSE_FILE: Final = PROJECT / "docker-compose.yml"
_ENGINE_TIMEOUT_SECONDS: Final = 5.0
_SERVICES: Final = ("kafka", "schema-registry", "redis")
_PORTS: Final = {
    "broker": ("KAFKA_PORT", "9092"),
    "registry": ("SCHEMA_REGISTRY_PORT", "8081"),
    "store": ("REDIS_PORT", "6379"),
}
"""By which variable the Compose file publishes a part, and where it does without."""


def obstacle() -> str | None:
    """Why containers cannot be used here; None if they can."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no command `docker`"
    try:
        done = subprocess.run(
            [docker, "info"], capture_output=True, timeout=_ENGINE_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "its engine does not answer"
    return None if done.returncode == 0 else "its engine does not answer"


@dataclass
class DockerBackend(Backend):
    """Three services of the Compose file, seen from this machine."""

    compose_file: Path = COMPOSE_FILE

    name: ClassVar[str] = "docker"
    needed_bytes: ClassVar[int] = 20_000_000

    @property
    def components(self) -> tuple[Component, ...]:
        """Only asked, never started: the containers run the same Kafka, and a registry with the same API."""
        return (KafkaBroker([]), CourseRegistry(), RedisStore())

    def provide(self) -> None:
        """Look for an engine.

        Raises:
            StreamlabError: there is none.
        """
        reason = obstacle()
        if reason is not None:
            raise StreamlabError(
                f"The docker backend cannot be used: {reason}.",
                "Start Docker, or run `streamlab up --backend local`.",
            )

    def archives(self) -> None:
        """The servers' own."""

    def down(self, *, delete_data: bool = False) -> tuple[str, ...]:
        """Stop the containers; with `delete_data` their volumes go too."""
        self.provide()
        self._compose("down", *(["--volumes"] if delete_data else []))
        kept = records.choice(self.layout).registry
        with contextlib.suppress(OSError):
            records.write(self.layout, {}, Choice(registry=kept))
        return tuple(component.name for component in self.components)

    def status(self) -> Report:
        """Whether each of them answers."""
        return Report(tuple(self._ask(component) for component in self.components))

    def _bring_up(self) -> tuple[Stack, tuple[str, ...]]:
        self.provide()
        self._say_what_changes(self.components)
        stop_parts(self.layout, [component.name for component in self.components])
        ran = self.status().is_well
        self._compose("up", "--detach", "--wait", *_SERVICES)
        here = self._healthy_stack({})
        records.write(self.layout, {}, self.choice())
        return here, () if ran else tuple(component.name for component in self.components)

    def _stack(self, without: Container[str] = ()) -> Stack:
        at = {c.name: self._address(c) for c in self.components if c.name not in without}
        capabilities = KAFKA | CONFLUENT_REGISTRY_8
        if "store" in at:
            capabilities |= {Capability.FEATURE_STORE}
        return Stack(self.name, at["broker"], at["registry"], capabilities, redis_url=at.get("store"))

    def _address(self, component: Component) -> str:
        variable, usual = _PORTS[component.name]
        return component.address({"client": int(os.environ.get(variable, usual))})

    def _ask(self, component: Component) -> Part:
        address = self._address(component)
        try:
            component.probe(address, PROBE_SECONDS)
        except NotAnswering as error:
            state = State.STOPPED if obstacle() else State.UNRESPONSIVE
            return Part(component.name, state, "a container", address, detail=str(error))
        return Part(component.name, State.RUNNING, "a container", address)

    def _compose(self, *arguments: str) -> None:
        command: Sequence[str] = ["docker", "compose", "--file", str(self.compose_file), *arguments]
        output = subprocess.DEVNULL if self.console.quiet else None
        done = subprocess.run(command, cwd=self.compose_file.parent, stdout=output, check=False)
        if done.returncode != 0:
            raise StreamlabError(
                f"`docker compose {arguments[0]}` ended with exit code {done.returncode}.",
                f"Its own words are above; `docker compose logs` in {self.compose_file.parent} has the rest. "
                f"A port of {LOOPBACK} that is taken: set KAFKA_PORT, SCHEMA_REGISTRY_PORT or REDIS_PORT.",
            )
