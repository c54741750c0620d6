# %% [markdown]
# # 03 The registry and the wire format
#
# **Monday, 9:10.** Since Friday's release the fraud team's consumer books euros as dollars and looks users up
# by their card numbers; it reports no error. Another team's consumer dies at the first message of the same
# topic. Nobody has touched either consumer. Which bytes do you look at first?
#
# After this lesson you can
#
# - take a message apart with nothing but a hex dump,
# - write an Avro body by hand,
# - tell subject, version, id and GUID of a schema apart,
# - say what is asked of the registry, how often, and what still works without it,
# - decide who may register a schema.

# %% [markdown]
# | part | minutes |
# |---|---|
# | What travels in a message | 6 |
# | The body, by hand | 8 |
# | Four names of one schema | 7 |
# | What is asked of the registry, counted | 7 |
# | Who may register a schema | 7 |
# | When it goes wrong | 5 |
#
# You need some Python and the running stack (`streamlab up`), but no Avro: it is a binary format for records, whose
# types stand in a schema, written in JSON. Four claims, C13, C15, C16 and C17, are put on trial. Choose a prediction
# before you run the evidence; the outputs that answer it are folded, and a click opens them.

# %%
import io
import json
import struct
import uuid
import warnings
from datetime import UTC, datetime, timedelta

# %%
from confluent_kafka.schema_registry import Schema, SchemaRegistryError
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from fastavro import schemaless_reader, schemaless_writer

# %%
from streamlab import contracts, plots, stack
from streamlab.dissection import dissect
from streamlab.registry.observe import observe
from streamlab.widgets import predict
from streamlab.wire import NotFramed, SchemaId, frame, unframe

here = stack.connect()

# %% [markdown]
# ## What travels in a message
#
# `here` is the running stack: one Kafka broker and one schema registry. The addresses are in there, so the
# lesson never pastes one. What do the bytes of one message say, and what do they leave out? We need a record to
# send: a card payment, as the contract `schemas/transaction/v1.avsc` describes it. Every field follows from a
# number, so that every run shows the same payments.


# %%
def payment(number: int) -> dict:
    """The payment with this number, as the contract `transaction` describes it."""
    return {
        "txn_id": f"txn_{number:05d}",
        "card_id": f"card_{number % 100:03d}",
        "user_id": f"user_{number % 100:03d}",
        "amount": 128.5 + number,
        "currency": ("USD", "EUR", "GBP")[number % 3],
        "event_time": datetime(2026, 9, 21, tzinfo=UTC) + timedelta(milliseconds=250 * number),
    }


# %%
payment(1)

# %% [markdown]
# Before anything is sent, the schema goes to the registry. It is filed under a *subject*, here the topic's name
# with `-value` behind it, and the registry answers with a number, the *schema id*. The topic's name ends in
# letters that are unique to this run: a second run, or a second learner on the same stack, gets a topic of its
# own. That is also why this lesson never prints a topic or an id: yours differ from ours.

# %%
topic = here.unique("txn.events")
here.create_topic(topic)
registry = here.registry()
transaction = contracts.load("transaction", version=1)
schema = Schema(json.dumps(transaction), "AVRO")

# %%
subject = f"{topic}-value"
registry.set_compatibility(subject, "BACKWARD")
schema_id = registry.register_schema(subject, schema)
assert isinstance(schema_id, int)

# %% [markdown]
# Now send one payment and read it back from the broker. The serializer turns a record into bytes; the producer
# only carries bytes. That is all the broker ever sees: Apache Kafka does not know Avro, schemas or the registry, and
# it checks nothing. The key is the card, so that all payments of a card stay in one partition.

# %%
serialize = AvroSerializer(registry, schema, conf={"auto.register.schemas": False})
of_topic = SerializationContext(topic, MessageField.VALUE)
producer = here.producer()
producer.produce(topic, key=payment(1)["card_id"], value=serialize(payment(1), of_topic))
assert producer.flush(10) == 0, "a message is still waiting"

# %%
[message] = here.read_topic(topic)
value = message.value()
print(f"key {message.key()}, headers {message.headers()}, {len(value)} bytes of value")

# %% [markdown]
# **C13. The claim: the value of a message is a zero byte, four bytes of schema id, then the Avro data.**
#
# Say the registry gave the schema the id 7. Is the byte in front really a zero, and at which end of the four bytes
# does the 7 stand? Choose, then look at what came back from the broker.

# %%
c13 = predict(
    "c13",
    "A message was written with schema id 7. What are its first five bytes?",
    ["00 07 00 00 00", "00 00 00 00 07", "01 00 00 00 07"],
)

# %% tags=["answer"]
parts = dissect(value, transaction, hide_schema_id=True)
assert parts["magic byte"].data == b"\x00"
assert parts["schema id"].data == schema_id.to_bytes(4, "big")
plots.message_bytes(parts)

# %% tags=["answer"]
assert frame(SchemaId(7), b"").hex(" ") == "00 00 00 00 07"
c13.evidence(
    "00 00 00 00 07",
    """Verdict on C13: **true for the default framing**. First the magic byte, which is the
    version of the framing and not part of the id; then the id with its most significant
    byte first. The header of another framing comes in the section on names.""",
)

# %% [markdown]
# Above, the id's four bytes show as `··`, because another registry gives another id; everything else is byte for
# byte what the broker stores. Look for what is *not* there: no field names, no types, no separators. `txn_id` is
# nine characters with their length in front, and nothing says that they are called `txn_id`. Without the schema
# the bytes cannot be read. `frame` and `unframe`, the two functions for the five bytes, are in `streamlab/wire.py`,
# the taking apart is in `streamlab/dissection.py`.

# %%
schema_id_in_message, body = unframe(value)
assert schema_id_in_message == schema_id
assert frame(schema_id_in_message, body) == value
print(f"{len(value)} bytes = {len(value) - len(body)} of header + {len(body)} of Avro")

# %% [markdown]
# ## The body, by hand
#
# Those 43 bytes hold six values. How is each one written? There are fewer rules than you may expect. The first:
# a whole number (`int`, `long`, every length, every index) takes as few bytes as it needs. *Zigzag* makes small
# negative numbers small: 0, -1, 1, -2 become 0, 1, 2, 3. Then seven bits go into each byte, lowest bits first,
# and the highest bit of a byte says whether another follows: a *varint*.


# %%
def avro_long(number: int) -> bytes:
    """A number of at most 64 bits as Avro writes it: zigzag, then seven bits a byte."""
    rest, written = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*written, rest])


# %%
for number in (0, -1, 1, -64, 64, 1_790_000_000_000):
    print(f"{number:>17,}  {avro_long(number).hex(' ')}")
assert [avro_long(n).hex() for n in (0, -1, 1, -64, 64)] == ["00", "01", "02", "7f", "8001"]

# %% [markdown]
# The five results asserted are those of the Avro specification. A point in time, as milliseconds since 1970, fits
# into six bytes instead of eight. The second rule is for text: its length, as such a number, then its bytes. Is
# that the number of characters or of bytes?


# %%
def avro_string(text: str) -> bytes:
    """A string as Avro writes it: the number of its UTF-8 bytes, then the bytes."""
    utf8 = text.encode()
    return avro_long(len(utf8)) + utf8


# %%
assert avro_string("Zurich")[0] // 2 == 6
assert avro_string("Zürich")[0] // 2 == 7
avro_string("Zürich").hex(" ")

# %% [markdown]
# Bytes: `ü` counts twice, and the length 7 is written as 14, `0e`, because of the zigzag. The remaining rules: a
# `double` is its eight IEEE 754 bytes, least significant byte first; an `enum` is the index of its symbol; a
# `timestamp-millis` is a `long`; a record is its fields in the schema's order, with nothing around them. So the
# whole payment is six pieces.

# %%
pieces = [
    avro_string("txn_00001"),
    avro_string("card_001"),
    avro_string("user_001"),
    struct.pack("<d", 129.5),
    avro_long(["USD", "EUR", "GBP"].index("EUR")),
    avro_long(round(payment(1)["event_time"].timestamp() * 1000)),
]

# %%
written_by_fastavro = io.BytesIO()
schemaless_writer(written_by_fastavro, transaction, payment(1))
assert b"".join(pieces) == written_by_fastavro.getvalue() == body
print(dissect(frame(SchemaId(7), b"".join(pieces)), transaction))

# %% [markdown]
# Three ways, one result: by hand, by fastavro, and from the broker. Version 2 of the contract adds `merchant_id`, a
# union of `null` and `string`, and `risk_score`, both with defaults. A union is the index of its branch, then the
# value. Do fields that take their default save bytes? No. The writer writes the default out, and a default matters
# only to a reader who misses the field.

# %%
written_with_v2 = io.BytesIO()
schemaless_writer(written_with_v2, contracts.load("transaction", version=2), payment(1))
assert written_with_v2.getvalue() == body + avro_long(0) + struct.pack("<d", 0.0)
print(f"version 1: {len(body)} bytes, version 2: {len(written_with_v2.getvalue())} bytes")

# %% [markdown]
# One trap is left. Avro writes a `double` with the *least* significant byte first; the header in front of it writes
# the id with the *most* significant byte first. Both stand in one message, because they come from different
# specifications: network protocols count from the big end, Avro follows the common processors. Whoever learns one
# of the two rules uses it for both.

# %%
print("double 129.5, little-endian:", struct.pack("<d", 129.5).hex(" "))
print("header, id 7,    big-endian:", struct.pack(">bI", 0, 7).hex(" "))
assert struct.unpack("<bI", frame(SchemaId(7), b""))[1] == 117_440_512

# %% [markdown]
# Read the header with the wrong end first and schema 7 becomes schema 117,440,512, which your registry does not
# have. That error is loud. Now the quiet one, from the opening. On Friday somebody tidied the contract: the two ids changed
# places, and the currencies are sorted. The producer writes with the tidy schema. The consumer ignores the id and
# reads with its own copy of the old one.

# %%
tidy = contracts.load("transaction", version=1)
fields = tidy["fields"]
fields[1], fields[2] = fields[2], fields[1]
fields[4]["type"]["symbols"].sort()

# %%
written = io.BytesIO()
schemaless_writer(written, tidy, payment(1))
monday = schemaless_reader(io.BytesIO(written.getvalue()), transaction, None)
for name in ("card_id", "user_id", "currency"):
    print(f"{name:<9} sent {payment(1)[name]:<9} read {monday[name]}")
assert (monday["user_id"], monday["currency"]) == ("card_001", "USD")

# %% [markdown]
# No error: two strings are two strings, and index 0 is a symbol in both lists. This is Monday's first riddle. The
# bytes are right, the schema they are read with is not. With the *writer's* schema, found by the id, Avro matches
# fields and symbols by name, and the same bytes read correctly. The second riddle, the consumer that dies at once,
# takes the five header bytes for data.

# %%
matched = schemaless_reader(io.BytesIO(written.getvalue()), tidy, transaction)
assert matched == payment(1)


# %%
def error_of(call, *arguments) -> Exception | None:
    """The error that the call raises, or None: in this lesson we look at errors and go on."""
    try:
        call(*arguments)
    except Exception as error:  # whatever comes is what we want to see
        return error
    return None


# %%
unstripped = io.BytesIO(frame(SchemaId(7), body))
error = error_of(schemaless_reader, unstripped, transaction, None)
assert isinstance(error, IndexError)
print("header read as data:", type(error).__name__)

# %% [markdown]
# Three zero bytes were read as three empty strings; the rest of the header and the beginning of `txn_00001` as an
# amount; the next character as the index of a currency that does not exist. With other data it might have existed,
# and the consumer would have gone on. So the bytes to look at on Monday are the first five: is the message framed,
# and which schema wrote it?

# %% [markdown]
# ## Four names of one schema
#
# A *subject* is a list of schemas that follow each other, with rules for the next one. A *version* is the place
# in that list: 1, 2, 3. An *id* belongs to the schema itself. Interviewers like to ask for the difference,
# because so few people have tried it. Let us file the same schema a second time, under the subject of another
# topic, `txn.refunds`.

# %%
same_schema = predict(
    "same_schema",
    "The same schema is registered under a second, empty subject. What does it get there?",
    ["a new id, version 1", "the same id, version 1", "the same id, version 2"],
)

# %% tags=["answer"]
refunds = f"{here.unique('txn.refunds')}-value"
assert registry.register_schema(refunds, schema) == schema_id
assert registry.get_versions(refunds) == [1]
same_schema.evidence(
    "the same id, version 1",
    "The id names the text of the schema, the version its place in one subject's list.",
)

# %% [markdown]
# Now the contract's second version, `v2.avsc`, which adds currencies and two fields with defaults. We register it
# where version 1 already is, and in an empty subject, `txn.archive`. Ids differ from registry to registry, so the
# table calls them A and B.

# %%
newer_schema = Schema(json.dumps(contracts.load("transaction", version=2)), "AVRO")
newer_id = registry.register_schema(subject, newer_schema)
archive = f"{here.unique('txn.archive')}-value"
assert registry.register_schema(archive, newer_schema) == newer_id != schema_id

# %%
letter = {schema_id: "A", newer_id: "B"}
print("subject     version  id")
listings = {"txn.events": subject, "txn.refunds": refunds, "txn.archive": archive}
for name, listed in listings.items():
    for version in registry.get_versions(listed):
        registered = registry.get_version(listed, version)
        print(f"{name:<11} {version:>7}  {letter[registered.schema_id]:>2}")
assert registry.get_version(archive, 1).schema_id == registry.get_version(subject, 2).schema_id

# %% [markdown]
# Version 2 of one subject is version 1 of another, with one id. So "version 2" says nothing without its subject,
# and the message carries the id, which says it all: to *this* registry. Each registry hands out its own; in
# staging and in production the same schema has different ids as a rule. Never order by id, never write one into code, and
# expect trouble when messages are copied between clusters without their registry.

# %% [markdown]
# That is what the fourth name is for. Some newer registries also give a schema a *GUID*: 16 bytes that are meant
# to name it in every registry. It travels outside of the value, in a header of the Kafka record that is called
# `__value_schema_id`, behind a byte 01, the framing's second version; the value is the bare Avro body. Here it is by
# hand, beside the client's own class, with a GUID from an example, and then through the real broker.

# %%
from confluent_kafka.schema_registry import dual_schema_id_deserializer, header_schema_id_serializer
from confluent_kafka.schema_registry.serde import SchemaId as ClientSchemaId

guid = uuid.UUID("833bcaed-7fb1-4857-b7b3-6eb445e59d39")
header_value = b"\x01" + guid.bytes
assert header_value == ClientSchemaId("AVRO", guid=str(guid)).guid_to_bytes()

# %%
newer_framing = here.unique("txn.events")
here.create_topic(newer_framing)
producer.produce(newer_framing, value=body, headers=[("__value_schema_id", header_value)])
assert producer.flush(10) == 0
[by_header] = here.read_topic(newer_framing)

# %%
[(header_name, header_bytes)] = by_header.headers()
print(f"header {header_name}: {header_bytes[:1].hex()} {uuid.UUID(bytes=header_bytes[1:])}")
print(f"value  {len(by_header.value())} bytes: {by_header.value()[:10].hex(' ')} ...")
assert by_header.value() == body == value[5:]

# %% [markdown]
# The same payment, 43 bytes of value instead of 48, and 17 bytes in a header. C13 does not hold here: a reader
# that expects the zero byte refuses this message. The client's default deserializer looks into the headers first
# and then at the first five bytes, so both kinds can share a topic.

# %%
refusal = error_of(unframe, by_header.value())
assert isinstance(refusal, NotFramed)
print("unframe:", refusal)

# %%
found = ClientSchemaId("AVRO")
with_headers = SerializationContext(newer_framing, MessageField.VALUE, by_header.headers())
rest = dual_schema_id_deserializer(by_header.value(), with_headers, found)
assert (found.guid, rest.read()) == (guid, body)

# %% [markdown]
# Does your registry give GUIDs? They came with Confluent's version 8.0; many have none. The course's own gives
# them, and there the client frames by header for real. Apicurio, which `streamlab up --registry apicurio` starts
# instead, gives none in this API, and there the header from above stands in.

# %%
headers = []
if here.has("schema guids"):
    framing = {"auto.register.schemas": False, "schema.id.serializer": header_schema_id_serializer}
    context = SerializationContext(topic, MessageField.VALUE, headers)
    assert AvroSerializer(here.registry(), schema, conf=framing)(payment(1), context) == body
else:
    headers.append(("__value_schema_id", header_value))

# %%
print("bytes in the headers:", {name: len(data) for name, data in headers})
assert headers[0][1][:1] == b"\x01"

# %% [markdown]
# ## What is asked of the registry, counted
#
# **C15. The claim: the schema travels with every message.**
#
# In the bytes of one message there was no schema. Then every reader has to get it from somewhere, and a registry
# that is asked for each of a million messages would be the slowest part of the pipeline. So where does the schema
# travel, and how often? We count. `observe` puts a small proxy between a client and the registry; it passes everything on
# and keeps a list (`streamlab/registry/observe.py`).

# %%
busy = here.unique("txn.events")
here.create_topic(busy)
of_busy = SerializationContext(busy, MessageField.VALUE)
for version in (schema, newer_schema):
    registry.register_schema(f"{busy}-value", version)

# %%
asked_by_producer = observe(here.schema_registry_url)
watched_registry = here.registry(asked_by_producer.url)
serializers = [
    AvroSerializer(watched_registry, version, conf={"auto.register.schemas": False})
    for version in (schema, newer_schema)
]

# %% [markdown]
# Two producers in the middle of a roll-out: every other payment is written with version 2 of the contract. 4,000
# payments go into one topic. Then a consumer reads them all, with a registry client of its own and an empty
# cache. How often will it ask for a schema?

# %%
for number in range(4000):
    encoded = serializers[number % 2](payment(number), of_busy)
    producer.produce(busy, key=payment(number)["card_id"], value=encoded)
    producer.poll(0)
assert producer.flush(30) == 0

# %%
c15 = predict(
    "c15",
    "A new consumer reads 4,000 messages, written with two schemas. How often does it ask for a schema?",
    ["4,000 times, once a message", "1 time, once a topic", "2 times, once a schema id"],
)

# %% tags=["answer"]
asked_by_consumer = observe(here.schema_registry_url)
deserialize = AvroDeserializer(here.registry(asked_by_consumer.url))
received = [deserialize(m.value(), of_busy) for m in here.read_topic(busy, max_messages=4000)]
assert len(received) == 4000
assert received[0]["txn_id"] == "txn_00000"
asked_by_consumer.counts()

# %% tags=["answer"]
fetches = asked_by_consumer.counts()["GET /schemas/ids/{id}"]
assert fetches == len({schema_id, newer_id})
plots.requests(
    {"messages read": len(received), "requests for a schema": fetches},
    f"{len(received):,} messages, {fetches} requests for a schema: one for each id",
)

# %% tags=["answer"]
assert not any(b"amount" in m.value() for m in here.read_topic(busy, max_messages=10))
print(f"The schema takes {len(schema.schema_str)} bytes, the record {len(body)}, the id 4.")
c15.evidence(
    "2 times, once a schema id",
    """Verdict on C15: **false**. Only the id travels, four bytes of it. The consumer
    fetches each schema once and keeps it. The rule: requests grow with the number of
    schemas, not with the number of messages.""",
)

# %% [markdown]
# The list held one more kind of request, for `associations`. In recent clients each serializer and deserializer
# asks, once a topic, whether somebody has bound the topic to another subject than `<topic>-value`. Where the answer
# is "not found", it goes on with that name; with `"subject.name.strategy.type": "TOPIC"` it does not ask. And the
# producers? They were told not to register, so they have to look their schema up.

# %%
for asked, times in asked_by_producer.counts().items():
    print(f"{times} x {asked}")
assert asked_by_producer.counts()["POST /subjects/{subject}"] == len(serializers)
assert not any(request.path.endswith("/versions") for request in asked_by_producer.requests)

# %% [markdown]
# One look-up for each serializer, for 4,000 messages; none of the requests registers anything. The id is then
# kept as long as the process lives, and that is safe, because the schema behind an id never changes. One question
# remains. The same deserializer now reads a message with an id that it has read before, from *another topic*.

# %%
same_id = predict(
    "same_id",
    "An id that is already in the cache arrives from a second topic. Is the schema fetched again?",
    ["no, the id is known", "yes, once for the topic's subject", "yes, for each message"],
)

# %% tags=["answer"]
before = asked_by_consumer.counts()["GET /schemas/ids/{id}"]
for _ in range(1000):
    deserialize(value, of_topic)
again = asked_by_consumer.counts()["GET /schemas/ids/{id}"] - before
assert again == 1
same_id.evidence(
    "yes, once for the topic's subject",
    """This client's cache is keyed by subject and id. A hundred topics with one schema are
    a hundred requests at the start.""",
)

# %% [markdown]
# ## Who may register a schema
#
# **C16. The claim: AvroProducer registers the schema, puts the id into the message and serializes: it does it
# all.**
#
# Many tutorials are built on it. It is in the package that you have installed, so we can ask the library itself
# what it thinks, then give it a payment the way tutorials do: a plain string as key, the record as value.

# %%
c16 = predict(
    "c16",
    "What happens when you construct an AvroProducer with today's library?",
    ["it works, silently", "it works, with a deprecation warning", "ImportError: it is gone"],
)

# %% tags=["answer"]
from confluent_kafka import avro

asked_by_old = observe(here.schema_registry_url)
addresses = {"bootstrap.servers": here.bootstrap_servers, "schema.registry.url": asked_by_old.url}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old_producer = avro.AvroProducer(addresses)
deprecations = [w for w in caught if issubclass(w.category, DeprecationWarning)]
assert len(deprecations) == 1
print(f"{deprecations[0].category.__name__}: {deprecations[0].message}")

# %% [markdown]
# Whatever the library says of it, the class still sends. Three things are worth a look before you decide what it
# means to find one in old code: what it does with a key that is a plain string, what it asks of the registry
# without being told to, and whether a consumer notices a difference in the bytes.

# %%
old_topic = here.unique("txn.events")
here.create_topic(old_topic)
parsed = avro.loads(json.dumps(transaction))
record = {"topic": old_topic, "value": payment(1), "value_schema": parsed}

# %%
refusal = error_of(lambda: old_producer.produce(key="card_001", **record))
assert isinstance(refusal, avro.KeySerializerError)
print("with a plain key:", refusal)

# %%
old_producer.produce(**record)
assert old_producer.flush(10) == 0
[old_message] = here.read_topic(old_topic)
assert old_message.value()[5:] == body
assert deserialize(old_message.value(), of_topic) == payment(1)
assert asked_by_old.counts() == {"POST /subjects/{subject}/versions": 1}
print("without a key:", asked_by_old.counts())

# %% tags=["answer"]
assert "AvroSerializer" in str(deprecations[0].message)
c16.evidence(
    "it works, with a deprecation warning",
    """Verdict on C16: **outdated**. It is deprecated, it does not send a plain string as
    key, and unless told otherwise it registers whatever schema it is handed. The rule:
    `SchemaRegistryClient`, `AvroSerializer` and `Producer`, three objects with one task
    each, as in the first section.""",
)

# %% [markdown]
# One thing helps when you meet AvroProducer in old code: behind its header it writes the same bytes. Consumers do
# not notice when it is replaced, and producers can move one by one. What they should leave behind is the habit of
# registering. That habit did not go away with the class: it is the *default* of today's serializer, too.

# %% [markdown]
# **C17. The claim: auto-registration is for development only.**
#
# A colleague tries something at home: one more optional field, `note`. The serializer is built with its defaults,
# and the address is that of the shared registry. Compatibility is checked, and an optional field with a default is
# compatible. One payment is serialized; it is not even sent. What does the registry hold now?

# %%
experiment = contracts.load("transaction", version=2)
experiment["fields"].append({"name": "note", "type": ["null", "string"], "default": None})
experimental_schema = Schema(json.dumps(experiment), "AVRO")
assert registry.get_versions(subject) == [1, 2]

# %%
c17 = predict(
    "c17",
    "What does the team's subject hold after one call of the serializer with its defaults?",
    ["versions 1 and 2, as before", "versions 1, 2 and 3", "versions 1 and 2; the call fails"],
)

# %% tags=["answer"]
with_defaults = AvroSerializer(here.registry(), experimental_schema)
with_defaults(payment(1), of_topic)
assert registry.get_versions(subject) == [1, 2, 3]
print("versions in the team's subject:", registry.get_versions(subject))

# %% [markdown]
# Every producer is now able to change the contract of every consumer, with no review: version 3 stands in the
# team's subject, and each later schema is compared with it. And if somebody misspells the topic? Then there is no
# earlier version to compare with, and anything goes in.

# %%
misspelt = here.unique("txn.evnets")
with_defaults(payment(1), SerializationContext(misspelt, MessageField.VALUE))
assert registry.get_versions(f"{misspelt}-value") == [1]

# %% [markdown]
# So turn it off where others depend on the registry. What happens then to a schema that nobody has registered? The
# call should fail early, at the producer, before a message is sent that no consumer can read. Here the change is a
# sensible one, a field `channel` with a default; it has just not been through a review.

# %%
proposed = contracts.load("transaction", version=2)
proposed["fields"].append({"name": "channel", "type": "string", "default": "web"})
proposed_schema = Schema(json.dumps(proposed), "AVRO")
strict = AvroSerializer(here.registry(), proposed_schema, conf={"auto.register.schemas": False})

# %%
refusal = error_of(strict, payment(1), of_topic)
assert isinstance(refusal, SchemaRegistryError)
assert refusal.http_status_code == 404
print("at the producer, before anything is sent: HTTP", refusal.http_status_code)
assert registry.get_versions(subject) == [1, 2, 3]

# %% [markdown]
# This is the error that you want. The way in is then a pipeline: the schema is a file in a repository, a pull
# request is reviewed, and one job, the only one with the right to write, asks whether it is compatible and
# registers it. In short, these three lines. After them the strict producer works without being changed.

# %% tags=["answer"]
assert registry.test_compatibility(subject, proposed_schema)
registry.register_schema(subject, proposed_schema)
assert unframe(strict(payment(1), of_topic))[1].startswith(body)
c17.evidence(
    "versions 1, 2 and 3",
    """Verdict on C17: **true**, and the library's default is the development one. The
    rule: in everything shared, `auto.register.schemas` is False, and a pipeline
    registers what was reviewed.""",
)

# %% [markdown]
# The pipeline has one more task: to take no for an answer. Somebody wants a field `channel_id` that every payment
# must have, so there is no default. Under the rule BACKWARD a new reader must be able to read old data, and old
# payments have no such field. The registry refuses, with HTTP status 409. The error code in the body is 409 or
# 40901, depending on product and version, and the text differs, too: write programs against the status.

# %%
mandatory = contracts.load("transaction", version=2)
mandatory["fields"].append({"name": "channel_id", "type": "string"})
refusal = error_of(registry.register_schema, subject, Schema(json.dumps(mandatory), "AVRO"))
assert isinstance(refusal, SchemaRegistryError)
assert refusal.http_status_code == 409
assert refusal.error_code in (409, 40901)
print("refused: HTTP", refusal.http_status_code)
assert registry.get_versions(subject) == [1, 2, 3, 4]

# %% [markdown]
# ## When it goes wrong
#
# Three things can keep a consumer from reading a message: the registry is away, the id is unknown, or the bytes
# are not framed at all. They call for different reactions, so a consumer has to tell them apart. First the
# registry. The proxy from above can refuse connections, as a stopped process does. The consumer from above knows
# its schemas; a second one has just been started.

# %%
outage = predict(
    "outage",
    "The registry goes away. Who can still read the 4,000 messages?",
    ["both consumers", "only the one that has read before", "neither"],
)


# %%
def outcome(deserializer, message, context) -> str:
    """Whether the message is read; if not, the class of the error that came instead."""
    error = error_of(deserializer, message, context)
    return type(error).__name__ if error else "read"


# %% tags=["answer"]
newcomer = AvroDeserializer(here.registry(asked_by_consumer.url))
stored = [m.value() for m in here.read_topic(busy, max_messages=4000)]
with asked_by_consumer.away():
    print("has read before:", {outcome(deserialize, m, of_busy) for m in stored})
    print("newly started:  ", outcome(newcomer, stored[0], of_busy))
    assert deserialize(stored[3999], of_busy) == received[3999]
    assert outcome(newcomer, stored[0], of_busy) == "ConnectError"

# %% tags=["answer"]
assert outcome(newcomer, stored[0], of_busy) == "read"
outage.evidence(
    "only the one that has read before",
    """The cache lives in the process. In an outage whatever runs goes on; what is started,
    restarted or moved to another machine cannot begin, and neither can a schema that
    nobody has seen yet. So: no deployment while the registry is away.""",
)

# %% [markdown]
# A `ConnectError` says nothing about the message: the same message was read a moment later. Now the messages that
# stay unreadable however often you try, the *poison pills*. Here are five, with a good message in front.

# %%
pills = {
    "framed, id known": value,
    "framed, id unknown": frame(SchemaId(2**31 - 1), body),
    "framed, cut off": value[:20],
    "Avro without the header": body,
    "JSON": json.dumps(payment(1), default=str).encode(),
    "nothing": b"",
}

# %%
for name, pill in pills.items():
    print(f"{name:<24} {outcome(deserialize, pill, of_topic)}")
assert [outcome(deserialize, pill, of_topic) for pill in pills.values()] == [
    "read",
    "SchemaRegistryError",
    "EOFError",
    *["SerializationError"] * 3,
]

# %% [markdown]
# An unknown id is an answer of the registry, HTTP status 404. What is not framed never reaches it: the first byte
# is not zero, or there are too few bytes. Our `unframe` says which. But is the zero byte a proof? Take an Avro body
# without a header whose first field happens to be an empty string.

# %%
unknown = error_of(deserialize, pills["framed, id unknown"], of_topic)
assert unknown.http_status_code == 404
for name in ("Avro without the header", "JSON", "nothing"):
    refusal = error_of(unframe, pills[name])
    assert isinstance(refusal, NotFramed)
    print(f"{name:<24} {refusal}")

# %%
unlucky = io.BytesIO()
schemaless_writer(unlucky, transaction, payment(1) | {"txn_id": ""})
claimed_id, _ = unframe(unlucky.getvalue())
print(
    f"taken for a framed message of schema {claimed_id:,}:",
    outcome(deserialize, unlucky.getvalue(), of_topic),
)
assert claimed_id.to_bytes(4, "big") == b"\x10car"

# %% [markdown]
# The magic byte is not a checksum: it is right by chance once in a while, and then text is taken for an id.
# Unknown ids have a price, too. What was found is kept in the cache. What was not found, is that kept as well?
# Fifty times the same pill:

# %%
before = len(asked_by_consumer.requests)
for _ in range(50):
    outcome(deserialize, pills["framed, id unknown"], of_topic)
requests_for_pills = len(asked_by_consumer.requests) - before
print(requests_for_pills, "requests for 50 messages with an unknown id")
assert requests_for_pills == 50

# %% [markdown]
# No: for these messages the consumer does ask once a message. A flood of them becomes a flood at the registry.
# What follows for a consumer:
#
# | what | whose fault | what to do |
# |---|---|---|
# | registry away | not the message's | wait and try again; set nothing aside |
# | id unknown | producer, or the wrong registry | try a few times, then set aside and alert |
# | not framed, cut off | producer | set aside with the reason, go on |

# %% [markdown]
# To stop at a pill is to stop for ever: after each restart it is the next message again. To skip it in silence is
# to lose data. And Monday? Read the five bytes, fetch that schema, compare.

# %%
for proxy in (asked_by_producer, asked_by_consumer, asked_by_old):
    proxy.close()

# %% [markdown]
# ## You have seen
#
# - C13, true for the default framing: `00`, four bytes of id with the big end first, the Avro body. The newer
#   framing carries a GUID in a header and leaves the value bare.
# - An Avro body holds values only; with the wrong schema it can be read without an error, and wrongly.
# - The id names a schema in one registry; the version is its place in one subject.
# - C15, false: only the id travels, and a schema is fetched once for each subject and id.
# - C16, outdated, and C17, true: today's serializer, registration by a pipeline.
# - What goes on without the registry, and what a poison pill is.

# %% [markdown]
# ### Interview questions
#
# **What is in a message?** *Junior:* "The record as Avro, with its schema." *Senior:* "A magic byte, a big-endian
# id, the values. Or a GUID in a header, so I look there first. The broker checks none of it." Evidence: the picture
# for C13; the cell that ends with `[by_header] = ...`.
#
# **Subject, version, id?** *Junior:* "The id is the version's number." *Senior:* "The id belongs to the schema, in
# this registry; the version to the subject, and so does the compatibility rule. I never compare ids across
# clusters." Evidence: the table with A and B.

# %% [markdown]
# **The registry is down. What happens?** *Junior:* "Everything stops." *Senior:* "Warm caches go on; new processes
# and new schemas cannot start. No deployments, no setting aside of messages: the error is not theirs." Evidence:
# the cell with `away()`.
#
# **Should producers register schemas?** *Junior:* "Yes, it is automatic." *Senior:* "That is the default, and I turn
# it off. A pipeline registers what was reviewed; a producer with an unknown schema fails before it sends."
# Evidence: the cells with `with_defaults` and `strict`.

# %% [markdown]
# **Your consumer dies at one message, again after each restart. What now?** *Junior:* "I catch the error and skip
# the message." *Senior:* "I tell the cases apart. Not framed, cut off, id unknown: set aside with topic, offset and
# reason, and go on. Registry away: wait. And I look whether an upstream producer has bypassed the serializer."
# Evidence: the table of `pills`.
#
# Now do it yourself: [the lab](../labs/ch03_registry_wire_format.ipynb) has five tasks, from the five bytes to a
# consumer that survives everything you have seen here.
