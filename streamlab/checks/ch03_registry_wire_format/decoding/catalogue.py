"""Answers to the task `decoder` that its check must tell apart: by which sub-check, with which mistake.

WRONG[0].answer, WRONG[0].mistake, WRONG[0].check
RIGHT[0].answer
"""

from streamlab.grading import RightAnswer, WrongAnswer

from . import right_answers, wrong_answers
from .examination import APART, EDGES, FAILED, MANY, ONCE, ONE

WRONG = (
    WrongAnswer("fetched for each message", wrong_answers.fetching_each_time, "fetch-per-message", ONCE),
    WrongAnswer("cached by message", wrong_answers.caching_by_message, "cache-by-message", ONCE),
    WrongAnswer("the last schema remembered", wrong_answers.remembering_the_last, "cache-too-small", ONCE),
    WrongAnswer("four schemas remembered", wrong_answers.remembering_four, "cache-too-small", ONCE),
    WrongAnswer("the first schema for all", wrong_answers.keeping_the_first_schema, "id-ignored", MANY),
    WrongAnswer("the contract at hand for all", wrong_answers.knowing_the_schema, "id-ignored", APART),
    WrongAnswer(
        "remembered by the last byte of the id", wrong_answers.keyed_by_last_byte, "cache-key-collides", MANY
    ),
    WrongAnswer("records remembered", wrong_answers.caching_records, "record-cached", MANY),
    WrongAnswer("a dict of the module", wrong_answers.sharing_a_module_dict, "shared-cache", APART),
    WrongAnswer("a dict as default argument", wrong_answers.sharing_a_default, "shared-cache", APART),
    WrongAnswer("a dict of the class", wrong_answers.SharingAClass, "shared-cache", APART),
    WrongAnswer(
        "a cached function of the module", wrong_answers.sharing_by_fetch_function, "shared-cache", APART
    ),
    WrongAnswer(
        "the registry of the latest decoder", wrong_answers.using_the_latest_registry, "shared-cache", APART
    ),
    WrongAnswer("header read as a record", wrong_answers.reading_the_header_too, "five-bytes-left-on", ONE),
    WrongAnswer("id read backwards", wrong_answers.reading_the_id_backwards, "little-endian", ONE),
    WrongAnswer("id as bytes", wrong_answers.asking_with_bytes, "id-left-as-bytes", ONE),
    WrongAnswer("read as an Avro file", wrong_answers.reading_a_file, "container-reader", ONE),
    WrongAnswer("read as JSON", wrong_answers.reading_json, "json-body", ONE),
    WrongAnswer(
        "forgets after a thousand", wrong_answers.forgetting_after_a_thousand, "cache-too-small", ONCE
    ),
    WrongAnswer("remembered by length", wrong_answers.keyed_by_length, "cache-by-message", ONCE),
    WrongAnswer("remembered by ten bytes", wrong_answers.keyed_by_ten_bytes, "cache-by-message", ONCE),
    WrongAnswer(
        "remembered without the last byte", wrong_answers.keyed_by_four_bytes, "cache-key-collides", MANY
    ),
    WrongAnswer(
        "read with the last schema fetched", wrong_answers.reading_with_the_last, "schema-of-another-id", MANY
    ),
    WrongAnswer("one dict for all records", wrong_answers.filling_one_dict, "record-shared", ONCE),
    WrongAnswer(
        "cut at the id, wherever it is", wrong_answers.splitting_at_the_header, "payload-changed", EDGES
    ),
    WrongAnswer(
        "an empty record when the fetch fails", wrong_answers.hiding_a_failure, "failure-hidden", FAILED
    ),
    WrongAnswer(
        "a failed fetch under another name", wrong_answers.disguising_a_failure, "failure-disguised", FAILED
    ),
    WrongAnswer("a failed fetch repeated for ever", wrong_answers.asking_for_ever, "endless", FAILED),
    WrongAnswer("asked for the last byte", wrong_answers.asking_for_the_last_byte, "id-read-wrongly", ONE),
    WrongAnswer("asked for the id as text", wrong_answers.asking_by_text, "id-read-wrongly", ONE),
    WrongAnswer("asked twice for the first message", wrong_answers.looking_before_asking, None, ONCE),
    WrongAnswer("fields without a value dropped", wrong_answers.dropping_what_is_none, None, MANY),
    WrongAnswer(
        "a failed fetch remembered", wrong_answers.remembering_a_failure, "failure-remembered", FAILED
    ),
    WrongAnswer(
        "empty payloads refused", wrong_answers.refusing_empty_payloads, "refuses-empty-payload", EDGES
    ),
    WrongAnswer("zeros stripped", wrong_answers.stripping_zeros, "payload-changed", EDGES),
    WrongAnswer("inner function not returned", wrong_answers.forgetting_to_return, "returned-none", ONE),
    WrongAnswer("a list of one record", wrong_answers.giving_a_list, "wrong-type", ONE),
)

RIGHT = (
    RightAnswer("a cached function inside", right_answers.with_a_cached_function),
    RightAnswer("an object with its own readers", right_answers.Decoder),
    RightAnswer("a dict that fetches what it misses", right_answers.with_a_dict_that_fetches),
)
