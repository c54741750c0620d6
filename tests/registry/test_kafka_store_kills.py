"""Kills and pauses at random points: no id is given twice, no answered registration is lost or doubled."""

import itertools
import json
import os
import random
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from in_process import avro
from registry_process import RegistryProcess

from streamlab.registry import schemas_topic
from streamlab.stack import Stack

pytestmark = pytest.mark.stack

SEED = int(os.environ.get("STREAMLAB_SEED", "20261120"))


class Writer(threading.Thread):
    """Registers schema after schema and notes what was answered; asks again where nothing was."""

    def __init__(self, number: int, registries: list[RegistryProcess]) -> None:
        super().__init__(daemon=True)
        self.answered: dict[str, tuple[int, int]] = {}
        self.finished = threading.Event()
        self.problems: list[str] = []
        self._number = number
        self._registries = registries

    def run(self) -> None:
        clients = [httpx.Client(base_url=one.url, timeout=30, trust_env=False) for one in self._registries]
        count = 0
        while not self.finished.is_set():
            count += 1
            schema = json.dumps({"type": "fixed", "name": f"W{self._number}", "size": count})
            self._register(clients, f"w{self._number}-{count % 5}", schema)
        for client in clients:
            client.close()

    def _register(self, clients: list[httpx.Client], subject: str, schema: str) -> None:
        for attempt in range(400):
            client = clients[(self._number + attempt) % len(clients)]
            try:
                answer = client.post(f"/subjects/{subject}/versions", json={"schema": schema})
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                body = answer.json()
                self.answered[schema] = (body["id"], body["version"])
                return
            if answer.status_code != 500:
                self.problems.append(answer.text)
                return
            time.sleep(0.05)
        self.problems.append(f"{schema} was never answered")


def kill(victim: RegistryProcess, chance: random.Random) -> None:
    victim.kill()
    time.sleep(chance.uniform(0.0, 0.3))
    victim.start()


def pause(victim: RegistryProcess, chance: random.Random) -> None:
    """For longer than the other one waits for an answer, so that it takes over meanwhile."""
    victim.pause()
    time.sleep(chance.uniform(0.5, 1.5))
    victim.resume()


def again_and_again(
    here: Stack, times: int, disturb: Callable[[RegistryProcess, random.Random], None]
) -> None:
    chance = random.Random(SEED)
    topic = here.unique("_schemas")
    with (
        RegistryProcess(here.bootstrap_servers, topic, forward_seconds=0.4) as one,
        RegistryProcess(here.bootstrap_servers, topic, forward_seconds=0.4) as other,
    ):
        assert one.client.put("/config", json={"compatibility": "NONE"}).status_code == 200
        writers = [Writer(number, [one, other]) for number in range(4)]
        for writer in writers:
            writer.start()
        for _ in range(times):
            time.sleep(chance.uniform(0.0, 0.8))
            leading = [r for r in (one, other) if r.health()["store"]["role"] == "leader"]
            # Mostly the leader, for that is where a write can be torn.
            victim = leading[0] if leading and chance.random() < 0.8 else chance.choice((one, other))
            disturb(victim, chance)
        for writer in writers:
            writer.finished.set()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive()
            assert writer.problems == []

        last = one.client.post("/subjects/last/versions", json=avro("string"))
        assert last.status_code == 200, last.text
        position = max(one.health()["store"]["position"], other.health()["store"]["position"])
        for registry in (one, other):
            registry.wait_for(position)
            check(registry, writers)
        assert one.contents() == other.contents()
        one.kill()
        one.start()
        assert one.contents() == other.contents()
    assert len(leaders(here, topic)) > 2


def leaders(here: Stack, topic: str) -> list[str]:
    """Who led, one after another, each in as many announcements as it needed."""
    records = (schemas_topic.decode(one.key(), one.value()) for one in here.read_topic(topic))
    announced = [one.value["leader"]["instance"] for one in records if one.value and "leader" in one.value]
    return [one for one, _ in itertools.groupby(announced)]


def check(registry: RegistryProcess, writers: list[Writer]) -> None:
    contents = registry.contents()
    texts: dict[int, str] = {}
    for schema_id, text in contents.values():
        assert texts.setdefault(schema_id, text) == text, f"the id {schema_id} was given twice"
    assert len(set(texts.values())) == len(texts), "a schema has two ids"
    stored = [text for _, text in contents.values()]
    assert len(stored) == len(set(stored)), "a schema is there twice"
    answered = {}
    for writer in writers:
        answered |= writer.answered
    assert len(answered) > 0
    for schema, (schema_id, version) in answered.items():
        text = json.dumps(json.loads(schema), separators=(",", ":"))
        found = [(i, v) for (_, v), (i, t) in contents.items() if t == text]
        assert found == [(schema_id, version)], f"{schema} was answered with {schema_id}, {version}: {found}"
    # Ids are consecutive: what was torn took none with it.
    assert sorted(texts) == list(range(1, len(texts) + 1))


def test_ten_kills_lose_nothing_and_double_nothing(live_stack: Stack) -> None:
    again_and_again(live_stack, 10, kill)


def test_a_leader_that_was_paused_writes_nothing_after_its_successor(live_stack: Stack) -> None:
    again_and_again(live_stack, 4, pause)


@pytest.mark.faults
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    "STREAMLAB_LONG_FAULTS" not in os.environ, reason="takes minutes; STREAMLAB_LONG_FAULTS=1"
)
@pytest.mark.parametrize("disturb", [kill, pause])
def test_fifty_times_lose_nothing_and_double_nothing(
    live_stack: Stack, disturb: Callable[[RegistryProcess, random.Random], None]
) -> None:
    again_and_again(live_stack, 50, disturb)
