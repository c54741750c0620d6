"""Apache Kafka as one local process: broker and controller in KRaft mode, on loopback alone.

    broker = KafkaBroker(jars)
    prepared = broker.prepare(layout, {"client": 9092, "controller": 9093})
    broker.probe("127.0.0.1:9092", timeout_seconds=2)

The configuration is Kafka's own, except where one learner's laptop needs less than a cluster: one replica
and one partition for the internal topics (default 50 partitions each), no delay before a group's first
assignment (default 3 s), a small cleaner buffer (default 128 MiB, half the heap), a killed broker forgotten
after 2 s (default 9 s; its successor has to wait for that). Topics are made on purpose:
`auto.create.topics.enable` is off, as in most companies, so that a misspelt name is an error.
"""

import base64
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.stack import broker_probe, java
from streamlab.stack.capabilities import KAFKA, Capability
from streamlab.stack.component import Prepared
from streamlab.stack.layout import Layout
from streamlab.stack.ports import LOOPBACK

LOG_BYTES: Final = 5_000_000

_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller}
listeners=PLAINTEXT://{host}:{client},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{client},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=1
num.io.threads=2
"""

_LOGGING: Final = """\
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=logs/broker.log
appender.file.filePattern=logs/broker.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c{{1}} %m%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size={log_bytes}
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=1
"""


@dataclass(frozen=True)
class KafkaBroker:
    """The broker of the local backend; `jars` are its class path, in the order of the lock."""

    jars: Sequence[Path]
    product: str = "Apache Kafka 4.3.1"
    name: str = "broker"
    kind: str = "kafka"
    module: None = None
    is_needed: bool = True
    lives_with: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = KAFKA

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """Kafka's usual port for clients, and the next one for the controller."""
        return {"client": 9092, "controller": 9093}

    def address(self, ports: Mapping[str, int]) -> str:
        """The bootstrap address."""
        return f"{LOOPBACK}:{ports['client']}"

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:
        """Write the configuration; format a new data folder, replace a half-formatted one."""
        properties = self._write_configuration(layout, ports, layout.data("broker"))
        notes = [] if is_formatted(layout.data("broker")) else self._format(layout, ports)
        return Prepared([*self._java(layout), "kafka.Kafka", properties.as_posix()], notes)

    def probe(self, address: str, timeout_seconds: float) -> None:
        """Ask for the cluster's metadata: an open port alone is not a broker."""
        broker_probe.ask(address, timeout_seconds)

    def settle(self, layout: Layout, address: str) -> None:
        """Nothing to do: the configuration file says everything."""

    def _java(self, layout: Layout) -> list[str]:
        return [
            *java.SERVER_FLAGS,
            "-Dlog4j2.configurationFile=run/broker-log.properties",
            f"-XX:ErrorFile={layout.logs / 'broker-crash.log'}",
            "-cp",
            _class_path(self.jars),
        ]

    def _write_configuration(self, layout: Layout, ports: Mapping[str, int], data: Path) -> Path:
        """Paths are relative to the state folder: a comma or an umlaut in its name does no harm then."""
        file = layout.run / "broker.properties"
        relative = data.relative_to(layout.state).as_posix()
        file.write_text(
            _PROPERTIES.format(
                host=LOOPBACK, client=ports["client"], controller=ports["controller"], data=relative
            ),
            encoding="utf-8",
        )
        (layout.run / "broker-log.properties").write_text(
            _LOGGING.format(log_bytes=LOG_BYTES), encoding="utf-8"
        )
        return file.relative_to(layout.state)

    def _format(self, layout: Layout, ports: Mapping[str, int]) -> list[str]:
        """Format beside the data folder and rename, so that no interruption leaves it half done."""
        data = layout.data("broker")
        new = data.with_name("broker.new")
        shutil.rmtree(new, ignore_errors=True)
        data.parent.mkdir(parents=True, exist_ok=True)
        properties = self._write_configuration(layout, ports, new)
        arguments = layout.arguments("format")
        options = ("format", "--standalone", "-t", _cluster_id(), "-c")
        java.write_arguments(
            arguments,
            [*self._java(layout), "kafka.tools.StorageTool", *options, properties.as_posix()],
        )
        reason = _run_format(arguments, layout)
        if reason is not None or not is_formatted(new):
            shutil.rmtree(new, ignore_errors=True)
            raise StreamlabError(
                f"The broker's data folder {data} could not be formatted ({reason or 'files are missing'}).",
                "Check that the disk has room and the folder can be written; `streamlab doctor` says whether "
                "Java and Kafka are whole.",
            )
        notes = _set_aside(data)
        new.replace(data)
        self._write_configuration(layout, ports, data)
        return notes


def _run_format(arguments: Path, layout: Layout) -> str | None:
    """Run Kafka's tool; None when it went well, else its last words."""
    try:
        done = java.run_tool([java.executable(), f"@{arguments}"], layout.state)
    except subprocess.TimeoutExpired:
        return "it took too long"
    if done.returncode == 0:
        return None
    return ((done.stderr or done.stdout).strip().splitlines() or ["no reason given"])[-1][:200]


def is_formatted(data: Path) -> bool:
    """Whether Kafka can start on this folder: `StorageTool format` writes three things, all needed.

    Source: org.apache.kafka.metadata.storage.Formatter; `meta.properties` version 1 (KIP-631, KIP-853).
    """
    try:
        lines = (data / "meta.properties").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    known = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    if not {"version", "cluster.id", "node.id", "directory.id"} <= known.keys():
        return False
    metadata = data / "__cluster_metadata-0"
    written = [*metadata.glob("*.checkpoint"), *metadata.glob("*.log")]
    return (data / "bootstrap.checkpoint").is_file() and bool(written)


def _set_aside(data: Path) -> list[str]:
    """Remove a data folder that holds no messages; keep one that does under another name."""
    if not data.exists():
        return []
    if not any(log.stat().st_size for log in data.glob("*/*.log")):
        shutil.rmtree(data)
        return ["The broker's data folder was half-formatted and held no messages: it was made anew."]
    kept = data.with_name(f"broker.damaged-{time.strftime('%Y-%m-%dT%H%M%S')}")
    data.replace(kept)
    return [f"The broker's data folder was damaged: it was kept as {kept}, and topics start empty."]


def _cluster_id() -> str:
    """Kafka's notation of a UUID: 22 characters of URL-safe base64; it must not start with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _class_path(jars: Sequence[Path]) -> str:
    return os.pathsep.join(str(jar) for jar in jars)
