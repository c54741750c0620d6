"""The embedded backend: real enough for clients, honest about its limits, and it fails to order."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import confluent_kafka
import pytest
from breaking import end, freeze, process_of, recording_console, running, said
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.cimpl import NewTopic
from confluent_kafka.schema_registry import Schema
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from streamlab import stack
from streamlab.errors import StreamlabError
from streamlab.stack import Capability, CapabilityMissing, Stack, StackUnavailable, State
from streamlab.stack.capabilities import KAFKA, MOCK_CLUSTER
from streamlab.stack.doctor import EXAMINATIONS, examine
from streamlab.stack.doctor.running import listening_addresses
from streamlab.stack.embedded import librdkafka
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.embedded.cluster import MockCluster, error_code
from streamlab.stack.embedded.control import TOPIC_PREFIX, Control, port_in
from streamlab.stack.environment import VARIABLES
from streamlab.stack.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_given_addresses")]


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBackend]:
    """One started stack with an empty cache: nothing of it comes from there."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        folder = tmp_path_factory.mktemp("embedded")
        backend = EmbeddedBackend(Layout(folder / "s", folder / "empty cache"), recording_console())
        backend.up()
        yield backend
        backend.down()
        assert running(backend) == []
        assert not backend.layout.cache.exists(), "nothing was downloaded"


@pytest.fixture
def here(backend: EmbeddedBackend) -> Stack:
    return backend.connect()


def produce(here: Stack, topic: str, *values: bytes, **config: Any) -> list[KafkaError | None]:
    """Produce to partition 0; what became of each message."""
    reports: list[KafkaError | None] = []
    producer = here.producer(**config)
    for value in values:
        producer.produce(topic, value, partition=0, on_delivery=lambda error, _message: reports.append(error))
    assert producer.flush(20) == 0
    return reports


# It runs


def test_two_processes_and_nothing_listens_beyond_loopback(backend: EmbeddedBackend) -> None:
    assert len(running(backend)) == 2
    addresses = listening_addresses(backend)
    assert len(addresses) == 3, "broker, control channel, registry"
    assert all(address.startswith("127.0.0.1:") for address in addresses)


def test_a_second_up_starts_nothing(backend: EmbeddedBackend) -> None:
    before = running(backend)
    assert backend.up().started == ()
    assert running(backend) == before


def test_the_doctor_finds_nothing_wrong_and_asks_for_no_java(backend: EmbeddedBackend) -> None:
    findings = {finding.name: finding for finding in examine(backend)}
    assert len(findings) == len(EXAMINATIONS)
    assert [f for f in findings.values() if f.verdict == "wrong"] == []
    assert "needs none" in findings["Java"].cause


def test_records_go_out_and_come_back_through_the_real_clients(here: Stack) -> None:
    topic = here.unique("avro")
    here.create_topic(topic, partitions=3)
    text = '{"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"}]}'
    context = SerializationContext(topic, MessageField.VALUE)
    serialize = AvroSerializer(here.registry(), Schema(text, "AVRO"))
    deserialize = AvroDeserializer(here.registry())
    producer = here.producer()
    for number in range(30):
        producer.produce(topic, serialize({"n": number}, context), partition=number % 3)
    assert producer.flush(10) == 0
    came = [deserialize(message.value(), context)["n"] for message in here.read_topic(topic)]
    assert came == [n for rest in range(3) for n in range(rest, 30, 3)]


def test_a_group_reads_what_was_produced_and_goes_on_where_it_committed(here: Stack) -> None:
    here.create_topic(topic := here.unique("group"))
    produce(here, topic, b"one", b"two")
    for value in (b"one", b"two"):
        consumer = here.consumer(group_id=f"readers of {topic}")
        consumer.subscribe([topic])
        message = consumer.poll(20)
        assert message is not None
        assert message.value() == value
        consumer.commit(message, asynchronous=False)
        consumer.close()


def test_the_registry_refuses_what_breaks_readers_and_gives_guids(here: Stack) -> None:
    registry = here.registry()
    registry.register_schema("refusal-value", Schema('"string"', "AVRO"))
    assert registry.test_compatibility("refusal-value", Schema('"int"', "AVRO")) is False
    assert here.has("schema guids")


def test_a_kernel_that_only_gets_the_addresses_knows_what_it_talks_to(
    here: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", here.bootstrap_servers)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", here.schema_registry_url)
    same = stack.connect()
    assert same.capabilities == here.capabilities
    same.create_topic(topic := same.unique("by.address"), partitions=2)
    assert len(same.admin().list_topics(topic, timeout=5).topics[topic].partitions) == 2


# Its limits: each is a capability that is missing, or told here


def test_none_of_a_real_brokers_capabilities_is_promised(here: Stack) -> None:
    assert here.capabilities.isdisjoint(KAFKA)
    assert here.capabilities >= MOCK_CLUSTER
    with pytest.raises(CapabilityMissing, match=r"no transactions.*streamlab up --backend local"):
        here.require("transactions")


def test_limit_admin_topics_cannot_be_made_by_kafkas_own_request(here: Stack) -> None:
    assert not here.has(Capability.ADMIN)
    admin, began = here.admin(), time.monotonic()
    with pytest.raises(KafkaException) as refusal:
        admin.create_topics([NewTopic("never", 1)])["never"].result(timeout=20)
    assert refusal.value.args[0].code() == KafkaError._UNSUPPORTED_FEATURE
    assert time.monotonic() - began < 10, "refused at once, not after a time-out"


def test_limit_admin_a_topic_that_is_made_in_passing_has_four_partitions(here: Stack) -> None:
    topic = here.unique("in.passing")
    produce(here, topic, b"x")
    assert len(here.admin().list_topics(topic, timeout=5).topics[topic].partitions) == 4
    with pytest.raises(StreamlabError, match="has 4 partitions, not 1"):
        here.create_topic(topic)


def test_limit_topic_settings_are_refused_instead_of_ignored(here: Stack) -> None:
    with pytest.raises(CapabilityMissing, match=r"no topic settings.*--backend local"):
        here.create_topic(here.unique("with.settings"), config={"max.message.bytes": "1000"})


def test_limit_transactions_what_was_aborted_is_read_as_if_committed(here: Stack) -> None:
    here.create_topic(topic := here.unique("aborted"))
    producer = here.producer(transactional_id=here.unique("t"))
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(topic, b"aborted")
    producer.flush(10)
    producer.abort_transaction(10)
    assert [message.value() for message in here.read_topic(topic)] == [b"aborted"]


def test_limit_retention_a_partition_keeps_its_last_five_mebibytes(here: Stack) -> None:
    here.create_topic(topic := here.unique("full"))
    for _ in range(12):
        produce(here, topic, bytes(900_000))
    low, high = here.consumer().get_watermark_offsets(TopicPartition(topic, 0), timeout=5)
    assert high == 12
    assert (high - low) * 900_000 < 5 * 2**20 < (high - low + 1) * 900_000


def test_limit_compaction_every_value_of_a_key_stays(here: Stack) -> None:
    assert not here.has(Capability.COMPACTION)
    with pytest.raises(CapabilityMissing):
        here.create_topic(here.unique("compacted"), config={"cleanup.policy": "compact"})


def test_limit_offsets_by_time_none_is_found(here: Stack) -> None:
    here.create_topic(topic := here.unique("timed"))
    produce(here, topic, b"x")
    assert not here.has(Capability.OFFSETS_BY_TIME)
    [found] = here.consumer().offsets_for_times([TopicPartition(topic, 0, 0)], timeout=5)
    assert found.offset < 0, "a real broker gives 0"


def test_limit_durability_topics_and_schemas_go_with_the_processes(tmp_path: Path) -> None:
    backend = EmbeddedBackend(Layout(tmp_path / "s", tmp_path / "c"), recording_console())
    try:
        here = backend.up().stack
        here.create_topic("gone")
        here.registry().register_schema("gone-value", Schema('"string"', "AVRO"))
        assert backend.down() == ("broker", "registry")
        assert running(backend) == []
        again = backend.up().stack
        assert "gone" not in again.admin().list_topics(timeout=5).topics
        assert "gone-value" not in again.registry().get_subjects()
    finally:
        backend.down()


# Faults to order


def test_an_error_that_may_be_retried_is_never_heard_of(here: Stack) -> None:
    here.create_topic(topic := here.unique("retried"))
    with here.injection() as broker:
        broker.errors("Produce", "NOT_LEADER_FOR_PARTITION", times=3)
        assert produce(here, topic, b"x") == [None]
    assert [message.value() for message in here.read_topic(topic)] == [b"x"]


def test_an_error_that_may_not_be_retried_reaches_the_report_once(here: Stack) -> None:
    here.create_topic(topic := here.unique("refused"))
    with here.injection() as broker:
        broker.errors("Produce", "MSG_SIZE_TOO_LARGE")
        [refusal] = produce(here, topic, b"x")
        assert refusal is not None
        assert refusal.code() == KafkaError.MSG_SIZE_TOO_LARGE
        assert produce(here, topic, b"y") == [None]
    assert [message.value() for message in here.read_topic(topic)] == [b"y"]


def test_a_connection_that_is_closed_in_place_of_an_answer_is_a_network_error(here: Stack) -> None:
    here.create_topic(topic := here.unique("cut"))
    with here.injection() as broker:
        broker.disconnects("Produce", times=2)
        assert produce(here, topic, b"x") == [None], "the client connects again and sends again"
        broker.disconnects("Produce")
        [lost] = produce(here, topic, b"y", retries=0, enable_idempotence=False)
        assert lost is not None
        assert lost.code() == KafkaError._TRANSPORT
    assert [message.value() for message in here.read_topic(topic)] == [b"x"]


def test_several_errors_come_in_their_order(here: Stack) -> None:
    here.create_topic(topic := here.unique("in.order"))
    with here.injection() as broker:
        broker.errors("Produce", "TOPIC_AUTHORIZATION_FAILED", "MSG_SIZE_TOO_LARGE")
        codes = [produce(here, topic, b"x")[0] for _ in range(3)]
    assert [None if code is None else code.name() for code in codes] == [
        "TOPIC_AUTHORIZATION_FAILED",
        "MSG_SIZE_TOO_LARGE",
        None,
    ]


def test_errors_that_nobody_got_are_forgotten_at_the_end_of_the_block(here: Stack) -> None:
    here.create_topic(topic := here.unique("forgotten"))
    with here.injection() as broker:
        broker.errors("Produce", "MSG_SIZE_TOO_LARGE", times=50)
    assert produce(here, topic, b"x") == [None]


def test_a_delay_holds_answers_back_and_a_patient_client_gets_them(here: Stack) -> None:
    here.create_topic(topic := here.unique("slow"))
    with here.injection() as broker:
        broker.delay(0.4)
        began = time.monotonic()
        assert produce(here, topic, b"x") == [None]
        assert time.monotonic() - began >= 0.4


def test_a_broker_that_is_down_is_noticed_and_up_again_it_has_every_message(here: Stack) -> None:
    here.create_topic(topic := here.unique("down"))
    produce(here, topic, b"before")
    with here.injection() as broker:
        broker.down()
        with pytest.raises(StackUnavailable, match=r"broker at .* does not work"):
            here.check_health(timeout_seconds=1)
        [lost] = produce(here, topic, b"during", delivery_timeout_ms=600, request_timeout_ms=500)
        assert lost is not None
        broker.up()
        here.check_health()
    assert b"before" in [message.value() for message in here.read_topic(topic)]


def test_an_error_of_one_topic_leaves_the_others_alone(here: Stack) -> None:
    for topic in (ill := here.unique("ill"), well := here.unique("well")):
        here.create_topic(topic)
    with here.injection() as broker:
        broker.topic_error(ill, "TOPIC_AUTHORIZATION_FAILED")
        [refusal] = produce(here, ill, b"x", delivery_timeout_ms=1500, request_timeout_ms=1000)
        assert refusal is not None
        assert produce(here, well, b"x") == [None]
        broker.topic_error(ill, None)
    assert produce(here, ill, b"x") == [None]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (lambda broker: broker.errors("Produce", "NO_SUCH_ERROR"), "no error 'NO_SUCH_ERROR'"),
        (lambda broker: broker.errors("Produce", "_TRANSPORT"), "no error '_TRANSPORT'"),
        (lambda broker: broker.errors("Publish", "MSG_SIZE_TOO_LARGE"), "no request 'Publish'.*Produce"),
        (lambda broker: broker.errors("Produce"), "nothing to inject"),
        (lambda broker: broker.errors("Produce", "MSG_SIZE_TOO_LARGE", times=0), "nothing to inject"),
        (lambda broker: broker.disconnects("Produce", times=0), "nothing to inject"),
        (lambda broker: broker.control.call("no_such_call"), "does not understand 'no_such_call'"),
        (lambda broker: broker.control.call("set_delay", seconds=1), "does not understand 'set_delay'"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_the_broker_lives(
    here: Stack, order: Callable[[Any], None], said: str
) -> None:
    with here.injection() as broker, pytest.raises(StreamlabError, match=said):
        order(broker)
    here.check_health()


def test_a_real_broker_takes_no_orders() -> None:
    real = Stack("local", "127.0.0.1:1", "http://127.0.0.1:1", KAFKA)
    with pytest.raises(CapabilityMissing, match=r"no error injection.*--backend embedded"):
        real.injection()


# Broken, and mended


@pytest.mark.faults
@pytest.mark.parametrize("part", ["broker", "registry"])
def test_both_parts_are_made_anew_when_one_is_killed(tmp_path: Path, part: str) -> None:
    backend = EmbeddedBackend(Layout(tmp_path / "s", tmp_path / "c"), recording_console())
    try:
        backend.up()
        end(process_of(backend, part))
        assert backend.status().part(part).state is State.DEAD
        with pytest.raises(StackUnavailable, match=rf"The {part} has died.*streamlab up"):
            backend.connect()
        assert backend.up().started == ("broker", "registry")
        assert "is started again with the" in said(backend)
        assert len(running(backend)) == 2
    finally:
        backend.down()
    assert running(backend) == []


@pytest.mark.faults
def test_a_frozen_broker_is_seen_and_ended(tmp_path: Path) -> None:
    backend = EmbeddedBackend(Layout(tmp_path / "s", tmp_path / "c"), recording_console())
    backend.up()
    freeze(process_of(backend, "broker"))
    assert backend.status().part("broker").state is State.UNRESPONSIVE
    backend.down()
    assert running(backend) == []


# The library and the channel


@pytest.mark.parametrize(
    ("module", "library"),
    [
        ("confluent_kafka/cimpl.so", "confluent_kafka.libs/librdkafka-0cb94173.so.1"),
        ("confluent_kafka/cimpl.so", "confluent_kafka/.dylibs/librdkafka.1.dylib"),
        ("confluent_kafka/cimpl.pyd", "confluent_kafka.libs/librdkafka-5d.dll"),
        ("confluent_kafka/cimpl.pyd", "confluent_kafka/rdkafka.dll"),
    ],
)
def test_the_library_is_looked_for_where_each_kind_of_wheel_has_it(
    tmp_path: Path, module: str, library: str
) -> None:
    (tmp_path / library).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / library).touch()
    assert tmp_path / library in list(librdkafka.candidates(tmp_path / module))


def test_a_client_without_the_mock_cluster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(librdkafka, "candidates", lambda _module: iter([Path("/no/such/library.so")]))
    with pytest.raises(StreamlabError, match=r"does not offer.*mock cluster.*--backend local"):
        EmbeddedBackend(Layout.here()).provide()


def test_a_cluster_says_its_version_and_listens_on_loopback() -> None:
    cluster = MockCluster()
    assert cluster.version == confluent_kafka.libversion()[0]
    assert cluster.bootstrap_servers.startswith("127.0.0.1:")


def test_errors_are_named_as_in_the_protocol() -> None:
    assert error_code("NOT_LEADER_FOR_PARTITION") == 6
    for name in ("_ALL_BROKERS_DOWN", "str", "lower_case"):
        with pytest.raises(StreamlabError):
            error_code(name)


def test_the_control_channel_is_found_in_a_topics_name_or_not_at_all(here: Stack) -> None:
    assert port_in(["a", f"{TOPIC_PREFIX}4711"]) == 4711
    assert port_in(["a", f"{TOPIC_PREFIX}x"]) is None
    assert Control.of(here.bootstrap_servers).url.startswith("http://127.0.0.1:")
    with pytest.raises(StackUnavailable, match="does not answer"):
        Control.of("127.0.0.1:1")
