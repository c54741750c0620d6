"""Writes that reach a follower: passed on to the leader, whose answer is the answer.

    raise ElsewhereError("http://127.0.0.1:8081", "9f2c...", store)       # by a store that does not lead
    answer = await forwarder.forward(elsewhere, scope, request)          # None: no such leader answers

A leader signs its answers with its instance, for a port may have changed hands since the log named it, and
with its position in the log, which the follower waits for before it answers: who wrote through it reads
what was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from streamlab.registry.requests import Request

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS: Final = 10.0
CONNECT_TIMEOUT_SECONDS: Final = 1.0
FORWARDED: Final = "x-forward"
"""Set on what was forwarded: whoever gets it must answer, so that nothing goes round in a circle."""
INSTANCE: Final = "x-registry-instance"
POSITION: Final = "x-registry-position"


class Following(Protocol):
    """The store of a follower."""

    async def catch_up(self, position: int) -> None:
        """Return when the log has been read so far."""

    async def take_over(self) -> None:
        """Become the leader."""


class ElsewhereError(Exception):
    """Another registry leads; the write belongs there.

    Attributes:
        url: where it listens.
        instance: which process it is.
    """

    def __init__(self, url: str, instance: str, store: Following) -> None:
        super().__init__(f"{url} leads")
        self.url = url
        self.instance = instance
        self._store = store

    async def catch_up(self, position: int) -> None:
        """Return when the follower has read what the leader had read when it answered."""
        await self._store.catch_up(position)

    async def take_over(self) -> None:
        """Make the follower the leader."""
        await self._store.take_over()


@dataclass(frozen=True)
class Forwarded:
    """What the leader answered."""

    status: int
    content: bytes
    position: int


class Forwarder:
    """The connections to leaders."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def forward(
        self, elsewhere: ElsewhereError, scope: Mapping[str, Any], request: Request
    ) -> Forwarded | None:
        """The leader's answer; None if it is gone, or something else listens in its place."""
        # Imported when it is needed: most registries never forward, and all should start fast.
        import httpx

        if self._client is None:
            timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
            self._client = httpx.AsyncClient(timeout=timeout, trust_env=False)
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        headers = {FORWARDED: "true"}
        for name in ("content-type", "accept"):
            if name in request.headers:
                headers[name] = request.headers[name]
        url = f"{elsewhere.url}{path}{'?' + query if query else ''}"
        try:
            answer = await self._client.request(scope["method"], url, headers=headers, content=request.body)
            position = int(answer.headers.get(POSITION, "-1"))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return None
        if answer.headers.get(INSTANCE) != elsewhere.instance:
            return None
        return Forwarded(answer.status_code, answer.content, position)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()


def signature(instance: str, position: int) -> list[tuple[bytes, bytes]]:
    """The headers by which a follower knows that its leader answered."""
    return [(INSTANCE.encode(), instance.encode()), (POSITION.encode(), b"%d" % position)]
