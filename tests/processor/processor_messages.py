"""Messages, a registry and a log in memory, for the processor's pure parts.

message(framed_json({"txn_id": "t", ...}), offset=3)          # what a consumer would hand out
Decoder(JsonSchemas(), rules_of(Settings()), UnknownSchema.WAIT)
FakeRegistry({"/schemas/ids/7": {"schema": "..."}})           # in the place of `schemas.ask`
"""

import json
from typing import Any

import httpx
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message

from streamlab.processor.schemas import Away, Found, Unknown
from streamlab.wire import SchemaId, frame

TOPIC = "txn.events"


def message(
    value: bytes | None, offset: int = 0, timestamp_ms: int | None = None, partition: int = 0,
    key: bytes = b"key", headers: list[tuple[str, bytes]] | None = None,
) -> Message:  # fmt: skip
    timestamp = (
        (TIMESTAMP_NOT_AVAILABLE, 0) if timestamp_ms is None else (TIMESTAMP_CREATE_TIME, timestamp_ms)
    )
    return Message(
        topic=TOPIC, partition=partition, offset=offset, key=key, value=value, headers=headers,
        timestamp=timestamp, error=None,
    )  # fmt: skip


def framed_json(event: Any, schema_id: int = 1) -> bytes:
    """An event whose body is JSON, for `JsonSchemas`: fast, and it can hold a NaN."""
    return frame(SchemaId(schema_id), json.dumps(event).encode())


class JsonSchemas:
    """Every id is known but those that are said to be unknown or away."""

    def __init__(self) -> None:
        self.unknown: set[int] = set()
        self.away: set[int] = set()

    def find(self, schema_id: int) -> Found | Unknown | Away:
        if schema_id in self.away:
            return Away("the registry does not answer")
        if schema_id in self.unknown:
            return Unknown(f"the registry knows no schema {schema_id}")
        return Found(lambda value: json.loads(value[5:]))


class FakeRegistry:
    """Answers by path; counts what it was asked. A number is a status, None is no answer at all."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.away = False

    def ask(self, method: str, url: str, _timeout_seconds: float) -> httpx.Response:
        path = url.removeprefix("http://registry")
        self.asked.append(path)
        request = httpx.Request(method, url)
        if self.away:
            raise httpx.ConnectError("nobody there", request=request)
        answer = self.answers.get(path, 404)
        if isinstance(answer, int):
            return httpx.Response(answer, request=request)
        return httpx.Response(200, json=answer, request=request)
