"""The table of definitions: what it says is what comes out, and what the contracts promise."""

import io
import json
from typing import Any

import fastavro
import numpy as np
import pytest
from feature_streams import click, device, minutes, transaction
from hypothesis import given
from hypothesis import strategies as st

from streamlab import contracts
from streamlab.features import CardFeatures, UserFeatures, constants
from streamlab.features.constants import CENTS_PER_UNIT, exact_cents
from streamlab.features.definitions import (
    CARD_IDENTITY,
    FLAGS_BY_MASK,
    FRAUD,
    JOINS,
    PERSONALIZATION,
    RISK_FLAGS,
    USER_IDENTITY,
)
from streamlab.features.joins import DeviceJoins


def cards_out() -> dict[str, Any]:
    pipeline = CardFeatures()
    pipeline.add(transaction(minutes(1)))
    return pipeline.drain()[0]


def users_out() -> dict[str, Any]:
    pipeline = UserFeatures()
    pipeline.add(click(minutes(1)))
    return pipeline.drain()[0]


def joined_out() -> dict[str, Any]:
    joins = DeviceJoins()
    joins.add("device", device(minutes(0)))
    joins.add("txn", transaction(minutes(1), device_id="d"))
    return joins.drain()[0]


EXECUTIONS = [
    ("card_features", CARD_IDENTITY, FRAUD, cards_out),
    ("user_features", USER_IDENTITY, PERSONALIZATION, users_out),
]


@pytest.mark.parametrize(("contract", "identity", "table", "out"), EXECUTIONS)
def test_a_record_has_the_fields_of_the_table_and_the_contract_in_order(
    contract: str, identity: Any, table: Any, out: Any
) -> None:
    fields = contracts.load(contract, 1)["fields"]
    assert [field["name"] for field in fields] == [*identity, *(one.name for one in table)]
    assert list(out()) == [field["name"] for field in fields]


@pytest.mark.parametrize(("contract", "identity", "table", "out"), EXECUTIONS)
def test_the_contract_says_of_each_field_what_the_table_says(
    contract: str, identity: Any, table: Any, out: Any
) -> None:
    fields = {field["name"]: field for field in contracts.load(contract, 1)["fields"]}
    for name, doc in identity.items():
        assert fields[name]["doc"] == doc
    assert fields["event_time"]["type"] == {"type": "long", "logicalType": "timestamp-millis"}
    for one in table:
        avro = {"type": "array", "items": "string"} if one.avro == "strings" else one.avro
        assert fields[one.name]["doc"] == one.doc
        assert fields[one.name]["type"] == (list(avro) if isinstance(avro, tuple) else avro)
        assert ("default" in fields[one.name]) is isinstance(one.avro, tuple)


@pytest.mark.parametrize(("contract", "identity", "table", "out"), EXECUTIONS)
def test_a_record_goes_round_by_its_contract(contract: str, identity: Any, table: Any, out: Any) -> None:
    schema = fastavro.parse_schema(contracts.load(contract, 1))
    record, encoded = out(), io.BytesIO()
    fastavro.schemaless_writer(encoded, schema, record, strict=True)
    encoded.seek(0)
    read: Any = fastavro.schemaless_reader(encoded, schema, None)
    read["event_time"] = round(read["event_time"].timestamp() * 1_000)
    assert read == json.loads(json.dumps(record))


def test_a_joined_record_has_the_fields_of_the_table_in_order() -> None:
    assert list(joined_out()) == [
        "txn_id",
        "card_id",
        "device_id",
        "event_time",
        *(one.name for one in JOINS),
    ]


def test_every_definition_says_all_of_it() -> None:
    for one in (*FRAUD, *PERSONALIZATION, *JOINS):
        assert all((one.name, one.avro, one.window, one.unit, one.formula, one.reason)), one.name
    names = [one.name for one in (*FRAUD, *PERSONALIZATION, *JOINS)]
    assert len(names) == len(set(names))


def test_the_numbers_in_the_formulas_are_those_that_are_computed_with() -> None:
    said = {one.name: one.formula for one in (*FRAUD, *PERSONALIZATION, *RISK_FLAGS)}
    k = constants
    assert said["velocity_score"] == (
        f"min(txn_count_5m - 1, {k.VELOCITY_SATURATION}) divided by {k.VELOCITY_SATURATION}"
    )
    assert f">= {k.CARD_TESTING_COUNT} " in said["card_testing"]
    assert f"< {k.CARD_TESTING_AVERAGE_CENTS} *" in said["card_testing"]
    assert f">= {k.LARGE_AMOUNT_CENTS}" in said["large_amount"]
    assert f">= {k.TRAVEL_COUNTRIES}" in said["impossible_travel"]
    assert f">= {k.VELOCITY_SATURATION}" in said["velocity_burst"]
    assert f"> {k.VELOCITY_ALERT} and" in said["high_velocity_geo_anomaly"]
    assert f">= {k.ANOMALY_COUNTRIES}" in said["high_velocity_geo_anomaly"]
    assert f"at least {k.HIGH_RISK_COUNT} " in said["high_risk_merchants"]
    assert (
        f"min(points, {k.ENGAGEMENT_SATURATION}) divided by {k.ENGAGEMENT_SATURATION}"
        in (said["engagement_score"])
    )


def test_no_window_is_longer_than_the_longest() -> None:
    windows = (constants.SHORT_WINDOW_MS, constants.CLICKS_BEFORE_PAYMENT_MS, constants.PROFILE_AGE_MS)
    assert max(windows) <= constants.LONGEST_WINDOW_MS == 3_600_000


def test_there_is_a_rate_for_every_currency_and_points_for_every_action() -> None:
    fields = {field["name"]: field["type"] for field in contracts.load("transaction", 3)["fields"]}
    assert set(CENTS_PER_UNIT) == set(fields["currency"]["symbols"])
    fields = {field["name"]: field["type"] for field in contracts.load("click", 1)["fields"]}
    assert set(constants.ENGAGEMENT_POINTS) == set(fields["action"]["symbols"])


def test_a_mask_of_flags_names_each_bit_once_in_order() -> None:
    names = [flag.name for flag in RISK_FLAGS]
    assert len(FLAGS_BY_MASK) == 2 ** len(names)
    assert FLAGS_BY_MASK[0] == ()
    assert FLAGS_BY_MASK[-1] == tuple(names)
    assert all(FLAGS_BY_MASK[1 << bit] == (name,) for bit, name in enumerate(names))


@given(st.floats(0.0, constants.AMOUNT_LIMIT), st.sampled_from(sorted(CENTS_PER_UNIT)))
def test_cents_are_the_same_integer_from_a_column_of_floats(amount: float, currency: str) -> None:
    column = np.rint(np.array([amount]) * CENTS_PER_UNIT[currency]).astype(np.int64)
    assert exact_cents(amount, currency) == column[0]


def test_half_a_cent_is_rounded_to_the_even_one() -> None:
    assert [exact_cents(amount, "USD") for amount in (0.005, 0.015, 0.025, 10.0)] == [0, 2, 2, 1_000]
    assert exact_cents(1_000.0, "JPY") == 670
