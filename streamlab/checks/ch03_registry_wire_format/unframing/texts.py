"""What `unframe` says: its mistakes, its hints, and why and how far the answer works.

MISTAKES[0].what, HINTS[0], WHY, LIMITS, INTERVIEW
"""

from streamlab.grading import Mistake

MISTAKES = (
    Mistake(
        "little-endian",
        what="The id was read with its least significant byte first.",
        why=(
            "That is the order inside most processors, and what a reader gets that does not say which"
            " order it wants."
        ),
        try_next="Say which end comes first; the same end as in task 1.",
    ),
    Mistake(
        "five-bytes-left-on",
        what="The payload still begins with the header.",
        why="Reading the id from the message does not take it off: bytes never change.",
        try_next="Look at the first bytes that you return: the payload begins where the header ends.",
    ),
    Mistake(
        "off-by-one-payload",
        what="The payload begins at the wrong byte.",
        why="The id has four bytes, so 4 comes to mind; counting from one instead of zero leads to 6.",
        try_next="Write the numbers of the bytes above the bytes, from 0, and see where the payload begins.",
    ),
    Mistake(
        "payload-changed",
        what="The payload lost or changed bytes.",
        why="strip, split and replace look for a byte value, and a payload may hold the same value anywhere.",
        try_next="Cut by position, not by value.",
    ),
    Mistake(
        "id-read-wrongly",
        what="The id is not the number that the four bytes hold.",
        why="One byte is enough for small ids, and hexadecimal digits look like decimal ones up to 9.",
        try_next="Try the ids 10 and 256, by hand and by your function.",
    ),
    Mistake(
        "id-left-as-bytes",
        what="The id is still a piece of the message, not a number.",
        why="A slice of bytes is bytes; only a single index gives an int.",
        try_next="Task 1 turned an int into four bytes; look for the way back.",
    ),
    Mistake(
        "parts-swapped",
        what="Both parts are right, in the wrong order.",
        why="In a call the order seems free; in a tuple the order is all there is.",
        try_next="Read the return type again.",
    ),
    Mistake(
        "returns-list",
        what="The two parts came in a list.",
        why=(
            "A list and a tuple unpack alike; but a tuple says that there are two parts of two kinds,"
            " and the signature promises it."
        ),
        try_next="Look at the brackets.",
    ),
    Mistake(
        "magic-byte-returned",
        what="Three parts came, one of them the magic byte.",
        why="struct.unpack gives every field, also the one that is of no use to the caller.",
        try_next="Return what the signature promises.",
    ),
    Mistake(
        "refuses-framed-message",
        what="A framed message was refused.",
        why=(
            "A single index of bytes gives an int, a slice gives bytes, and the two are never equal: "
            "a test between them always says no."
        ),
        try_next="Print both sides of your test of the first byte, for a good message.",
    ),
    Mistake(
        "refuses-some-bytes",
        what="A framed message was refused because of the bytes that are in it.",
        why=(
            "In a regular expression the dot does not match a newline, and not all bytes are text; an id "
            "and a payload may hold every byte."
        ),
        try_next="Cut by position, and look at the first byte only.",
    ),
    Mistake(
        "refuses-empty-payload",
        what="A message of exactly five bytes was refused: it is framed, and its payload is empty.",
        why=(
            "A message without a payload looks broken; but a record without fields, or Avro's null, "
            "takes no bytes at all."
        ),
        try_next="Ask which lengths are too short for the header: is 5 one of them?",
    ),
    Mistake(
        "length-ignored",
        what="A message that is shorter than the header was not refused.",
        why=(
            "A slice of bytes never fails: past the end it is just shorter, and zero bytes make the number 0."
        ),
        try_next="Measure the message before you cut it.",
    ),
    Mistake(
        "off-by-one-length",
        what="A message of four bytes was not refused.",
        why="The id has four bytes, and the magic byte is easily left out of the count.",
        try_next="Ask which is the shortest message that holds a whole header.",
    ),
    Mistake(
        "magic-byte-ignored",
        what="A message that begins with another byte was not refused.",
        why=(
            "All messages seen so far were framed, so the first byte never mattered. JSON would give "
            "the id 578,058,350."
        ),
        try_next="Look at the first byte before you believe the next four.",
    ),
    Mistake(
        "none-instead-of-error",
        what="What is not framed gave a value (None, False, -1) instead of an error.",
        why=(
            "A value seems gentler than an exception; but the caller goes on with it, and fails later, "
            "without a reason."
        ),
        try_next="Raise, and say why.",
    ),
    Mistake(
        "assert-instead-of-valueerror",
        what="The message was refused by assert.",
        why=(
            "assert is short, but it is for mistakes of the programmer: python -O leaves it out, and "
            "then everything is accepted."
        ),
        try_next="Use an if, and raise the error that the docstring names.",
    ),
    Mistake(
        "struct-error-escapes",
        what="struct.error came out instead of ValueError.",
        why="struct raises its own error for a short buffer, and that class is not a ValueError.",
        try_next="Measure the message first, or turn one error into the other.",
    ),
    Mistake(
        "indexes-before-measuring",
        what="IndexError came out instead of ValueError.",
        why="The first byte is looked at before anybody knows that there is one; an empty message has none.",
        try_next="Change the order of your two tests.",
    ),
    Mistake(
        "reason-empty",
        what="The ValueError does not say why.",
        why=(
            "The class of the error seems to say enough; but at night somebody reads it in a log, "
            "without the message."
        ),
        try_next="Say in a few words what came and what was expected.",
    ),
)

HINTS = (
    (
        "There are two ways of not being framed, and the docstring names both. Deal with them first, "
        "in the order in which they can be asked."
    ),
    (
        "Compare len(message) with the length of the header, and the first byte with zero: "
        "`message[0]` is an int. Then cut: a slice for the id, a slice for the payload. `int` has a "
        "class method that reads bytes."
    ),
    (
        "Raise ValueError with a text if the length is less than 5, and another if message[0] is not "
        '0. Then return two things: int.from_bytes of the bytes 1 to 4 with "big", and everything '
        "from position 5 on."
    ),
)

WHY = (
    "The two tests come before the cut, the length first: so no later line can fail, and each refusal"
    " has its own reason."
)
LIMITS = (
    "A magic byte is a weak test: one random message in 256 begins with zero too. What then has "
    "no schema with its id, or does not decode; task 5 deals with that."
)
INTERVIEW = (
    "A consumer fails with an unknown magic byte. What has happened, and what do you do about that message?"
)
