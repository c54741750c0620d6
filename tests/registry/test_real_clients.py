"""Confluent's own clients and serializers work against the registry as against theirs."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from in_process import record

from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.serving import background

V1 = json.dumps(record("id", ("amount", "double"), name="Order"))
V2 = json.dumps(record("id", ("amount", "double"), ("currency", "string", "EUR"), name="Order"))
ORDER = {"id": "o-1", "amount": 12.5}
JSON_ORDER = json.dumps(
    {
        "title": "Order",
        "type": "object",
        "properties": {"id": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["id"],
    }
)


@pytest.fixture
def url() -> Iterator[str]:
    with background(MemoryStore()) as running:
        yield running


@pytest.fixture
def client(url: str) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": url, "timeout": 10, "max.retries": 0}) as running:
        yield running


def value_of(topic: str, headers: list[Any] | None = None) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE, headers)


def test_a_client_registers_finds_and_deletes(client: SchemaRegistryClient) -> None:
    schema = Schema(V1, "AVRO")
    schema_id = client.register_schema("orders-value", schema)
    assert client.get_schema(schema_id).schema_str == V1.replace(": ", ":").replace(", ", ",")
    assert client.lookup_schema("orders-value", schema).version == 1
    assert client.get_latest_version("orders-value").schema_id == schema_id
    assert client.get_version("orders-value", 1).schema_id == schema_id
    assert client.get_versions("orders-value") == [1]
    assert client.get_subjects() == ["orders-value"]
    assert client.get_subjects_by_schema_id(schema_id) == ["orders-value"]
    assert client.delete_version("orders-value", 1) == 1
    assert client.get_subjects() == []
    assert client.get_subjects(deleted=True) == ["orders-value"]
    assert client.delete_subject("orders-value", permanent=True) == [1]


def test_a_client_tests_compatibility_and_reads_the_refusal(client: SchemaRegistryClient) -> None:
    client.register_schema("orders-value", Schema(V1, "AVRO"))
    assert client.test_compatibility("orders-value", Schema(V2, "AVRO"))
    wrong = Schema(json.dumps(record("id", "amount", name="Order")), "AVRO")
    assert not client.test_compatibility("orders-value", wrong)
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema("orders-value", wrong)
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 40901)


def test_a_client_sets_compatibility_and_mode(client: SchemaRegistryClient) -> None:
    assert client.get_compatibility() == "BACKWARD"
    client.set_compatibility("orders-value", "FULL")
    assert client.get_compatibility("orders-value") == "FULL"
    assert client.get_config("orders-value").compatibility_level == "FULL"
    client.delete_config("orders-value")
    with pytest.raises(SchemaRegistryError, match="40408"):
        client.get_compatibility("orders-value")
    assert client.get_global_mode() == "READWRITE"
    assert client.update_mode("orders-value", "READONLY") == "READONLY"
    assert client.get_mode("orders-value") == "READONLY"


def test_the_asynchronous_client_does_the_same(url: str) -> None:
    async def scenario() -> tuple[int, str]:
        async with AsyncSchemaRegistryClient({"url": url, "timeout": 10}) as client:
            schema_id = await client.register_schema("orders-value", Schema(V1, "AVRO"))
            found = await client.get_latest_version("orders-value")
            assert await client.test_compatibility("orders-value", Schema(V2, "AVRO"))
            await client.delete_subject("orders-value")
            return schema_id, found.guid

    schema_id, guid = asyncio.run(scenario())
    assert schema_id == 1
    assert len(guid) == 36


@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_avro_goes_round_in_both_framings(client: SchemaRegistryClient, framing: str) -> None:
    config = {"schema.id.serializer": header_schema_id_serializer} if framing == "header" else {}
    headers: list[Any] = []
    serializer = AvroSerializer(client, V1, conf=config)
    payload = serializer(ORDER, value_of("orders", headers))
    assert payload is not None
    if framing == "header":
        ((name, framed),) = headers
        assert name == "__value_schema_id"
        assert framed[0] == 1
        assert len(framed) == 17
    else:
        assert payload[:5] == b"\x00\x00\x00\x00\x01"
    client.clear_caches()
    assert AvroDeserializer(client)(payload, value_of("orders", headers)) == ORDER
    assert AvroDeserializer(client, V2)(payload, value_of("orders", headers)) == {**ORDER, "currency": "EUR"}


@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_json_goes_round_in_both_framings(client: SchemaRegistryClient, framing: str) -> None:
    config = {"schema.id.serializer": header_schema_id_serializer} if framing == "header" else {}
    headers: list[Any] = []
    payload = JSONSerializer(JSON_ORDER, client, conf=config)(ORDER, value_of("orders", headers))
    assert payload is not None
    client.clear_caches()
    deserializer = JSONDeserializer(None, schema_registry_client=client)
    assert deserializer(payload, value_of("orders", headers)) == ORDER


def test_use_latest_version_writes_with_what_is_registered(client: SchemaRegistryClient) -> None:
    client.register_schema("orders-value", Schema(V1, "AVRO"))
    latest = client.register_schema("orders-value", Schema(V2, "AVRO"))
    config = {"auto.register.schemas": False, "use.latest.version": True}
    payload = AvroSerializer(client, V1, conf=config)({**ORDER, "currency": "USD"}, value_of("orders"))
    assert payload is not None
    assert int.from_bytes(payload[1:5], "big") == latest


def test_without_auto_registration_an_unknown_schema_is_an_error(client: SchemaRegistryClient) -> None:
    serializer = AvroSerializer(client, V1, conf={"auto.register.schemas": False})
    with pytest.raises(SchemaRegistryError, match="40401"):
        serializer(ORDER, value_of("orders"))
    client.register_schema("orders-value", Schema(V2, "AVRO"))
    with pytest.raises(SchemaRegistryError, match="40403"):
        serializer(ORDER, value_of("orders"))
    assert client.get_versions("orders-value") == [1]


def test_references_are_followed_by_the_serializers(client: SchemaRegistryClient) -> None:
    address = json.dumps(record("street", name="Address", namespace="shop"))
    person = json.dumps(record(("home", "shop.Address"), name="Person", namespace="shop"))
    client.register_schema("address", Schema(address, "AVRO"))
    schema = Schema(person, "AVRO", [SchemaReference("shop.Address", "address", 1)])
    value = {"home": {"street": "Mint St"}}
    payload = AvroSerializer(client, schema)(value, value_of("people"))
    client.clear_caches()
    assert AvroDeserializer(client)(payload, value_of("people")) == value
    assert client.get_referenced_by("address", 1) == [client.get_latest_version("people-value").schema_id]
    with pytest.raises(SchemaRegistryError, match="42206"):
        client.delete_subject("address")


def test_normalize_schemas_finds_a_reordered_schema(client: SchemaRegistryClient) -> None:
    one = json.dumps({"type": "string", "x": 1, "y": 2})
    other = json.dumps({"type": "string", "y": 2, "x": 1})
    first = client.register_schema("one-value", Schema(one, "AVRO"), normalize_schemas=True)
    assert client.register_schema("two-value", Schema(other, "AVRO"), normalize_schemas=True) == first
    config = {"normalize.schemas": True}
    payload = AvroSerializer(client, other, conf=config)("text", value_of("three"))
    assert payload is not None
    assert int.from_bytes(payload[1:5], "big") == first
