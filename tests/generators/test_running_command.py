"""`streamlab generate`: topics and schemas are made and told, every event is accounted for."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from typer.testing import CliRunner, Result

from streamlab.command_options import seconds_of
from streamlab.errors import StreamlabError
from streamlab.generators import World, commands, stream
from streamlab.paths import PROJECT
from streamlab.stack import Stack
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.environment import VARIABLES
from streamlab.stack.layout import Layout

COMMAND_LINE = """
import typer
from streamlab.generators import commands
app = typer.Typer()
app.callback()(lambda: None)
commands.add_to(app)
app()
"""


def generate(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.add_to(app)
    return CliRunner().invoke(app, ["generate", *arguments])


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An embedded stack that the command finds by its addresses."""
    folder = tmp_path_factory.mktemp("generate")
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        backend = EmbeddedBackend(Layout(folder / "s", folder / "c"))
        here = backend.up().stack
        patch.setenv("KAFKA_BOOTSTRAP_SERVERS", here.bootstrap_servers)
        patch.setenv("SCHEMA_REGISTRY_URL", here.schema_registry_url)
        yield here
        patch.undo()
        backend.down()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stream", "payments"], "no stream 'payments'"),
        (["--rate", "0"], "Give --count"),
        (["--rate", "0", "--seconds", "3"], "Give --count"),
        (["--late", "two"], "--late two is no share"),
        (["--late", "120%"], "from 0 to 100 %"),
        (["--fraud", "x%"], "--fraud x% is no share"),
        (["--max-disorder", "inf"], "5s, 250ms"),
        (["--start", "yesterday"], "--start yesterday is no time"),
        (["--fraud", "90%"], "fraud_share is 0.9"),
    ],
)
def test_arguments_that_make_no_sense_are_one_sentence(arguments: list[str], said: str) -> None:
    result = generate(*arguments)
    assert isinstance(result.exception, StreamlabError)
    assert said in str(result.exception)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5.0), ("500ms", 0.5), ("5", 5.0), (" 0.25s ", 0.25), ("0", 0.0), ("2h", 7_200.0)],
)
def test_durations_are_written_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("text", "share"), [("2%", 0.02), ("0.02", 0.02), ("0", 0.0), ("100 %", 1.0)])
def test_shares_are_written_as_people_write_them(text: str, share: float) -> None:
    assert commands._share("--late", text) == pytest.approx(share)


def test_a_start_without_a_zone_is_in_utc() -> None:
    assert commands._milliseconds("2026-01-05T10:00:00") == 1_767_607_200_000
    assert commands._milliseconds("2026-01-05T11:00:00+01:00") == 1_767_607_200_000
    assert commands._iso(1_767_607_200_123) == "2026-01-05T10:00:00.123Z"


# On the embedded broker


@pytest.mark.slow
def test_a_first_run_makes_topic_and_schema_and_a_second_one_finds_them(embedded: Stack) -> None:
    topic = embedded.unique("first")
    first = generate("--count", "300", "--rate", "0", "--topic", topic)
    assert first.exit_code == 0, first.output
    assert f"Topic {topic} was made, with 24 partitions." in first.output
    assert f"Registered v1, v2, v3 of {topic}-value" in first.output
    assert "300  delivered" in first.output
    assert "by partition" in first.output
    second = generate("--count", "10", "--rate", "0", "--topic", topic)
    assert f"Topic {topic} is there" in second.output
    assert f"{topic}-value v3 is registered" in second.output
    assert "Registered" not in second.output
    assert len(embedded.registry().get_versions(f"{topic}-value")) == 3


@pytest.mark.slow
def test_json_is_one_object_on_stdout_and_people_are_told_on_stderr(embedded: Stack) -> None:
    result = generate("--count", "50", "--rate", "5000", "--stream", "click", "--json")
    told: dict[str, Any] = json.loads(result.stdout)
    assert (told["ok"], told["sent"], told["delivered"], told["failed"]) == (True, 50, 50, 0)
    assert sum(told["by_partition"].values()) == 50
    assert told["world"]["seed"] == 7
    assert "Topic click.events" in result.stderr


@pytest.mark.slow
def test_a_run_can_be_repeated_by_its_start_and_event_for_event(embedded: Stack) -> None:
    world = ["--start", "2026-01-05T10:00:00Z", "--seed", "3", "--users", "50", "--payments-per-second", "20"]
    topics = [embedded.unique("again") for _ in range(2)]
    for topic in topics:
        assert generate(*world, "--count", "200", "--rate", "0", "--topic", topic).exit_code == 0
    contents = [
        [(m.key(), (m.value() or b"")[5:], m.timestamp(), m.partition()) for m in embedded.read_topic(topic)]
        for topic in topics
    ]
    assert contents[0] == contents[1], "but for the ids of the schemas"
    assert len(contents[0]) == 200


@pytest.mark.slow
def test_what_the_broker_refuses_is_shown_with_its_reason_and_the_exit_code_is_1(embedded: Stack) -> None:
    topic = embedded.unique("refused")
    generate("--count", "1", "--rate", "0", "--topic", topic)
    with embedded.injection() as broker:
        broker.errors("Produce", "TOPIC_AUTHORIZATION_FAILED", times=10_000)
        result = generate("--count", "20", "--rate", "0", "--topic", topic)
    assert result.exit_code == 1
    assert "20  failed: 20 TOPIC_AUTHORIZATION_FAILED" in result.output
    assert result.output.count("Undelivered: key card-") == 3


@pytest.mark.slow
def test_a_topic_with_another_number_of_partitions_is_not_written_to(embedded: Stack) -> None:
    embedded.create_topic(topic := embedded.unique("narrow"), partitions=3)
    result = generate("--count", "1", "--rate", "0", "--topic", topic)
    assert isinstance(result.exception, StreamlabError)
    assert "has 3 partitions, not 24" in str(result.exception)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_run_in_order_with_its_account(embedded: Stack, tmp_path: Path, number: int) -> None:
    topic = embedded.unique("stopped")
    arguments = ["--rate", "200", "--seconds", "600", "--json", "--topic", topic]
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND_LINE, "generate", *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT), "STREAMLAB_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    next(line for line in process.stderr if "--start" in line)
    while not embedded.read_topic(topic):
        time.sleep(0.05)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    told = json.loads(out)
    assert process.returncode == 0
    assert told["stopped"]
    assert told["sent"] == told["delivered"] == len(embedded.read_topic(topic)) > 0


# On Kafka


@pytest.mark.stack
def test_what_is_sent_is_what_the_world_holds_and_every_reader_can_read_it(
    live_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", live_stack.bootstrap_servers)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", live_stack.schema_registry_url)
    topic = live_stack.unique("txn.events")
    result = generate("--count", "500", "--rate", "2000", "--seed", "9", "--json", "--topic", topic)
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    source = stream("txn", World(**told["world"]))
    deserialize = AvroDeserializer(live_stack.registry())
    context = SerializationContext(topic, MessageField.VALUE)
    came = {}
    for message in live_stack.read_topic(topic):
        event = deserialize(message.value(), context)
        event["event_time"] = round(event["event_time"].timestamp() * 1_000)
        assert message.timestamp() == (1, event["event_time"])
        assert message.key() == source.key(event).encode()
        assert message.partition() == source.partition(source.key(event))
        came[event["txn_id"]] = event
    assert came == {event["txn_id"]: event for event in source.events(0, 500)}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--payments-per-second", "0", "payments_per_second is 0"),
        ("--topic", "", "--topic is empty"),
        ("--start", "1969-12-31T23:59:59Z", "before 1970 or from the future"),
        ("--start", "9999-12-31T23:59:59Z", "before 1970 or from the future"),
        ("--max-disorder", "inf", "is no duration"),
        ("--max-disorder", "99h", "max_disorder_seconds is 356400"),
        ("--max-disorder", "-5s", "is no duration"),
    ],
)
def test_nothing_else_is_taken_for_a_value_that_makes_no_sense(option: str, value: str, said: str) -> None:
    refused = generate("--count", "5", option, value)
    assert isinstance(refused.exception, StreamlabError)
    assert said in str(refused.exception)
