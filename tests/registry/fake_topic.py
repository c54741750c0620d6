"""A registry's topic without a broker: appended to, read when the test says so, and unwell on request.

topic = FakeTopic()
store = topic.store(monkeypatch)                # a KafkaStore whose log and writers are these
topic.trouble.append(FencedError())             # what the next append comes to, instead of offsets
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from streamlab.registry import kafka_store
from streamlab.registry.kafka_store import KafkaStore
from streamlab.registry.schemas_topic import Record


class FakeMessage:
    """A message as a consumer gives it."""

    def __init__(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        self._parts = (offset, key, value)

    def offset(self) -> int:
        return self._parts[0]

    def key(self) -> bytes | None:
        return self._parts[1]

    def value(self) -> bytes | None:
        return self._parts[2]


class FakeTopic:
    """The log, its writers and its readers in one.

    Attributes:
        messages: what is in the log; offsets have gaps, where markers of transactions would be.
        appended: the records of every append, the announcements of leaders too.
        trouble: for the appends to come: what to raise, or None for none.
        at_append: called before each append, in the writer's thread.
        read_along: whether stores read what is appended at once.
    """

    def __init__(self) -> None:
        self.messages: list[FakeMessage] = []
        self.appended: list[list[Record]] = []
        self.trouble: list[Exception | None] = []
        self.at_append: Callable[[], None] = lambda: None
        self.read_along = True
        self.grew = threading.Condition()
        self._end = 0

    def store(self, monkeypatch: pytest.MonkeyPatch, url: str = "http://127.0.0.1:1") -> KafkaStore:
        """A store of this topic."""
        monkeypatch.setattr(kafka_store, "KafkaLog", lambda *_: FakeLog(self))
        monkeypatch.setattr(kafka_store, "LogWriter", lambda *_: FakeWriter(self))
        return KafkaStore("", url)

    def put(self, key: bytes | None, value: bytes | None) -> int:
        """Append one message, as somebody would who is no registry."""
        with self.grew:
            self.messages.append(FakeMessage(self._end, key, value))
            self._end += 1
            self.grew.notify_all()
            return self._end - 1

    def mark(self) -> None:
        """What stands between transactions takes an offset, too."""
        self._end += 1


class FakeLog:
    """Reads a FakeTopic."""

    def __init__(self, topic: FakeTopic) -> None:
        self.topic = "_schemas"
        self.cluster = "fake"
        self.away = False
        self._of = topic

    def create(self) -> None: ...

    def connection(self) -> dict[str, Any]:
        return {}

    def read_to_end(self) -> list[FakeMessage]:
        return list(self._of.messages)

    def follow(self, stopping: threading.Event, take_in: Callable[[list[Any]], object]) -> None:
        position = len(self._of.messages)
        while not stopping.is_set():
            with self._of.grew:
                new = self._of.messages[position:] if self._of.read_along else []
                if not new:
                    self._of.grew.wait(0.01)
            position += len(new)
            if new:
                take_in(new)

    def close(self) -> None: ...


class FakeWriter:
    """Appends to a FakeTopic."""

    def __init__(self, topic: FakeTopic) -> None:
        self._of = topic

    def append(self, records: Sequence[Record]) -> list[int]:
        self._of.at_append()
        trouble = self._of.trouble.pop(0) if self._of.trouble else None
        if trouble is not None:
            raise trouble
        self._of.appended.append(list(records))
        offsets = [self._of.put(one.key_bytes, one.value_bytes) for one in records]
        self._of.mark()
        return offsets

    def started(self, records: Sequence[Record]) -> Callable[[], list[int]]:
        return lambda: self.append(records)
