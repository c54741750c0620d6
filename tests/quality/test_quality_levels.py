"""Validation in four levels: each finds what is its own, with counts and examples, and only that."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from streamlab import contracts
from streamlab.generators import World, stream
from streamlab.quality import (
    Finding,
    Level,
    Report,
    Share,
    integrity_findings,
    schema_findings,
    share_findings,
    validate,
)
from streamlab.quality.finding import Event

Streams = dict[str, list[Event]]


@pytest.fixture(scope="module")
def whole() -> Streams:
    """A minute of payments, and all that they refer to."""
    world = World(seed=5, payments_per_second=5, step_seconds=2)
    payments = stream("txn", world)
    end_ms = payments.arrival_ms(150)
    names = {"txn": "transaction", "click": "click", "device": "device"}
    found = {
        contract: list((one := stream(name, world)).events(0, one.index_at(end_ms)))
        for name, contract in names.items()
    }
    return {**found, "order": list(stream("order", world).events(0, 200))}


@pytest.fixture
def streams(whole: Streams) -> Streams:
    return copy.deepcopy(whole)


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def test_the_generators_break_nothing_on_any_level(streams: Streams) -> None:
    del streams["order"]
    report = validate(streams)
    assert report.ok, report.frame()
    assert report.events == {name: len(events) for name, events in streams.items()}


def test_orders_seen_from_their_beginning_take_possible_courses() -> None:
    orders = list(stream("order", World(seed=5, step_seconds=1, payments_per_second=1)).events(0, 1_000))
    assert validate({"order": orders}).ok


# Schema


def payments_with(streams: Streams, **changes: Any) -> list[Event]:
    streams["transaction"][7].update(changes)
    return streams["transaction"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "12.5"), ("currency", "XXX"), ("event_time", "today"), ("user_id", None), ("country", 49)],
)
def test_schema_a_wrong_type_is_found_in_its_field_and_shown(
    streams: Streams, field: str, value: Any
) -> None:
    [finding] = schema_findings(payments_with(streams, **{field: value}), contracts.load("transaction", 3))
    assert (finding.level, finding.rule, finding.count) == (Level.SCHEMA, f"field_type:{field}", 1)
    assert (finding.examples[0].index, finding.examples[0].shown) == (7, f"{field} = {value!r}")


def test_schema_a_missing_field_is_found_only_where_there_is_no_default(streams: Streams) -> None:
    events = streams["transaction"]
    del events[3]["amount"], events[4]["country"]
    [finding] = schema_findings(events, contracts.load("transaction", 3))
    assert (finding.rule, finding.count) == ("field_missing:amount", 1)


def test_schema_a_field_that_avro_would_leave_out_silently_is_found(streams: Streams) -> None:
    [finding] = schema_findings(payments_with(streams, risk_flags=["x"]), contracts.load("transaction", 3))
    assert finding.rule == "field_unknown:risk_flags"


def test_schema_a_nested_field_is_judged_too(streams: Streams) -> None:
    streams["order"][0]["payload"]["currency"] = None
    [finding] = schema_findings(streams["order"], contracts.load("order", 1))
    assert finding.rule == "field_type:payload"


# Quality and business


def test_a_negative_amount_passes_the_schema_and_is_found_by_the_business_level(streams: Streams) -> None:
    report = validate({"transaction": payments_with(streams, amount=-3.0)})
    assert [(f.level, f.rule) for _, f in report.findings] == [(Level.BUSINESS, "amount_not_positive")]


def test_swapped_text_fields_pass_the_schema_and_are_found_by_the_quality_level(streams: Streams) -> None:
    event = streams["transaction"][7]
    swapped = payments_with(streams, country=event["merchant_category"], merchant_category=event["country"])
    assert rules(validate({"transaction": swapped}).at(Level.QUALITY)) == {
        "mcc_malformed",
        "country_malformed",
    }


def test_swapped_identifiers_pass_all_that_is_asked_of_one_event_and_are_found_by_integrity(
    streams: Streams,
) -> None:
    event = next(e for e in streams["transaction"] if e["session_id"])
    event["user_id"], event["session_id"] = event["session_id"], event["user_id"]
    report = validate(streams | {"order": []})
    assert {finding.level for _, finding in report.findings} == {Level.INTEGRITY}
    assert rules(report.at(Level.INTEGRITY)) >= {"payment_without_click"}


def test_of_events_of_the_wrong_type_the_deeper_levels_say_nothing(streams: Streams) -> None:
    report = validate({"transaction": payments_with(streams, amount="-3")})
    assert {finding.level for _, finding in report.findings} == {Level.SCHEMA}


def test_a_share_that_is_not_what_it_should_be_is_found_with_its_interval(streams: Streams) -> None:
    events = streams["transaction"]
    dollars = [event["currency"] == "USD" for event in events]
    truth = sum(dollars) / len(events)
    right = Share("in dollars", truth, lambda event: event["currency"] == "USD")
    wrong = Share("in dollars", truth / 2, lambda event: event["currency"] == "USD")
    assert share_findings(events, [right]) == []
    [finding] = share_findings(events, [wrong])
    assert (finding.rule, finding.count, finding.of) == ("share:in dollars", sum(dollars), len(events))
    assert finding.examples[0].index == dollars.index(True)
    assert validate({"transaction": events}, shares={"transaction": [wrong]}).at(Level.BUSINESS) == [finding]


def test_a_share_of_nobody_knows_what_is_refused() -> None:
    with pytest.raises(ValueError, match="Nobody says which"):
        share_findings([], [Share("fraud", 0.02)])


# Integrity


def twice(streams: Streams) -> None:
    streams["click"].append(streams["click"][0])


def stolen_card(streams: Streams) -> None:
    streams["transaction"].append(streams["transaction"][0] | {"txn_id": "t-x", "user_id": "user-x"})


def shared_session(streams: Streams) -> None:
    streams["click"].append(streams["click"][0] | {"click_id": "c-x", "user_id": "user-x"})


def session_from_nowhere(streams: Streams) -> None:
    event = next(e for e in streams["transaction"] if e["session_id"])
    event["session_id"] = "ses-x"


def paid_before_clicking(streams: Streams) -> None:
    event = next(e for e in streams["transaction"] if e["session_id"])
    first = min(c["event_time"] for c in streams["click"] if c["session_id"] == event["session_id"])
    event["event_time"] = first - 1


def unseen_device(streams: Streams) -> None:
    next(e for e in streams["click"] if e["device_id"])["device_id"] = "dev-x"


def unknown_payment(streams: Streams) -> None:
    streams["order"] = [e for e in streams["order"] if e["payload"]["payment_id"]][:1]
    streams["order"][0]["payload"]["payment_id"] = "txn-x"


@pytest.mark.parametrize(
    ("breaking", "rule"),
    [
        (twice, "duplicate:click_id"),
        (stolen_card, "two_owners:card_id"),
        (shared_session, "two_owners:session_id"),
        (session_from_nowhere, "payment_without_click"),
        (paid_before_clicking, "payment_without_click"),
        (unseen_device, "click_of_unseen_device"),
        (unknown_payment, "order_of_unknown_payment"),
    ],
)
def test_integrity_what_does_not_fit_together_is_found(
    streams: Streams, breaking: Callable[[Streams], None], rule: str
) -> None:
    del streams["order"][:]
    assert integrity_findings(streams) == []
    streams["order"] = list(stream("order", World(seed=5)).events(0, 50))
    breaking(streams)
    if rule != "order_of_unknown_payment":
        del streams["order"][:]
    named = {finding.rule: finding for finding in integrity_findings(streams)}
    assert rule in named
    assert named[rule].level is Level.INTEGRITY
    assert named[rule].examples


def test_integrity_a_payment_at_the_time_of_its_click_is_not_before_it(streams: Streams) -> None:
    event = next(e for e in streams["transaction"] if e["session_id"])
    event["event_time"] = min(
        c["event_time"] for c in streams["click"] if c["session_id"] == event["session_id"]
    )
    assert "payment_without_click" not in rules(integrity_findings(streams))


def test_integrity_a_stream_that_was_not_given_is_not_missed(streams: Streams) -> None:
    assert integrity_findings({"transaction": streams["transaction"]}) == []


def test_integrity_a_delivery_before_the_shipping_is_found() -> None:
    def step(name: str, at: int) -> Event:
        return {"event_id": name, "order_id": "o", "event_type": name, "timestamp": at, "payload": {}}

    life = [step("ORDER_CREATED", 1), step("ORDER_DELIVERED", 2)]
    [finding] = integrity_findings({"order": life})
    assert (finding.rule, finding.examples[0].index) == ("order_step_too_early", 1)
    assert integrity_findings({"order": life[1:]}) == [], (
        "of an order whose beginning was not seen nothing is known"
    )


# The report


def test_a_report_is_a_table_with_one_row_a_finding(streams: Streams) -> None:
    streams["transaction"][0]["amount"] = -1.0
    streams["transaction"][1]["amount"] = -2.0
    report = validate({"transaction": streams["transaction"]})
    assert report.frame().select("level", "stream", "rule", "count", "first").rows() == [
        ("business", "transaction", "amount_not_positive", 2, "amount = -1.0")
    ]
    assert "2 of" in str(report.findings[0][1])
    assert Report({}, ()).frame().height == 0


def test_examples_are_few_and_the_count_is_whole(streams: Streams) -> None:
    for event in streams["transaction"]:
        event["amount"] = -1.0
    [finding] = validate({"transaction": streams["transaction"]}).at(Level.BUSINESS)
    assert finding.count == finding.of == len(streams["transaction"])
    assert [example.index for example in finding.examples] == [0, 1, 2]
    assert finding.share == 1
