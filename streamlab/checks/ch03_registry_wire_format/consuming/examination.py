"""Task 5: `consume`, a stream read in the reader's schema, its poison pills set aside.

    task.result(lambda messages, fetch_schema, reader_schema: ([], [])).mistake

Expected values are the records that were encoded, with the defaults that the reader's schema states, and the
very messages that were broken on purpose.
"""

import copy

from streamlab.grading import Attempt
from streamlab.grading.showing import show

from ..records import (
    CLICK,
    HEARTBEAT,
    TRANSACTION_V1,
    TRANSACTION_V2,
    Record,
    Schema,
    click,
    encode,
    framed,
    schema_ids,
    transaction,
    transaction_v2,
)
from .consumption import Consumption, good
from .diagnosis import Case
from .reasons import Kind, first_collision

PLAIN = "good messages become records, in order"
VERSIONS = "records come in the reader's schema"
PILLS = "each kind of poison pill is set aside, whole"
REASONS = "a reason tells the kind of pill"
STREAM = "the messages are read once, and none is lost"

NOT_FRAMED = ("wrong magic byte", "too short", "empty", "JSON")
"""The kinds of pill that have no header."""


def examine(attempt: Attempt) -> None:
    """Offer good streams, each kind of pill between good messages, then everything at once."""
    with attempt.check(PLAIN):
        _examine_plain(attempt)
    with attempt.check(VERSIONS):
        _examine_versions(attempt)
    with attempt.check(PILLS):
        reasons = _examine_pills(attempt)
    with attempt.check(REASONS):
        _examine_reasons(attempt, reasons)
    with attempt.check(STREAM):
        _examine_stream(attempt)


def _examine_plain(attempt: Attempt) -> None:
    random = attempt.random
    first_id, second_id = schema_ids(random, 2)
    consumption = Consumption(attempt, {first_id: TRANSACTION_V1, second_id: TRANSACTION_V1}, TRANSACTION_V1)
    cases = [good(schema_id, TRANSACTION_V1, transaction(random)) for schema_id in (second_id, first_id) * 2]
    consumption.expect([])
    consumption.expect([*cases[:2], cases[0], *cases[2:]])
    consumption.expect([good(first_id, TRANSACTION_V1, transaction(random, txn_id=""))])


def _examine_versions(attempt: Attempt) -> None:
    random = attempt.random
    v1_id, v2_id, other_id = schema_ids(random, 3)
    reordered, described, narrow = (copy.deepcopy(TRANSACTION_V1) for _ in range(3))
    reordered["fields"][1], reordered["fields"][2] = reordered["fields"][2], reordered["fields"][1]
    described["doc"] = "The same record, described in other words."
    narrow["fields"][3]["type"] = "float"
    noted = {**HEARTBEAT, "fields": [{"name": "note", "type": "string", "default": "none"}]}
    old, new = transaction(random), transaction_v2(random)
    payment = transaction(random, amount=random.randint(1, 99) / 4)
    defaults = {"merchant_id": None, "risk_score": 0.0}

    def expect(writer: Schema, written: Record, reader: Schema, record: Record) -> None:
        schemas = {v1_id: TRANSACTION_V1, v2_id: TRANSACTION_V2, other_id: writer}
        case = Case(framed(other_id, encode(writer, written)), record)
        Consumption(attempt, schemas, reader).expect([case])

    expect(reordered, old, TRANSACTION_V1, old)
    expect(described, old, TRANSACTION_V1, old)
    expect(TRANSACTION_V1, old, TRANSACTION_V2, {**old, **defaults})
    without_v2 = {name: value for name, value in new.items() if name not in defaults}
    expect(TRANSACTION_V2, new, TRANSACTION_V1, without_v2)
    expect(narrow, payment, TRANSACTION_V1, payment)
    expect(HEARTBEAT, {}, noted, {"note": "none"})
    expect(HEARTBEAT, {}, HEARTBEAT, {})
    mixed = [good(v1_id, TRANSACTION_V1, old, **defaults), good(v2_id, TRANSACTION_V2, new)]
    schemas = {v1_id: TRANSACTION_V1, v2_id: TRANSACTION_V2}
    Consumption(attempt, schemas, TRANSACTION_V2).expect([*mixed, *mixed[::-1]])


def _examine_pills(attempt: Attempt) -> dict[str, str]:
    """The reasons by kind of pill."""
    random = attempt.random
    known, unknown, text_id, lacking_id, click_id, v2_id = schema_ids(random, 6)
    text_amount, lacking = copy.deepcopy(TRANSACTION_V1), copy.deepcopy(TRANSACTION_V1)
    text_amount["fields"][3]["type"] = "string"
    del lacking["fields"][4]
    schemas = {
        known: TRANSACTION_V1,
        text_id: text_amount,
        lacking_id: lacking,
        click_id: CLICK,
        v2_id: TRANSACTION_V2,
    }
    payment = transaction(random)
    payload = encode(TRANSACTION_V1, payment)
    no_currency = {name: value for name, value in payment.items() if name != "currency"}
    pills = {
        "wrong magic byte": bytes([random.randint(1, 255)]) + framed(known, payload)[1:],
        "too short": framed(known, b"")[: random.randint(1, 4)],
        "empty": b"",
        "JSON": b'{"txn_id": "txn_1", "amount": 12.5}',
        "unknown id": framed(unknown, payload),
        "cut in the last field": framed(known, payload[:-1]),
        "cut before the currency": framed(known, payload[: len(payload) - len(_tail(payment))]),
        "no payload": framed(known, b""),
        "another type": framed(text_id, encode(text_amount, {**payment, "amount": "12.5"})),
        "a field is missing": framed(lacking_id, encode(lacking, no_currency)),
        "another record": framed(click_id, encode(CLICK, click(random))),
        "a symbol that the reader lacks": framed(
            v2_id, encode(TRANSACTION_V2, transaction_v2(random, currency="JPY"))
        ),
    }
    consumption = Consumption(attempt, schemas, TRANSACTION_V1)
    reasons: dict[str, str] = {}
    for kind, pill in pills.items():
        around = [good(known, TRANSACTION_V1, transaction(random)) for _ in range(2)]
        consumed = consumption.expect([around[0], Case(pill, None), around[1]], kind=kind)
        reasons[kind] = consumed[1][0][1]
    return reasons


def _tail(payment: Record) -> bytes:
    """The encoding of the last two fields: currency and event time."""
    tail = {**TRANSACTION_V1, "fields": TRANSACTION_V1["fields"][4:]}
    return encode(tail, payment)


def _examine_reasons(attempt: Attempt, reasons: dict[str, str]) -> None:
    """No reason may stand for two kinds; where it is possible, the same bytes are a pill of either."""
    random = attempt.random
    known, unknown = schema_ids(random, 2)
    pill = Case(framed(unknown, encode(TRANSACTION_V1, transaction(random))[:-1]), None)

    def reason(schemas: dict[int, Schema], case: Case, reader: Schema = TRANSACTION_V1) -> str:
        return Consumption(attempt, schemas, reader).expect([case])[1][0][1]

    not_there, there = {known: TRANSACTION_V1}, {unknown: TRANSACTION_V1}
    short_id = random.randint(2**16, 2**24 - 1)
    short = Case(b"\x00" + short_id.to_bytes(3, "big"), None)
    of_kind = {
        Kind.NOT_FRAMED: [reasons[kind] for kind in NOT_FRAMED],
        Kind.UNKNOWN_ID: [reasons["unknown id"], reason(not_there, pill)],
        Kind.UNREADABLE: [reasons[kind] for kind in reasons if kind not in (*NOT_FRAMED, "unknown id")],
    }
    of_kind[Kind.UNREADABLE].append(reason(there, pill))
    of_kind[Kind.UNKNOWN_ID].append(reason(not_there, Case(framed(short_id, b""), None)))
    of_kind[Kind.NOT_FRAMED].append(reason(not_there, short))
    of_kind[Kind.NOT_FRAMED].append(reason({short_id: HEARTBEAT}, short, HEARTBEAT))
    repeated = (reason(not_there, pill), reason(not_there, pill))
    collision = first_collision(of_kind, repeated)
    if collision is not None:
        left, right, text = collision
        attempt.refuse(
            "one-reason-for-all",
            called=f"consume(...) of a message that is {left}, and of one with {right}",
            came=f"the same reason for both: {show(text)}",
            expected="reasons that tell the two kinds apart",
        )


def _examine_stream(attempt: Attempt) -> None:
    random = attempt.random
    v1_id, v2_id, unknown = schema_ids(random, 3)
    consumption = Consumption(attempt, {v1_id: TRANSACTION_V1, v2_id: TRANSACTION_V2}, TRANSACTION_V2)
    old, new = transaction(random), transaction_v2(random)
    defaults = {"merchant_id": None, "risk_score": 0.0}
    cases = [good(v1_id, TRANSACTION_V1, one, **defaults) for one in (old, transaction(random), old)]
    cases += [good(v2_id, TRANSACTION_V2, transaction_v2(random)) for _ in range(3)]
    cases += [Case(framed(unknown, b""), None), Case(b"\x00" * 4, None), Case(b"\x00" * 4, None)]
    payloads = {v1_id: encode(TRANSACTION_V1, old), v2_id: encode(TRANSACTION_V2, new)}
    for schema_id, payload in payloads.items():
        cases += [Case(framed(schema_id, payload[:cut]), None) for cut in range(len(payload))]
    random.shuffle(cases)
    last = good(v2_id, TRANSACTION_V2, transaction_v2(random))
    consumption.expect([*cases, last], stream=True)
