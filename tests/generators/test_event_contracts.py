"""Events keep to their contracts, and to what a person would believe."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.generators import STREAMS, World, stream
from streamlab.generators.countries import COUNTRIES
from streamlab.generators.merchants import CATEGORIES
from streamlab.generators.population import DEVICES

WORLD = World(fraud_share=0.1)
PARSED = {name: parse_schema(stream(name, WORLD).schema) for name in STREAMS}
PAYMENTS = list(stream("txn", WORLD).events(0, 6_000))


def there_and_back(schema: Any, event: dict[str, Any]) -> Any:
    written = BytesIO()
    schemaless_writer(written, schema, event, strict=True)
    written.seek(0)
    return schemaless_reader(written, schema, None)


def without_logical_types(value: Any) -> Any:
    """A schema, or a part of one, that reads times and UUIDs as the integers and texts that were written."""
    if isinstance(value, dict):
        return {k: without_logical_types(v) for k, v in value.items() if k != "logicalType"}
    if isinstance(value, list):
        return [without_logical_types(one) for one in value]
    return value


PLAIN = {name: parse_schema(without_logical_types(stream(name, WORLD).schema)) for name in STREAMS}


@given(st.sampled_from(STREAMS), st.integers(0, 10**10), st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_every_event_is_written_by_its_contract_and_read_back_whole(name: str, index: int, seed: int) -> None:
    events = stream(name, World(seed=seed, fraud_share=0.1))
    event = events.event(index)
    there_and_back(PARSED[name], event)
    assert there_and_back(PLAIN[name], event) == event
    assert list(event) == [field["name"] for field in events.schema["fields"]]


@pytest.mark.parametrize("name", STREAMS)
def test_the_key_is_the_field_that_the_contract_names(name: str) -> None:
    events = stream(name, WORLD)
    assert events.version == events.contract.versions[-1]
    for event in events.events(0, 50):
        assert events.key(event) == event[events.contract.key]
        assert type(events.event_time_ms(event)) is int


def test_currency_and_address_follow_the_country() -> None:
    for event in PAYMENTS:
        if event["country"] is None:
            continue
        country = COUNTRIES[event["country"]]
        assert event["currency"] == country.currency
        if event["ip_address"]:
            assert event["ip_address"].startswith((f"10.{country.octet}.", "198.18."))


def test_amounts_are_positive_below_ten_thousand_dollars_and_have_no_more_digits_than_money_has() -> None:
    for event in PAYMENTS:
        yen = event["currency"] == "JPY"
        assert 0 < event["amount"] < 10_000 * (150 if yen else 1)
        assert event["amount"] == round(event["amount"], 0 if yen else 2)


def test_every_category_has_amounts_of_its_own() -> None:
    world = World(fraud_share=0)
    amounts: dict[str, list[float]] = {category.mcc: [] for category in CATEGORIES}
    for event in stream("txn", world).events(0, 8_000):
        if event["currency"] == "USD" and event["merchant_category"]:
            amounts[event["merchant_category"]].append(event["amount"])
    for category in CATEGORIES:
        found = amounts[category.mcc]
        if len(found) >= 100:
            # Of its merchants the larger ones count for more, and theirs differ from the category's mean.
            assert sum(found) / len(found) == pytest.approx(category.mean_cents / 100, rel=0.35)


def test_scores_are_between_nought_and_one_and_fraud_has_higher_ones_on_average() -> None:
    txn = stream("txn", WORLD)
    scores: dict[bool, list[float]] = {True: [], False: []}
    for index, event in enumerate(PAYMENTS):
        assert 0 <= event["risk_score"] <= 1
        scores[txn.truth(index).fraud is not None].append(event["risk_score"])
    honest, stolen = (sum(scores[kind]) / len(scores[kind]) for kind in (False, True))
    assert stolen > honest + 0.1
    assert max(scores[False]) > min(scores[True])


def test_what_may_be_unknown_sometimes_is() -> None:
    for field in ("merchant_id", "merchant_category", "country", "device_id", "session_id", "ip_address"):
        share = sum(event[field] is None for event in PAYMENTS) / len(PAYMENTS)
        assert 0 < share < 0.6


def test_identifiers_of_order_events_are_uuids() -> None:
    for event in stream("order", WORLD).events(0, 200):
        assert UUID(event["event_id"]).version == 8


def test_a_page_of_a_product_names_it() -> None:
    for event in stream("click", WORLD).events(0, 500):
        if event["action"] == "PRODUCT_VIEW":
            assert event["page_url"] == f"/p/{event['product_id']}"
        assert (event["product_id"] is None) <= (event["action"] != "PRODUCT_VIEW")


def test_a_device_looks_the_same_whenever_it_is_seen() -> None:
    looks: dict[str, tuple[str, str]] = {}
    for event in stream("device", WORLD).events(0, 3_000):
        look = event["fingerprint"], event["operating_system"]
        assert looks.setdefault(event["device_id"], look) == look
    assert len(looks) > 300
    assert max(DEVICES) > 1
