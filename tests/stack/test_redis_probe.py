"""A port that is open is no Redis: only the right answer in time is, and a URL's password is never shown."""

import socket

import pytest
from fake_redis import fake_redis

from streamlab.stack import redis_probe
from streamlab.stack.component import NotAnswering
from streamlab.stack.redis_store import RedisStore

PATIENT = 10.0


def test_answers_come_in_the_order_of_the_commands_though_they_arrive_in_one_piece() -> None:
    with fake_redis(b"+OK\r\n$3\r\nabc\r\n:7\r\n") as url:
        assert redis_probe.ask(url, PATIENT, ("SET", "a", "abc"), ("GET", "a"), ("INCR", "n")) == [
            b"OK",
            b"abc",
            7,
        ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "LOADING"),
        (b"-NOAUTH Authentication required.\r\n", "NOAUTH"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "rotocol"),
        (b"+NOPE\r\n", "NOPE"),
    ],
)
def test_what_is_no_working_redis_is_told_by_its_answer(answer: bytes, words: str) -> None:
    with fake_redis(answer) as url, pytest.raises(NotAnswering, match=words):
        RedisStore().probe(url, PATIENT)


def test_a_server_that_closes_the_connection_does_not_answer() -> None:
    with fake_redis(b"$9\r\nhal", stay=False) as url, pytest.raises(NotAnswering, match="was closed"):
        redis_probe.ask(url, PATIENT, ("GET", "a"))


def test_silence_ends_at_its_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotAnswering, match=r"timed out|in time"):
            redis_probe.ask(url, 0.2, ("PING",))


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:1",
        "redis://user:secret@127.0.0.1:1/3",
        "rediss://127.0.0.1:1/0",
        "unix:///nowhere/redis.sock",
        "redis://127.0.0.1:port/0",
        "127.0.0.1:6379",
        "http://127.0.0.1:1",
        "redis://127.0.0.1:1/0?no_such_setting=1",
    ],
)
def test_an_address_that_leads_nowhere_is_said_and_not_raised_as_something_else(url: str) -> None:
    with pytest.raises(NotAnswering) as error:
        redis_probe.ask(url, 1.0, ("PING",))
    assert str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("rediss://me:se:cr@et@host/1", "rediss://me:***@host/1"),
        ("redis://me@host", "redis://me@host"),
        ("redis://[bad", "the given URL"),
    ],
)
def test_a_password_is_not_shown(url: str, text: str) -> None:
    assert redis_probe.shown(url) == text
