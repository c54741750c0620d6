"""Answers to the task `publish` that its check must tell apart: by which sub-check, with which mistake.

WRONG[0].answer, WRONG[0].mistake, WRONG[0].check
RIGHT[0].answer
"""

import json

from streamlab.grading import RightAnswer, WrongAnswer

from . import right_answers, wrong_answers
from .examination import ARRIVES, KEYS, REFUSED, UNREGISTERED, VALUES

WRONG = (
    WrongAnswer("nothing sent", wrong_answers.nothing, "flush-forgotten", ARRIVES),
    WrongAnswer(
        "no flush, the producer forgotten",
        wrong_answers.publishing(finish=lambda *_: None),
        "flush-forgotten",
        ARRIVES,
    ),
    WrongAnswer(
        "no flush, the producer kept",
        wrong_answers.publishing(finish=wrong_answers.keeping_the_producer),
        "flush-forgotten",
        ARRIVES,
    ),
    WrongAnswer(
        "one poll instead of flush",
        wrong_answers.publishing(finish=lambda producer, _: producer.poll(0)),
        "flush-forgotten",
        ARRIVES,
    ),
    WrongAnswer(
        "the last one left out",
        wrong_answers.publishing(chosen=lambda all_: all_[:-1]),
        "not-all-sent",
        ARRIVES,
    ),
    WrongAnswer("sent twice", wrong_answers.publishing(chosen=lambda all_: all_ * 2), "sent-twice", VALUES),
    WrongAnswer(
        "to the topic of the examples",
        wrong_answers.publishing(send_to="txn.events"),
        "topic-ignored",
        ARRIVES,
    ),
    WrongAnswer("JSON", wrong_answers.publishing(value=wrong_answers.in_json), "json-body", VALUES),
    WrongAnswer("not framed", wrong_answers.publishing(value=wrong_answers.unframed), "not-framed", VALUES),
    WrongAnswer(
        "framed twice", wrong_answers.publishing(value=wrong_answers.framed_again), "framed-twice", VALUES
    ),
    WrongAnswer(
        "an id noted down",
        wrong_answers.publishing(value=wrong_answers.with_a_noted_id),
        "other-schema-id",
        VALUES,
    ),
    WrongAnswer("no key", wrong_answers.publishing(key=lambda _: None), "key-missing", KEYS),
    WrongAnswer(
        "keyed by holder",
        wrong_answers.publishing(key=lambda payment: payment["user_id"]),
        "key-by-wrong-field",
        KEYS,
    ),
    WrongAnswer(
        "keyed by payment",
        wrong_answers.publishing(key=lambda payment: payment["txn_id"]),
        "key-by-wrong-field",
        KEYS,
    ),
    WrongAnswer("keyed by the first card", wrong_answers.keyed_by_the_first_card, "key-not-card-id", KEYS),
    WrongAnswer("amounts rounded", wrong_answers.rounding, "record-changed", VALUES),
    WrongAnswer("a greeting first", wrong_answers.greeting_first, "not-framed", VALUES),
    WrongAnswer("one message for all", wrong_answers.last_for_all, "sent-twice", VALUES),
    WrongAnswer("aborted", wrong_answers.aborting, "transaction-left-open", ARRIVES),
    WrongAnswer("a generator", wrong_answers.yielding, "returned-generator", ARRIVES),
    WrongAnswer(
        "the first report alone",
        wrong_answers.looking_at_the_first_report,
        "swallowed-delivery-error",
        REFUSED,
    ),
    WrongAnswer(
        "the last report alone", wrong_answers.looking_at_the_last_report, "swallowed-delivery-error", REFUSED
    ),
    WrongAnswer(
        "key in JSON",
        wrong_answers.publishing(key=lambda payment: json.dumps(payment["card_id"])),
        "key-not-plain",
        KEYS,
    ),
    WrongAnswer(
        "outcomes ignored",
        wrong_answers.publishing(finish=lambda producer, _: producer.flush()),
        "swallowed-delivery-error",
        REFUSED,
    ),
    WrongAnswer(
        "registration left on", wrong_answers.publishing(conf={}), "auto-registration-on", UNREGISTERED
    ),
    WrongAnswer("registers first", wrong_answers.registering_first, "auto-registration-on", UNREGISTERED),
    WrongAnswer(
        "errors of the serializer ignored",
        wrong_answers.ignoring_errors_of_the_serializer,
        "swallowed-registry-error",
        UNREGISTERED,
    ),
    WrongAnswer(
        "one id for all topics",
        wrong_answers.with_the_id_of_another_subject,
        "registry-not-asked",
        UNREGISTERED,
    ),
)

RIGHT = (
    RightAnswer("a flush for each message, errors raised in the callback", right_answers.flushing_each),
    RightAnswer("a serializing producer with the latest version", right_answers.serializing_producer),
    RightAnswer("own framing with an id that was looked up", right_answers.with_own_framing),
    RightAnswer("a transaction", right_answers.in_a_transaction),
)
