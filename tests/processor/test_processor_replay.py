"""Putting dead letters back where there are no transactions: what does not arrive was not put back."""

from collections.abc import Iterator

import pytest

from streamlab import stack
from streamlab.errors import StreamlabError
from streamlab.processor import replaying
from streamlab.processor.dead_letter import Header, Reason
from streamlab.stack import Stack
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout

pytestmark = pytest.mark.slow

TOPIC, LETTERS = "txn.events", "dlq.txn.events"


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path_factory.mktemp("replay")))
    backend = EmbeddedBackend(Layout.here())
    backend.up()
    yield stack.connect()
    backend.down()


def test_a_letter_that_the_broker_refuses_is_put_back_the_next_time(here: Stack) -> None:
    for topic in (TOPIC, LETTERS):
        here.create_topic(topic, 1)
    producer = here.producer()
    headers = {Header.REASON.value: Reason.LATE.value, Header.TOPIC.value: TOPIC}
    producer.produce(LETTERS, key=b"c", value=b"v", headers=dict(headers))
    assert producer.flush(10) == 0
    with here.injection() as broker:
        broker.errors("Produce", "INVALID_RECORD")
        with pytest.raises(StreamlabError, match="the broker refused"):
            replaying.replay(here, LETTERS, [Reason.LATE])
    assert here.read_topic(TOPIC) == []
    assert replaying.replay(here, LETTERS, [Reason.LATE]) == {"late": 1}
    assert [message.value() for message in here.read_topic(TOPIC)] == [b"v"]
