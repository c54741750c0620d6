"""Answers to the task `unframe` that its check must tell apart: by which sub-check, with which mistake.

WRONG[0].answer, WRONG[0].mistake, WRONG[0].check
RIGHT[0].answer
"""

from streamlab import wire
from streamlab.grading import RightAnswer, WrongAnswer

from . import right_answers, wrong_answers
from .examination import EDGES, MAGIC, PARTS, SHORT

WRONG = (
    WrongAnswer("least significant byte first", wrong_answers.little_endian, "little-endian", PARTS),
    WrongAnswer("the whole message as payload", wrong_answers.whole_message, "five-bytes-left-on", PARTS),
    WrongAnswer("payload from byte 4", wrong_answers.payload_from_four, "off-by-one-payload", PARTS),
    WrongAnswer("payload from byte 6", wrong_answers.payload_from_six, "off-by-one-payload", PARTS),
    WrongAnswer("zero bytes stripped", wrong_answers.zeros_stripped, "payload-changed", EDGES),
    WrongAnswer("header replaced by nothing", wrong_answers.header_replaced, "payload-changed", EDGES),
    WrongAnswer("split at the id", wrong_answers.split_at_the_id, "payload-changed", EDGES),
    WrongAnswer("a pattern without newlines", wrong_answers.matching_lines, "refuses-some-bytes", EDGES),
    WrongAnswer("False for what is not framed", wrong_answers.false_for_bad, "none-instead-of-error", SHORT),
    WrongAnswer("-1 for what is not framed", wrong_answers.minus_one_for_bad, "none-instead-of-error", SHORT),
    WrongAnswer("last byte of the id", wrong_answers.last_byte_of_the_id, "id-read-wrongly", PARTS),
    WrongAnswer(
        "hexadecimal read as decimal", wrong_answers.id_from_hexadecimal_as_decimal, "id-read-wrongly", PARTS
    ),
    WrongAnswer("id as bytes", wrong_answers.id_as_bytes, "id-left-as-bytes", PARTS),
    WrongAnswer("payload first", wrong_answers.parts_swapped, "parts-swapped", PARTS),
    WrongAnswer("a list", wrong_answers.listed, "returns-list", PARTS),
    WrongAnswer("three parts", wrong_answers.three_parts, "magic-byte-returned", PARTS),
    WrongAnswer(
        "an int compared with bytes", wrong_answers.int_against_bytes, "refuses-framed-message", PARTS
    ),
    WrongAnswer("five bytes refused", wrong_answers.five_is_too_short, "refuses-empty-payload", EDGES),
    WrongAnswer("length not measured", wrong_answers.unmeasured, "length-ignored", SHORT),
    WrongAnswer("four bytes are enough", wrong_answers.four_is_enough, "off-by-one-length", SHORT),
    WrongAnswer("any magic byte", wrong_answers.any_magic_byte, "magic-byte-ignored", MAGIC),
    WrongAnswer("None for what is not framed", wrong_answers.none_for_bad, "none-instead-of-error", SHORT),
    WrongAnswer(
        "two empty parts for what is not framed", wrong_answers.nones_for_bad, "none-instead-of-error", SHORT
    ),
    WrongAnswer("assert", wrong_answers.asserting, "assert-instead-of-valueerror", SHORT),
    WrongAnswer("struct alone", wrong_answers.struct_alone, "struct-error-escapes", SHORT),
    WrongAnswer(
        "first byte looked at first", wrong_answers.first_byte_first, "indexes-before-measuring", SHORT
    ),
    WrongAnswer("one letter as reason", wrong_answers.one_letter_as_reason, "reason-empty", SHORT),
    WrongAnswer("the program left", wrong_answers.leaving_the_program, "raised", SHORT),
    WrongAnswer("no reason", wrong_answers.without_reason, "reason-empty", SHORT),
)

RIGHT = (
    RightAnswer("struct, with its error turned into another", right_answers.unpacked_from),
    RightAnswer("a named tuple, and an error class of its own", right_answers.named_parts),
    RightAnswer("read as a stream", right_answers.read_as_a_stream),
    RightAnswer("through a memory view", right_answers.through_a_view),
    RightAnswer("the course's own", wire.unframe),
)
