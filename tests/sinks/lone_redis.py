"""The stack's Redis as a server of its own.

server = LoneRedis(folder)
server.start()
server.stack.redis().ping()
server.kill(); server.start()         # the same address, the same data
"""

from pathlib import Path

from streamlab import paths
from streamlab.stack import Capability, Stack, processes, records
from streamlab.stack.launch import Launcher
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.redis_store import RedisStore
from streamlab.stack.stopping import stop_parts


class LoneRedis:
    """A Redis below one folder, found by its recorded address."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder / "s", paths.cache_folder().resolve())

    @property
    def stack(self) -> Stack:
        """A stack of which only the store exists."""
        address = records.read(self.layout)["store"].address
        return Stack("local", "", "", frozenset({Capability.FEATURE_STORE}), redis_url=address)

    def start(self) -> None:
        """Start it, where it was before if it ran before."""
        store = RedisStore(LocalBackend(self.layout).redis_server)
        missing = Launcher(self.layout, None, lambda _sentence: None).start([store])
        assert missing == {}

    def kill(self) -> None:
        """kill -9."""
        process = records.read(self.layout)["store"].process
        assert process is not None
        found = processes.find(process, f"@{self.layout.arguments('store')}")
        assert found is not None
        found.kill()
        found.wait(10)

    def stop(self) -> None:
        """As `down` does it."""
        stop_parts(self.layout, ["store"])
