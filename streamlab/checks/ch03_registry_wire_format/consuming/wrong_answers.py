"""Wrong answers that people give to the task `consume`; `catalogue` says by what each is refused."""

# ruff: noqa: BLE001, B006 - these answers do what people do, also where the rules say no

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import fastavro

from streamlab.wire import unframe

from ..records import (
    Consume,
    Consumed,
    Fetch,
    Pill,
    Record,
    Schema,
    decode,
)


def read(message: bytes, fetch_schema: Fetch, reader_schema: Schema | None) -> Record:
    schema_id, payload = unframe(message)
    return decode(payload, fetch_schema(schema_id), reader_schema)


def named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def try_around_the_loop(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records: list[Record] = []
    pills: list[Pill] = []
    message = b""
    try:
        for message in messages:
            records.append(read(message, fetch_schema, reader_schema))
    except Exception as error:
        pills.append((message, named(error)))
    return records, pills


def catching(*classes: type[Exception]) -> Consume:
    def consume(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
        records: list[Record] = []
        pills: list[Pill] = []
        for message in messages:
            try:
                records.append(read(message, fetch_schema, reader_schema))
            except classes as error:
                pills.append((message, named(error)))
        return records, pills

    return consume


def reporting(reason: Callable[[bytes, Exception], Any]) -> Consume:
    def consume(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
        records: list[Record] = []
        pills: list[Any] = []
        for message in messages:
            try:
                records.append(read(message, fetch_schema, reader_schema))
            except Exception as error:
                if (pill := reason(message, error)) is not None:
                    pills.append(pill)
        return records, pills

    return consume


def reading(read: Callable[[bytes, Fetch, Schema], Record]) -> Consume:
    def consume(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
        records: list[Record] = []
        pills: list[Pill] = []
        for message in messages:
            try:
                records.append(read(message, fetch_schema, reader_schema))
            except Exception as error:
                pills.append((message, named(error)))
        return records, pills

    return consume


right = catching(Exception)


def counting_first(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    if sum(1 for _ in messages) == 0:
        return [], []
    return right(messages, fetch_schema, reader_schema)


def needing_a_list(messages: Any, fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    return right((messages[i] for i in range(len(messages))), fetch_schema, reader_schema)


def as_if_written_by_the_reader(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    fetch_schema(unframe(message)[0])
    return read(message, lambda _: reader_schema, None)


def in_the_writers_shape(message: bytes, fetch_schema: Fetch, _: Schema) -> Record:
    return read(message, fetch_schema, None)


def same_schema_only(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    writer_schema = fetch_schema(unframe(message)[0])
    if writer_schema != reader_schema:
        raise ValueError("another version")
    return read(message, fetch_schema, reader_schema)


def empty_is_broken(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    if len(message) <= 5:
        raise ValueError("too short")
    return read(message, fetch_schema, reader_schema)


def falling_back_to_the_writer(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    try:
        return read(message, fetch_schema, reader_schema)
    except fastavro.read.SchemaResolutionError:
        return read(message, fetch_schema, None)


def with_own_projection(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    record = read(message, fetch_schema, None)
    return {
        field["name"]: record.get(field["name"], field.get("default")) for field in reader_schema["fields"]
    }


def adding_the_last_record_again(
    messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema
) -> Consumed:
    records: list[Record] = []
    pills: list[Pill] = []
    record: Record | None = None
    for message in messages:
        try:
            record = read(message, fetch_schema, reader_schema)
        except Exception as error:
            pills.append((message, named(error)))
        if record is not None:
            records.append(record)
    return records, pills


def none_for_what_cannot_be_read(
    messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema
) -> Any:
    records: list[Record | None] = []
    pills: list[Pill] = []
    for message in messages:
        try:
            records.append(read(message, fetch_schema, reader_schema))
        except Exception as error:
            records.append(None)
            pills.append((message, named(error)))
    return records, pills


def newest_first(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records, pills = right(messages, fetch_schema, reader_schema)
    return records[::-1], pills


def grouped_by_schema(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    return right(sorted(messages, key=lambda message: message[1:5]), fetch_schema, reader_schema)


def each_message_once(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    return right(dict.fromkeys(messages), fetch_schema, reader_schema)


def remembering_calls(
    messages: Iterable[bytes],
    fetch_schema: Fetch,
    reader_schema: Schema,
    records: list[Record] = [],
) -> Consumed:
    new, pills = right(messages, fetch_schema, reader_schema)
    records.extend(new)
    return list(records), pills


def two_lists_in_a_list(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Any:
    return list(right(messages, fetch_schema, reader_schema))


def yielding(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Any:
    yield from right(messages, fetch_schema, reader_schema)


numbers = count(1)


def any_magic_byte(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    schema_id = int.from_bytes(message[1:5], "big")
    return decode(message[5:], fetch_schema(schema_id), reader_schema)


def unmeasured(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    def read(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
        if message[:1] != b"\x00":
            raise ValueError("magic byte")
        return any_magic_byte(message, fetch_schema, reader_schema)

    return reading(read)(messages, fetch_schema, reader_schema)


def returning_in_the_loop(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    for message in messages:
        return right([message], fetch_schema, reader_schema)
    return [], []


def testing_the_record(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records, pills = right(messages, fetch_schema, reader_schema)
    return [record for record in records if record], pills


def none_as_default(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    record = read(message, fetch_schema, None)
    return {field["name"]: record.get(field["name"]) for field in reader_schema["fields"]}


def with_the_first_schema(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    first: list[Schema] = []

    def fetch(schema_id: int) -> Schema:
        first.append(fetch_schema(schema_id))
        return first[0]

    return right(messages, fetch, reader_schema)


def trying_twice(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records: list[Record] = []
    pills: list[Pill] = []
    for message in messages:
        for _ in range(2):
            try:
                records.append(read(message, fetch_schema, reader_schema))
                break
            except Exception as error:
                pills.append((message, named(error)))
    return records, pills


def pills_first(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Any:
    records, pills = right(messages, fetch_schema, reader_schema)
    return pills, records


def each_pill_once(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records, pills = right(messages, fetch_schema, reader_schema)
    return records, list(dict(pills).items())


def pills_by_reason(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records, pills = catching(Exception)(messages, fetch_schema, reader_schema)
    return records, sorted(pills, key=lambda pill: pill[1])


def filling_one_dict(messages: Iterable[bytes], fetch_schema: Fetch, reader_schema: Schema) -> Consumed:
    records, pills = catching(Exception)(messages, fetch_schema, reader_schema)
    one: Record = {}
    for record in records:
        one.update(record)
    return [one for _ in records], pills


def reader_for_unknown(message: bytes, fetch_schema: Fetch, reader_schema: Schema) -> Record:
    schema_id, payload = unframe(message)
    try:
        writer = fetch_schema(schema_id)
    except KeyError:
        writer = reader_schema
    return decode(payload, writer, reader_schema)
