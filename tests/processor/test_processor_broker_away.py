"""A broker that is gone while nothing is to be done: noticed all the same, and not waited for for ever."""

import contextlib
import threading
from collections.abc import Iterator

import pytest

from streamlab import stack
from streamlab.processor import Processor
from streamlab.processor import processor as processor_module
from streamlab.processor.source import Source
from streamlab.processor.transaction import bounded
from streamlab.processor.waiting import Interrupted
from streamlab.stack import StackUnavailable
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout

pytestmark = pytest.mark.slow


@pytest.fixture
def in_memory(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedBackend]:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path_factory.mktemp("away")))
    backend = EmbeddedBackend(Layout.here())
    backend.up()
    yield backend
    backend.down()


def test_a_processor_with_nothing_to_do_gives_up_when_its_broker_stays_away(
    in_memory: EmbeddedBackend,
) -> None:
    here = stack.connect()
    here.create_topic("txn.events", 2)
    processor = Processor(here, "card", store=False, broker_timeout_seconds=2)
    holds_partitions = threading.Event()
    stop, end = threading.Event(), threading.Timer(60, lambda: stop.set())
    end.start()

    def look(progress: object) -> None:
        if getattr(progress, "partitions", 0) == 2 and not holds_partitions.is_set():
            holds_partitions.set()
            in_memory.down()

    with pytest.raises(StackUnavailable, match=r"The broker has not answered for 2 s.*streamlab up"):
        processor.run(stop, look)
    end.cancel()
    assert holds_partitions.is_set()


@pytest.mark.parametrize("raised", [Interrupted("the broker did not answer"), StackUnavailable("Gone.", "")])
def test_a_processor_that_cannot_begin_leaves_its_group_and_ends_in_order_if_it_was_told_to(
    in_memory: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    here = stack.connect()
    here.create_topic("txn.events", 2)
    left: list[Source] = []

    def refuse(_: object) -> None:
        raise raised

    def leave(source: Source) -> None:
        left.append(source)
        source.consumer.close()

    monkeypatch.setattr(processor_module, "delivery", refuse)
    monkeypatch.setattr(Source, "close", leave)
    told_to_stop = isinstance(raised, Interrupted)
    with contextlib.nullcontext() if told_to_stop else pytest.raises(StackUnavailable, match="Gone"):
        assert Processor(here, "card", store=False).run().events_in == 0
    assert len(left) == 1


def test_a_processor_that_is_started_without_its_broker_says_so_in_one_sentence(
    in_memory: EmbeddedBackend,
) -> None:
    here = stack.connect()
    in_memory.down()
    with pytest.raises(StackUnavailable, match=r"broker at .* does not answer.*streamlab up"):
        Processor(here, "card", store=False).run()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_a_bounded_call_raises_is_raised_whatever_it_is() -> None:
    def call() -> None:
        raise RuntimeError("Handle has been closed")

    with pytest.raises(RuntimeError, match="has been closed"):
        bounded(call)
