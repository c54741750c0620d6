"""A decoder that an answer made, together with the registry that it may ask.

made = Made(attempt, {7: TRANSACTION_V1})
made.expect(7, record)              # it must give the record back
made.registry.asked                 # [7]
"""

from streamlab.grading import Attempt, Call
from streamlab.grading.comparing import is_a, same
from streamlab.grading.diagnosis import raised_text
from streamlab.grading.expectations import differing
from streamlab.grading.showing import show
from streamlab.wire import unframe

from ..records import Record, Registry, Schema, encode, framed, swapped
from .diagnosis import explain

MAX_ONE_BY_ONE = 200


class Made:
    """A decoder that the answer made, with the registry that it may ask."""

    def __init__(
        self, attempt: Attempt, schemas: dict[int, Schema], registry: Registry | None = None
    ) -> None:
        self.schemas = schemas
        self.registry = registry or Registry(schemas, self._judge_question)
        self._attempt = attempt
        self._message = b""
        self._earlier: list[Record] = []
        call = attempt.call(self.registry.fetch)
        attempt.expect_callable(call)
        self._decode = call.value

    def read(self, message: bytes) -> Call:
        """Let the decoder read a message, whatever comes."""
        self._message = message
        shown = f"decode({show(message, 90)})"
        return self._attempt.observe(message, function=self._decode, shown=shown)

    def expect(
        self, schema_id: int, record: Record, mistake: str | None = None, shared_with: "Made | None" = None
    ) -> None:
        """The decoder must give the record back; `mistake` is what it means when it does not."""
        payload = encode(self.schemas[schema_id], record)
        call = self.read(framed(schema_id, payload))
        if call.error is None and same(call.value, record):
            self._earlier.append(record)
            return
        if call.error is None:
            self._attempt.expect_type(call, dict)
        if shared_with is not None and schema_id in shared_with.registry.asked:
            mistake = "shared-cache"
        mistake = mistake or explain(
            self._message, call, self.schemas[schema_id], self.registry.asked, self._earlier
        )
        if call.error is None:
            came, expected = differing(call.value, record)
        else:
            came, expected = raised_text(self._decode, call.error), show(record)
        self._attempt.refuse(
            mistake or (None if call.error is None else "raised"),
            called=call.shown,
            came=came,
            expected=expected,
        )

    def expect_all(self, records: list[tuple[int, Record]], within_seconds: float = 2.0) -> None:
        """The decoder must give all of them back; they are read in one isolated call."""
        messages = [
            framed(schema_id, encode(self.schemas[schema_id], record)) for schema_id, record in records
        ]
        self._message = b""
        call = self._attempt.observe(
            messages,
            function=lambda given: [self._decode(message) for message in given],
            shown=f"decode(...) of {len(messages)} messages",
            within_seconds=within_seconds,
        )
        if call.error is None and same(call.value, [record for _, record in records]):
            return
        for schema_id, record in records[:MAX_ONE_BY_ONE]:
            self.expect(schema_id, record)
        self._attempt.refuse(
            "record-shared",
            called=call.shown,
            came="one by one they are right, but when all are kept, some have changed",
            expected="a record of its own for each message",
        )

    def _judge_question(self, asked: object) -> None:
        if not self._message:
            return
        called = {"called": f"decode({show(self._message, 90)})", "came": f"fetch_schema({show(asked)})"}
        schema_id, _ = unframe(self._message)
        if is_a(asked, bytes):
            self._attempt.refuse("id-left-as-bytes", **called, expected=f"fetch_schema({schema_id})")
        if asked == swapped(schema_id):
            self._attempt.refuse("little-endian", **called, expected=f"fetch_schema({schema_id})")
        if not (is_a(asked, int) and asked == schema_id):
            self._attempt.refuse("id-read-wrongly", **called, expected=f"fetch_schema({schema_id})")
