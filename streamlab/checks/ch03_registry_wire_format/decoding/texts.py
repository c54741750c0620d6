"""What `decoder` says: its mistakes, its hints, and why and how far the answer works.

MISTAKES[0].what, HINTS[0], WHY, LIMITS, INTERVIEW
"""

from streamlab.grading import Mistake

MISTAKES = (
    Mistake(
        "fetch-per-message",
        what="The registry was asked for every message.",
        why=(
            "Fetching where the schema is needed is the shortest code, and a test with one message "
            "does not show the cost."
        ),
        try_next="Keep what you have fetched in a place that outlives one call of the returned function.",
    ),
    Mistake(
        "cache-by-message",
        what="Messages that differ only in their payload were each fetched for.",
        why="A cache around the whole function remembers by its argument, and the argument is the message.",
        try_next="Ask what the schema depends on: the message, or a part of it?",
    ),
    Mistake(
        "cache-too-small",
        what="One schema at a time is fetched once, but with several ids in turn they are fetched again.",
        why=(
            "In a test the messages of one schema come in a row; in a topic, old and new producers "
            "write at the same time."
        ),
        try_next="Keep a schema for each id, not the last one.",
    ),
    Mistake(
        "id-ignored",
        what="A message was read without asking for its schema.",
        why="While there is one schema, the first one fetched (or the one at hand) reads everything.",
        try_next=(
            "Follow the id of one message through your code, up to the place where the schema is chosen."
        ),
    ),
    Mistake(
        "cache-key-collides",
        what="Two ids shared one schema.",
        why="A part of the header looks enough as a key, until two ids have that part in common.",
        try_next="Use the whole id as the key.",
    ),
    Mistake(
        "record-cached",
        what="The second message of an id gave the first one's record.",
        why=(
            "The result of a call is what one usually caches; but here only the schema is the same each time."
        ),
        try_next="Keep the schema, and read each payload anew.",
    ),
    Mistake(
        "record-shared",
        what="Two messages gave the same dict, so the later one changed the earlier one's record.",
        why="Filling one dict again saves an allocation, and whoever kept it has another record now.",
        try_next="Return what the reader gives you, a new dict each time.",
    ),
    Mistake(
        "schema-of-another-id",
        what="The schema was asked for, but the message was read with the schema of another id.",
        why="The newest, the last or the first schema is at hand, and as a rule it is the right one.",
        try_next="Read with the entry of this message's id.",
    ),
    Mistake(
        "failure-hidden",
        what="The registry failed, and a value came back as if the message had been read.",
        why="An except around the request keeps the program running; what comes back is no record.",
        try_next="Let the error out: whoever called can wait and come again.",
    ),
    Mistake(
        "failure-disguised",
        what="fetch_schema raised, and another error came out.",
        why=(
            "An error of one's own reads better in a log; but whoever calls tells by the kind of error "
            "whether to wait, to ask again or to give up."
        ),
        try_next="Ask what the caller needs to know, and what is lost on the way.",
    ),
    Mistake(
        "failure-remembered",
        what="The registry failed once, and the decoder never asked again.",
        why=(
            "What is stored under an id stays; so a None or an error that was stored there is as lasting as "
            "a schema."
        ),
        try_next="Store a schema only when you have one.",
    ),
    Mistake(
        "shared-cache",
        what="One decoder used what another decoder had fetched, or another decoder's registry.",
        why=(
            "A dict at the top of a module, in a class or as a default argument exists once, however "
            "many decoders there are."
        ),
        try_next="Create what a decoder remembers at the moment when that decoder is made.",
    ),
    Mistake(
        "five-bytes-left-on",
        what="The header was read as if it were the beginning of the record.",
        why="Avro does not notice where it starts: every byte means something.",
        try_next="Give the reader the payload alone; task 2 splits it off.",
    ),
    Mistake(
        "little-endian",
        what="The registry was asked for an id whose bytes are in the wrong order.",
        why="The order inside most processors is the other way round.",
        try_next="Let the function of task 2 read the header.",
    ),
    Mistake(
        "id-read-wrongly",
        what="The registry was asked for something that is not the id of the message.",
        why="One byte of the header, or the id as text, looks like the id as long as ids are small.",
        try_next="Let the function of task 2 read the header.",
    ),
    Mistake(
        "id-left-as-bytes",
        what="The registry was asked for a piece of the message instead of a number.",
        why="A slice of bytes is bytes, and prints almost like an id.",
        try_next="Let the function of task 2 read the header.",
    ),
    Mistake(
        "container-reader",
        what="The payload was read as an Avro file.",
        why=(
            "fastavro.reader is the function that most examples use; it expects a file, which begins "
            "with its schema."
        ),
        try_next="Look for the function in the task's text that needs a schema from you.",
    ),
    Mistake(
        "json-body",
        what="The payload was read as text.",
        why=(
            "The schema is JSON, so the record seems to be JSON too; but Avro's binary encoding has "
            "no names and no braces."
        ),
        try_next="Look for the function in the task's text that reads one payload.",
    ),
    Mistake(
        "refuses-empty-payload",
        what=(
            "A message with an empty payload was refused; its record has no fields, so its encoding "
            "has no bytes."
        ),
        why="An empty payload looks like a mistake, but the schema decides what is enough.",
        try_next="Leave the decision to the reader.",
    ),
    Mistake(
        "payload-changed",
        what="A payload that begins with a zero byte was not read as it was written.",
        why="Stripping zeros removes the header of a small id, and now and then a byte of the payload too.",
        try_next="Cut by position, not by value.",
    ),
)

HINTS = (
    (
        "You write a function inside a function. What the inner one must remember from message to "
        "message lives in the outer one: a variable there exists once for each decoder."
    ),
    (
        "Make an empty dict in `decoder`, from id to schema. Inside, split the message, fetch the "
        "schema only if the id is not in the dict, and read the payload with it. In the end, return "
        "the inner function itself."
    ),
    (
        "`def decode(message):` split into id and payload with the function of task 2; `if` the id is"
        " `not in` your dict, store what fetch_schema gives for it under the id; then return "
        "schemaless_reader of BytesIO(payload) and the dict's entry."
    ),
)

WHY = (
    "An id never changes its schema, so what was fetched once stays true: a cache that never "
    "forgets is right here. It is made when `decoder` is called, so each decoder has its own."
)
LIMITS = (
    "Two threads may both fetch a new id; a failed fetch is tried again at every message; and "
    "records come in the writer's shape, so old and new ones differ. Task 5 deals with the last."
)
INTERVIEW = (
    "How many requests does a consumer send to the registry for a million messages, and what happens "
    "when the registry is down?"
)
