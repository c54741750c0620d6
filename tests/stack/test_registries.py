"""The local backend's two registries: which one runs, what a change means, and what each of them keeps."""

import json

import pytest
from breaking import command, end, process_of, running, said
from confluent_kafka.schema_registry import Schema

from streamlab.stack import Capability, Stack, StackUnavailable, State, records
from streamlab.stack.course_registry import TOPIC, CourseRegistry, topic_on_a_given_broker
from streamlab.stack.health import check_registry
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind
from streamlab.stack.records import Choice, Record
from streamlab.stack.registry_http import ask
from streamlab.stack.registry_process import wait_for_broker

pytestmark = pytest.mark.usefixtures("no_given_addresses")

PORTS = {"client": 8081}


def schema(number: int) -> Schema:
    return Schema(json.dumps({"type": "fixed", "name": f"Kept{number}", "size": 8}), "AVRO")


def text_of(here: Stack, schema_id: int) -> str:
    """The registered text, with white space as ours has it."""
    return json.dumps(json.loads(here.registry().get_schema(schema_id).schema_str or "null"))


def test_apicurios_files_are_needed_only_where_it_was_chosen(layout: Layout) -> None:
    default, other = LocalBackend(layout), LocalBackend(layout, registry=RegistryKind.APICURIO)
    assert sum(a.size for a in default.needed) < 50_000_000
    extra = {a.artifact for a in other.needed} - {a.artifact for a in default.needed}
    assert extra == {"apicurio-registry-app"}


def test_the_registry_of_last_time_is_taken_unless_another_is_asked_for(layout: Layout) -> None:
    assert LocalBackend(layout).components[1].kind == "streamlab"
    records.write(layout, {}, Choice("local", "apicurio"))
    assert LocalBackend(layout).components[1].kind == "apicurio"
    assert LocalBackend(layout, registry=RegistryKind.STREAMLAB).components[1].kind == "streamlab"


def test_a_remembered_registry_that_nobody_knows_is_as_good_as_none(layout: Layout) -> None:
    records.write(layout, {}, Choice("local", "of the future"))
    assert LocalBackend(layout).components[1].kind == "streamlab"


def test_the_courses_registry_gives_guids_and_apicurio_does_not(layout: Layout) -> None:
    assert Capability.SCHEMA_GUIDS in LocalBackend(layout).components[1].capabilities
    apicurio = LocalBackend(layout, registry=RegistryKind.APICURIO).components[1]
    assert Capability.SCHEMA_GUIDS not in apicurio.capabilities


def test_a_shared_broker_keeps_its_own_schemas_topic(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another registry may write to `_schemas` there; two that do not know each other would damage it."""
    ours = CourseRegistry().prepare(layout, PORTS).arguments
    assert ours[-2:] == ["--topic", TOPIC]
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    shared = CourseRegistry().prepare(layout, PORTS).arguments
    assert shared[2:] == ["--broker", "kafka.example:9092", "--topic", topic_on_a_given_broker(layout)]
    elsewhere = Layout(layout.state / "other", layout.cache)
    assert len({TOPIC, topic_on_a_given_broker(layout), topic_on_a_given_broker(elsewhere)}) == 3


def test_a_registry_without_a_broker_gives_up_and_says_why(layout: Layout) -> None:
    with pytest.raises(StackUnavailable, match="no broker is recorded"):
        wait_for_broker(layout, timeout_seconds=0.1)
    records.write(layout, {"broker": Record("Kafka", "127.0.0.1:1", {})})
    with pytest.raises(StackUnavailable, match=r"found no broker .*Local: Broker transport failure"):
        wait_for_broker(layout, timeout_seconds=0.1)


@pytest.mark.stack
def test_the_registrys_log_is_a_compacted_topic_that_any_client_can_read(live_stack: Stack) -> None:
    subject = live_stack.unique("logged-value")
    schema_id = live_stack.registry().register_schema(subject, schema(1))
    found = [json.loads(m.value() or b"null") for m in live_stack.read_topic(TOPIC)]
    assert schema_id in [entry.get("id") for entry in found if entry and entry.get("subject") == subject]


@pytest.mark.faults
def test_a_change_of_registry_is_said_and_neither_loses_its_schemas(breakable: LocalBackend) -> None:
    here = breakable.up().stack
    first = here.registry().register_schema("kept-value", schema(1))
    assert here.has("schema guids")
    said(breakable)

    breakable.registry = RegistryKind.APICURIO
    report = breakable.up()
    assert report.started == ("registry",)
    assert report.stack.schema_registry_url.endswith("/apis/ccompat/v7")
    assert not report.stack.has("schema guids")
    assert "carry ids of streamlab, which apicurio does not know" in said(breakable)
    assert "kept-value" not in report.stack.registry().get_subjects()

    breakable.down()
    breakable.registry = None
    assert breakable.registry_kind is RegistryKind.APICURIO, "the choice outlives `down`"
    breakable.registry = RegistryKind.STREAMLAB
    again = breakable.up().stack
    assert "carry ids of apicurio" in said(breakable)
    assert text_of(again, first) == schema(1).schema_str
    assert breakable.up().started == ()
    assert said(breakable) == ""
    assert len(running(breakable)) == 3


@pytest.mark.faults
def test_the_choice_is_an_option_of_the_command(breakable: LocalBackend) -> None:
    with command(breakable.layout.state, "up", "--registry", "apicurio") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "/apis/ccompat/v7" in output
    assert breakable.status().part("registry").product.startswith("Apicurio")
    assert breakable.up().started == ()


@pytest.mark.faults
def test_a_registry_that_is_killed_while_it_is_written_to_forgets_nothing(breakable: LocalBackend) -> None:
    registry = breakable.up().stack.registry()
    given = {registry.register_schema(f"kept.{n}", schema(n)): n for n in range(10)}
    end(process_of(breakable, "registry"))
    assert breakable.status().part("registry").state is State.DEAD
    assert breakable.up().started == ("registry",)
    again = breakable.connect()
    assert {i: text_of(again, i) for i in given} == {i: schema(n).schema_str for i, n in given.items()}
    new = again.registry().register_schema("kept.new", schema(99))
    assert new == max(given) + 1, "it writes, and reuses no id"


@pytest.mark.faults
def test_a_broker_that_was_made_anew_gets_a_registry_without_old_schemas(breakable: LocalBackend) -> None:
    """What the registry remembered of a log that is gone would contradict the new one."""
    here = breakable.up().stack
    here.registry().register_schema("lost-value", schema(1))
    end(process_of(breakable, "broker"))
    (breakable.layout.data("broker") / "meta.properties").unlink()
    assert breakable.up().started == ("broker", "registry")
    assert "was damaged" in said(breakable)
    assert "lost-value" not in breakable.connect().registry().get_subjects()


@pytest.mark.faults
def test_a_log_that_cannot_hold_a_registry_is_named(breakable: LocalBackend) -> None:
    breakable.registry = RegistryKind.APICURIO
    breakable.up().stack.create_topic(TOPIC, partitions=3)
    breakable.registry = RegistryKind.STREAMLAB
    with pytest.raises(StackUnavailable, match=r"_schemas has 3 partitions"):
        breakable.up()


@pytest.mark.faults
@pytest.mark.stack
def test_a_registry_of_ours_beside_a_shared_broker_keeps_its_log_there(
    live_stack: Stack, breakable: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", live_stack.bootstrap_servers)
    report = breakable.up()
    assert report.started == ("registry", "store")
    report.stack.registry().register_schema("apart-value", schema(1))
    topics = live_stack.admin().list_topics(timeout=5).topics
    assert topic_on_a_given_broker(breakable.layout) in topics
    assert "apart-value" not in live_stack.registry().get_subjects()


@pytest.mark.stack
def test_a_registry_that_was_told_to_take_nothing_is_named_with_what_helps(live_stack: Stack) -> None:
    url = live_stack.schema_registry_url
    ask("PUT", f"{url}/mode", 5, {"mode": "READONLY"}).raise_for_status()
    try:
        with pytest.raises(StackUnavailable, match=r"registers nothing .*read.only.*/mode"):
            check_registry(url, 5)
    finally:
        ask("PUT", f"{url}/mode", 5, {"mode": "READWRITE"}).raise_for_status()
    check_registry(url, 5)
