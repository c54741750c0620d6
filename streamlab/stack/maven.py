"""Files of a Maven repository by their coordinates, fetched through jgo.

wanted = parse_coordinate("org.slf4j:slf4j-api:jar:1.7.36")
from_maven_central(wanted, folder, on_bytes=print)       # the path of the file below `folder`
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REQUEST_TIMEOUT_SECONDS: Final = 30

OnBytes = Callable[[int], None]
"""Told how many bytes arrived; may raise to end the download."""


@dataclass(frozen=True)
class Artifact:
    """One file of a Maven repository, pinned: its coordinates, its size in bytes, its sha256."""

    group: str
    artifact: str
    version: str
    classifier: str
    type: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """Maven's name of the file; unique in the lock."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.{self.type}"


def parse_coordinate(line: str) -> Artifact:
    """Read one line of `mvn dependency:list`; size and hash are not known yet.

    Raises:
        ValueError: it is not a coordinate.
    """
    parts = line.strip().split(":")
    if parts[-1] in {"compile", "runtime", "provided", "test", "system"}:
        parts.pop()
    if len(parts) == 4:
        parts.insert(3, "")
    if len(parts) != 5:
        raise ValueError(f"not a Maven coordinate: {line.strip()!r}")
    group, name, type_, classifier, version = parts
    return Artifact(group, name, version, classifier, type_, size=0, sha256="")


def from_maven_central(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
    """Fetch through jgo, which knows Maven's layout and its central repository."""
    from jgo.maven import MavenContext, PythonResolver

    @contextlib.contextmanager
    def count(_file_name: str, _size: int) -> Iterator[OnBytes]:
        yield on_bytes

    context = MavenContext(
        PythonResolver(progress_callback=count), repo_cache=folder, timeout=REQUEST_TIMEOUT_SECONDS
    )
    component = context.project(artifact.group, artifact.artifact).at_version(artifact.version)
    found = component.artifact(classifier=artifact.classifier, packaging=artifact.type).resolve()
    return Path(found)
