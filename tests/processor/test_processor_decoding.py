"""Each way in which a message can be wrong has a reason of its own, and its bytes are kept as they came."""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from processor_messages import FakeRegistry, message

from streamlab import contracts
from streamlab.encoding import framed
from streamlab.features import CardFeatures
from streamlab.processor import schemas as processor_schemas
from streamlab.processor.dead_letter import ATTEMPTS, DeadLetter, Header, Reason, headers_of
from streamlab.processor.decoding import Decoder
from streamlab.processor.jobs import rules_of
from streamlab.processor.partition import Partition
from streamlab.processor.restore import Plan
from streamlab.processor.schemas import (
    ASK_AGAIN_SECONDS,
    BELIEVE_UNKNOWN_SECONDS,
    Away,
    Found,
    Unknown,
    WriterSchemas,
)
from streamlab.processor.settings import Settings, UnknownSchema
from streamlab.wire import SchemaId, frame

CONTRACT = contracts.load("transaction", 3)
EVENT: dict[str, Any] = {
    "txn_id": "t", "card_id": "c", "user_id": "u", "amount": 10.0, "currency": "USD",
    "event_time": 1_700_000_000_000, "merchant_id": None, "risk_score": 0.0, "merchant_category": None,
    "country": None, "device_id": None, "session_id": None, "ip_address": None,
}  # fmt: skip
GOOD = framed(CONTRACT, SchemaId(7))(EVENT)
OTHER_RECORD = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "long"}]}


def with_field(field: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(CONTRACT)
    changed["fields"].append(field)
    return changed


def without_field(name: str) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(CONTRACT)
    changed["fields"] = [one for one in changed["fields"] if one["name"] != name]
    return changed


NESTED = with_field(
    {
        "name": "extra",
        "type": {
            "type": "record", "name": "Node", "namespace": "deep",
            "fields": [{"name": "next", "type": ["null", "deep.Node"]}],
        },
    }
)  # fmt: skip

ANSWERS: dict[str, Any] = {
    "/schemas/ids/7": {"schema": json.dumps(CONTRACT)},
    "/schemas/ids/8": {"schema": json.dumps(OTHER_RECORD)},
    "/schemas/ids/9": {"schema": "message M {}", "schemaType": "PROTOBUF"},
    "/schemas/ids/10": {"schema": '{"type": "no such type"}'},
    "/schemas/ids/11": {"schema": "{"},
    "/schemas/ids/12": {"schema": json.dumps(without_field("amount"))},
    "/schemas/ids/13": {"schema": json.dumps({"type": "record", "name": 5, "fields": []})},
    "/schemas/ids/14": {"schema": "[" * 100_000},
    "/schemas/ids/16": {"schema": json.dumps(NESTED)},
    "/schemas/ids/17": {"schema": json.dumps(with_field({"name": "note", "type": "string"}))},
}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> FakeRegistry:
    fake = FakeRegistry(dict(ANSWERS))
    monkeypatch.setattr(processor_schemas, "ask", fake.ask)
    return fake


@pytest.fixture
def known(registry: FakeRegistry) -> Iterator[WriterSchemas]:
    schemas = WriterSchemas("http://registry", CONTRACT)
    yield schemas
    schemas.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the schemas see; set its only element."""
    now = [1_000.0]
    monkeypatch.setattr(processor_schemas.time, "monotonic", lambda: now[0])
    return now


def changed(**fields: Any) -> bytes:
    return framed(CONTRACT, SchemaId(7))(EVENT | fields)


def processed(
    schemas: WriterSchemas, values: list[bytes | None], unknown: str = "wait"
) -> tuple[Any, Partition]:
    decoder = Decoder(schemas, rules_of(Settings()), UnknownSchema(unknown))
    held = Partition(0, Plan(0, 0), CardFeatures(5.0))
    return held.process([message(value, offset) for offset, value in enumerate(values)], decoder), held


BAD = [
    (None, Reason.NOT_FRAMED, "tombstone"),
    (b"", Reason.NOT_FRAMED, "0 bytes are too few"),
    (b"\x00\x00\x00\x00", Reason.NOT_FRAMED, "4 bytes are too few"),
    (b"\x01" + GOOD[1:], Reason.NOT_FRAMED, "0x01"),
    (b'{"txn_id": "t"}', Reason.NOT_FRAMED, "0x7b"),
    (frame(SchemaId(99), GOOD[5:]), Reason.UNKNOWN_ID, "knows no schema 99"),
    (frame(SchemaId(2**32 - 1), GOOD[5:]), Reason.UNKNOWN_ID, "knows no schema 4294967295"),
    (frame(SchemaId(9), GOOD[5:]), Reason.UNKNOWN_ID, "PROTOBUF, not Avro"),
    (frame(SchemaId(10), GOOD[5:]), Reason.UNKNOWN_ID, "cannot be parsed"),
    (frame(SchemaId(11), GOOD[5:]), Reason.UNKNOWN_ID, "cannot be parsed"),
    (frame(SchemaId(13), GOOD[5:]), Reason.UNKNOWN_ID, "cannot be parsed"),
    (frame(SchemaId(14), GOOD[5:]), Reason.UNKNOWN_ID, "cannot be parsed"),
    (frame(SchemaId(8), b"\x02"), Reason.UNDECODABLE, ""),
    (frame(SchemaId(12), GOOD[5:]), Reason.UNDECODABLE, ""),
    (frame(SchemaId(16), GOOD[5:] + b"\x02" * 500_000 + b"\x00"), Reason.UNKNOWN_ID, "is recursive"),
    (frame(SchemaId(7), b""), Reason.UNDECODABLE, ""),
    (GOOD[:-1], Reason.UNDECODABLE, ""),
    (GOOD + b"?", Reason.UNDECODABLE, "1 bytes are left over"),
    (frame(SchemaId(7), b"\xff" * 40), Reason.UNDECODABLE, ""),
    (frame(SchemaId(7), b"\x04\xff\xfe" + GOOD[7:]), Reason.UNDECODABLE, "UnicodeDecodeError"),
    (changed(amount=float("nan")), Reason.RULE_BROKEN, "amount_not_finite"),
    (changed(amount=float("inf")), Reason.RULE_BROKEN, "amount_not_finite"),
    (changed(amount=0.0), Reason.RULE_BROKEN, "amount_not_positive"),
    (changed(merchant_category="12"), Reason.RULE_BROKEN, "mcc_malformed"),
    (changed(card_id=""), Reason.RULE_BROKEN, "identifier_empty"),
    (changed(event_time=4_102_444_800_000), Reason.RULE_BROKEN, "event_time_after_2100"),
    (changed(event_time=EVENT["event_time"] - 5_001), Reason.LATE, "late: event time"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason", "said"), BAD, ids=range(len(BAD)))
def test_a_message_that_cannot_be_processed_is_kept_with_its_reason_and_bytes(
    known: WriterSchemas, value: bytes | None, reason: Reason, said: str
) -> None:
    step, held = processed(known, [GOOD, value, changed(event_time=EVENT["event_time"] - 5_000)])
    (letter,) = step.dead
    assert letter.reason is reason
    assert said in letter.error
    assert letter.message.value() == value
    assert letter.message.offset() == 1
    assert step.note.books == held.books
    assert (held.books.events_in, held.books.dead, held.books.waiting) == (3, 1, 2)


def test_a_letter_says_where_its_message_came_from_after_the_message_s_own_headers() -> None:
    own = [("trace", b"abc"), ("trace", b"def"), ("empty", None), (ATTEMPTS, b"2"), (Header.REASON, b"old")]
    letter = DeadLetter(
        Reason.LATE, "too late", message(GOOD, 5, timestamp_ms=77, partition=3, headers=own), schema_id=7
    )
    assert letter.headers(now_ms=99) == [
        ("trace", b"abc"), ("trace", b"def"), ("empty", b""), ("dlq.attempts", b"2"),
        ("dlq.reason", b"late"), ("dlq.error", b"too late"), ("dlq.topic", b"txn.events"),
        ("dlq.partition", b"3"), ("dlq.offset", b"5"), ("dlq.schema.id", b"7"), ("dlq.timestamp", b"77"),
        ("dlq.at", b"99"),
    ]  # fmt: skip
    unframed = DeadLetter(Reason.NOT_FRAMED, "no", message(b"", 5))
    assert (Header.SCHEMA_ID, b"") in unframed.headers(now_ms=99)
    assert headers_of(message(b"")) == []


def test_an_event_of_another_version_is_read_in_the_contract_s_newest_form(known: WriterSchemas) -> None:
    value = framed(with_field({"name": "note", "type": "string"}), SchemaId(17))(EVENT | {"note": "new"})
    found = known.find(17)
    assert isinstance(found, Found)
    assert found.read(value) == EVENT


def test_a_schema_is_fetched_once(known: WriterSchemas, registry: FakeRegistry) -> None:
    step, _ = processed(known, [GOOD] * 5)
    assert step.events_in == 5
    registry.away = True
    assert isinstance(known.find(7), Found)
    assert registry.asked == ["/schemas/ids/7"]


def test_references_are_fetched_before_the_schema_that_names_them(
    known: WriterSchemas, registry: FakeRegistry
) -> None:
    using = with_field({"name": "place", "type": "geo.Place"})
    place = {"type": "record", "name": "geo.Place", "fields": [{"name": "city", "type": "string"}]}
    reference = {"name": "geo.Place", "subject": "geo/place", "version": 2}
    registry.answers["/schemas/ids/20"] = {"schema": json.dumps(using), "references": [reference]}
    registry.answers["/subjects/geo%2Fplace/versions/2?deleted=true"] = {"schema": json.dumps(place)}
    inline = with_field({"name": "place", "type": place})
    value = framed(inline, SchemaId(20))(EVENT | {"place": {"city": "Bern"}})
    found = known.find(20)
    assert isinstance(found, Found)
    assert found.read(value) == EVENT


def test_a_type_that_holds_itself_is_refused_wherever_it_was_named(
    known: WriterSchemas, registry: FakeRegistry
) -> None:
    node = {
        "type": "record",
        "name": "deep.Node",
        "fields": [{"name": "next", "type": ["null", "deep.Node"]}],
    }
    reference = {"name": "deep.Node", "subject": "node", "version": 1}
    using = {
        "schema": json.dumps(with_field({"name": "extra", "type": "deep.Node"})),
        "references": [reference],
    }
    registry.answers["/schemas/ids/21"] = using
    registry.answers["/subjects/node/versions/1?deleted=true"] = {"schema": json.dumps(node)}
    found = known.find(21)
    assert isinstance(found, Unknown)
    assert "recursive" in found.error
    twice = with_field({"name": "a", "type": {"type": "fixed", "name": "F", "size": 2}})
    twice["fields"].append({"name": "b", "type": {"type": "map", "values": "F"}})
    registry.answers["/schemas/ids/22"] = {"schema": json.dumps(twice)}
    assert isinstance(known.find(22), Found)


def test_an_unknown_id_is_believed_for_a_while_and_then_asked_for_again(
    known: WriterSchemas, registry: FakeRegistry, clock: list[float]
) -> None:
    for _ in range(3):
        assert isinstance(known.find(99), Unknown)
    assert registry.asked == ["/schemas/ids/99"]
    registry.answers["/schemas/ids/99"] = ANSWERS["/schemas/ids/7"]
    clock[0] += BELIEVE_UNKNOWN_SECONDS + 1
    assert isinstance(known.find(99), Found)


def found_at_last(schemas: WriterSchemas, schema_id: int, clock: list[float]) -> Any:
    """Ask until there is another answer than Away, with time going on in between."""
    for _ in itertools.repeat(None, 100):
        answer = schemas.find(schema_id)
        if not isinstance(answer, Away):
            return answer
        clock[0] += ASK_AGAIN_SECONDS
        schemas._thread.submit(lambda: None).result(10)
    raise AssertionError("it never asked again")


@pytest.mark.parametrize("status", [500, 503, 401, None])
def test_while_the_registry_is_away_only_the_new_id_waits_and_then_goes_on(
    known: WriterSchemas, registry: FakeRegistry, clock: list[float], status: int | None
) -> None:
    assert isinstance(known.find(7), Found)
    if status is None:
        registry.away = True
    else:
        registry.answers["/schemas/ids/17"] = status
    value = frame(
        SchemaId(17),
        framed(with_field({"name": "note", "type": "string"}), SchemaId(17))(EVENT | {"note": ""})[5:],
    )
    step, held = processed(known, [GOOD, value, GOOD])
    assert (step.events_in, step.next_offset, step.dead) == (1, 1, [])
    assert held.blocked is not None
    assert held.blocked.schema_id == 17
    registry.away, registry.answers["/schemas/ids/17"] = False, ANSWERS["/schemas/ids/17"]
    assert isinstance(found_at_last(known, 17, clock), Found)
    decoder = Decoder(known, rules_of(Settings()), UnknownSchema.WAIT)
    step = held.process([message(value, 1), message(GOOD, 2)], decoder)
    assert held.blocked is None
    assert (step.events_in, step.next_offset, step.dead) == (2, 3, [])


def test_where_it_is_chosen_what_nobody_can_decode_now_is_set_aside(
    known: WriterSchemas, registry: FakeRegistry, clock: list[float]
) -> None:
    assert isinstance(known.find(7), Found)
    registry.away = True
    value = frame(SchemaId(17), GOOD[5:])
    step, held = processed(known, [GOOD, value, GOOD], "dead-letter")
    assert (step.events_in, [letter.reason for letter in step.dead]) == (3, [Reason.UNKNOWN_ID])
    assert step.note.refused == [[17, 1, 1]]
    assert held.blocked is None
    # And it stays there, though the id is known when the partition is restored.
    registry.away = False
    assert isinstance(found_at_last(known, 17, clock), Found)
    again = Partition(0, Plan(0, 3, step.note), CardFeatures(5.0))
    decoder = Decoder(known, rules_of(Settings()), UnknownSchema.WAIT)
    assert again.process([message(GOOD, 0), message(value, 1), message(GOOD, 2)], decoder) is None
    assert again.books == held.books
    assert again.reread == 3


def test_messages_that_were_taken_already_are_passed_over(known: WriterSchemas) -> None:
    decoder = Decoder(known, rules_of(Settings()), UnknownSchema.WAIT)
    held = Partition(0, Plan(0, 0), CardFeatures(5.0))
    log = [message(GOOD, offset) for offset in range(4)]
    assert held.process(log[:3], decoder).events_in == 3  # type: ignore[union-attr]
    assert held.process(log[:3], decoder) is None
    assert held.process(log, decoder).events_in == 1  # type: ignore[union-attr]
    assert held.books.waiting == 4


def test_what_was_taken_before_waits_for_its_schema_whatever_becomes_of_new_messages(
    known: WriterSchemas, registry: FakeRegistry
) -> None:
    step, _ = processed(known, [GOOD], "dead-letter")
    registry.away = True
    schemas = WriterSchemas("http://registry", CONTRACT)
    decoder = Decoder(schemas, rules_of(Settings()), UnknownSchema.DEAD_LETTER)
    held = Partition(0, Plan(0, step.next_offset, step.note), CardFeatures(5.0))
    held.process([message(GOOD, 0)], decoder)
    assert held.restoring
    assert held.blocked is not None
    schemas.close()


@pytest.mark.parametrize("nonsense", [b"<html>Sign in</html>", b'["no", "object"]'])
def test_who_answers_but_not_as_a_registry_is_waited_for(
    known: WriterSchemas, monkeypatch: pytest.MonkeyPatch, nonsense: bytes
) -> None:
    def sign_in(method: str, url: str, _: float) -> httpx.Response:
        return httpx.Response(200, content=nonsense, request=httpx.Request(method, url))

    monkeypatch.setattr(processor_schemas, "ask", sign_in)
    assert isinstance(known.find(7), Away)
