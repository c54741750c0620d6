"""The local backend: Kafka, a registry and Redis as processes of this machine; what stays, stays on disk.

    LocalBackend(Layout.here()).up()                                  # the course's registry
    LocalBackend(Layout.here(), registry=RegistryKind.APICURIO).up()  # another product, for comparison

Which registry is remembered, also beyond `down`: messages that stay in Kafka carry its ids. The files of
Apicurio (159 MB) are fetched when it is asked for, not before. Redis is fetched while Kafka starts: where it
cannot be had, the stack comes up without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from streamlab.stack import apicurio, environment, java, lockfile, locking, records, redis_program, unpack
from streamlab.stack.apicurio import ApicurioRegistry
from streamlab.stack.backend import Backend
from streamlab.stack.component import Component
from streamlab.stack.course_registry import CourseRegistry
from streamlab.stack.downloads import fetch_with_progress
from streamlab.stack.kafka import KafkaBroker
from streamlab.stack.maven import Artifact
from streamlab.stack.records import Choice
from streamlab.stack.redis_store import RedisStore


class RegistryKind(StrEnum):
    """The registries that the local backend can start."""

    STREAMLAB = "streamlab"
    APICURIO = "apicurio"


@dataclass
class LocalBackend(Backend):
    """Kafka, a registry and, where this machine has one, Redis below one state folder.

    Args:
        pinned: every file that the servers are made of.
        registry: which registry; the one of last time if not given, at first the course's own.
    """

    pinned: Sequence[Artifact] = field(default_factory=lockfile.load_lock)
    registry: RegistryKind | None = None

    name: ClassVar[str] = "local"
    needed_bytes: ClassVar[int] = 300_000_000

    @property
    def registry_kind(self) -> RegistryKind:
        """The registry that is asked for, or the one of last time."""
        known = records.choice(self.layout).registry
        if self.registry is None and known in set(RegistryKind):
            return RegistryKind(known)
        return self.registry or RegistryKind.STREAMLAB

    @property
    def needed(self) -> list[Artifact]:
        """The pinned files that the servers of this choice are made of which the stack cannot do without."""
        wanted = []
        if not environment.given_address("broker"):
            wanted += self._java_jars
        if self._apicurio_is_ours:
            wanted.append(self.registry_archive)
        return wanted

    @property
    def _java_jars(self) -> list[Artifact]:
        """Kafka's class path."""
        return [a for a in self.pinned if a.artifact not in {apicurio.ARTIFACT, redis_program.ARTIFACT}]

    @property
    def _apicurio_is_ours(self) -> bool:
        return self.registry_kind is RegistryKind.APICURIO and not environment.given_address("registry")

    @property
    def components(self) -> tuple[Component, ...]:
        """Kafka, the chosen registry, and Redis unless there is none for this machine."""
        broker = KafkaBroker([self.layout.artifacts / a.file_name for a in self._java_jars])
        registry: Component = CourseRegistry()
        if self.registry_kind is RegistryKind.APICURIO:
            home = unpack.folder_of(self.registry_archive.file_name, self.layout.unpacked)
            registry = ApicurioRegistry(home)
        if redis_program.candidates() or environment.given_address("store"):
            return (broker, registry, RedisStore(self.redis_server))
        return (broker, registry)

    @property
    def registry_archive(self) -> Artifact:
        """The pinned archive of Apicurio."""
        return next(a for a in self.pinned if a.artifact == apicurio.ARTIFACT)

    def choice(self) -> Choice:
        """This backend with its registry."""
        return Choice(self.name, self.registry_kind.value)

    def provide(self) -> None:
        """Fetch what is missing of the servers that are needed, and unpack it.

        Raises:
            StreamlabError: no Java, no network, no room.
        """
        if not self.needed:
            return
        java.executable()
        fetch_with_progress(self.needed, self.layout, self.console)
        if self._apicurio_is_ours:
            self._unpack_registry()

    def redis_server(self) -> Path:
        """The program of Redis for this machine; fetched and unpacked now if it is not there.

        Raises:
            StreamlabError: none for this machine, no network, no room.
        """
        if found := redis_program.present(self.layout.unpacked, redis_program.candidates()):
            return found
        jar = self.redis_jar
        fetch_with_progress([jar], self.layout, self.console)
        with locking.working_in_the_cache(self.layout):
            return redis_program.unpacked(self.layout.artifacts / jar.file_name, self.layout.unpacked)

    @property
    def redis_jar(self) -> Artifact:
        """The pinned file that carries Redis."""
        return next(a for a in self.pinned if a.artifact == redis_program.ARTIFACT)

    def archives(self) -> java.ClassArchives | None:
        """Below the cache, by what they were made from."""
        if not self.needed:
            return None
        made_from = lockfile.lock_digest([a for a in self.pinned if a.artifact != redis_program.ARTIFACT])
        return java.ClassArchives(self.layout, f"{made_from}-java-{java.version()}")

    def _unpack_registry(self) -> None:
        archive = self.registry_archive
        home = unpack.folder_of(archive.file_name, self.layout.unpacked)
        if unpack.is_unpacked(home, archive.sha256):
            return
        self._say("Unpacking the registry.")
        with locking.working_in_the_cache(self.layout):
            unpack.unpacked(self.layout.artifacts / archive.file_name, self.layout.unpacked, archive.sha256)

    def _say_what_changes(self, ours: Sequence[Component]) -> None:
        super()._say_what_changes(ours)
        if not redis_program.candidates() and not environment.given_address("store"):
            self._say(f"The stack has no feature store, which few lessons need. {redis_program.none_here()}")
        before = records.choice(self.layout).registry
        after = self.registry_kind.value
        if before and before != after and any(c.name == "registry" for c in ours):
            self._say(
                f"The registry changes from {before} to {after}, and each has schemas of its own: messages "
                f"that are in Kafka already carry ids of {before}, which {after} does not know or gives to "
                f"other schemas; `streamlab up --registry {before}` changes back, "
                "`streamlab down --delete-data` begins anew."
            )
