"""What cannot work is refused before anything is read, in one sentence with what to do."""

from pathlib import Path
from typing import Any

import pytest

from streamlab.command_options import seconds_of
from streamlab.errors import StreamlabError
from streamlab.processor import Guarantee, Processor, Settings, naming
from streamlab.stack import Stack


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"job": "cards"}, "no job 'cards'. There is: card, user."),
        ({"guarantee": "twice"}, "'twice' is not a valid guarantee"),
        ({"unknown_schema": "guess"}, "'guess' is not a valid"),
        ({"lateness_seconds": -1.0}, "lateness is from 0 s to a day"),
        ({"lateness_seconds": 86_400.0}, "lateness is from 0 s to a day"),
        ({"lateness_seconds": float("nan")}, "lateness is from 0 s to a day"),
        ({"max_batch": 0}, "A batch has 1 to 100000 messages"),
        ({"max_batch": 100_001}, "A batch has 1 to 100000 messages"),
        ({"broker_timeout_seconds": 0.0}, "broker may be away"),
        ({"broker_timeout_seconds": float("nan")}, "broker may be away"),
        ({"out": "txn.events"}, "would read its own features"),
        ({"topic": "a", "out": "dlq.a"}, "would read its own features"),
        ({"topic": "__consumer_offsets"}, "__consumer_offsets belongs to Kafka or to the registry"),
        ({"out": "_schemas"}, "_schemas belongs to Kafka or to the registry"),
    ],
)
def test_a_setting_that_cannot_work_is_one_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(StreamlabError, match=r"^[A-Z'_].*\. .*\.$") as error:
        Settings(**options)
    assert said.lower() in str(error.value).lower()
    assert "\n" not in str(error.value)


def test_the_processor_refuses_a_guarantee_that_there_is_not_in_one_sentence_too() -> None:
    nowhere = Stack("none", "127.0.0.1:1", "http://127.0.0.1:1", frozenset())
    with pytest.raises(StreamlabError, match="'twice' is not a valid guarantee"):
        Processor(nowhere, "card", "twice")


def test_what_is_left_out_follows_from_the_job() -> None:
    chosen = Settings(job="user")
    assert (chosen.topic, chosen.group, chosen.out) == ("click.events", "streamlab-user", "")
    assert chosen.dead_letter_topic == "dlq.click.events"
    once = Settings(guarantee=Guarantee("exactly-once"))
    assert (once.topic, once.group, once.out) == ("txn.events", "streamlab-card", "features.card")
    assert once.lateness_ms == 5_000


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5.0), ("5", 5.0), (" 250ms ", 0.25), ("1.5 m", 90.0), ("2h", 7_200.0)]
)
def test_a_duration_has_a_unit_or_is_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "5 days", "1e3", "nan"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(StreamlabError, match="Write 5s, 250ms or 1m"):
        seconds_of(text)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("state")
def test_a_processor_s_name_comes_back_and_no_two_living_ones_share_it() -> None:
    settings = Settings()
    with naming.claim(settings) as first:
        with naming.claim(settings) as second:
            assert first != second
        with naming.claim(Settings(group="another")) as other:
            assert other == first
    with naming.claim(settings) as again:
        assert again == first
    with naming.claim(Settings(instance="mine")) as given:
        assert given == "mine"


def test_any_group_that_kafka_takes_has_a_lock_in_the_state_folder(state: Path) -> None:
    for group in ("team/fraud", "../../up", "g" * 300):
        with naming.claim(Settings(group=group)) as name:
            assert name.endswith("-0")
    folder = state / "run" / "processors"
    assert all(path.parent == folder for path in state.rglob("*.lock"))
    assert not (folder / "team").exists()
