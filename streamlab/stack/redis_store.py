"""Redis as one local process, on loopback alone: where features wait for whoever scores a payment.

    store = RedisStore(program)              # `program()` brings the server's file onto this machine
    prepared = store.prepare(layout, {"client": 6379})
    store.probe("redis://127.0.0.1:6379/0", timeout_seconds=2)

What is in it outlives `down`, as topics do: an append-only file, synchronised once a second (Redis' default:
a power cut may cost the last second). Its memory is bounded, and nothing is ever evicted: a store that
forgets features in silence is worse than one that says that it is full.

The other parts of the stack can do without it: what it holds is derived from the topics, and some machines
have no Redis to run. Then the stack comes up without its store, and says so.
"""

import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamlab.stack import redis_probe, redis_program
from streamlab.stack.capabilities import Capability
from streamlab.stack.component import NotAnswering, Prepared
from streamlab.stack.layout import Layout
from streamlab.stack.ports import LOOPBACK

LOG_BYTES: Final = 2_000_000

SETTINGS: Final[Mapping[str, str]] = {
    "appendonly": "yes",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "bind": LOOPBACK,
    "protected-mode": "yes",
    "daemonize": "no",
    "supervised": "no",
    "appendfsync": "everysec",
    "save": '""',
    "loglevel": "notice",
    "always-show-logo": "no",
}
"""docker-compose.yml has the first three as well, with less memory: its containers share two gigabytes."""


def _no_program() -> Path:
    raise redis_program.none_here()


@dataclass(frozen=True)
class RedisStore:
    """The feature store of the local backend; `program` gives the server's file, or says why there is none.

    Without `program` it can be asked, not started: what other backends need.
    """

    program: Callable[[], Path] = _no_program
    name: str = "store"
    kind: str = "redis"
    module: None = None
    is_needed: bool = False
    lives_with: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = frozenset({Capability.FEATURE_STORE})

    @property
    def product(self) -> str:
        """What it is, for people."""
        programs = redis_program.candidates()
        return f"Redis {programs[0].version}" if programs else "Redis"

    @property
    def usual_ports(self) -> Mapping[str, int]:
        """Redis' usual port."""
        return {"client": 6379}

    def address(self, ports: Mapping[str, int]) -> str:
        """The URL that a Redis client is given; database 0."""
        return f"redis://{LOOPBACK}:{ports['client']}/0"

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:
        """Write the configuration; the log of many months is begun anew.

        Raises:
            StreamlabError: there is no Redis to run.
        """
        program = self.program()
        data, log = layout.data("store"), layout.log("store")
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            if log.stat().st_size > LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
        settings = {**SETTINGS, "port": str(ports["client"])}
        # Absolute, because Redis changes its folder while it reads this file.
        settings |= {"dir": _quoted(data), "logfile": _quoted(log)}
        if sys.platform != "win32":  # The process would lose its command line, and with it its mark.
            settings["set-proc-title"] = "no"
        file = layout.run / "store.conf"
        file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()), encoding="utf-8")
        configuration = file.relative_to(layout.state).as_posix()
        # The last argument is the process's mark. Redis takes no argument of unknown meaning, and this one
        # has none while it does not log to syslog.
        return Prepared([], program=(str(program), configuration, "--syslog-ident"))

    def probe(self, address: str, timeout_seconds: float) -> None:
        """PING: a server that still loads its file answers with an error, an open port alone not at all."""
        (answer,) = redis_probe.ask(address, timeout_seconds, ("PING",))
        if answer not in (b"PONG", True):
            raise NotAnswering(f"{answer!r} came as answer to PING")

    def settle(self, layout: Layout, address: str) -> None:
        """Nothing to do: the configuration file says everything."""


def _quoted(path: Path) -> str:
    """A path in Redis' configuration: in double quotes, with the escapes of a C string."""
    return '"' + path.as_posix().replace("\\", "\\\\").replace('"', '\\"') + '"'
