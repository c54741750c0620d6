"""The results as their readers see them: counted, checked for doubles, the latest risky ones kept.

    with Watch(stack, topic="features.card", contract="card_features", id_field="txn_id") as seen:
        seen.rows, seen.doubles, seen.risky

It reads with `read_committed`: what a transaction has not committed is not there.
"""

import io
import threading
from types import TracebackType
from typing import Any, Final, Self

import fastavro
from confluent_kafka import Message

from streamlab import contracts
from streamlab.encoding import plain
from streamlab.stack import Stack
from streamlab.wire import unframe

SHOWN_ROWS: Final = 8
_POLL_SECONDS: Final = 0.2


class Watch:
    """A reader of one topic of features, in a thread of its own from `with` to the end of the block.

    Attributes:
        rows: how many were read.
        doubles: how many of them had been read before, by the id of their event.
        ids: of the keys that were seen, for taking away what the store has of them.
        risky: of the cards that were flagged last, the newest flagged row each, newest last.
    """

    def __init__(self, stack: Stack, topic: str, contract: str, id_field: str) -> None:
        chosen = contracts.contract(contract)
        self.rows = 0
        self.doubles = 0
        self.ids: set[str] = set()
        self.risky: tuple[dict[str, Any], ...] = ()
        self.topic = topic
        self._key_field = str(chosen.key)
        self._id_field = id_field
        self._schema = fastavro.parse_schema(plain(contracts.load(contract, chosen.versions[-1])))
        self._seen: set[str] = set()
        self._stop = threading.Event()
        self._consumer = stack.consumer(isolation_level="read_committed")
        self._thread = threading.Thread(target=self._read, name=f"watching {topic}")

    def _read(self) -> None:
        self._consumer.subscribe([self.topic])
        try:
            while not self._stop.is_set():
                for message in self._consumer.consume(1_000, _POLL_SECONDS):
                    if message.error() is None:
                        self._take(message)
        finally:
            self._consumer.close()

    def _take(self, message: Message) -> None:
        value = message.value()
        assert isinstance(value, bytes)
        row: Any = fastavro.schemaless_reader(io.BytesIO(unframe(value)[1]), self._schema, None)
        event = row[self._id_field]
        self.rows += 1
        self.doubles += event in self._seen
        self._seen.add(event)
        self.ids.add(row[self._key_field])
        if row.get("risk_flags"):
            others = [one for one in self.risky if one[self._key_field] != row[self._key_field]]
            self.risky = (*others, row)[-SHOWN_ROWS:]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
