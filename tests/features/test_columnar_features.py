"""The columnar execution equals the one event by event, and both equal the oracle: exactly, not nearly."""

from typing import Any

import feature_oracle as oracle
import polars as pl
import pytest
from columnar_messages import body, framed, schema
from feature_streams import (
    LAGS_MS,
    LATENESS_MS,
    STEPS_MS,
    arrivals,
    click,
    clicks,
    device,
    minutes,
    seconds,
    transaction,
    transactions,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.features import CardFeatures, UserFeatures
from streamlab.features.columnar import (
    CARD_COLUMNS,
    USER_COLUMNS,
    Decoder,
    card_features,
    device_features,
    split_late,
    user_features,
)
from streamlab.features.joins import DeviceJoins

Event = dict[str, Any]
Arrivals = list[tuple[int, Event]]

TRANSACTION, CLICK, DEVICE = schema("transaction", 3), schema("click", 1), schema("device", 1)
TRANSACTIONS = {version: schema("transaction", version) for version in (1, 2, 3)}
LATENESS_SECONDS = LATENESS_MS / 1_000
DTYPES = {"string": pl.String, "long": pl.Int64, "double": pl.Float64, "boolean": pl.Boolean}


def table(events: list[Event], its: Event) -> pl.DataFrame:
    """Events as a frame with the columns of their contract, also if there are none."""

    def dtype(kind: Any) -> Any:
        kind = kind[1] if isinstance(kind, list) else kind
        kind = kind if isinstance(kind, str) else "long" if "logicalType" in kind else "string"
        return DTYPES[kind]

    return pl.DataFrame(events, schema={field["name"]: dtype(field["type"]) for field in its["fields"]})


def by_name(rows: list[Event], name: str) -> dict[str, Event]:
    found = {row[name]: row for row in rows}
    assert len(found) == len(rows)
    return found


def of_cards(features: pl.DataFrame) -> list[Event]:
    return [row | {"risk_flags": tuple(row["risk_flags"])} for row in features.to_dicts()]


def split(given: Arrivals, its: Event) -> tuple[pl.DataFrame, pl.DataFrame]:
    partitions = pl.Series("partition", [partition for partition, _ in given], dtype=pl.Int32)
    frame = table([event for _, event in given], its).with_columns(partitions)
    return split_late(frame, LATENESS_SECONDS)


@settings(deadline=None, max_examples=60)
@given(arrivals(transactions()))
def test_cards_columnar_equals_event_by_event_equals_the_oracle(given_: Arrivals) -> None:
    pipeline = CardFeatures(LATENESS_SECONDS)
    late = [found for partition, event in given_ if (found := pipeline.add(event, partition))]
    accepted, columnar_late = split(given_, TRANSACTION)
    features = by_name(of_cards(card_features(accepted)), "txn_id")
    assert features == by_name(pipeline.drain(), "txn_id")
    assert list(features) == accepted["txn_id"].to_list()
    assert columnar_late["reason"].to_list() == [one.reason for one in late]
    assert columnar_late["txn_id"].to_list() == [one.event["txn_id"] for one in late]
    oracle_late, oracle_accepted = oracle.judge(given_, LATENESS_MS)
    assert features == by_name(oracle.card_features([event for _, event in oracle_accepted]), "txn_id")
    assert len(late) == len(oracle_late)


@settings(deadline=None, max_examples=60)
@given(arrivals(clicks(), key="user_id"))
def test_users_columnar_equals_event_by_event_equals_the_oracle(given_: Arrivals) -> None:
    pipeline = UserFeatures(LATENESS_SECONDS)
    late = [found for partition, event in given_ if (found := pipeline.add(event, partition))]
    accepted, columnar_late = split(given_, CLICK)
    features = by_name(user_features(accepted).to_dicts(), "click_id")
    assert features == by_name(pipeline.drain(), "click_id")
    assert columnar_late["reason"].to_list() == [one.reason for one in late]
    _, oracle_accepted = oracle.judge(given_, LATENESS_MS)
    assert features == by_name(oracle.user_features([event for _, event in oracle_accepted]), "click_id")


DEVICE_IDS = st.sampled_from((None, "d1", "d2"))
JOINED = st.lists(
    st.tuples(
        st.sampled_from(("device", "click", "txn")),
        st.sampled_from((*STEPS_MS, 599_999, 600_000)),
        st.sampled_from([lag for lag in LAGS_MS if lag <= LATENESS_MS]),
        DEVICE_IDS,
        st.sampled_from((None, "CH")),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(JOINED)
def test_both_joins_columnar_equal_event_by_event_equal_the_oracle(given_: list[Any]) -> None:
    joins, newest = DeviceJoins(LATENESS_SECONDS), seconds(0)
    events: dict[str, list[Event]] = {"device": [], "click": [], "txn": []}
    for index, (stream, step, lag, device_id, country) in enumerate(given_):
        newest += step
        time, name = newest - lag, f"{index * 7 % 41:02d}"
        if stream == "device":
            event = device(
                time, name, device_id or "d3", country=country, kind="TABLET" if country else "PHONE"
            )
        elif stream == "click":
            event = click(time, name, device_id=device_id)
        else:
            event = transaction(time, name, device_id=device_id)
        events[stream].append(event)
        assert joins.add(stream, event) is None
    columnar = device_features(
        table(events["txn"], TRANSACTION), table(events["device"], DEVICE), table(events["click"], CLICK)
    )
    assert columnar["txn_id"].to_list() == [event["txn_id"] for event in events["txn"]]
    found = by_name(columnar.to_dicts(), "txn_id")
    assert found == by_name(joins.drain(), "txn_id")
    assert found == by_name(oracle.joined(events["txn"], events["click"], events["device"]), "txn_id")


def as_written(event: Event, version: int) -> Event:
    """What is left of an event that was written with an older version, as the newest reads it."""
    if version == 1 and event["currency"] in ("JPY", "CHF"):
        event = event | {"currency": "EUR"}
    names = {field["name"] for field in TRANSACTIONS[version]["fields"]}
    return {
        field["name"]: event[field["name"]] if field["name"] in names else field["default"]
        for field in TRANSACTION["fields"]
    }


@settings(deadline=None, max_examples=60)
@given(arrivals(transactions()), st.data())
def test_from_bytes_of_three_writers_with_damaged_ones_among_them_to_features(
    given_: Arrivals, data: st.DataObject
) -> None:
    messages, partitions, whole = [], [], []
    for partition, event in given_:
        version = data.draw(st.sampled_from((1, 2, 3)))
        message = framed(version, body(read := as_written(event, version), TRANSACTIONS[version]))
        if data.draw(st.integers(0, 9)) == 0:
            message = message[:-1]
        else:
            whole.append((partition, read))
        messages.append(message)
        partitions.append(partition)
    decoded = Decoder(TRANSACTIONS, TRANSACTION, CARD_COLUMNS).decode(messages)
    assert decoded.rejected.height == len(given_) - len(whole)
    frame = decoded.frame.with_columns(pl.Series("partition", partitions).gather(decoded.frame["row"]))
    accepted, _ = split_late(frame, LATENESS_SECONDS)
    _, oracle_accepted = oracle.judge(whole, LATENESS_MS)
    features = by_name(of_cards(card_features(accepted)), "txn_id")
    assert features == by_name(oracle.card_features([event for _, event in oracle_accepted]), "txn_id")


def test_one_partition_makes_no_event_of_another_one_late() -> None:
    given_ = [
        (0, transaction(minutes(9), "a")),
        (1, transaction(minutes(1), "b")),
        (1, transaction(minutes(2), "c")),
    ]
    accepted, late = split(given_, TRANSACTION)
    assert accepted["txn_id"].to_list() == ["a", "b", "c"]
    assert late.height == 0


def test_an_event_exactly_at_the_watermark_is_not_late() -> None:
    given_ = [
        (0, transaction(seconds(5), "a")),
        (0, transaction(seconds(0), "b")),
        (0, transaction(seconds(0) - 1, "c")),
    ]
    accepted, late = split(given_, TRANSACTION)
    assert accepted["txn_id"].to_list() == ["a", "b"]
    assert late["watermark_ms"].to_list() == [seconds(0)]


@pytest.mark.parametrize(
    "wrong", [{"amount": float("nan")}, {"amount": float("inf")}, {"amount": 1e10}, {"currency": "XXX"}]
)
def test_an_amount_that_has_no_exact_cents_is_refused_rather_than_counted(wrong: Event) -> None:
    with pytest.raises(ValueError, match="validate first"):
        card_features(table([transaction(minutes(1), **wrong)], TRANSACTION))


@pytest.mark.parametrize(
    ("features", "wanted", "its"),
    [(card_features, CARD_COLUMNS, TRANSACTION), (user_features, USER_COLUMNS, CLICK)],
)
def test_the_fields_are_those_of_the_contract_and_no_event_has_them_too(
    features: Any, wanted: Any, its: Event
) -> None:
    contract = schema("card_features" if features is card_features else "user_features", 1)
    none = features(table([], its).select(wanted))
    assert none.height == 0
    assert set(none.columns) == {field["name"] for field in contract["fields"]}
