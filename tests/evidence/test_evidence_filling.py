"""The events of a trial are all there, or the trial does not begin."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from streamlab.errors import StreamlabError
from streamlab.evidence.crashing import fill
from streamlab.producers import RecordingProducer
from streamlab.stack import Stack


class Here:
    """As much of a stack as filling a topic needs."""

    def __init__(self) -> None:
        self.made = RecordingProducer()

    def unique(self, name: str) -> str:
        return f"{name}.x"

    def create_topic(self, topic: str, partitions: int, _config: Any = None) -> None:
        self.made.log.create_topic(topic, partitions)

    def registry(self) -> Any:
        return SimpleNamespace(register_schema=lambda _subject, _schema: 7)

    def producer(self, **_: Any) -> RecordingProducer:
        return self.made


def test_a_topic_is_filled_with_every_event() -> None:
    here = Here()
    load = fill(cast(Stack, here), seed=7, events=50)
    assert len(here.made.messages(load.topic)) == 50


def test_an_event_that_the_broker_refuses_ends_the_trial() -> None:
    here = Here()
    here.made.fail(1)
    with pytest.raises(StreamlabError, match="Not every event was delivered"):
        fill(cast(Stack, here), seed=7, events=50)
