# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Chapter 03, the lab: the registry and the wire format
#
# You write the five functions that stand between a record and Kafka. They are small, and they are the ones that fail at night.
#
# **Afterwards you can**
#
# - put the registry's five-byte header in front of a payload, and take it off again;
# - say what is *not* a framed message, and with which reason;
# - read any message with its writer's schema and ask the registry once for each id;
# - publish records with a registered contract and know that every one arrived;
# - consume a stream that holds broken messages, and lose none of it.
#
# **Minutes:** 40 (2 + 5 + 8 + 12 + 13). **Needs:** the lesson of chapter 03. Task 4 needs the stack (`streamlab up`; it already
# runs if you came by `make lab`). The others need nothing but Python.
#
# **How it works.** Replace the line that raises `NotImplementedError`, run the cell, run the check below it. Stuck?
# Each check gives three hints, one at a time: `check.frame.hint()`. The tasks can be done in any order: where you want a function
# of an earlier task that you left out, write `from streamlab.wire import frame, unframe`.

# %%
import json
from collections.abc import Callable, Iterable
from io import BytesIO

from confluent_kafka import KafkaException
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from fastavro import parse_schema, schemaless_reader

from streamlab import contracts, stack
from streamlab.checks import ch03_registry_wire_format as check

# %% [markdown]
# The records are card payments: the contract `Transaction`, version 1. All five tasks use it.

# %%
transaction_v1 = contracts.load("transaction", version=1)
[field["name"] for field in transaction_v1["fields"]]

# %% [markdown]
# ## Task 1: frame (2 minutes)
#
# **Goal.** Put the five-byte header of the wire format in front of a payload.
#
# | byte 0 | bytes 1 to 4 | the rest |
# |---|---|---|
# | magic byte, always `00` | schema id, most significant byte first | payload, unchanged |


# %%
def frame(schema_id: int, payload: bytes) -> bytes:
    """Return `payload` as a framed message: the magic byte, the schema id, the payload.

    The id is between 1 and 2,147,483,647, which is what registries give out. It
    always takes four bytes. The payload may be empty, and may hold any bytes.

    With the id 258 and the payload b"body" the message is, in hexadecimal,
    00 00000102 626f6479.
    """
    ### BEGIN SOLUTION
    return b"\x00" + schema_id.to_bytes(4, "big") + payload
    ### END SOLUTION


# %%
check.frame(frame)

# %% [markdown]
# ## Task 2: unframe (5 minutes)
#
# **Goal.** Split a message into its schema id and its payload, and refuse what is not a framed message.
#
# A topic holds whatever somebody sent to it: JSON from a test script, an empty message, a message of another serializer.
# A `ValueError` with a reason, at once, is better than a wrong record later.


# %%
def unframe(message: bytes) -> tuple[int, bytes]:
    """Return the schema id and the payload of a framed message.

    Exactly five bytes are a framed message: the payload is empty.

    Raises:
        ValueError: with a reason, for a message that is too short for the header,
            or that does not start with the magic byte.
    """
    ### BEGIN SOLUTION
    if len(message) < 5:
        raise ValueError(f"{len(message)} bytes are too few for the five-byte header")
    if message[0] != 0:
        raise ValueError(f"the first byte is 0x{message[0]:02x}, not the magic byte 0x00")
    return int.from_bytes(message[1:5], "big"), message[5:]
    ### END SOLUTION


# %%
check.unframe(unframe)

# %% [markdown]
# ## Task 3: decoder (8 minutes)
#
# **Goal.** Make a function that reads any framed message with the schema that wrote it, and asks for each schema once.
#
# An Avro payload holds no field names and no types, so it can be read only with the writer's schema. The id in the header says which one
# that is. A request to the registry for each message would be slower than Kafka by far.
#
# `schemaless_reader(BytesIO(payload), schema)` of fastavro reads one payload.


# %%
def decoder(fetch_schema: Callable[[int], dict]) -> Callable[[bytes], dict]:
    """Return a function that reads a framed message with the schema of its id.

    `fetch_schema(schema_id)` gives the Avro schema as a dict, and is slow: the
    returned function calls it once for each id, when the first message with that id
    comes, however many messages follow. When `fetch_schema` raises, its error comes
    out, and nothing is remembered: the next message with that id asks again.

    Two decoders share nothing: they may belong to two registries, where the same id
    means two schemas.
    """
    ### BEGIN SOLUTION
    schemas = {}

    def decode(message: bytes) -> dict:
        schema_id, payload = unframe(message)
        if schema_id not in schemas:
            schemas[schema_id] = parse_schema(fetch_schema(schema_id))
        return schemaless_reader(BytesIO(payload), schemas[schema_id])

    return decode
    ### END SOLUTION


# %%
check.decoder(decoder)

# %% [markdown]
# ## Task 4: publish (12 minutes, needs the stack)
#
# **Goal.** Send transactions to a topic on the live stack, with a contract that the pipeline has registered, and lose none.
#
# Before it calls you, the check does the pipeline's work: it creates the topic and registers `transaction_v1` for the subject
# `<topic>-value`. Afterwards it reads the topic back. It also tries a topic whose subject nobody registered, and a topic that refuses big messages.
#
# - `stack.connect().producer()` gives a `Producer`, `stack.connect().registry()` a `SchemaRegistryClient`.
# - `AvroSerializer(registry, json.dumps(schema), conf={...})` gives a function that takes a record and a
#   `SerializationContext(topic, MessageField.VALUE)` and returns a framed message.


# %%
def publish(transactions: list[dict], topic: str) -> None:
    """Send each transaction to `topic` once, as a framed Avro message of Transaction v1.

    The key of a message is its `card_id` as UTF-8. Nothing is registered here: the
    schema must already be registered for the subject of the topic's values. An
    empty list is fine.

    When the function returns, every message is in the topic.

    Raises:
        Exception: the schema is not registered for the subject, or a message could
            not be delivered. Any kind of exception will do.
    """
    ### BEGIN SOLUTION
    here, errors = stack.connect(), []
    config = {"auto.register.schemas": False}
    serialize = AvroSerializer(here.registry(), json.dumps(transaction_v1), conf=config)
    producer, context = here.producer(), SerializationContext(topic, MessageField.VALUE)
    for transaction in transactions:
        value, key = serialize(transaction, context), transaction["card_id"]
        producer.produce(topic, value, key, on_delivery=lambda error, _: errors.append(error))
    producer.flush()
    for error in filter(None, errors):
        raise KafkaException(error)
    ### END SOLUTION


# %%
check.publish(publish)

# %% [markdown]
# ## Task 5: consume (13 minutes)
#
# **Goal.** Read a stream in the schema that your code was written for, and set every message aside that cannot be read.
#
# Such a message is called a *poison pill*: if reading it raises, a consumer restarts, reads it again, and never gets past it. If it
# is skipped silently, data is lost and nobody knows. So it goes aside, whole and with a reason, and somebody can repair it. This one is a small design problem: decide
# first where one message ends and the next begins in your code.


# %%
def consume(
    messages: Iterable[bytes],
    fetch_schema: Callable[[int], dict],
    reader_schema: dict,
) -> tuple[list[dict], list[tuple[bytes, str]]]:
    """Return the records in the reader's schema, and the poison pills; both in order.

    `messages` can be read once only. `fetch_schema(schema_id)` raises `KeyError`
    for an id that it does not know.

    A record is read with its writer's schema and resolved to `reader_schema` by
    Avro's rules: a field that only the writer has is dropped, a field that only the
    reader has takes its default. What these rules allow is not a poison pill.

    A poison pill is the whole message, as it came, with a text that lets an
    operator tell three kinds apart: not a framed message, an unknown schema id, a
    payload that cannot be read in the reader's schema.

    Every message ends up in exactly one of the two lists. No message makes the
    function raise.
    """
    ### BEGIN SOLUTION
    records, pills, schemas = [], [], {}
    for message in messages:
        try:
            schema_id, payload = unframe(message)
            schemas[schema_id] = schemas.get(schema_id) or fetch_schema(schema_id)
            record = schemaless_reader(BytesIO(payload), schemas[schema_id], reader_schema)
            records.append(record)
        except Exception as error:  # whatever is wrong with it, the next one must be read
            pills.append((message, f"{type(error).__name__}: {error}"))
    return records, pills
    ### END SOLUTION


# %%
check.consume(consume)

# %% [markdown]
# ## How far you are
#
# In a terminal, `streamlab check ch03` runs this notebook from the top in a process of its own and prints one line a task;
# `streamlab check ch03 --watch` does so at every save. `streamlab progress` shows what you have passed, and how many hints you
# took. `streamlab reset ch03` gives you a fresh lab and keeps this one under a dated name.
#
# To talk it over, take the interview question on each card. Then look at the same task in `solutions/ch03_registry_wire_format.ipynb`: what does it do that yours
# does not, and the other way round?
