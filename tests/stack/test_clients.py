"""Every client of the course comes from one factory: bounded in time, silent in a cell, unique to the run."""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from breaking import wait_until
from confluent_kafka import TopicPartition
from confluent_kafka.schema_registry import Schema

from streamlab.errors import StreamlabError
from streamlab.stack import Capability, CapabilityMissing, Stack, StackUnavailable
from streamlab.stack.client_logs import client_logger
from streamlab.stack.client_settings import dotted
from streamlab.stack.health import SUBJECT, TOPIC
from streamlab.stack.layout import Layout
from streamlab.stack.proxies import reach_loopback_directly

NOWHERE = Stack("local", "127.0.0.1:1", "http://127.0.0.1:1", frozenset({Capability.ADMIN}))


def test_names_are_unique_to_each_call_and_start_with_what_was_asked() -> None:
    names = {NOWHERE.unique("txn.events") for _ in range(1000)}
    assert len(names) == 1000
    assert all(name.startswith("txn.events.") for name in names)


def test_a_missing_capability_is_one_sentence_with_what_helps() -> None:
    assert NOWHERE.has("admin")
    NOWHERE.require(Capability.ADMIN)
    with pytest.raises(CapabilityMissing, match=r"no schema guids.*streamlab up --registry streamlab"):
        NOWHERE.require("schema guids")


def test_a_capability_that_nobody_knows_is_a_mistake_of_the_author() -> None:
    with pytest.raises(ValueError, match="telepathy"):
        NOWHERE.has("telepathy")


@pytest.mark.parametrize("group", ["", " ", None])
def test_a_group_without_a_name_is_refused_before_the_client_ends_the_process(group: str | None) -> None:
    with pytest.raises(StreamlabError, match="consumer group is blank"):
        NOWHERE.consumer(group_id=group)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("nonsense", 1, "No such configuration property"),
        ("session_timeout_ms", "soon", "session.timeout.ms"),
        ("session_timeout_ms", -1, "session.timeout.ms"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_sentence(setting: str, value: object, said: str) -> None:
    with pytest.raises(StreamlabError, match=f"takes no such settings: .*{said}"):
        NOWHERE.consumer(**{setting: value})


def test_a_producer_says_the_same_of_its_settings() -> None:
    with pytest.raises(StreamlabError, match="takes no such settings: Invalid value"):
        NOWHERE.producer(acks="many")


@pytest.mark.parametrize("partitions", [0, -1, 10**12, 1.5, "3", None])
def test_a_number_of_partitions_that_is_none_makes_no_topic(partitions: Any) -> None:
    with pytest.raises(StreamlabError, match="Give a whole number from 1 to 10,000"):
        NOWHERE.create_topic("txn.events", partitions)


@pytest.mark.parametrize("topic", ["", None, 7])
def test_what_is_no_name_of_a_topic_is_neither_made_nor_read(topic: Any) -> None:
    for asked in (NOWHERE.create_topic, NOWHERE.read_topic):
        with pytest.raises(StreamlabError, match="is no name of a topic"):
            asked(topic)


def test_fewer_messages_than_none_cannot_be_read() -> None:
    with pytest.raises(StreamlabError, match="-1 messages cannot be read"):
        NOWHERE.read_topic("txn.events", max_messages=-1)


def test_keyword_arguments_become_kafkas_settings() -> None:
    assert dotted({"linger_ms": 5, "on_delivery": print}) == {"linger.ms": 5, "on_delivery": print}


def test_fewer_acknowledgements_switch_idempotence_off_instead_of_failing() -> None:
    NOWHERE.producer(acks="1")
    with pytest.raises(StreamlabError, match="acks"):
        NOWHERE.producer(acks="1", enable_idempotence=True)


def test_an_absent_broker_is_one_sentence_within_seconds() -> None:
    with pytest.raises(StackUnavailable, match=r"broker at 127\.0\.0\.1:1 .*streamlab up"):
        NOWHERE.check_health(timeout_seconds=0.5)
    with pytest.raises(StackUnavailable, match="could not be read"):
        NOWHERE.read_topic("any", timeout_seconds=0.5)


def test_the_logs_of_clients_go_to_a_file_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path))
    producer = NOWHERE.producer(log_level=7, debug="broker")
    file = Layout.here().log("clients")
    wait_until(lambda: producer.poll(0.05) == 0 and file.exists() and "rdkafka" in file.read_text())
    assert capfd.readouterr() == ("", "")
    assert not logging.getLogger("streamlab.clients").propagate


def test_the_log_follows_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path / name))
        client_logger().warning("written for %s", name)
    assert (tmp_path / "one/logs/clients.log").read_text().count("written") == 1
    assert (tmp_path / "other/logs/clients.log").read_text().count("written") == 1


def test_a_proxy_is_kept_away_from_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.delenv("no_proxy", raising=False)
    reach_loopback_directly("http://127.0.0.1:8081")
    assert os.environ["NO_PROXY"] == "intranet.example,127.0.0.1"
    reach_loopback_directly("http://registry.example")
    assert "registry.example" not in os.environ["NO_PROXY"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x"])
def test_a_proxy_that_no_client_can_use_does_not_matter_on_loopback(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.delenv("no_proxy", raising=False)
    Stack("local", "127.0.0.1:1", "http://127.0.0.1:1", frozenset()).registry()
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intranet.example,127.0.0.1"


@pytest.mark.stack
def test_what_is_produced_is_read_back_in_order_of_partition_and_offset(live_stack: Stack) -> None:
    topic = live_stack.unique("numbers")
    live_stack.create_topic(topic, partitions=3)
    producer = live_stack.producer()
    for number in range(30):
        producer.produce(topic, value=str(number).encode(), partition=number % 3)
    assert producer.flush(10) == 0
    messages = live_stack.read_topic(topic)
    expected = [str(n).encode() for rest in range(3) for n in range(rest, 30, 3)]
    assert [message.value() for message in messages] == expected
    assert [message.value() for message in live_stack.read_topic(topic, max_messages=4)] == expected[:4]


@pytest.mark.stack
def test_messages_of_an_aborted_transaction_at_the_end_do_not_hold_the_reading_up(live_stack: Stack) -> None:
    topic = live_stack.unique("transactions")
    live_stack.create_topic(topic)
    producer = live_stack.producer(transactional_id=live_stack.unique("t"))
    producer.init_transactions(10)
    for value, end in ((b"kept", producer.commit_transaction), (b"dropped", producer.abort_transaction)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush(10)
        end(10)
    assert [message.value() for message in live_stack.read_topic(topic)] == [b"kept"]


@pytest.mark.stack
def test_an_empty_topic_is_read_at_once_and_an_absent_one_is_named(live_stack: Stack) -> None:
    topic = live_stack.unique("empty")
    live_stack.create_topic(topic)
    assert live_stack.read_topic(topic) == []
    with pytest.raises(StreamlabError, match=r"There is no topic never\.made.*create_topic"):
        live_stack.read_topic("never.made")


@pytest.mark.stack
def test_making_the_same_topic_again_is_fine_and_another_shape_is_not(live_stack: Stack) -> None:
    topic = live_stack.unique("twice")
    live_stack.create_topic(topic, partitions=2)
    live_stack.create_topic(topic, partitions=2)
    with pytest.raises(StreamlabError, match="has 2 partitions, not 3"):
        live_stack.create_topic(topic, partitions=3)


@pytest.mark.stack
def test_a_setting_that_the_broker_refuses_is_one_sentence(live_stack: Stack) -> None:
    with pytest.raises(StreamlabError, match=r"could not be made.*[Uu]nknown topic config"):
        live_stack.create_topic(live_stack.unique("odd"), config={"no.such.setting": "1"})


@pytest.mark.stack
def test_two_consumers_without_a_group_id_do_not_share_a_group(live_stack: Stack) -> None:
    topic = live_stack.unique("both")
    live_stack.create_topic(topic)
    producer = live_stack.producer()
    producer.produce(topic, b"for both")
    producer.flush(10)
    for _ in range(2):
        consumer = live_stack.consumer()
        consumer.subscribe([topic])
        message = consumer.poll(20)
        assert message is not None
        assert message.value() == b"for both"
        assert consumer.committed([TopicPartition(topic, 0)], timeout=10)[0].offset < 0
        consumer.close()


@pytest.mark.stack
def test_the_registry_refuses_what_breaks_readers_from_the_start(live_stack: Stack) -> None:
    registry = live_stack.registry()
    assert registry.get_compatibility() == "BACKWARD"
    subject = live_stack.unique("refusal-value")
    registry.register_schema(subject, Schema('"string"', "AVRO"))
    assert registry.test_compatibility(subject, Schema('"int"', "AVRO")) is False


@pytest.mark.stack
def test_health_leaves_one_topic_and_one_subject_that_speak_for_themselves(live_stack: Stack) -> None:
    for _ in range(2):
        live_stack.check_health()
    topics = [name for name in live_stack.admin().list_topics(timeout=5).topics if "health" in name]
    subjects = [name for name in live_stack.registry().get_subjects() if "health" in name]
    assert (topics, subjects) == ([TOPIC], [SUBJECT])
