"""`streamlab process` and `streamlab dlq` as a person uses them."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest
from processor_runs import PATIENCE_SECONDS, Load, read_all
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from streamlab import cli
from streamlab.generators import World, stream
from streamlab.processor.dead_letter import ATTEMPTS, Reason, headers_of, text_of
from streamlab.stack import Capability, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

MAIN = [sys.executable, "-c", "from streamlab.cli import main; main()"]
EVENTS = 2_000


def said(*arguments: str) -> str:
    """What a command prints; it has to end well."""
    result = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "250"}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def process(load: Load, *arguments: str) -> dict[str, Any]:
    command = ["process", "--topic", load.topic, "--group", load.topic, "--no-store", "--json"]
    figures: dict[str, Any] = json.loads(said(*command, "--until-idle", "0.5", *arguments))
    return figures


@pytest.fixture(scope="module")
def load(live_stack: Stack) -> Load:
    """Events of which some are wrong in each way that there is, processed."""
    load = Load(live_stack, seed=41, events=EVENTS, poison_every=50)
    load.produce()
    key, _, timestamp = load._records[1]
    generated = stream("txn", World(seed=41, users=400), late_share=0.02, max_disorder_seconds=5)
    no_amount = load.framed({**generated.event(1), "amount": float("nan")})
    next_year = load.framed({**generated.event(1), "event_time": timestamp + 365 * 86_400_000})
    producer = live_stack.producer()
    producer.produce(load.topic, key=key, value=next_year, timestamp=timestamp)
    producer.produce(load.topic, key=key, value=no_amount, timestamp=timestamp)
    producer.produce(load.topic, key=key, value=None, timestamp=timestamp)
    assert producer.flush(20) == 0
    return load


@pytest.fixture(scope="module")
def dead(load: Load) -> dict[str, int]:
    """Dead letters by reason, as the processor counted them."""
    figures = process(load)
    assert (
        figures["in"]
        == EVENTS + 3
        == figures["out"] + sum(figures["dead_letters"].values()) + figures["waiting"]
    )
    assert set(figures["dead_letters"]) == set(Reason)
    counted: dict[str, int] = figures["dead_letters"]
    return counted


def test_show_lists_every_letter_with_the_bytes_of_its_message(load: Load, dead: dict[str, int]) -> None:
    letters = [json.loads(line) for line in said("dlq", "show", "--topic", load.topic, "--json").splitlines()]
    assert Counter(letter["reason"] for letter in letters) == dead
    log = {(m.partition(), m.offset()): m for m in read_all(load.stack, load.topic)}
    ids = {"unknown id": 0xFFFF, "not framed": None}
    for letter in letters:
        message = log[letter["partition"], letter["offset"]]
        value = message.value()
        assert letter["value"] == (None if value is None else value.hex())  # type: ignore[union-attr]
        assert letter["key"].encode() == message.key()
        assert (letter["topic"], letter["attempts"]) == (load.topic, 0)
        assert letter["schema_id"] == ids.get(letter["reason"], load.schema_id)


def test_show_counts_by_reason_and_lists_the_last(load: Load, dead: dict[str, int]) -> None:
    table = said("dlq", "show", "--topic", load.topic)
    for reason, count in dead.items():
        row = next(line for line in table.splitlines() if load.topic in line and f" {reason} " in line)
        assert f" {count} " in row
    one = said("dlq", "show", "--topic", f"dlq.{load.topic}", "--reason", "rule broken")
    assert "amount_not_finite" in one
    assert "late" not in one


def test_what_was_late_can_be_put_elsewhere_as_it_was(load: Load, dead: dict[str, int]) -> None:
    target = f"{load.topic}.late"
    load.stack.create_topic(target, 2, {"retention.ms": "-1"})
    assert f"late: {dead['late']} put back to {target}" in said(
        "dlq", "replay", "--topic", load.topic, "--reason", "late", "--to", target, "--apply"
    )
    log = {(m.key(), m.value(), m.timestamp()[1]) for m in read_all(load.stack, load.topic)}
    came = read_all(load.stack, target)
    assert len(came) == dead["late"]
    for message in came:
        assert (message.key(), message.value(), message.timestamp()[1]) in log
        assert headers_of(message) == [(ATTEMPTS, b"1")]


def test_a_place_that_is_not_there_is_made_for_what_is_put_back(load: Load, dead: dict[str, int]) -> None:
    target = load.stack.unique("made")
    replay = ["dlq", "replay", "--topic", load.topic, "--reason", "late", "--to", target, "--apply"]
    assert f"late: {dead['late']} put back to {target}" in said(*replay)
    assert len(read_all(load.stack, target)) == dead["late"]


def test_replaying_does_nothing_until_told_and_nothing_twice_and_attempts_are_counted(
    load: Load, dead: dict[str, int]
) -> None:
    replay = ["dlq", "replay", "--topic", load.topic, "--reason", "undecodable"]
    before, count = len(read_all(load.stack, load.topic)), dead["undecodable"]
    dry = said(*replay)
    assert f"undecodable: {count} would be put back to {load.topic}" in dry
    assert "Nothing was done" in dry
    assert len(read_all(load.stack, load.topic)) == before
    assert f"undecodable: {count} put back to {load.topic}" in said(*replay, "--apply")
    assert said(*replay, "--apply") == "There is nothing to put back.\n"
    assert said(*replay) == "There is nothing to put back.\n"
    assert len(read_all(load.stack, load.topic)) == before + count
    again = process(load)
    assert (again["in"], again["dead_letters"]) == (count, {"undecodable": count})
    letters = read_all(load.stack, f"dlq.{load.topic}")
    assert Counter(text_of(letter, ATTEMPTS) for letter in letters)["1"] == count
    # They failed again: they may be tried again, the first ones not.
    assert f"undecodable: {count} put back" in said(*replay, "--apply")
    assert Counter(text_of(m, ATTEMPTS) for m in read_all(load.stack, load.topic)) == {
        "": before, "1": count, "2": count
    }  # fmt: skip


def metrics(url: httpx.URL) -> dict[str, float]:
    """What is served now."""
    return {
        "/".join((sample.name.removeprefix("streamlab_processor_"), *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(httpx.get(url).text)
        for sample in family.samples
    }


def test_sigterm_ends_it_in_order_with_everything_committed(live_stack: Stack) -> None:
    load = Load(live_stack, seed=42, events=EVENTS)
    load.produce()
    command = ["process", "--topic", load.topic, "--group", load.topic, "--guarantee", "exactly-once"]
    command += ["--out", load.out, "--no-store", "--json", "--metrics-port", "0"]
    with subprocess.Popen(
        [*MAIN, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        said, address = child.stderr.readline().split()
        assert said == "Metrics:"
        url = httpx.URL(address)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while metrics(url).get("events_total/in") != EVENTS:
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        found = metrics(url)
        with socket.socket() as elsewhere, pytest.raises(ConnectionRefusedError):
            elsewhere.connect(("127.0.0.2", url.port))
        child.send_signal(signal.SIGTERM)
        stdout, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 0, stderr
    figures = json.loads(stdout)
    assert figures["in"] == EVENTS == sum(load.committed().values())
    assert figures["out"] + figures["dead_letters"]["late"] + figures["waiting"] == EVENTS
    assert found["events_total/out"] == figures["out"] == len(read_all(live_stack, load.out))
    assert found["events_total/late"] == figures["dead_letters"]["late"]
    assert found["buffered_events"] == figures["waiting"]
    assert sum(value for name, value in found.items() if name.startswith("lag/")) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["process", "--topic", "nowhere"], "There is no topic nowhere."),
        (["process", "--guarantee", "auto-commit"], "There is no guarantee 'auto-commit'."),
        (["process", "--job", "shop"], "There is no job 'shop'."),
        (["process", "--lateness", "soon"], "'soon' is no duration."),
        (["process", "--broker-timeout", "1ms"], "The broker may be away for 1 s to a day."),
        (["dlq", "show", "--topic", "nowhere"], "There is no topic dlq.nowhere."),
        (["dlq", "show", "--reason", "bored"], "There is no reason 'bored'."),
        (["dlq", "replay", "--topic", "nowhere", "--apply"], "There is no topic dlq.nowhere."),
    ],
)
@pytest.mark.usefixtures("live_stack")
def test_what_cannot_be_is_one_sentence_and_exit_code_1(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["streamlab", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    stdout, stderr = capsys.readouterr()
    assert stderr.startswith(sentence)
    assert stderr.count("\n") == 1
    assert stdout == ""


def test_without_redis_it_says_what_helps_and_that_it_can_go_without(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without = frozenset(load.stack.capabilities - {Capability.FEATURE_STORE})
    bare = replace(load.stack, redis_url=None, capabilities=without)
    monkeypatch.setattr("streamlab.stack.connect", lambda: bare)
    monkeypatch.setattr(sys, "argv", ["streamlab", "process", "--topic", load.topic, "--group", "bare"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    stderr = capsys.readouterr().err
    assert stderr.startswith("This stack has no feature store.")
    assert stderr.count("\n") == 1
