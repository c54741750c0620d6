"""Answers to the task `consume` that its check must tell apart: by which sub-check, with which mistake.

WRONG[0].answer, WRONG[0].mistake, WRONG[0].check
RIGHT[0].answer
"""

from streamlab.grading import RightAnswer, WrongAnswer

from . import right_answers, wrong_answers
from .examination import PILLS, PLAIN, REASONS, STREAM, VERSIONS

WRONG = (
    WrongAnswer("the loop inside the try", wrong_answers.try_around_the_loop, "stops-at-first-pill", PILLS),
    WrongAnswer("nothing caught", wrong_answers.catching(), "pill-raises", PILLS),
    WrongAnswer("ValueError caught", wrong_answers.catching(ValueError), "pill-raises", PILLS),
    WrongAnswer("two errors caught", wrong_answers.catching(ValueError, KeyError), "pill-raises", PILLS),
    WrongAnswer(
        "three errors caught", wrong_answers.catching(ValueError, KeyError, EOFError), "pill-raises", PILLS
    ),
    WrongAnswer("pills skipped", wrong_answers.reporting(lambda *_: None), "pill-dropped", PILLS),
    WrongAnswer(
        "pills without header",
        wrong_answers.reporting(lambda message, error: (message[5:], wrong_answers.named(error))),
        "pill-without-header",
        PILLS,
    ),
    WrongAnswer(
        "reason first",
        wrong_answers.reporting(lambda message, error: (wrong_answers.named(error), message)),
        "pill-swapped",
        PILLS,
    ),
    WrongAnswer(
        "messages alone", wrong_answers.reporting(lambda message, _: message), "pill-not-a-pair", PILLS
    ),
    WrongAnswer(
        "the exception as reason",
        wrong_answers.reporting(lambda message, error: (message, error)),
        ("reason-not-text"),
        PILLS,
    ),
    WrongAnswer(
        "the exception's text",
        wrong_answers.reporting(lambda message, error: (message, str(error))),
        ("reason-empty"),
        PILLS,
    ),
    WrongAnswer(
        "one text for all",
        wrong_answers.reporting(lambda message, _: (message, "poison pill")),
        "one-reason-for-all",
        REASONS,
    ),
    WrongAnswer(
        "the message as its own reason",
        wrong_answers.reporting(lambda message, _: (message, f"cannot read {message!r}")),
        "one-reason-for-all",
        REASONS,
    ),
    WrongAnswer("counted first", wrong_answers.counting_first, "iterates-twice", STREAM),
    WrongAnswer("read by index", wrong_answers.needing_a_list, "iterates-twice", STREAM),
    WrongAnswer(
        "as if the reader had written",
        wrong_answers.reading(wrong_answers.as_if_written_by_the_reader),
        ("reader-schema-as-writer"),
        VERSIONS,
    ),
    WrongAnswer(
        "the writer's shape",
        wrong_answers.reading(wrong_answers.in_the_writers_shape),
        "reader-schema-ignored",
        VERSIONS,
    ),
    WrongAnswer(
        "other versions refused",
        wrong_answers.reading(wrong_answers.same_schema_only),
        "valid-called-pill",
        VERSIONS,
    ),
    WrongAnswer(
        "empty payloads refused",
        wrong_answers.reading(wrong_answers.empty_is_broken),
        "valid-called-pill",
        VERSIONS,
    ),
    WrongAnswer(
        "the writer's shape as a fallback",
        wrong_answers.reading(wrong_answers.falling_back_to_the_writer),
        "incompatible-let-through",
        PILLS,
    ),
    WrongAnswer(
        "fields picked by name",
        wrong_answers.reading(wrong_answers.with_own_projection),
        "incompatible-let-through",
        PILLS,
    ),
    WrongAnswer(
        "the last record again", wrong_answers.adding_the_last_record_again, "record-repeated", PILLS
    ),
    WrongAnswer("None for a pill", wrong_answers.none_for_what_cannot_be_read, "none-for-pill", PILLS),
    WrongAnswer("pills sorted by reason", wrong_answers.pills_by_reason, "order-lost", STREAM),
    WrongAnswer("one dict for all records", wrong_answers.filling_one_dict, "record-shared", PLAIN),
    WrongAnswer(
        "the reader's schema for an unknown id",
        wrong_answers.reading(wrong_answers.reader_for_unknown),
        "unknown-id-let-through",
        PILLS,
    ),
    WrongAnswer(
        "pills cut for the log",
        wrong_answers.reporting(lambda message, error: (message[:20], wrong_answers.named(error))),
        "pill-not-whole",
        PILLS,
    ),
    WrongAnswer(
        "pills in hexadecimal",
        wrong_answers.reporting(lambda message, error: (message.hex().encode(), wrong_answers.named(error))),
        "pill-not-whole",
        PILLS,
    ),
    WrongAnswer("newest first", wrong_answers.newest_first, "order-lost", PLAIN),
    WrongAnswer("grouped by schema", wrong_answers.grouped_by_schema, "order-lost", PLAIN),
    WrongAnswer("each message once", wrong_answers.each_message_once, "duplicates-dropped", PLAIN),
    WrongAnswer("a list as default argument", wrong_answers.remembering_calls, "keeps-between-calls", PLAIN),
    WrongAnswer("two lists in a list", wrong_answers.two_lists_in_a_list, "returns-list", PLAIN),
    WrongAnswer(
        "a number as reason",
        wrong_answers.reporting(lambda message, _: (message, f"pill {next(wrong_answers.numbers)}")),
        "one-reason-for-all",
        REASONS,
    ),
    WrongAnswer("length not measured", wrong_answers.unmeasured, "header-not-checked", REASONS),
    WrongAnswer(
        "any magic byte", wrong_answers.reading(wrong_answers.any_magic_byte), "header-not-checked", PILLS
    ),
    WrongAnswer("the first message alone", wrong_answers.returning_in_the_loop, "message-lost", PLAIN),
    WrongAnswer("empty records taken for none", wrong_answers.testing_the_record, "message-lost", VERSIONS),
    WrongAnswer(
        "None as default", wrong_answers.reading(wrong_answers.none_as_default), "default-missing", VERSIONS
    ),
    WrongAnswer(
        "one schema for all", wrong_answers.with_the_first_schema, "schema-of-another-message", VERSIONS
    ),
    WrongAnswer("tried twice", wrong_answers.trying_twice, "pill-repeated", PILLS),
    WrongAnswer("pills first", wrong_answers.pills_first, "lists-swapped", PLAIN),
    WrongAnswer("each pill once", wrong_answers.each_pill_once, "duplicates-dropped", STREAM),
    WrongAnswer("a generator", wrong_answers.yielding, "returned-generator", PLAIN),
)

RIGHT = (
    RightAnswer("step by step, each with its own reason", right_answers.step_by_step),
    RightAnswer("outcomes first, sorted into two lists after", right_answers.outcomes_first),
    RightAnswer("an object, pills as named tuples", right_answers.Consumer()),
)
