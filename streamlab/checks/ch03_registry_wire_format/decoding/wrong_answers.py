"""Wrong answers that people give to the task `decoder`; `catalogue` says by what each is refused."""

# ruff: noqa: ARG001, B006, RUF012 - these answers do what people do, also where the rules say no

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, cast

import fastavro

from streamlab.wire import unframe

from .. import records
from ..records import (
    TRANSACTION_V1,
    Decode,
    Fetch,
    Record,
    Schema,
)

seen_by_all: dict[int, Schema] = {}


def fetching_each_time(fetch_schema: Fetch) -> Decode:
    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        return records.decode(payload, fetch_schema(schema_id))

    return decode


def caching_by_message(fetch_schema: Fetch) -> Decode:
    return lru_cache(maxsize=None)(fetching_each_time(fetch_schema))


def remembering_the_last(fetch_schema: Fetch) -> Decode:
    last: tuple[int, Schema] | None = None

    def decode(message: bytes) -> Record:
        nonlocal last
        schema_id, payload = unframe(message)
        if last is None or last[0] != schema_id:
            last = schema_id, fetch_schema(schema_id)
        return records.decode(payload, last[1])

    return decode


def remembering_four(fetch_schema: Fetch) -> Decode:
    schema_of = lru_cache(maxsize=4)(fetch_schema)
    return lambda message: records.decode(unframe(message)[1], schema_of(unframe(message)[0]))


def keeping_the_first_schema(fetch_schema: Fetch) -> Decode:
    schemas: list[Schema] = []

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if not schemas:
            schemas.append(fetch_schema(schema_id))
        return records.decode(payload, schemas[0])

    return decode


def knowing_the_schema(fetch_schema: Fetch) -> Decode:
    return lambda message: records.decode(unframe(message)[1], TRANSACTION_V1)


def keyed_by_last_byte(fetch_schema: Fetch) -> Decode:
    schemas: dict[int, Schema] = {}

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if message[4] not in schemas:
            schemas[message[4]] = fetch_schema(schema_id)
        return records.decode(payload, schemas[message[4]])

    return decode


def caching_records(fetch_schema: Fetch) -> Decode:
    known: dict[int, Record] = {}

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if schema_id not in known:
            known[schema_id] = records.decode(payload, fetch_schema(schema_id))
        return known[schema_id]

    return decode


def sharing_a_module_dict(fetch_schema: Fetch) -> Decode:
    return into(seen_by_all, fetch_schema)


def sharing_a_default(fetch_schema: Fetch, schemas: dict[int, Schema] = {}) -> Decode:
    return into(schemas, fetch_schema)


class SharingAClass:
    schemas: dict[int, Schema] = {}

    def __init__(self, fetch_schema: Fetch) -> None:
        self.fetch_schema = fetch_schema

    def __call__(self, message: bytes) -> Record:
        return into(self.schemas, self.fetch_schema)(message)


def sharing_by_fetch_function(fetch_schema: Fetch) -> Decode:
    return lambda message: records.decode(
        unframe(message)[1], schema_for_all(fetch_schema, unframe(message)[0])
    )


@cache
def schema_for_all(fetch_schema: Fetch, schema_id: int) -> Schema:
    return fetch_schema(schema_id)


latest: dict[str, Fetch] = {}


def using_the_latest_registry(fetch_schema: Fetch) -> Decode:
    latest["fetch"] = fetch_schema
    return into({}, lambda schema_id: latest["fetch"](schema_id))


def reading_the_header_too(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)
    return lambda message: records.decode(message, schema_of(unframe(message)[0]))


def reading_the_id_backwards(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)
    return lambda message: records.decode(message[5:], schema_of(int.from_bytes(message[1:5], "little")))


def asking_with_bytes(fetch_schema: Fetch) -> Decode:
    schema_of: Callable[[Any], Schema] = cache(fetch_schema)
    return lambda message: records.decode(message[5:], schema_of(message[1:5]))


def reading_a_file(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        return cast(Record, next(fastavro.reader(BytesIO(payload), schema_of(schema_id))))

    return decode


def reading_json(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)

    def decode(message: bytes) -> Record:
        schema_of(unframe(message)[0])
        record: Record = json.loads(message[5:])
        return record

    return decode


def refusing_empty_payloads(fetch_schema: Fetch) -> Decode:
    decode = into({}, fetch_schema)

    def checked(message: bytes) -> Record:
        if len(message) <= 5:
            raise ValueError("too short")
        return decode(message)

    return checked


def stripping_zeros(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)
    return lambda message: records.decode(message[5:].lstrip(b"\x00"), schema_of(unframe(message)[0]))


def forgetting_to_return(fetch_schema: Fetch) -> Any:
    def decode(message: bytes) -> Record:
        return fetching_each_time(fetch_schema)(message)


def giving_a_list(fetch_schema: Fetch) -> Any:
    decode = into({}, fetch_schema)
    return lambda message: [decode(message)]


def into(schemas: dict[int, Schema], fetch_schema: Fetch) -> Decode:
    """The right answer, but for where its memory comes from."""

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if schema_id not in schemas:
            schemas[schema_id] = fetch_schema(schema_id)
        return records.decode(payload, schemas[schema_id])

    return decode


def keyed(key: Callable[[bytes], Any]) -> Callable[[Fetch], Decode]:
    """A decoder that remembers schemas by a part of the message."""

    def decoder(fetch_schema: Fetch) -> Decode:
        schemas: dict[Any, Schema] = {}

        def decode(message: bytes) -> Record:
            schema_id, payload = unframe(message)
            if key(message) not in schemas:
                schemas[key(message)] = fetch_schema(schema_id)
            return records.decode(payload, schemas[key(message)])

        return decode

    return decoder


keyed_by_length = keyed(len)
keyed_by_ten_bytes = keyed(lambda message: message[:10])
keyed_by_four_bytes = keyed(lambda message: message[:4])


def forgetting_after_a_thousand(fetch_schema: Fetch) -> Decode:
    schemas: dict[int, Schema] = {}
    count = 0

    def decode(message: bytes) -> Record:
        nonlocal count
        count += 1
        if count % 1000 == 0:
            schemas.clear()
        return into(schemas, fetch_schema)(message)

    return decode


def reading_with_the_last(fetch_schema: Fetch) -> Decode:
    schemas: dict[int, Schema] = {}

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if schema_id not in schemas:
            schemas[schema_id] = fetch_schema(schema_id)
        return records.decode(payload, list(schemas.values())[-1])

    return decode


def filling_one_dict(fetch_schema: Fetch) -> Decode:
    read = into({}, fetch_schema)
    record: Record = {}

    def decode(message: bytes) -> Record:
        new = read(message)
        record.clear()
        record.update(new)
        return record

    return decode


def splitting_at_the_header(fetch_schema: Fetch) -> Decode:
    schema_of = cache(fetch_schema)
    return lambda message: records.decode(message.split(message[:5])[1], schema_of(unframe(message)[0]))


def hiding_a_failure(fetch_schema: Fetch) -> Decode:
    read = into({}, fetch_schema)

    def decode(message: bytes) -> Record:
        try:
            return read(message)
        except OSError:
            return {}

    return decode


def remembering_a_failure(fetch_schema: Fetch) -> Decode:
    schemas: dict[int, Schema | None] = {}

    def decode(message: bytes) -> Record:
        schema_id, payload = unframe(message)
        if schema_id not in schemas:
            schemas[schema_id] = None
            schemas[schema_id] = fetch_schema(schema_id)
        schema = schemas[schema_id]
        if schema is None:
            raise KeyError(schema_id)
        return records.decode(payload, schema)

    return decode


def disguising_a_failure(fetch_schema: Fetch) -> Decode:
    def told(schema_id: int) -> Schema:
        try:
            return fetch_schema(schema_id)
        except Exception as error:
            raise ValueError(f"schema {schema_id} was not found") from error

    return into({}, told)


def asking_for_ever(fetch_schema: Fetch) -> Decode:
    def insisting(schema_id: int) -> Schema:
        while True:
            with suppress(ConnectionError):
                return fetch_schema(schema_id)

    return into({}, insisting)


def asking_for_the_last_byte(fetch_schema: Fetch) -> Decode:
    return into({}, lambda schema_id: fetch_schema(schema_id % 256))


def asking_by_text(fetch_schema: Fetch) -> Decode:
    ask: Any = fetch_schema
    return into({}, lambda schema_id: cast(Schema, ask(str(schema_id))))


def looking_before_asking(fetch_schema: Fetch) -> Decode:
    return into({}, lambda schema_id: fetch_schema(schema_id) and fetch_schema(schema_id))


def dropping_what_is_none(fetch_schema: Fetch) -> Decode:
    decode = into({}, fetch_schema)
    return lambda message: {name: value for name, value in decode(message).items() if value is not None}
