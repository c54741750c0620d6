"""Short questions to a Redis server, answered in bounded time, without loading a whole client.

    ask("redis://127.0.0.1:6379/0", 2.0, ("PING",))                          # [b"PONG"]
    ask(url, 2.0, ("SET", "a", "1", "EX", "60"), ("GET", "a"))               # [b"OK", b"1"]
    shown("redis://user:secret@host:6379/0")                                 # "redis://user:***@host:6379/0"

Every `stack.connect()` asks, and loading redis-py takes 0.2 s: a lesson that needs no Redis should not pay
for it. So the parser that redis-py itself uses (hiredis) speaks the protocol here. What needs more than a
plain connection (a password, TLS, a socket file) is left to redis-py.
"""

import socket
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import hiredis

from streamlab.stack.component import NotAnswering

Command = tuple[str | int | float | bytes, ...]
Commands = Sequence[Command]

_READ_BYTES: Final = 65_536
_WORDS_CHARACTERS: Final = 200


def ask(url: str, timeout_seconds: float, *commands: Command) -> list[Any]:
    """The answers to the commands, sent together; text comes as bytes.

    Raises:
        NotAnswering: no server, no answer in time, an answer that is an error, or a URL that is none.
    """
    try:
        place = urlsplit(url)
        host, port = place.hostname or "localhost", place.port or 6379
    except ValueError as error:
        raise NotAnswering(f"{shown(url)} is no URL of a Redis ({error})") from error
    is_plain = place.scheme == "redis" and "@" not in place.netloc and not place.query
    if not is_plain or place.path not in ("", "/", "/0"):
        return _ask_by_client(url, timeout_seconds, commands)
    try:
        return _ask_plainly(host, port, timeout_seconds, commands)
    except (OSError, hiredis.ProtocolError) as error:
        raise NotAnswering(_words(error)) from error


def shown(url: str) -> str:
    """The URL without its password: for everything that is printed."""
    try:
        place = urlsplit(url)
        secret = place.password
    except ValueError:
        return "the given URL"
    if secret is None:
        return url
    account, _, where = place.netloc.rpartition("@")
    return urlunsplit(place._replace(netloc=f"{account.partition(':')[0]}:***@{where}"))


def _ask_plainly(host: str, port: int, timeout_seconds: float, commands: Commands) -> list[Any]:
    deadline = time.monotonic() + timeout_seconds
    reader = hiredis.Reader()
    answers: list[Any] = []
    with socket.create_connection((host, port), timeout=timeout_seconds) as connection:
        connection.sendall(b"".join(hiredis.pack_command(words) for words in commands))  # type: ignore[arg-type]
        while len(answers) < len(commands):
            answer = reader.gets()
            if answer is not False:
                if isinstance(answer, hiredis.ReplyError):
                    raise NotAnswering(str(answer)[:_WORDS_CHARACTERS])
                answers.append(answer)
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            connection.settimeout(left)
            came = connection.recv(_READ_BYTES)
            if not came:
                raise ConnectionError("the connection was closed")
            reader.feed(came)
    return answers


def _ask_by_client(url: str, timeout_seconds: float, commands: Commands) -> list[Any]:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    settings: dict[str, Any] = {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds}
    try:
        with redis.Redis.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0), **settings) as client:
            return [client.execute_command(*command) for command in commands]
    except (redis.RedisError, OSError, ValueError, TypeError) as error:
        raise NotAnswering(_words(error)) from error


def _words(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:_WORDS_CHARACTERS]
