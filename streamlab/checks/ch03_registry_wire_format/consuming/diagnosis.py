"""Which mistake the two lists betray that `consume` gave.

explain(cases, (records, pills), asked, schemas, reader_schema)     # ("pill-dropped", "2 records …")
what_is_wrong_with((b"\\x00", ""))                                   # "reason-empty"
"""

from collections.abc import Container, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from streamlab.grading.comparing import first_difference, is_a, plain, same
from streamlab.grading.showing import show
from streamlab.wire import unframe

from ..records import Consumed, Record, Schema, decode

HEADER_BYTES = 5


class Case(NamedTuple):
    """A message, and the record that it holds in the reader's schema; None for a poison pill."""

    message: bytes
    record: Record | None


def what_is_wrong_with(pill: Any) -> str | None:
    """The mistake in the shape of a pill, None when it is a message with a reason."""
    if not (is_a(pill, tuple) and tuple.__len__(pill) == 2):
        return "pill-not-a-pair"
    message, reason = tuple.__iter__(pill)
    if is_a(message, str) and is_a(reason, bytes):
        return "pill-swapped"
    if not is_a(message, bytes):
        return "pill-not-a-pair"
    if not is_a(reason, str):
        return "reason-not-text"
    return None if str.strip(reason) else "reason-empty"


def plain_pair(pill: Any) -> tuple[bytes, str]:
    """The same message and reason, without anything that a class of the answer's own adds."""
    message, reason = tuple.__iter__(pill)
    return plain(message), str.__str__(reason)


def explain(
    cases: list[Case],
    value: Consumed,
    asked: Sequence[object],
    schemas: dict[int, Schema],
    reader_schema: Schema,
) -> tuple[str | None, str] | None:
    """The mistake (None: unknown) and what came of it; None when everything is where it belongs.

    Args:
        asked: what the registry was asked for during the call.
    """
    records, pills = value[0], [message for message, _ in value[1]]
    wanted = [case.record for case in cases if case.record is not None]
    broken = [case.message for case in cases if case.record is None]
    if same(records, wanted) and same(pills, broken):
        return None
    counted = f"{count(len(records), 'record')} and {count(len(pills), 'pill')}"
    mistake, text = _explain_members(cases, value, counted, schemas, not reader_schema["fields"]) or (
        None,
        counted,
    )
    if mistake is None and len(records) == len(wanted) and same(pills, broken):
        mistake, text = _explain_records(cases, records, schemas, reader_schema)
    elsewhere = (None, "reader-schema-ignored", "schema-of-another-message")
    if mistake in elsewhere and not asked and wanted:
        mistake = "keeps-between-calls"
    return mistake, text


def _explain_members(
    cases: list[Case], value: Consumed, counted: str, known: Container[int], may_be_empty: bool
) -> tuple[str, str] | None:
    """The mistake in what is in the lists and how often; None when it is not in that."""
    records, pills = value[0], [message for message, _ in value[1]]
    messages = [case.message for case in cases]
    wanted = [case.record for case in cases if case.record is not None]
    broken = [case.message for case in cases if case.record is None]
    if any(record is None or (same(record, {}) and not may_be_empty) for record in records):
        return "none-for-pill", f"the records {show(records)}"
    if foreign := [pill for pill in pills if not _is_in(pill, messages)]:
        return _explain_foreign(foreign[0], pills, messages, broken), f"the pill {show(foreign[0])}"
    if set_aside := [pill for pill in pills if not _is_in(pill, broken)]:
        reason = next(reason for message, reason in value[1] if same(message, set_aside[0]))
        text = f"{show(set_aside[0], 90)} was set aside, with the reason {show(reason, 90)}"
        return "valid-called-pill", text
    if len(pills) > len(broken):
        return "pill-repeated", counted
    if len(records) > len(wanted):
        return _explain_more(records, wanted, broken, known), counted
    if broken and len(records) < len(wanted) and len(pills) <= 1:
        before = messages.index(broken[0])
        if same(records, wanted[:before]):
            return "stops-at-first-pill", counted
    fewer = len(records) < len(wanted) or len(pills) < len(broken)
    if fewer and same(pills, _once(broken)) and (same(records, wanted) or same(records, _once(wanted))):
        return "duplicates-dropped", counted
    if len(pills) < len(broken):
        return "pill-dropped", counted
    if len(records) < len(wanted):
        return "message-lost", counted
    if not same(pills, broken):
        return "order-lost", "the pills in another order"
    if len({id(record) for record in records}) < len(records):
        return "record-shared", "the same dict more than once"
    if all(_is_in(record, wanted) for record in records) and all(_is_in(one, records) for one in wanted):
        return "order-lost", "the records in another order"
    return None


def _explain_foreign(pill: bytes, pills: list[bytes], messages: list[bytes], broken: list[bytes]) -> str:
    """Why a pill is none of the messages: cut, changed, or left from an earlier call."""
    if any(pill == message[HEADER_BYTES:] for message in broken):
        return "pill-without-header"
    added_to = len(pills) > len(broken) and same(pills[len(pills) - len(broken) :], broken)
    is_part = any(pill in message for message in messages)
    return "keeps-between-calls" if added_to and not is_part else "pill-not-whole"


def _explain_more(
    records: list[Record], wanted: list[Any], broken: list[bytes], known: Container[int]
) -> str:
    if any(same(left, right) for left, right in pairwise(records)):
        return "record-repeated"
    if (wanted or not broken) and same(records[len(records) - len(wanted) :], wanted):
        return "keeps-between-calls"
    unframed = [message for message in broken if len(message) < HEADER_BYTES or message[0] != 0]
    if unframed:
        return "header-not-checked"
    ids = [int.from_bytes(message[1:HEADER_BYTES], "big") for message in broken]
    return "incompatible-let-through" if all(one in known for one in ids) else "unknown-id-let-through"


def _explain_records(
    cases: list[Case], records: list[Record], schemas: dict[int, Schema], reader_schema: Schema
) -> tuple[str | None, str]:
    """As many records as there should be, but one of them is another than the one expected."""
    good = [case for case in cases if case.record is not None]
    record, case = next((r, c) for r, c in zip(records, good, strict=True) if not same(r, c.record))
    place, came, expected = first_difference(record, case.record)
    text = f"a record with {place}: {show(came, 100)}, not {show(expected, 100)}" if place else show(record)
    schema_id, payload = unframe(case.message)
    if _gives(record, payload, schemas[schema_id]):
        return "reader-schema-ignored", text
    if _gives(record, payload, reader_schema):
        return "reader-schema-as-writer", text
    if any(_gives(record, payload, other, reader_schema) for other in schemas.values()):
        return "schema-of-another-message", text
    if not is_a(record, dict):
        return None, text
    names = {field["name"] for field in reader_schema["fields"]}
    if set(dict.keys(record)) != names:
        return "reader-schema-ignored", text
    written = {field["name"] for field in schemas[schema_id]["fields"]}
    changed = {name for name in names if not same(dict.get(record, name), (case.record or {})[name])}
    return "default-missing" if not changed & written else None, text


def _gives(record: Record, payload: bytes, writer: Schema, reader: Schema | None = None) -> bool:
    """Whether reading the payload in this way gives the record."""
    try:
        return same(record, decode(payload, writer, reader))
    except Exception:  # noqa: BLE001 - then it is not what came
        return False


def _is_in(item: object, items: Iterable[object]) -> bool:
    return any(same(item, other) for other in items)


def _once(items: list[Any]) -> list[Any]:
    return [item for place, item in enumerate(items) if item not in items[:place]]


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
