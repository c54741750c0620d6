"""Where the stack keeps its files, below the state folder and the cache.

place = Layout.here()
place.log("broker")            # <state>/logs/broker.log
place.data("broker")           # <state>/data/broker
place.arguments("broker")      # <state>/run/broker.args, the mark by which our processes are known
"""

from dataclasses import dataclass
from pathlib import Path

from streamlab import paths


@dataclass(frozen=True)
class Layout:
    """The files of one stack; two stacks of different state folders share nothing but the cache."""

    state: Path
    cache: Path

    @classmethod
    def here(cls) -> "Layout":
        """The layout of this checkout, or of `STREAMLAB_HOME` and `STREAMLAB_CACHE`; absolute paths."""
        return cls(paths.state_folder().resolve(), paths.cache_folder().resolve())

    @property
    def record(self) -> Path:
        """What runs: written by `up` and `down`, read by everybody."""
        return self.state / "stack.json"

    @property
    def lock(self) -> Path:
        """Held by the `up` or `down` that works on this stack."""
        return self.state / "stack.lock"

    @property
    def run(self) -> Path:
        """Generated configuration; can be deleted when nothing runs."""
        return self.state / "run"

    @property
    def logs(self) -> Path:
        """Logs of the servers and of the clients, each bounded in size."""
        return self.state / "logs"

    def data(self, component: str) -> Path:
        """What a server keeps between `down` and `up`."""
        return self.state / "data" / component

    def log(self, component: str) -> Path:
        """The log that `streamlab logs` shows."""
        return self.logs / f"{component}.log"

    def console(self, component: str) -> Path:
        """What the process itself printed (a JVM that cannot start says why here)."""
        return self.logs / f"{component}.out"

    def arguments(self, component: str) -> Path:
        """The JVM's argument file: its path in a command line marks a process as this stack's."""
        return self.run / f"{component}.args"

    @property
    def artifacts(self) -> Path:
        """Verified downloads, by file name."""
        return self.cache / "artifacts"

    @property
    def unpacked(self) -> Path:
        """Archives that were unpacked, each by the name of its archive."""
        return self.cache / "unpacked"

    @property
    def class_archives(self) -> Path:
        """Class data archives of the JVM, by what they were made from."""
        return self.cache / "class-archives"
