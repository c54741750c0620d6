"""Apicurio Registry as one local process, speaking Confluent's API, on loopback alone.

    registry = ApicurioRegistry(home)
    prepared = registry.prepare(layout, {"client": 8081, "management": 8082})
    registry.probe("http://127.0.0.1:8081/apis/ccompat/v7", timeout_seconds=2)

Its default storage is memory, and then a restart would give old ids to new schemas: messages that stay in
Kafka would be read with a schema that is not theirs. So its storage here is a file (H2), which keeps every
id, also after kill -9.

Three of its ways are mended here: it starts with compatibility NONE; with its access log on it loses answers
on paths that it does not know (serializers ask such a path); its management port binds every address.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from streamlab.stack import java
from streamlab.stack.capabilities import Capability
from streamlab.stack.component import NotAnswering, Prepared
from streamlab.stack.layout import Layout
from streamlab.stack.ports import LOOPBACK
from streamlab.stack.registry_http import ask, why

ARTIFACT: Final = "apicurio-registry-app"
"""Its name in the lock."""

API_PATH: Final = "/apis/ccompat/v7"
COMPATIBILITY: Final = "BACKWARD"
"""Confluent's default; the course and its learners' companies assume it."""

_SETTLE_TIMEOUT_SECONDS: Final = 10.0
_SETTINGS: Final = {
    "quarkus.http.host": LOOPBACK,
    "quarkus.management.host": LOOPBACK,
    "quarkus.http.access-log.enabled": "false",
    "quarkus.banner.enabled": "false",
    "quarkus.log.console.enabled": "false",
    "quarkus.log.file.enabled": "true",
    "quarkus.log.file.path": "logs/registry.log",
    "quarkus.log.file.json.enabled": "false",
    "quarkus.log.file.format": "%d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1} %m%n%e",
    "quarkus.log.file.rotation.max-file-size": "5M",
    "quarkus.log.file.rotation.max-backup-index": "1",
    'quarkus.log.category."io.apicurio".level': "WARN",
    "apicurio.log.level": "WARN",
    # By default a killed H2 loses its last half second, and would give those ids again to other schemas.
    "apicurio.datasource.url": "jdbc:h2:file:./data/registry/schemas;WRITE_DELAY=0",
    "apicurio.datasource.jdbc.initial-size": "1",
    "apicurio.datasource.jdbc.min-size": "1",
    "apicurio.datasource.jdbc.max-size": "20",
    # A database file that cannot be opened will not be opened by the tenth try either.
    "apicurio.storage.connection.retry.enabled": "false",
}


@dataclass(frozen=True)
class ApicurioRegistry:
    """The other registry of the local backend; `home` is its unpacked archive."""

    home: Path
    product: str = "Apicurio Registry 3.3.3"
    name: str = "registry"
    kind: str = "apicurio"
    module: None = None
    is_needed: bool = True
    lives_with: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = frozenset()

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """Confluent's usual port for clients, and the next one for its management."""
        return {"client": 8081, "management": 8082}

    def address(self, ports: Mapping[str, int]) -> str:
        """The URL that a registry client is given."""
        return f"http://{LOOPBACK}:{ports['client']}{API_PATH}"

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:
        """Every setting is an argument, the database makes itself; one that is half made is removed."""
        if not _complete(layout).exists():
            # No server ever answered from it, so it gave no id to anybody.
            shutil.rmtree(layout.data("registry"), ignore_errors=True)
        layout.data("registry").mkdir(parents=True, exist_ok=True)
        settings = _SETTINGS | {
            "quarkus.http.port": str(ports["client"]),
            "quarkus.management.port": str(ports["management"]),
            "apicurio.storage.snapshot.location": str(layout.run),
            "apicurio.import.work-dir": str(layout.run),
        }
        properties = [f"-D{key}={value}" for key, value in settings.items()]
        crash = f"-XX:ErrorFile={layout.logs / 'registry-crash.log'}"
        return Prepared([*java.SERVER_FLAGS, crash, *properties, "-jar", str(self.home / "quarkus-run.jar")])

    def probe(self, address: str, timeout_seconds: float) -> None:
        """List the subjects: the port opens before the storage works."""
        _ask("GET", f"{address}/subjects", timeout_seconds)

    def settle(self, layout: Layout, address: str) -> None:
        """Set the global compatibility level, unless another one than NONE was set (it is kept on disk)."""
        _complete(layout).touch()
        config = _ask("GET", f"{address}/config", _SETTLE_TIMEOUT_SECONDS).json()
        if config.get("compatibilityLevel") == "NONE":
            _ask("PUT", f"{address}/config", _SETTLE_TIMEOUT_SECONDS, {"compatibility": COMPATIBILITY})


def _complete(layout: Layout) -> Path:
    """There once a server answered from this database: Apicurio cannot start on half of its tables."""
    return layout.data("registry") / "complete"


def _ask(method: str, url: str, timeout_seconds: float, body: dict[str, str] | None = None) -> httpx.Response:
    try:
        answer = ask(method, url, timeout_seconds, body)
    except httpx.HTTPError as error:
        raise NotAnswering(why(error)) from error
    if answer.status_code != httpx.codes.OK:
        raise NotAnswering(f"HTTP {answer.status_code} from {method} {url}")
    return answer
