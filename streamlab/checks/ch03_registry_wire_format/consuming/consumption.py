"""Calls of `consume` with one registry and one reader's schema, and what they must come to.

consumption = Consumption(attempt, {7: TRANSACTION_V1}, TRANSACTION_V2)
records, pills = consumption.expect([good(7, TRANSACTION_V1, payment, **defaults), Case(b"", None)])
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from streamlab.grading import Attempt, Call
from streamlab.grading.comparing import is_a, same
from streamlab.grading.showing import show

from ..records import Consumed, Record, Registry, Schema, encode, framed
from .diagnosis import Case, count, explain, plain_pair, what_is_wrong_with


class Stream(Iterator[bytes]):
    """Messages that can be read once, without a length and without an index."""

    def __init__(self, messages: Iterable[bytes]) -> None:
        self._left = list(messages)[::-1]

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        return self._left.pop()

    def __repr__(self) -> str:
        return f"a stream of {len(self._left)} messages"


def good(schema_id: int, schema: Schema, record: Record, **defaults: Any) -> Case:
    """A message with its record; `defaults` are what the reader's schema adds."""
    return Case(framed(schema_id, encode(schema, record)), {**record, **defaults})


class Consumption:
    """Calls of the answer with one registry and one reader's schema."""

    def __init__(self, attempt: Attempt, schemas: dict[int, Schema], reader_schema: Schema) -> None:
        self._attempt = attempt
        self._schemas = schemas
        self._reader_schema = reader_schema

    def expect(self, cases: list[Case], kind: str = "", stream: bool = False) -> Consumed:
        """Every case must end up in its list; what came is given back."""
        messages = [case.message for case in cases]
        records = [case.record for case in cases if case.record is not None]
        pills = [case.message for case in cases if case.record is None]
        what = "a stream" if stream else show(messages, 90)
        what = f"[good, {show(pills[0], 60)}, good]" if kind and not stream else what
        registry = Registry(self._schemas)
        shown = f"{self._attempt.answer_name}({what}, fetch_schema, reader_schema)"
        given = Stream(messages) if stream else messages
        call = self._attempt.observe(given, registry.fetch, copy.deepcopy(self._reader_schema), shown=shown)
        expected = f"{count(len(records), 'record')} and {count(len(pills), 'pill')}"
        if kind:
            expected += f", the middle message ({kind})"
        if call.error is not None:
            mistake: str | None = "pill-raises" if pills else "raised"
            if stream and self._is_right_with_a_list(cases):
                mistake = "iterates-twice"
            self._attempt.refuse(mistake, called=call.shown, came=call.came, expected=expected)
        value = self._two_lists(call)
        explained = explain(cases, value, registry.asked, self._schemas, self._reader_schema)
        if explained is not None:
            mistake, text = explained
            if stream and self._is_right_with_a_list(cases):
                mistake = "iterates-twice"
            self._attempt.refuse(mistake, called=call.shown, came=text, expected=expected)
        return value

    def _is_right_with_a_list(self, cases: list[Case]) -> bool:
        """Whether the same messages are consumed rightly when they can be read as often as one likes."""
        registry = Registry(self._schemas)
        messages = [case.message for case in cases]
        call = self._attempt.observe(messages, registry.fetch, copy.deepcopy(self._reader_schema))
        parts = call.value
        if call.error is not None or not is_a(parts, tuple) or tuple.__len__(parts) != 2:
            return False
        parts = tuple(tuple.__iter__(parts))
        wanted = [case.record for case in cases if case.record is not None]
        broken = [case.message for case in cases if case.record is None]
        if not is_a(parts[1], list) or any(map(what_is_wrong_with, list.__iter__(parts[1]))):
            return False
        pills = [plain_pair(pill)[0] for pill in list.__iter__(parts[1])]
        return same(parts[0], wanted) and same(pills, broken)

    def _two_lists(self, call: Call) -> Consumed:
        if is_a(call.value, list) and list.__len__(call.value) == 2:
            self._attempt.refuse("returns-list", called=call.shown, came=show(call.value), expected="a tuple")
        self._attempt.expect_tuple(call, list, list)
        # By the methods of the built-in types: a list of the answer's own may have no end.
        records, pills = (list(list.__iter__(part)) for part in tuple.__iter__(call.value))
        if any(is_a(pill, dict) for pill in pills) and not any(is_a(record, dict) for record in records):
            self._attempt.refuse(
                "lists-swapped",
                called=call.shown,
                came=show(call.value),
                expected="the records, then the pills",
            )
        for pill in pills:
            mistake = what_is_wrong_with(pill)
            if mistake is not None:
                self._attempt.refuse(
                    mistake,
                    called=call.shown,
                    came=f"the pill {show(pill)}",
                    expected="a tuple of the message and a text",
                )
        return records, [plain_pair(pill) for pill in pills]
