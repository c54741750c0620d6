"""What `frame` says: its mistakes, its hints, and why and how far the answer works.

MISTAKES[0].what, HINTS[0], WHY, LIMITS, INTERVIEW
"""

from streamlab.grading import Mistake

MISTAKES = (
    Mistake(
        "little-endian",
        what="The four bytes of the id stand in the wrong order.",
        why=(
            "Your processor stores integers with the least significant byte first; a network protocol"
            " usually does the opposite."
        ),
        try_next="Look at the order that you ask for when the integer becomes bytes.",
    ),
    Mistake(
        "native-layout",
        what="The header has eight bytes: three bytes of padding stand between magic byte and id.",
        why=(
            "Without a byte order, struct packs like a C compiler on this machine: it aligns, and it "
            "uses the machine's order."
        ),
        try_next="Read about the first character of a format in the documentation of struct.",
    ),
    Mistake(
        "magic-byte-missing",
        what="The message begins with the id; the magic byte is missing.",
        why=(
            "The id is what one thinks of as the header; the byte in front of it carries no "
            "information until the format changes."
        ),
        try_next="Count the bytes of your header: the format has five.",
    ),
    Mistake(
        "wrong-magic-byte",
        what="The first byte is not the byte with the value zero.",
        why="The character 0 is the byte 0x30, and a version number is easily started at 1.",
        try_next="Look at the first number of your message in hexadecimal, and compare it with the table.",
    ),
    Mistake(
        "magic-byte-behind-id",
        what="The id comes first and the magic byte after it.",
        why="One begins with the largest field; the byte that says how to read it must come before.",
        try_next="Read the table of the task from its left.",
    ),
    Mistake(
        "no-header",
        what="The payload came back without a header.",
        why=(
            "A payload that is empty, or that begins with a zero byte, looks like a special case; a "
            "reader takes the first five bytes of any message for its header."
        ),
        try_next="Treat every payload alike, whatever it holds.",
    ),
    Mistake(
        "id-as-text",
        what="The id stands in the header as text, a digit a byte.",
        why=(
            "Printing and encoding is the usual way to put a number into a string; a binary header "
            "holds the number itself."
        ),
        try_next="An int can become bytes without becoming text first.",
    ),
    Mistake(
        "id-not-four-bytes",
        what="The id does not take exactly four bytes, or not every id fits.",
        why=(
            "Small ids fit in one byte, so the first test succeeds; a registry that many teams share "
            "is past 255 soon."
        ),
        try_next="Try your function with the ids 1 and 70000: both headers have five bytes.",
    ),
    Mistake(
        "header-behind-payload",
        what="The payload comes first and the header after it.",
        why=(
            "Appending is what one does with a list; a reader needs the header before it can read "
            "anything else."
        ),
        try_next="Swap the two.",
    ),
    Mistake(
        "payload-changed",
        what="The payload does not come through as it was given.",
        why=(
            "Bytes look like text, so cleaning, decoding or padding them seems harmless; in Avro "
            "every byte counts, zeros too."
        ),
        try_next="Pass the payload on as it is, and try one that begins and ends with zero bytes.",
    ),
)

HINTS = (
    "Look at the table above: three parts, one after the other. `int` has a method that gives its bytes.",
    (
        "Build the header from one byte and four bytes, then add bytes with +. The method `to_bytes` "
        "of an int wants to know how many bytes, and which end comes first."
    ),
    (
        'The magic byte is the literal b"\\x00". For the id, call `to_bytes` with the length 4 and the'
        ' byte order "big". The payload needs nothing done to it.'
    ),
)

WHY = (
    "A reader takes the first byte as the version of the format and the next four as the id, so "
    "it knows where the payload begins without looking into it."
)
LIMITS = (
    "The id means something only together with its registry: copy the topic to another cluster, "
    "and the ids point nowhere, or at other schemas."
)
INTERVIEW = (
    "What is in the bytes of a Kafka message that was written with a schema registry, and why is the "
    "schema not in it?"
)
