"""A registry without sockets: requests go straight to the application.

registry = InProcess()
registry.post("/subjects/a/versions", json=avro("string")).json()
"""

import asyncio
import json
from typing import Any

import httpx

from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.server import RegistryApp


class InProcess:
    """A registry in memory and a client of it."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.app = RegistryApp(self.store)
        self._runner = asyncio.Runner()

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
                return await client.request(method, path, **given)

        return self._runner.run(ask())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def put(self, path: str, **given: Any) -> httpx.Response:
        return self.request("PUT", path, **given)

    def delete(self, path: str, **given: Any) -> httpx.Response:
        return self.request("DELETE", path, **given)

    def register(self, subject: str, schema: Any, query: str = "", **further: Any) -> int:
        answer = self.post(f"/subjects/{subject}/versions{query}", json=avro(schema, **further))
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])

    def close(self) -> None:
        self._runner.close()


def avro(schema: Any, **further: Any) -> dict[str, Any]:
    """The body that registers a schema given as parsed JSON."""
    return {"schema": json.dumps(schema), **further}


def record(*fields: Any, name: str = "R", **further: Any) -> dict[str, Any]:
    """A record whose fields are names (of strings) or (name, type) or (name, type, default)."""
    written = []
    for field in fields:
        parts = (field, "string") if isinstance(field, str) else field
        written.append(dict(zip(("name", "type", "default"), parts, strict=False)))
    return {"type": "record", "name": name, **further, "fields": written}


def code(answer: httpx.Response) -> tuple[int, int]:
    """HTTP status and error code of a refusal."""
    body = answer.json()
    assert set(body) == {"error_code", "message"}, body
    return answer.status_code, int(body["error_code"])
