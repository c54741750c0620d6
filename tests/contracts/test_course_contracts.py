"""The contracts of the course: what the topics are, and that the schemas carry data."""

import io
import json
from typing import Any

import fastavro
import pytest

from streamlab import contracts
from streamlab.contracts.validation import validate
from streamlab.errors import StreamlabError
from streamlab.registry.compatibility import Level

EVENTS: dict[str, dict[str, Any]] = {
    "click": {
        "click_id": "c-1", "user_id": "u-1", "session_id": "s-1", "event_time": 1_700_000_000_000,
        "action": "ADD_TO_CART", "page_url": "/shoes", "device_id": "d-1", "product_id": "p-1",
        "category": None,
    },
    "device": {
        "event_id": "e-1", "device_id": "d-1", "event_time": 1_700_000_000_000, "fingerprint": "9f2c",
        "kind": "PHONE", "operating_system": "Android 16", "user_id": None, "ip_address": "192.0.2.1",
        "country": "CH", "is_proxy": False,
    },
    "order": {
        "event_id": "3f0c8c1e-8d1c-4f57-9d34-5a2f6c7d8e90", "event_type": "PAYMENT_AUTHORIZED",
        "order_id": "o-1", "timestamp": 1_700_000_000_000, "source": "order-service", "version": "1.0",
        "payload": {
            "user_id": "u-1", "total_amount": 59.98, "currency": "USD", "status": "PAID",
            "items": [{"sku": "SKU-123", "quantity": 2, "unit_price": 29.99}],
            "shipping_address": {
                "street": "1 Main St", "city": "Anytown", "postal_code": "01234", "state": None,
                "country": "US",
            },
            "payment_method": "PAYPAL", "payment_id": "p-1", "metadata": {"channel": "web"},
        },
    },
    "user_created": {
        "event_id": "e-1", "timestamp": 1_700_000_000_000, "user_id": "u-1", "email": "a@example.org",
        "referral_code": None,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "topic", "key", "partitions", "level", "versions"),
    [
        ("transaction", "txn.events", "card_id", 24, Level.BACKWARD, (1, 2, 3)),
        ("click", "click.events", "user_id", 24, Level.BACKWARD, (1,)),
        ("device", "device.events", "device_id", 12, Level.BACKWARD, (1,)),
        ("card_features", "features.card", "card_id", 24, Level.BACKWARD, (1,)),
        ("user_features", "features.user", "user_id", 24, Level.BACKWARD, (1,)),
        ("order", "orders.raw", "order_id", 12, Level.FULL, (1,)),
        ("user_created", "user.created", "user_id", 12, Level.FULL_TRANSITIVE, (1,)),
    ],
)
def test_a_contract_knows_its_topic_key_partitions_and_level(
    name: str, topic: str, key: str, partitions: int, level: Level, versions: tuple[int, ...]
) -> None:
    contract = contracts.contract(name)
    assert (contract.topic, contract.key, contract.partitions) == (topic, key, partitions)
    assert contract.compatibility is level
    assert contract.versions == versions
    assert contract.subject == f"{topic}-value"


def test_nothing_is_wrong_with_the_course_s_own_contracts() -> None:
    report = validate(contracts.FOLDER)
    assert report.findings == ()
    assert [one.name for one in report.contracts] == contracts.names()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_goes_round_by_its_contract(name: str) -> None:
    schema = fastavro.parse_schema(contracts.load(name, 1))
    encoded = io.BytesIO()
    fastavro.schemaless_writer(encoded, schema, EVENTS[name])
    encoded.seek(0)
    read: Any = fastavro.schemaless_reader(encoded, schema, None)
    assert json.loads(json.dumps(read, default=_milliseconds)) == EVENTS[name]


def _milliseconds(value: Any) -> Any:
    return str(value) if hasattr(value, "hex") else round(value.timestamp() * 1000)


def test_an_order_has_nine_events_eight_states_and_seven_ways_to_pay() -> None:
    fields = {field["name"]: field["type"] for field in contracts.load("order", 1)["fields"]}
    inside = {field["name"]: field["type"] for field in fields["payload"]["fields"]}
    assert len(fields["event_type"]["symbols"]) == 9
    assert len(inside["status"][1]["symbols"]) == 8
    assert len(inside["payment_method"][1]["symbols"]) == 7
    optional = [name for name, kind in inside.items() if isinstance(kind, list)]
    assert sorted(set(inside) - set(optional)) == ["currency"]


def test_there_is_no_comment_in_a_schema() -> None:
    for name in contracts.names():
        contract = contracts.contract(name)
        for version in contract.versions:
            json.loads(contract.file(version).read_text(encoding="utf-8"))


def test_a_contract_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(
        StreamlabError, match=r"There is no contract 'klick'\. There is: card_features, click, device"
    ):
        contracts.contract("klick")
    with pytest.raises(StreamlabError, match=r"There is no contract 'transaction' version 9"):
        contracts.load("transaction", 9)
