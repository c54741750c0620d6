"""The rules and the server for longer: hundreds of random pairs really read, a thousand hostile requests.

STREAMLAB_SEED chooses others, STREAMLAB_SOAK so many times as much.
"""

import asyncio
import os
import random
from typing import Any

import httpx
import pytest
from fastavro_pairs import breaks, pair_of
from hypothesis import HealthCheck, given, seed, settings
from in_process import avro, record
from schema_pairs import encodings

from streamlab.registry.compatibility import incompatibilities
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.schema_parser import parse
from streamlab.registry.server import RegistryApp

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("STREAMLAB_SEED", "20261121"))
TIMES = int(os.environ.get("STREAMLAB_SOAK", "1"))
PAIRS = 600 * TIMES
SUBJECTS = ("s", "t", ":.sales:s")
OPERATIONS = [(one.method, one.path) for one in RegistryApp(MemoryStore()).router.operations]


def test_the_rules_say_of_every_pair_what_reading_shows() -> None:
    chance = random.Random(SEED)
    judged = {True: 0, False: 0}
    while sum(judged.values()) < PAIRS:
        number = chance.randrange(10**12)
        pair = pair_of(number)
        if pair is None:
            continue
        reader, writer = pair
        readable = not incompatibilities(reader, writer)
        broken = [one for one in encodings(parse(writer)) if breaks(one, reader, writer)]
        assert readable == (not broken), f"seed {number}: {reader} reads {writer}"
        judged[readable] += 1
    assert min(judged.values()) > PAIRS / 10


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_no_request_gets_500_from_a_registry_that_holds_something(operation: tuple[str, str]) -> None:
    # Imported here: it takes a second, and the inner loop only collects this file.
    import schemathesis
    from schemathesis.checks import not_a_server_error

    app = RegistryApp(MemoryStore())
    api = schemathesis.openapi.from_asgi("/openapi.json", app)
    method, path = operation

    @seed(SEED)
    @settings(max_examples=60 * TIMES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(api[path][method].as_strategy())
    def ask(case: Any) -> None:
        make_likely(case)
        case.call_and_validate(checks=[not_a_server_error])

    asyncio.run(fill(app))
    ask()


async def fill(app: RegistryApp) -> None:
    """Some subjects with some versions."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        for subject in SUBJECTS:
            for fields in (("a",), ("a", ("b", "string", ""))):
                await client.post(f"/subjects/{subject}/versions", json=avro(record(*fields)))


def make_likely(case: Any) -> None:
    """Mostly ask for what may be there, so that more than refusals is met."""
    chance = random.Random(repr(case.path_parameters))
    for name, likely in (("subject", SUBJECTS), ("version", ("1", "2", "latest"))):
        if name in (case.path_parameters or {}) and chance.random() < 0.6:
            case.path_parameters[name] = chance.choice(likely)
    if isinstance(case.body, dict) and chance.random() < 0.6:
        case.body |= avro(record("a", ("b", chance.choice(("int", "string", ["null", "R"])), 0)))
