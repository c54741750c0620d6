"""Task 3: `decoder`, a function that reads any message and asks once for each schema.

    def forgetful(fetch_schema):
        return lambda message: schemaless_reader(BytesIO(message[5:]), fetch_schema(unframe(message)[0]))
    task.result(forgetful).mistake                  # fetch-per-message

Expected values are the records that were encoded, and the number of questions that the registry counted.
"""

import sys
from random import Random

from streamlab.grading import Attempt
from streamlab.grading.comparing import is_a, same
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
    unused_id,
)
from .made import Made

ONE = "a message is read with its writer's schema"
MANY = "each message is read by the id that it carries"
ONCE = "each schema is fetched once"
APART = "two decoders share nothing"
EDGES = "a payload may be empty, begin with zeros or hold its own header"
FAILED = "a fetch that fails is told, and tried again"

MESSAGES = 2_000


def examine(attempt: Attempt) -> None:
    """Make decoders, give them messages, count what they ask for."""
    with attempt.check(ONE):
        _examine_one(attempt)
    with attempt.check(APART):
        _examine_two(attempt)
    with attempt.check(MANY):
        _examine_many_ids(attempt)
    with attempt.check(ONCE):
        _examine_requests(attempt)
    with attempt.check(EDGES):
        _examine_edges(attempt)
    with attempt.check(FAILED):
        _examine_failure(attempt)


def _examine_one(attempt: Attempt) -> None:
    schema_id = unused_id(attempt.random)
    Made(attempt, {schema_id: TRANSACTION_V1}).expect(schema_id, transaction(attempt.random))


def _examine_two(attempt: Attempt) -> None:
    random = attempt.random
    schema_id, later_id = unused_id(random), unused_id(random)
    one = Made(attempt, {schema_id: TRANSACTION_V1, later_id: TRANSACTION_V1})
    other = Made(attempt, {schema_id: CLICK, later_id: CLICK})
    one.expect(schema_id, transaction(random), shared_with=other)
    other.expect(schema_id, click(random), shared_with=one)
    one.expect(later_id, transaction(random), shared_with=other)
    third = Made(attempt, other.schemas, other.registry)
    third.expect(schema_id, click(random))
    if len(other.registry.asked) < 2:
        attempt.refuse(
            "shared-cache",
            called="two decoders made with the same fetch_schema, each for a message with the same id",
            came="1 request together",
            expected="1 request each: they share nothing",
        )


def _examine_many_ids(attempt: Attempt) -> None:
    random = attempt.random
    base = random.randint(2, 100) * 2**16 + random.randint(2, 250)
    far = (base ^ 0x01010101) + 2**25
    schemas = {
        base: TRANSACTION_V1,
        far: TRANSACTION_V1,
        base + 1: TRANSACTION_V2,
        base + 2**8: CLICK,
        base + 1000: CLICK,
        base + 2**16: CLICK,
        base + 2**24: TRANSACTION_V2,
        base % 2**16: TRANSACTION_V2,
    }
    made = Made(attempt, schemas)
    for schema_id in [*schemas, *random.sample(list(schemas), len(schemas))]:
        made.expect(schema_id, _record_of(schemas[schema_id], random))
    made.expect(base + 1, transaction_v2(random, merchant_id=None, risk_score=0.0))


def _examine_requests(attempt: Attempt) -> None:
    random = attempt.random
    ids = schema_ids(random, 100)
    made = Made(attempt, dict.fromkeys(ids, TRANSACTION_V1))
    made.expect(ids[0], transaction(random))
    if len(made.registry.asked) > 1:
        attempt.refuse(
            None,
            called="decode(...) of 1 message",
            came=f"{len(made.registry.asked)} requests",
            expected="1 request",
            message="One message asked for its schema more than once.",
        )
    for length in random.sample(range(1, 50), 6):
        # Neither the first bytes of a payload nor its length may tell whether the schema is known.
        made.expect(ids[0], transaction(random, txn_id=random.randbytes(length).hex()))
    if (in_a_row := len(made.registry.asked)) > 1:
        message = framed(
            ids[0], encode(TRANSACTION_V1, transaction(random, txn_id=random.randbytes(60).hex()))
        )
        made.read(message)
        before = len(made.registry.asked)
        made.read(message)
        attempt.refuse(
            "cache-by-message" if len(made.registry.asked) == before else "fetch-per-message",
            called="decode(...) of 7 messages with the same schema id",
            came=f"{in_a_row} requests",
            expected="1 request",
        )
    made.expect_all([(schema_id, transaction(random)) for schema_id in ids * 2])
    _expect_requests(
        attempt, made, len(ids), f"decode(...) of messages with {len(ids)} schema ids in turn, twice round"
    )
    few = [(schema_id, transaction(random)) for schema_id in ids[:4]]
    made.expect_all(few * (MESSAGES // len(few)), within_seconds=6.0)
    _expect_requests(attempt, made, len(ids), f"decode(...) of {MESSAGES} messages more")


def _expect_requests(attempt: Attempt, made: Made, ids: int, called: str) -> None:
    if len(made.registry.asked) > ids:
        attempt.refuse(
            "cache-too-small",
            called=called,
            came=f"{len(made.registry.asked)} requests",
            expected=f"{ids} requests, one for each id",
        )


def _examine_edges(attempt: Attempt) -> None:
    random = attempt.random
    empty, plain = schema_ids(random, 2)
    letters = bytes(random.choice(b"abcdefghjkmnpqrstuvwxyz") for _ in range(4))
    schemas = {empty: HEARTBEAT, plain: TRANSACTION_V1, int.from_bytes(letters, "big"): TRANSACTION_V1}
    made = Made(attempt, schemas)
    made.expect(empty, {}, mistake="refuses-empty-payload")
    made.expect(plain, transaction(random, txn_id="", card_id=""), mistake="payload-changed")
    header = "\0" + letters.decode()
    made.expect(
        int.from_bytes(letters, "big"), transaction(random, txn_id=header * 2), mistake="payload-changed"
    )


def _examine_failure(attempt: Attempt) -> None:
    """While the registry fails, its error comes out; afterwards the decoder asks again."""
    random = attempt.random
    schema_id = unused_id(random)
    record = transaction(random)
    made = Made(attempt, {schema_id: TRANSACTION_V1})
    made.registry.failures = sys.maxsize
    call = made.read(framed(schema_id, encode(TRANSACTION_V1, record)))
    made.registry.failures = 0
    if call.error is None or not is_a(call.error, ConnectionError):
        attempt.refuse(
            "failure-hidden" if call.error is None else "failure-disguised",
            called=f"{call.shown}, while fetch_schema fails",
            came=call.came,
            expected="the error of fetch_schema: ConnectionError",
        )
    call = made.read(framed(schema_id, encode(TRANSACTION_V1, record)))
    if not same(call.value, record):
        attempt.refuse(
            "failure-remembered",
            called=f"{call.shown}, after fetch_schema has failed once",
            came=call.came,
            expected=f"a second request, and {show(record, 150)}",
        )


def _record_of(schema: Schema, random: Random) -> Record:
    if schema is CLICK:
        return click(random)
    return transaction(random) if schema is TRANSACTION_V1 else transaction_v2(random)
