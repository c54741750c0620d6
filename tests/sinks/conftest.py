"""A Redis server alone, without the rest of the stack: started in a moment, and broken at will."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lone_redis import LoneRedis
from redis import Redis


@pytest.fixture(scope="module")
def lone_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneRedis]:
    """A running server of this module's tests; skipped in plain sight where this machine has none."""
    server = LoneRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(lone_redis: LoneRedis) -> Iterator[Redis]:
    """A client of it, made by the course's one factory; the database is empty."""
    with lone_redis.stack.redis() as client:
        client.flushdb()
        yield client


@pytest.fixture
def breakable_redis(tmp_path: Path) -> Iterator[LoneRedis]:
    """A running server of this test's own."""
    server = LoneRedis(tmp_path)
    server.start()
    yield server
    server.stop()
