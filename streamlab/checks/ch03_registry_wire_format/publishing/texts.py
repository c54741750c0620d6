"""What `publish` says: its mistakes, its hints, and why and how far the answer works.

MISTAKES[0].what, HINTS[0], WHY, LIMITS, INTERVIEW
"""

from streamlab.grading import Mistake

MISTAKES = (
    Mistake(
        "flush-forgotten",
        what="Messages were not in the topic when the function returned.",
        why=(
            "produce() only puts a message into a queue of this process; it looks like sending, and "
            "in a long-running program it is."
        ),
        try_next="Look for the method of the producer that waits until the queue is empty.",
    ),
    Mistake(
        "not-all-sent",
        what="Some transactions were never sent.",
        why=(
            "A return inside the loop, a slice, or an except that goes on to the next one leaves some"
            " out without a word."
        ),
        try_next="Count the calls of produce() for three transactions.",
    ),
    Mistake(
        "sent-twice",
        what="A transaction is in the topic more than once.",
        why=(
            "Sending again when no answer is there yet feels safe; the producer already does that, "
            "and without duplicates."
        ),
        try_next="One call of produce() for each transaction is enough.",
    ),
    Mistake(
        "topic-ignored",
        what="The subject of another topic was asked for.",
        why="The examples say txn.events; the topic of this call is an argument.",
        try_next="Look for a topic name in quotation marks.",
    ),
    Mistake(
        "json-body",
        what="The value is JSON.",
        why="json.dumps is the first serializer that one meets, and consumers that print it look fine.",
        try_next="Let the serializer of the task's text make the value.",
    ),
    Mistake(
        "not-framed",
        what="The value is not a framed message.",
        why=(
            "The Avro writer gives the record's bytes alone; without the five bytes in front nobody "
            "knows which schema reads them."
        ),
        try_next="Compare the first five bytes of your value with task 1.",
    ),
    Mistake(
        "framed-twice",
        what="There are two headers in front of the record.",
        why="The serializer adds the header itself, and task 1 has just taught how to add one.",
        try_next="Look at what the serializer returns before you touch it.",
    ),
    Mistake(
        "other-schema-id",
        what="The id in the header is not the one under which the contract is registered.",
        why=(
            "An id from an earlier run, or the version number, looks like an id; each registry gives "
            "out its own."
        ),
        try_next="Ask the registry for the id, or leave that to the serializer.",
    ),
    Mistake(
        "key-missing",
        what="A message has no key.",
        why=(
            "Without a key everything still arrives; but a card's payments spread over the "
            "partitions, and their order is lost."
        ),
        try_next="Look at the parameters of produce().",
    ),
    Mistake(
        "key-by-wrong-field",
        what="The key is another field than card_id.",
        why=(
            "An identifier is what a key is in a database; here it decides which messages stay in "
            "order with each other."
        ),
        try_next="Ask whose payments must stay in order.",
    ),
    Mistake(
        "key-not-card-id",
        what="The key is not the card_id of its message.",
        why="A key that is computed, hashed or taken from another message looks as good; its order is lost.",
        try_next="Take the key from the transaction that the value is made of, and leave it as it is.",
    ),
    Mistake(
        "key-not-plain",
        what="The key holds the card_id, but wrapped into something else.",
        why=(
            "Serializing the key like the value adds quotation marks, lengths or a header; consumers "
            "compare the bytes."
        ),
        try_next="The docstring says what the bytes of a key are.",
    ),
    Mistake(
        "record-changed",
        what="A value has the right header, but holds no transaction of the list.",
        why="Rounding or converting on the way looks like help; downstream it is another payment.",
        try_next="Give the serializer the transaction as it came.",
    ),
    Mistake(
        "transaction-left-open",
        what="The messages are in the topic, but their transaction did not commit: nobody can read them.",
        why="flush() delivers the messages of a transaction; only the commit makes them count.",
        try_next="Look for the method that ends a transaction well, or do without one.",
    ),
    Mistake(
        "swallowed-delivery-error",
        what="The broker refused a message, and the function returned as if nothing had happened.",
        why=(
            "flush() returns when every message has an outcome, also a bad one; the outcome goes to a"
            " callback, and only there."
        ),
        try_next=(
            "Look at the parameter on_delivery of produce(): what does it get, and what do you do with it?"
        ),
    ),
    Mistake(
        "auto-registration-on",
        what="The contract was not registered, and the function registered it.",
        why=(
            "The serializer registers by default; so every typing mistake in a schema becomes a "
            "version that others must live with."
        ),
        try_next="Look for the setting of the serializer that turns this off.",
    ),
    Mistake(
        "swallowed-registry-error",
        what=(
            "The contract was not registered, nothing was sent, and the function returned as if all "
            "were well."
        ),
        why="An except around the serializer lets the loop go on, and the loss is seen only downstream.",
        try_next="Let the error out.",
    ),
    Mistake(
        "registry-not-asked",
        what="The contract was not registered, and a message was sent all the same.",
        why=(
            "With the schema at hand and an id noted down, one can write without the registry; then "
            "nobody can read it."
        ),
        try_next="Ask the registry for the subject of this topic, or leave that to the serializer.",
    ),
)

HINTS = (
    (
        "Three objects: a serializer for the values, a producer, and a place to collect what was not "
        "delivered. The serializer registers schemas unless its settings say otherwise."
    ),
    (
        'The setting is "auto.register.schemas". produce() takes the topic, a value, a key and '
        "on_delivery, a function of an error and a message: the error is None if all went well. One "
        "method of the producer waits for all outcomes."
    ),
    (
        "AvroSerializer(registry, json.dumps(transaction_v1), conf={...}) with that setting False. In"
        " the loop call produce() with the serialized value, the card_id as key, and an on_delivery "
        "that appends its first argument to a list. Then flush(), and raise a KafkaException if an "
        "element of the list is not None."
    ),
)

WHY = (
    "The registry is asked for the id of a schema that the pipeline put there, so a wrong "
    "contract fails at the producer. flush() waits for every outcome, and the callback is where a"
    " bad one is told."
)
LIMITS = (
    "flush() at the end is for batches: a service polls while it runs. More than 100,000 messages"
    " at once overflow the producer's queue, and those before a failed one are in the topic "
    "already."
)
INTERVIEW = (
    "What must be true before you may say that a record is in Kafka, and who should register its schema?"
)
