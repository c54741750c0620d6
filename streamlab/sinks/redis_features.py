"""Features in Redis, written so that a replay changes nothing and a reader never sees half an update.

    sink = RedisFeatures(stack.connect().redis(), kind="card")
    sink.write(rows)                     # Written(applied=990, stale=10, backfilled=0)
    sink.read("card_42")                 # the newest row, or None
    sink.read_series("card_42")          # its history, oldest first

Three keys for each card (and, with `click` in the place of `transaction`, for each user):

    features:card:{id}:transaction       hash: a field for each feature      HGET … velocity_score
    features:latest:card:{id}            text: the same row as one JSON      GET, MGET for many cards
    features:ts:card:{id}:transaction    sorted set by event time: the last rows, each "id of its event\\nrow"

Every value is JSON text: numbers as Python writes them (a float comes back as the same float), None as
`null`, tuples as lists. A script changes the three keys of one row at once, or none of them. One call of it
takes `CALL_ROWS` rows that have the same fields, their names sent once: what redis-py and Redis do for each
command and each argument would otherwise cost more than the rows themselves.

**Version.** A row's version is (event_time, id of the event), the id compared as the bytes of its JSON text.
Both are in the row itself, so whoever computes it again, after a crash or on another machine, comes to the
same version. A write with an equal version changes nothing at all, one with an older version neither the
current row nor the time to live: therefore at-least-once processing leaves what exactly-once would have left,
and writers that overlap during a rebalance do no harm. The other side of it: a row that is computed
differently the second time does not replace the first.

**Series.** It holds the newest `series_length` rows, of the last `ttl_seconds` of event time before the
newest. An older row that is missing is added at its place, so that the content depends on which rows were
written, and neither on their order nor on how often: the join of a semilattice (Shapiro et al. 2011,
"Conflict-free replicated data types"). All three keys go together when nothing newer came for `ttl_seconds`;
what is written after that is new again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from streamlab.errors import StreamlabError
from streamlab.sinks.redis_rows import CALL_ROWS, KINDS, Keys, Row, calls_of

if TYPE_CHECKING:
    from redis import Redis

SCRIPT: Final = files(__package__).joinpath("redis_features.lua").read_text(encoding="utf-8")
SHA: Final = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""By which Redis knows the script, once it was loaded (EVALSHA)."""

CHUNK_ROWS: Final = 500
"""Rows on their way at a time: bounds what both sides keep in memory."""

_WORDS_CHARACTERS: Final = 200


class StoreUnavailable(StreamlabError):
    """Redis cannot be reached or does not work now: worth another try with the same rows."""


class StoreFull(StreamlabError):
    """Redis has no memory left for more: another try helps only once there is room."""


@dataclass(frozen=True)
class Written:
    """What became of rows: `applied` are the newest of their key now or were on the way, `stale` are not.

    `backfilled` of the stale ones were missing in a series and were added there.
    """

    applied: int = 0
    stale: int = 0
    backfilled: int = 0


class RedisFeatures:
    """The features of all cards, or of all users, in one Redis.

    Args:
        client: made by `Stack.redis()`: it gives bytes, and gives up in bounded time.
        kind: whose features: "card" (from transactions) or "user" (from clicks).
        ttl_seconds: how long a card is kept after its newest row, and how far a series reaches back.
        series_length: how many rows of a card are kept at most; each takes about 0.5 kB, the rest 1 kB.
    """

    def __init__(
        self,
        client: "Redis",
        kind: Literal["card", "user"] = "card",
        *,
        ttl_seconds: int = 86_400,
        series_length: int = 20,
    ) -> None:
        if ttl_seconds < 1 or series_length < 1:
            raise ValueError("ttl_seconds and series_length are at least 1")
        self._client = client
        self._kind = KINDS[kind]
        self._limits = (ttl_seconds * 1000, series_length)

    def keys(self, entity_id: str) -> Keys:
        """Where the features of one card or user are."""
        return self._kind.keys(entity_id)

    def write(self, rows: Sequence[Row]) -> Written:
        """Write rows, in any order; when this returns, Redis has accepted every one of them.

        Raises:
            StoreUnavailable: some may be written and some not; write all of them again, which is harmless.
            StoreFull: likewise.
            ValueError: a row without id or event time, or with a value that JSON has not; nothing was sent.
        """
        calls = [("EVALSHA", SHA, *arguments) for arguments in calls_of(rows, self._kind, self._limits)]
        applied = backfilled = 0
        for start in range(0, len(calls), CHUNK_ROWS // CALL_ROWS):
            for newest, only_in_the_series in self._run(calls[start : start + CHUNK_ROWS // CALL_ROWS]):
                applied += newest
                backfilled += only_in_the_series
        return Written(applied, len(rows) - applied, backfilled)

    def read(self, entity_id: str) -> dict[str, Any] | None:
        """The newest row of a card or user; None if there is none (any more).

        Raises:
            StoreUnavailable: no answer.
        """
        (found,) = self._ask(("HGETALL", self.keys(entity_id).current))
        return {name.decode(): json.loads(value) for name, value in found.items()} or None

    def read_latest(self, entity_ids: Sequence[str]) -> list[dict[str, Any] | None]:
        """The newest rows of many, in the order asked, in one round trip.

        Raises:
            StoreUnavailable: no answer.
        """
        if not entity_ids:
            return []
        (texts,) = self._ask(("MGET", *(self.keys(entity_id).latest for entity_id in entity_ids)))
        return [None if text is None else json.loads(text) for text in texts]

    def read_series(self, entity_id: str, last: int | None = None) -> list[dict[str, Any]]:
        """The kept rows of a card or user by version, oldest first; the `last` of them if given.

        Raises:
            StoreUnavailable: no answer.
        """
        if last == 0:
            return []
        (members,) = self._ask(("ZRANGE", self.keys(entity_id).series, -(last or 0), -1))
        return [json.loads(member.rpartition(b"\n")[2]) for member in members]

    def _run(self, commands: Sequence[tuple[Any, ...]]) -> list[tuple[int, int]]:
        """What each call says: how many are the newest, how many only a series got.

        A Redis that does not know the script (it was started anew) is taught it.
        """
        from redis.exceptions import NoScriptError

        answers = self._ask(*commands, raising=False)
        unknown = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            self._ask(("SCRIPT LOAD", SCRIPT))
            again = self._ask(*(commands[i] for i in unknown), raising=False)
            for i, answer in zip(unknown, again, strict=True):
                answers[i] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise self._error(answer) from answer
        return answers

    def _ask(self, *commands: tuple[Any, ...], raising: bool = True) -> list[Any]:
        from redis.exceptions import RedisError

        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
        try:
            return list(pipeline.execute(raise_on_error=raising))
        except (RedisError, OSError) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> Exception:
        """What an error of Redis means for a person; a mistake in what was sent stays what it is."""
        from redis import exceptions

        said = " ".join(str(error).split())[:_WORDS_CHARACTERS] or type(error).__name__
        given = self._client.connection_pool.connection_kwargs
        place = given.get("path") or f"{given.get('host')}:{given.get('port')}"
        if isinstance(error, exceptions.OutOfMemoryError):
            return StoreFull(
                f"Redis at {place} is full: no row was half written, and the last ones not at all.",
                "Wait until features expire, keep shorter series (`series_length`), or raise its maxmemory.",
            )
        away = exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError, OSError
        if isinstance(error, away) or "MISCONF" in said or "LOADING" in said:
            return StoreUnavailable(
                f"Redis at {place} does not answer ({said}).",
                "Run `streamlab up`, then write the same rows again: a replay changes nothing.",
            )
        if "WRONGTYPE" in said:
            return StreamlabError(
                f"A key of the features in Redis at {place} holds something else; that row was not written.",
                "Delete the keys `features:*` of whoever wrote it, or use another database.",
            )
        return error
