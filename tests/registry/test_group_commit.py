"""Writes of one moment go into the log together, and each sees those before it as if it had come alone."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fake_topic import FakeTopic

from streamlab.registry import registration
from streamlab.registry.errors import RegistryError, schema_too_large
from streamlab.registry.forwarding import ElsewhereError
from streamlab.registry.kafka_store import KafkaStore
from streamlab.registry.kafka_writer import PRODUCERS, FencedError, OutcomeUnknownError
from streamlab.registry.registration import NewSchema, Registered
from streamlab.registry.schema_types import SchemaParser
from streamlab.registry.schemas_topic import Record, noop_record, subject_record
from streamlab.registry.state import State
from streamlab.registry.store import Plan

INT, LONG, STRING = '"int"', '"long"', '"string"'


@pytest.fixture
def topic() -> FakeTopic:
    return FakeTopic()


@pytest.fixture
def running(
    topic: FakeTopic, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[KafkaStore], Awaitable[None]]], None]:
    """Runs a scene with a store that leads already."""

    def run(scene: Callable[[KafkaStore], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            store = topic.store(monkeypatch)
            await store.start()
            await store.take_over()
            topic.appended.clear()
            await scene(store)
            await store.stop()

        asyncio.run(all_of_it())

    return run


def new(subject: str, text: str) -> Callable[[State], Plan[Registered]]:
    parser = SchemaParser()
    return lambda state: registration.register(state, parser, subject, NewSchema(text), normalize=False)


def together(store: KafkaStore, *plans: Callable[[State], Plan[Any]]) -> Awaitable[list[Any]]:
    return asyncio.gather(*(store.write(one) for one in plans), return_exceptions=True)


def ids(answers: list[Any]) -> list[int]:
    return [answer.schema.schema_id for answer in answers]


def test_who_comes_during_a_write_shares_the_next_one(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        plans = [new(f"s{n}", f'{{"type":"fixed","name":"F","size":{n}}}') for n in range(1, 6)]
        answers = await together(store, *plans)
        assert ids(answers) == [1, 2, 3, 4, 5]
        assert [len(records) for records in topic.appended] == [5]

    running(scene)


def test_those_who_were_answered_together_are_waited_for_a_moment(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        async def write_twice(name: str) -> None:
            await store.write(new(name, f'{{"type":"enum","name":"{name}","symbols":["X"]}}'))
            await asyncio.sleep(0)
            await store.write(new(name, f'{{"type":"enum","name":"{name}","symbols":["X","Y"]}}'))

        await asyncio.gather(*(write_twice(name) for name in "ABC"))
        assert [len(records) for records in topic.appended] == [3, 3]
        # Nobody comes back: who is left is not kept waiting for long.
        await store.write(new("D", INT))
        assert [len(records) for records in topic.appended] == [3, 3, 1]

    running(scene)


def test_the_same_schema_twice_in_one_append_gets_one_id_and_one_version(
    running: Any, topic: FakeTopic
) -> None:
    async def scene(store: KafkaStore) -> None:
        answers = await together(store, new("s", INT), new("s", INT), new("t", INT), new("u", STRING))
        assert ids(answers) == [1, 1, 1, 2]
        assert list(store.state.versions("s")) == [1]
        assert len(topic.appended[0]) == 3

    running(scene)


def test_a_refusal_for_what_is_in_the_same_append_leaves_the_others(running: Any) -> None:
    async def scene(store: KafkaStore) -> None:
        first, refused, third = await together(store, new("s", INT), new("s", STRING), new("s", LONG))
        assert isinstance(refused, RegistryError)
        assert refused.code == 40901
        assert [one.schema.version for one in (first, third)] == [1, 2]

    running(scene)


def test_nobody_sees_what_is_not_in_the_log_yet(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        seen: list[int] = []
        topic.at_append = lambda: seen.append(store.state.highest_id())
        await together(store, new("s", INT), new("t", LONG))
        assert seen == [0]
        assert store.state.highest_id() == 2

    running(scene)


def test_what_the_log_does_not_take_costs_nobody_else_an_answer_or_an_id(
    running: Any, topic: FakeTopic
) -> None:
    async def scene(store: KafkaStore) -> None:
        topic.trouble = [schema_too_large(), None, schema_too_large()]
        first, large, third = await together(store, new("s", INT), new("t", LONG), new("u", STRING))
        assert isinstance(large, RegistryError)
        assert large.code == 42209
        assert ids([first, third]) == [1, 2]
        assert store.state.subjects() == ["s", "u"]

    running(scene)


def test_a_record_that_nobody_could_read_is_not_written(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        corrupt = subject_record("CONFIG", "s", {"compatibilityLevel": "SOMETIMES"})
        refused, other = await together(store, lambda _: Plan((corrupt,), None), new("t", LONG))
        assert isinstance(refused, RegistryError)
        assert refused.code == 50001
        assert ids([other]) == [1]
        assert [len(records) for records in topic.appended] == [1]

    running(scene)


def test_a_schema_that_is_there_is_answered_while_another_is_written(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        await store.write(new("s", INT))
        writing, go_on = threading.Event(), threading.Event()

        def pause() -> None:
            writing.set()
            go_on.wait(5)

        topic.at_append = pause
        slow = asyncio.create_task(store.write(new("t", LONG)))
        await asyncio.to_thread(writing.wait, 5)
        assert (await store.write(new("s", INT))).schema.schema_id == 1
        assert not slow.done()
        go_on.set()
        assert (await slow).schema.schema_id == 2

    running(scene)


def test_the_answer_does_not_wait_for_the_reader(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        topic.read_along = False
        answers = [await store.write(new("s", text)) for text in (INT, LONG)]
        assert ids(answers) == [1, 2]
        position = store.health()["position"]
        assert position == topic.messages[-1].offset()

    running(scene)


def test_a_write_whose_outcome_was_unknown_is_answered_if_it_is_in_the_log(
    running: Any, topic: FakeTopic
) -> None:
    async def scene(store: KafkaStore) -> None:
        landed: list[int] = []

        def land() -> None:
            topic.at_append = lambda: None
            for record in registration.register(
                store.state, SchemaParser(), "s", NewSchema(INT), normalize=False
            ).records:
                landed.append(topic.put(record.key_bytes, record.value_bytes))
            topic.trouble = [OutcomeUnknownError("the broker was silent", landed[-1])]

        topic.at_append = land
        assert ids([await store.write(new("s", INT))]) == [1]
        assert list(store.state.versions("s")) == [1]
        assert len(landed) == 1
        # Found out by leading anew: nothing was appended but the announcements.
        assert [one.key_type for records in topic.appended for one in records] == ["NOOP"] * PRODUCERS

    running(scene)


def test_a_write_whose_outcome_was_unknown_is_repeated_if_it_is_not_in_the_log(
    running: Any, topic: FakeTopic
) -> None:
    async def scene(store: KafkaStore) -> None:
        topic.trouble = [OutcomeUnknownError("the broker was silent", None)]
        assert ids(await together(store, new("s", INT), new("t", LONG))) == [1, 2]

    running(scene)


def test_who_is_fenced_sends_all_who_wait_to_the_new_leader(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        def fence() -> None:
            topic.at_append = lambda: None
            other = noop_record({"leader": {"url": "http://127.0.0.1:2", "instance": "other"}})
            topic.put(other.key_bytes, other.value_bytes)
            topic.trouble = [FencedError()]

        topic.at_append = fence
        answers = await together(store, new("s", INT), new("t", LONG))
        assert all(isinstance(one, ElsewhereError) and one.url.endswith(":2") for one in answers)
        assert store.state.subjects() == []
        assert store.health()["role"] == "follower"

    running(scene)


def test_a_writer_that_is_fenced_for_ever_gives_up(running: Any, topic: FakeTopic, monkeypatch: Any) -> None:
    monkeypatch.setattr("streamlab.registry.kafka_store.SUCCESSOR_TIMEOUT_SECONDS", 0.0)

    async def scene(store: KafkaStore) -> None:
        topic.trouble = [FencedError() for _ in range(100)]
        (refused,) = await together(store, new("s", INT))
        assert isinstance(refused, RegistryError)
        assert refused.code == 50004

    running(scene)


def test_a_client_that_leaves_during_the_append_costs_no_id_twice(running: Any, topic: FakeTopic) -> None:
    async def scene(store: KafkaStore) -> None:
        writing, go_on = threading.Event(), threading.Event()

        def pause() -> None:
            topic.at_append = lambda: None
            writing.set()
            go_on.wait(5)

        topic.at_append = pause
        leaving = asyncio.create_task(store.write(new("s", INT)))
        await asyncio.to_thread(writing.wait, 5)
        leaving.cancel()
        staying = asyncio.create_task(store.write(new("t", LONG)))
        await asyncio.sleep(0)
        go_on.set()
        assert (await staying).schema.schema_id == 2
        assert store.state.subjects() == ["s", "t"]

    running(scene)


def test_a_new_leader_announces_itself_through_every_producer(
    topic: FakeTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        store = topic.store(monkeypatch)
        await store.start()
        await store.take_over()
        announcements = [one for records in topic.appended for one in records]
        assert len(topic.appended) == PRODUCERS
        assert all(
            isinstance(one, Record) and one.value["leader"]["url"] for one in announcements if one.value
        )
        await store.stop()

    asyncio.run(scene())


def test_a_record_of_somebody_else_has_its_place_before_what_was_written_after_it(
    running: Any, topic: FakeTopic
) -> None:
    async def scene(store: KafkaStore) -> None:
        topic.read_along = False
        foreign = subject_record("CONFIG", None, {"compatibilityLevel": "NONE"})
        topic.put(foreign.key_bytes, foreign.value_bytes)
        own = subject_record("CONFIG", None, {"compatibilityLevel": "FULL"})
        await store.write(lambda _: Plan((own,), None))
        topic.read_along = True
        again = topic.put(None, None)
        await store.catch_up(again)
        assert store.state.config(None) == {"compatibilityLevel": "FULL"}
        assert store.health()["skipped_records"] == [{"offset": again, "reason": "it has no key"}]

    running(scene)


def test_a_plan_that_breaks_is_its_own_answer_and_leaves_no_trace_in_what_others_see(
    running: Any, topic: FakeTopic
) -> None:
    def broken(state: State) -> Plan[Any]:
        if state.versions("s"):
            raise ZeroDivisionError("a mistake of the registry's")
        return Plan((noop_record(),), None)

    async def scene(store: KafkaStore) -> None:
        first, own, last = await together(store, new("s", INT), broken, new("t", STRING))
        assert isinstance(own, ZeroDivisionError)
        assert ids([first, last]) == [1, 2]
        assert ids(await together(store, new("u", INT), new("v", LONG))) == [1, 3]
        assert sum(len(records) for records in topic.appended) == 4

    running(scene)
