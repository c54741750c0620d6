"""Answers to the task `frame` that its check must tell apart: by which sub-check, with which mistake.

WRONG[0].answer, WRONG[0].mistake, WRONG[0].check
RIGHT[0].answer
"""

from streamlab.grading import RightAnswer, WrongAnswer

from . import right_answers, wrong_answers
from .examination import ID, MAGIC, PAYLOAD

WRONG = (
    WrongAnswer("least significant byte first", wrong_answers.little_endian, "little-endian", ID),
    WrongAnswer("packed little-endian", wrong_answers.packed_little, "little-endian", ID),
    WrongAnswer("packed like a C struct", wrong_answers.packed_like_a_c_struct, "native-layout", ID),
    WrongAnswer("no magic byte", wrong_answers.no_magic_byte, "magic-byte-missing", MAGIC),
    WrongAnswer("the character 0 as magic byte", wrong_answers.magic_character, "wrong-magic-byte", MAGIC),
    WrongAnswer("magic byte 1", wrong_answers.magic_one, "wrong-magic-byte", MAGIC),
    WrongAnswer("id in decimal digits", wrong_answers.id_in_decimal, "id-as-text", ID),
    WrongAnswer("id in hexadecimal digits", wrong_answers.id_in_hexadecimal, "id-as-text", ID),
    WrongAnswer("last byte of the id only", wrong_answers.id_in_one_byte, "id-not-four-bytes", ID),
    WrongAnswer("id must fit one byte", wrong_answers.id_that_must_fit_one_byte, "id-not-four-bytes", MAGIC),
    WrongAnswer("id in two bytes", wrong_answers.id_in_two_bytes, "id-not-four-bytes", ID),
    WrongAnswer("id in eight bytes", wrong_answers.id_in_eight_bytes, "id-not-four-bytes", ID),
    WrongAnswer("id as short as it can be", wrong_answers.id_as_short_as_possible, "id-not-four-bytes", ID),
    WrongAnswer("header behind the payload", wrong_answers.header_behind, "header-behind-payload", MAGIC),
    WrongAnswer("zero bytes stripped", wrong_answers.payload_cleaned, "payload-changed", PAYLOAD),
    WrongAnswer("payload in hexadecimal", wrong_answers.payload_as_text, "payload-changed", PAYLOAD),
    WrongAnswer("payload as JSON", wrong_answers.payload_as_json, "payload-changed", PAYLOAD),
    WrongAnswer(
        "length in front of the payload", wrong_answers.payload_with_length, "payload-changed", PAYLOAD
    ),
    WrongAnswer("id as Avro writes a number", wrong_answers.id_as_avro_writes, "id-not-four-bytes", ID),
    WrongAnswer("id in three bytes", wrong_answers.id_in_three_bytes, "id-not-four-bytes", ID),
    WrongAnswer("as many bytes as the id says", wrong_answers.bytes_of_a_number, "id-not-four-bytes", ID),
    WrongAnswer("what looks framed left alone", wrong_answers.framed_left_alone, "payload-changed", PAYLOAD),
    WrongAnswer("magic byte in a raw text", wrong_answers.magic_in_raw_text, "wrong-magic-byte", MAGIC),
    WrongAnswer("header copied from the example", wrong_answers.header_of_the_example, "hard-coded", ID),
    WrongAnswer("messages kept by payload", wrong_answers.kept_by_payload, "hard-coded", ID),
    WrongAnswer("magic byte behind the id", wrong_answers.magic_behind_the_id, "magic-byte-behind-id", MAGIC),
    WrongAnswer("five bytes backwards", wrong_answers.five_bytes_backwards, "little-endian", MAGIC),
    WrongAnswer("framed by its look", wrong_answers.framed_by_its_look, "no-header", PAYLOAD),
    WrongAnswer("nothing for nothing", wrong_answers.nothing_for_nothing, "no-header", PAYLOAD),
    WrongAnswer("payload decoded on the way", wrong_answers.payload_decoded, "payload-changed", MAGIC),
    WrongAnswer("everything in hexadecimal", wrong_answers.all_in_hexadecimal, "id-as-text", MAGIC),
    WrongAnswer("one less than the id", wrong_answers.one_less, None, ID),
    WrongAnswer("bytes that equal all bytes", wrong_answers.equal_to_all, None, MAGIC),
)

RIGHT = (
    RightAnswer("struct, big-endian", right_answers.packed),
    RightAnswer("id as five bytes, the first of which is zero", right_answers.five_bytes_at_once),
    RightAnswer("a bytearray, shifted by hand", right_answers.grown),
    RightAnswer("from hexadecimal text", right_answers.from_hexadecimal),
    RightAnswer("written to a buffer", right_answers.written),
    RightAnswer("an object that can be called and checks its id", right_answers.Framer()),
)
