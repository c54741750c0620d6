"""What `consume` says: its mistakes, its hints, and why and how far the answer works.

MISTAKES[0].what, HINTS[0], WHY, LIMITS, INTERVIEW
"""

from streamlab.grading import Mistake

MISTAKES = (
    Mistake(
        "stops-at-first-pill",
        what="The function returned at the first poison pill; the messages behind it are in neither list.",
        why="With the loop inside the try, the first error ends the loop too.",
        try_next="Ask what is tried: reading the stream, or reading one message?",
    ),
    Mistake(
        "pill-raises",
        what="A poison pill made the function raise.",
        why=(
            "The errors that come to mind are one's own; the lookup and the Avro reader have others, "
            "a different one for nearly each way of being broken."
        ),
        try_next=(
            "Collect the classes that come out for an unknown id, a short payload and another type, "
            "and ask what they have in common."
        ),
    ),
    Mistake(
        "pill-dropped",
        what="A poison pill is in neither list.",
        why=(
            "A skipped message makes the consumer run on, and that is what one sees; the missing "
            "payment is seen next month."
        ),
        try_next="Count: every message is in exactly one of the two lists.",
    ),
    Mistake(
        "pill-repeated",
        what="A poison pill was set aside more than once.",
        why="A retry, or a handler inside a handler, meets the same error again and reports it again.",
        try_next="Follow one broken message through your code, and count the appends.",
    ),
    Mistake(
        "message-lost",
        what="A message is in neither list.",
        why=(
            "A return inside the loop ends it early, and a test like `if record:` takes a record without "
            "fields for none."
        ),
        try_next="Count: every message is in exactly one of the two lists.",
    ),
    Mistake(
        "pill-without-header",
        what="A pill was set aside without its header.",
        why=(
            "After the split, the payload is at hand under a short name; but nobody can repair or "
            "replay half a message."
        ),
        try_next="Set aside what came, not what you made of it.",
    ),
    Mistake(
        "pill-not-whole",
        what="A pill is not the message as it came.",
        why="The first bytes, or a printable form, are enough for a log, but not for a repair or a replay.",
        try_next="Set aside the very object that the stream gave you.",
    ),
    Mistake(
        "pill-swapped",
        what="A pill came as reason and message.",
        why="One says 'the reason why this message failed' in that order.",
        try_next="Read the return type again.",
    ),
    Mistake(
        "pill-not-a-pair",
        what="A pill is not a tuple of message and reason.",
        why=(
            "The message alone, or a list or a dict with it, says the same to a person; the next "
            "program unpacks two values."
        ),
        try_next="Read the return type again: it says what is in the second list.",
    ),
    Mistake(
        "reason-empty",
        what="A reason is empty.",
        why=(
            "The text of an exception may be empty: fastavro raises EOFError without one when a "
            "payload ends too early."
        ),
        try_next="Look for something of an exception that is never empty.",
    ),
    Mistake(
        "reason-not-text",
        what="A reason is not a str.",
        why=(
            "An exception prints like its text; but it keeps its frames alive and cannot be written "
            "to a topic."
        ),
        try_next="Turn it into text when you set the message aside.",
    ),
    Mistake(
        "one-reason-for-all",
        what="Pills of different kinds have the same reason.",
        why=(
            "One handler for everything, with one text, is short; but an unknown id may be readable "
            "in a minute, and a broken payload never."
        ),
        try_next="Let the reason tell what the error was.",
    ),
    Mistake(
        "iterates-twice",
        what="The messages were gone when the function came back to them.",
        why="A list can be read as often as one likes, counted and indexed; a stream passes once.",
        try_next="Do everything for a message before you take the next.",
    ),
    Mistake(
        "reader-schema-as-writer",
        what="A message was read with the reader's schema as if it had been written with it.",
        why="While everybody has one version, both schemas are the same, and giving one is enough.",
        try_next="Avro needs both: look at the second and third parameter of schemaless_reader.",
    ),
    Mistake(
        "reader-schema-ignored",
        what="A record did not come in the reader's schema.",
        why="With the writer's schema alone everything can be read, so the other one seems to be of no use.",
        try_next="Avro needs both: look at the third parameter of schemaless_reader.",
    ),
    Mistake(
        "default-missing",
        what="A field that only the reader has did not take its default.",
        why="None looks like a default; the reader's schema says which value it is.",
        try_next="Give the reader both schemas: it fills in what the message lacks.",
    ),
    Mistake(
        "schema-of-another-message",
        what="A message was read with the schema of another message.",
        why="The first or the newest schema fits all messages, as long as nothing changes.",
        try_next="Look the writer's schema up for each message, by its own id.",
    ),
    Mistake(
        "header-not-checked",
        what="A message that is not framed became a record.",
        why="Slices never fail, so an id is found in anything; now and then it is one that exists.",
        try_next="Let the function of task 2 take the message apart.",
    ),
    Mistake(
        "valid-called-pill",
        what="A message that Avro's rules let the reader read was set aside.",
        why=(
            "Another version, another order of fields or an empty payload looks wrong; but resolving "
            "it is what the two schemas are for."
        ),
        try_next="Let the reader decide whether the two schemas fit, message by message.",
    ),
    Mistake(
        "incompatible-let-through",
        what="A message that does not fit the reader's schema became a record.",
        why=(
            "When the resolution fails, reading in the writer's shape succeeds; the wrong type then "
            "turns up in the code behind."
        ),
        try_next="Only what is in the reader's schema is a record.",
    ),
    Mistake(
        "unknown-id-let-through",
        what="A message with an unknown schema id became a record.",
        why="The schema at hand (the reader's, or the last one) reads many payloads without an error.",
        try_next="Ask what a payload can mean without the schema that wrote it.",
    ),
    Mistake(
        "record-shared",
        what="Two messages gave the same dict, so the later one changed the earlier one's record.",
        why="Filling one dict again saves an allocation, and whoever kept it has another record now.",
        try_next="Add what the reader gives you, a new dict each time.",
    ),
    Mistake(
        "record-repeated",
        what="A record is in the list twice, in the place of a pill.",
        why=(
            "After an error the variable still holds the last good record, and the line behind the "
            "except adds it again."
        ),
        try_next="Add the record where it is known to be a new one.",
    ),
    Mistake(
        "none-for-pill",
        what="There is a None or an empty record among the records, in the place of a pill.",
        why=(
            "A helper that returns None for what it cannot read passes the decision on to whoever "
            "uses the list."
        ),
        try_next="A message is in one list or in the other.",
    ),
    Mistake(
        "order-lost",
        what="All are there, but not in the order in which they came.",
        why=(
            "Grouping by schema or inserting in front is convenient; but the order of a card's "
            "payments means something."
        ),
        try_next="Append, in the order of the messages.",
    ),
    Mistake(
        "duplicates-dropped",
        what="A message that came twice is there once.",
        why=(
            "Equal messages look like one; but two payments may be equal, and a topic promises no uniqueness."
        ),
        try_next="Keep what came; whether it is a repetition is another question.",
    ),
    Mistake(
        "keeps-between-calls",
        what="A call used what an earlier call had found: its records, its pills or its schemas.",
        why="A list as default argument or at the top of the module exists once, not once a call.",
        try_next="Make both lists, and whatever you remember, when the function starts.",
    ),
    Mistake(
        "lists-swapped",
        what="The pills came first and the records second.",
        why="In a tuple nothing but the order says which list is which.",
        try_next="Read the return type again.",
    ),
    Mistake(
        "returns-list",
        what="The two lists came in a list.",
        why="Both unpack alike; but the signature promises a tuple.",
        try_next="Look at the brackets of your return.",
    ),
)

HINTS = (
    (
        "Draw the loop first: for each message either a record or a pill. The border between good and"
        " bad runs around one message, not around the stream."
    ),
    (
        "Inside the loop, try the three steps: split the message, get the writer's schema, read with "
        "both schemas. Whatever goes wrong in one of them belongs to this message. The name of an "
        "exception's class is never empty."
    ),
    (
        "Two lists, one loop, one `try` in the loop. schemaless_reader takes BytesIO(payload), the "
        "writer's schema and reader_schema. `except Exception as error:` append a pair of the whole "
        "message and a text made of type(error).__name__ and the error."
    ),
)

WHY = (
    "The try surrounds exactly one message, so an error costs one message and names it. The "
    "reader gets both schemas, so old, new and reordered fields are Avro's business."
)
LIMITS = (
    "If the registry is down, every message becomes a pill: that error should stop the consumer "
    "instead. And the lists are in memory: at work pills go to a dead-letter topic before the "
    "offset is committed."
)
INTERVIEW = (
    "A poison pill blocks a partition. How do you get past it without losing it, and which errors "
    "must not be treated that way?"
)
