"""The rules of a single event: what the contract cannot say, and one table for all who ask."""

from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import contracts
from streamlab.generators import World, stream
from streamlab.quality import RULES, Level, contract_of, rule_findings, validate_event

WORLD = World(seed=11)
GOOD: dict[str, dict[str, Any]] = {
    "transaction": stream("txn", WORLD).event(5),
    "click": stream("click", WORLD).event(5),
    "device": stream("device", WORLD).event(5),
    "order": next(e for e in stream("order", WORLD).events() if e["payload"]["items"]),
}

BROKEN = [
    ("transaction", "amount", float("nan"), "amount_not_finite"),
    ("transaction", "amount", float("inf"), "amount_not_finite"),
    ("transaction", "amount", "12.50", "amount_not_finite"),
    ("transaction", "amount", 0.0, "amount_not_positive"),
    ("transaction", "amount", -5.0, "amount_not_positive"),
    ("transaction", "amount", 1e9, "amount_too_large"),
    ("transaction", "currency", "XXX", "currency_unknown"),
    ("transaction", "merchant_category", "grocery", "mcc_malformed"),
    ("transaction", "merchant_category", "541", "mcc_malformed"),
    ("transaction", "merchant_category", "٥٤١١", "mcc_malformed"),
    ("transaction", "country", "us", "country_malformed"),
    ("transaction", "country", "USA", "country_malformed"),
    ("transaction", "risk_score", 1.01, "risk_score_out_of_range"),
    ("transaction", "risk_score", float("nan"), "risk_score_out_of_range"),
    ("transaction", "card_id", "", "identifier_empty"),
    ("transaction", "event_time", 1_767_607_200_000_000, "event_time_after_2100"),
    ("transaction", "event_time", 1_767_607_200, "event_time_before_2000"),
    ("transaction", "ip_address", "proxy_1", "ip_address_malformed"),
    ("click", "session_id", "", "identifier_empty"),
    ("click", "page_url", "https://shop/cart", "page_url_malformed"),
    ("click", "event_time", 10**16, "event_time_after_2100"),
    ("device", "country", "Germany", "country_malformed"),
    ("device", "fingerprint", "FF-00", "fingerprint_malformed"),
    ("order", "timestamp", 10**16, "event_time_after_2100"),
    ("order", "event_id", "order-1", "event_id_malformed"),
]


@pytest.mark.parametrize(("contract", "field", "value", "rule"), BROKEN)
def test_a_value_that_makes_no_sense_breaks_its_rule_and_no_other(
    contract: str, field: str, value: object, rule: str
) -> None:
    event = GOOD[contract] | {field: value}
    [named] = [one for one in RULES[contract] if one.name == rule]
    assert named.broken_by(event)
    others = {one.name for one in RULES[contract] if one.broken_by(event)} - {rule}
    assert others <= {"amount_not_positive", "amount_too_large"}, "a text as an amount is no number at all"
    assert validate_event(event) == (rule if named.per_event else None)


def test_every_rule_of_payments_is_tried_here() -> None:
    assert {rule for contract, _, _, rule in BROKEN if contract == "transaction"} == {
        rule.name for rule in RULES["transaction"]
    }


def test_an_order_whose_items_do_not_sum_to_its_total_is_found() -> None:
    order = GOOD["order"]
    wrong = order | {"payload": order["payload"] | {"total_amount": order["payload"]["total_amount"] + 0.01}}
    [finding] = rule_findings([order, wrong], "order", Level.BUSINESS)
    assert (finding.rule, finding.count, finding.of, finding.examples[0].index) == (
        "total_is_not_the_sum", 1, 2, 1,
    )  # fmt: skip


def test_a_product_that_is_looked_at_without_a_name_is_found_and_can_still_be_processed() -> None:
    click = GOOD["click"] | {"action": "PRODUCT_VIEW", "product_id": None}
    assert [f.rule for f in rule_findings([click], "click", Level.BUSINESS)] == ["product_missing"]
    assert validate_event(click) is None


@pytest.mark.parametrize("name", ["txn", "click", "device", "order"])
def test_the_generators_break_no_rule(name: str) -> None:
    for event in stream(name, WORLD).events(0, 1_500):
        assert [rule.name for rule in RULES[contract_of(event)] if rule.broken_by(event)] == []


@pytest.mark.parametrize("contract", sorted(GOOD))
def test_an_event_is_known_by_its_fields(contract: str) -> None:
    assert contract_of(GOOD[contract]) == contract
    names = {
        field["name"]
        for field in contracts.load(contract, contracts.contract(contract).versions[-1])["fields"]
    }
    assert GOOD[contract].keys() == names


def test_of_an_unknown_event_nothing_is_said() -> None:
    assert validate_event({"temperature": -300}) is None


def test_what_an_old_schema_does_not_have_is_not_missed() -> None:
    old = {field["name"] for field in contracts.load("transaction", 1)["fields"]}
    assert validate_event({k: v for k, v in GOOD["transaction"].items() if k in old}) is None


def test_a_field_that_is_not_there_breaks_its_rule_instead_of_the_program() -> None:
    assert validate_event({"txn_id": "t"}) == "amount_not_finite"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(st.none(), st.text(max_size=5), st.floats(), st.integers(), st.binary(max_size=3))
            for name in GOOD["transaction"]
        },
    )
)
def test_whatever_an_event_is_the_answer_is_a_reason_or_none(changes: dict[str, Any]) -> None:
    reason = validate_event(GOOD["transaction"] | changes)
    assert reason is None or reason in {rule.name for rule in RULES["transaction"]}


def test_the_rules_are_about_fields_that_the_contract_has() -> None:
    for contract, rules in RULES.items():
        schema = contracts.load(contract, contracts.contract(contract).versions[-1])
        names = {field["name"] for field in fastavro.parse_schema(schema)["fields"]}
        for rule in rules:
            assert {path.partition(".")[0] for path in rule.fields} <= names


def test_names_of_rules_are_unique_in_their_contract_and_meanings_are_sentences() -> None:
    for rules in RULES.values():
        assert len({rule.name for rule in rules}) == len(rules)
        assert all(rule.meaning.endswith(".") for rule in rules)
