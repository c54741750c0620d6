"""Features in Redis: a replay changes nothing, order does not matter, and nobody sees half an update.

On a real server, started for these tests; what is expected comes from a model of a few lines.
"""

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lone_redis import LoneRedis
from redis import Redis

from streamlab.errors import StreamlabError
from streamlab.sinks.redis_features import CHUNK_ROWS, RedisFeatures, StoreFull, StoreUnavailable, Written
from streamlab.sinks.redis_rows import CALL_ROWS

pytestmark = pytest.mark.slow

DAY_MS = 86_400_000
LENGTH = 4
ON_ONE_SERVER = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def at(seconds: int, txn: str = "t1", **features: Any) -> dict[str, Any]:
    """A row of the card c1, so many seconds into a day of 2025."""
    time = 1_750_000_000_000 + seconds * 1000
    return {"card_id": "c1", "txn_id": txn, "event_time": time, "txn_count_5m": 1, **features}


def version(row: dict[str, Any]) -> tuple[int, bytes]:
    """The order of rows that the sink documents."""
    return row["event_time"], json.dumps(row["txn_id"]).encode()


def series_of(rows: Sequence[dict[str, Any]], span_ms: int = DAY_MS) -> list[dict[str, Any]]:
    """The model: distinct versions, not older than the span before the newest, the newest few of them."""
    distinct = {version(row): row for row in reversed(rows)}
    newest = max(distinct)[0] if distinct else 0
    kept = [row for key, row in sorted(distinct.items()) if key[0] > newest - span_ms]
    return kept[-LENGTH:]


@pytest.fixture
def sink(client: Redis) -> RedisFeatures:
    return RedisFeatures(client, series_length=LENGTH)


def dump(client: Redis, sink: RedisFeatures, entity: str = "c1") -> list[bytes | None]:
    """The three keys as Redis would save them."""
    return [client.dump(key) for key in sink.keys(entity)]


# What is written


def test_a_row_comes_back_as_it_was(sink: RedisFeatures) -> None:
    row = at(
        0, amount_avg_5m=0.1 + 0.2, tiny=5e-324, minus=-0.0, none=None, yes=True, text='"ü"\n', count=2**60
    )
    assert sink.write([row]) == Written(applied=1)
    for came in (sink.read("c1"), sink.read_latest(["c1"])[0], sink.read_series("c1")[0]):
        assert came == row
        assert came is not None
        assert str(came["minus"]) == "-0.0"
        assert came["yes"] is True


@given(value=st.floats(allow_nan=False, allow_infinity=False))
@ON_ONE_SERVER
def test_every_float_comes_back_as_the_same_float(client: Redis, value: float) -> None:
    client.flushdb()
    sink = RedisFeatures(client)
    sink.write([at(0, amount_sum_5m=value)])
    assert repr((sink.read("c1") or {})["amount_sum_5m"]) == repr(value)


ODD = st.sampled_from(
    ['"', "\\", "\n", "\x1f", "\x00", "\x7f", "\u2028", "ü", "日", "😀", "%", ",", ":", "}", "a"]
)
TEXTS = st.lists(ODD, max_size=4).map("".join) | st.sampled_from(["\ud800", "null", "[1]", "\\n"])
NAMES = st.lists(ODD, max_size=3).map(lambda some: "f" + "".join(some))


@given(
    entity=st.lists(ODD, max_size=4).map("".join), txn=TEXTS, more=st.dictionaries(NAMES, TEXTS, max_size=4)
)
@ON_ONE_SERVER
def test_no_character_in_a_text_or_in_a_name_moves_the_border_of_a_field(
    client: Redis, entity: str, txn: str, more: dict[str, str]
) -> None:
    client.flushdb()
    sink = RedisFeatures(client)
    row = {**more, **at(0, txn=txn, flags=tuple(more.values()), deep={"a": [txn]}), "card_id": entity}
    sink.write([row])
    keys = sink.keys(entity)
    assert client.hgetall(keys.current) == {
        name.encode(): json.dumps(value, separators=(",", ":")).encode() for name, value in row.items()
    }
    whole = json.dumps(row, separators=(",", ":"))
    assert client.get(keys.latest) == whole.encode()
    assert client.zrange(keys.series, 0, -1) == [f"{json.dumps(txn)}\n{whole}".encode()]
    assert sink.write([row]) == Written(stale=1)


def test_rows_with_different_fields_are_written_in_the_order_given(sink: RedisFeatures) -> None:
    """The first of two rows with one version stays, whichever call of the script it went with."""
    rows = [at(n // 2, txn=f"t{n // 2}", **{f"feature_{n % 2}": n}) for n in range(3 * CALL_ROWS)]
    assert sink.write(rows).applied == (len(rows) + 1) // 2
    assert sink.read_series("c1") == series_of(rows)


@pytest.mark.parametrize("count", [CALL_ROWS - 1, CALL_ROWS, CALL_ROWS + 1, CHUNK_ROWS + CALL_ROWS + 1])
def test_however_many_rows_are_written_each_is_there_and_counted(sink: RedisFeatures, count: int) -> None:
    rows = [{**at(n), "card_id": f"c{n}"} for n in range(count)]
    older = [{**at(n - 5), "card_id": f"c{n}"} for n in range(count)]
    assert sink.write(rows) == Written(applied=count)
    assert sink.write(older) == Written(stale=count, backfilled=count)
    assert sink.read_latest([f"c{n}" for n in range(count)]) == rows


def test_the_keys_are_those_that_readers_are_promised(client: Redis, sink: RedisFeatures) -> None:
    sink.write([at(0, velocity_score=0.25, risk_flags=("velocity",))])
    RedisFeatures(client, "user").write(
        [{"user_id": "u1", "click_id": "k1", "event_time": 1, "engagement_score": 0.5}]
    )
    assert sorted(key.decode() for key in client.scan_iter()) == [
        "features:card:c1:transaction",
        "features:latest:card:c1",
        "features:latest:user:u1",
        "features:ts:card:c1:transaction",
        "features:ts:user:u1:click",
        "features:user:u1:click",
    ]
    assert client.hget("features:card:c1:transaction", "velocity_score") == b"0.25"
    assert client.hget("features:card:c1:transaction", "risk_flags") == b'["velocity"]'
    assert json.loads(client.get("features:latest:card:c1") or b"")["velocity_score"] == 0.25
    member, score = client.zrange("features:ts:card:c1:transaction", 0, -1, withscores=True)[0]
    assert (member.partition(b"\n")[0], score) == (b'"t1"', at(0)["event_time"])


def test_every_key_ends_a_day_after_the_newest_row(client: Redis, sink: RedisFeatures) -> None:
    sink.write([at(0)])
    assert all(DAY_MS - 60_000 < client.pttl(key) <= DAY_MS for key in sink.keys("c1"))
    assert len({client.execute_command("OBJECT", "ENCODING", key) for key in sink.keys("c1")}) > 1


def test_a_feature_that_a_newer_row_does_not_have_does_not_stay(sink: RedisFeatures) -> None:
    sink.write([at(0, old_feature=1)])
    sink.write([at(1, txn="t2", new_feature=2)])
    assert sink.read("c1") == at(1, txn="t2", new_feature=2)


def test_nobody_there_is_none_and_an_empty_series(sink: RedisFeatures) -> None:
    assert sink.read("nobody") is None
    assert sink.read_series("nobody") == []
    assert sink.read_latest([]) == []
    assert sink.write([]) == Written()


def test_many_are_read_in_the_order_asked(sink: RedisFeatures) -> None:
    sink.write([at(0), {**at(1), "card_id": "c2"}])
    assert sink.read_latest(["c2", "nobody", "c1"]) == [{**at(1), "card_id": "c2"}, None, at(0)]


def test_the_last_rows_of_a_series_are_its_newest(sink: RedisFeatures) -> None:
    sink.write([at(second, txn=f"t{second}") for second in range(3)])
    assert [row["txn_id"] for row in sink.read_series("c1", last=2)] == ["t1", "t2"]
    assert sink.read_series("c1", last=0) == []


# Versions


def test_a_replay_changes_no_byte_and_no_time_to_live(client: Redis, sink: RedisFeatures) -> None:
    rows = [at(second, txn=f"t{second}") for second in range(10)]
    sink.write(rows)
    before = dump(client, sink)
    for key in sink.keys("c1"):
        client.pexpire(key, 1_000_000)
    assert sink.write(rows) == Written(applied=0, stale=10)
    assert dump(client, sink) == before
    assert all(client.pttl(key) <= 1_000_000 for key in sink.keys("c1"))


def test_an_older_row_that_is_missing_is_added_to_the_series_and_nowhere_else(
    client: Redis, sink: RedisFeatures
) -> None:
    sink.write([at(10, txn="t10")])
    current, latest, _ = dump(client, sink)
    for key in sink.keys("c1"):
        client.pexpire(key, 1_000_000)
    assert sink.write([at(5, txn="t5")]) == Written(applied=0, stale=1, backfilled=1)
    assert dump(client, sink)[:2] == [current, latest]
    assert [row["txn_id"] for row in sink.read_series("c1")] == ["t5", "t10"]
    assert all(client.pttl(key) <= 1_000_000 for key in sink.keys("c1"))


def test_a_series_that_was_deleted_ends_with_its_card_when_it_begins_anew(
    client: Redis, sink: RedisFeatures
) -> None:
    sink.write([at(10, txn="t10")])
    client.delete(sink.keys("c1").series)
    sink.write([at(5, txn="t5")])
    assert 0 < client.pttl(sink.keys("c1").series) <= DAY_MS


def test_the_same_event_computed_differently_does_not_replace_the_first(sink: RedisFeatures) -> None:
    sink.write([at(0, txn="t0"), at(1, txn="t1", score=0.1)])
    assert sink.write([at(1, txn="t1", score=0.9), at(0, txn="t0", score=0.9)]).applied == 0
    assert (sink.read("c1") or {})["score"] == 0.1
    assert sink.read_series("c1") == [at(0, txn="t0"), at(1, txn="t1", score=0.1)]


def test_of_two_events_at_one_time_the_one_with_the_greater_id_is_newer(sink: RedisFeatures) -> None:
    ids = ["b", "a", "Z", "ä", "a b", "a!", 'a"', "a\nb", "", "aa"]
    for order in (ids, ids[::-1]):
        sink._client.flushdb()
        for txn in order:
            sink.write([at(0, txn=txn)])
        newest = max(ids, key=lambda txn: json.dumps(txn).encode())
        assert (sink.read("c1") or {})["txn_id"] == newest
        assert sink.read_series("c1") == series_of([at(0, txn=txn) for txn in ids])


def test_a_row_older_than_the_series_reaches_back_is_left_out(client: Redis) -> None:
    sink = RedisFeatures(client, ttl_seconds=100, series_length=LENGTH)
    sink.write([at(100, txn="new")])
    assert sink.write([at(0, txn="edge")]) == Written(stale=1), "the span does not hold its start"
    assert sink.write([at(1, txn="inside")]) == Written(stale=1, backfilled=1)
    sink.write([at(101, txn="newer")])
    assert [row["txn_id"] for row in sink.read_series("c1")] == ["new", "newer"]


ROWS = st.builds(at, st.integers(0, 12), st.sampled_from(["t1", "t2", "t3"]))


@given(data=st.data(), rows=st.lists(ROWS, min_size=1, max_size=12, unique_by=version))
@ON_ONE_SERVER
def test_any_order_and_any_repetition_end_in_the_same_content(
    client: Redis, data: st.DataObject, rows: list[dict[str, Any]]
) -> None:
    """Whole batches are replayed from any point, as after a crash, and writers mix."""
    client.flushdb()
    sink = RedisFeatures(client, ttl_seconds=8, series_length=LENGTH)
    order = data.draw(st.permutations(rows))
    for _ in range(data.draw(st.integers(1, 3))):
        start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(order))] * 2)))
        sink.write(order[start:stop])
        sink.write(order[:stop])
    done = sink.write(order)
    assert done.applied + done.stale == len(order)
    again = dump(client, sink)
    assert sink.write(data.draw(st.permutations(rows))) == Written(stale=len(rows))
    assert dump(client, sink) == again
    assert sink.read("c1") == max(rows, key=version) == sink.read_latest(["c1"])[0]
    assert sink.read_series("c1") == series_of(rows, span_ms=8_000)


# Readers


def seen_by_a_reader(client: Redis, sink: RedisFeatures) -> tuple[set[int], int, int]:
    """The numbers in the current hash, in the latest row, in the last row of the series, at one moment."""
    keys = sink.keys("c1")
    with client.pipeline(transaction=True) as moment:
        current, latest, last = (
            moment.hgetall(keys.current).get(keys.latest).zrange(keys.series, -1, -1).execute()
        )
    numbers = {int(current[name]) for name in (b"a", b"b", b"c")}
    return numbers, json.loads(latest)["a"], json.loads(last[0].partition(b"\n")[2])["a"]


def test_a_reader_never_sees_half_an_update(
    lone_redis: LoneRedis, client: Redis, sink: RedisFeatures
) -> None:
    rows = [at(n, txn=f"t{n}", a=n, b=n, c=n) for n in range(3000)]
    sink.write(rows[:1])
    done = threading.Event()

    def write() -> None:
        for start in range(0, len(rows), 50):
            sink.write(rows[start : start + 50])
        done.set()

    seen: set[int] = set()
    with lone_redis.stack.redis() as other:
        writer = threading.Thread(target=write)
        writer.start()
        while not done.is_set():
            numbers, latest, last = seen_by_a_reader(other, sink)
            assert numbers == {latest} == {last}
            row = RedisFeatures(other).read("c1")
            assert row is not None
            assert row["a"] == row["b"] == row["c"]
            seen.add(latest)
        writer.join()
    assert seen_by_a_reader(client, sink) == ({2999}, 2999, 2999)
    assert len(seen) > 1, "the reader looked while the writer wrote"


def test_the_reader_of_that_test_does_see_half_an_update_of_a_writer_without_a_script(
    client: Redis, sink: RedisFeatures
) -> None:
    sink.write([at(0, a=0, b=0, c=0)])
    client.hset(sink.keys("c1").current, "a", "1")
    assert seen_by_a_reader(client, sink) == ({0, 1}, 0, 0)


# When Redis is not well


def test_a_redis_that_forgot_the_script_is_taught_it_again(client: Redis, sink: RedisFeatures) -> None:
    sink.write([at(0)])
    client.script_flush()
    assert sink.write([at(1, txn="t2"), at(2, txn="t3")]) == Written(applied=2)


def test_a_full_redis_is_said_and_keeps_what_it_had(client: Redis, sink: RedisFeatures) -> None:
    sink.write([at(0)])
    before = dump(client, sink)
    bound = client.config_get("maxmemory")["maxmemory"]
    client.config_set("maxmemory", "1")
    try:
        for row in (at(1, txn="newer"), at(-1, txn="older")):
            with pytest.raises(StoreFull, match="is full"):
                sink.write([row])
        assert dump(client, sink) == before
        assert sink.read("c1") == at(0)
    finally:
        client.config_set("maxmemory", bound)
    assert sink.write([at(1, txn="newer")]).applied == 1


def test_a_redis_that_became_a_replica_is_one_to_try_again(client: Redis, sink: RedisFeatures) -> None:
    sink.write([at(0)])
    client.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match="read only replica"):
            sink.write([at(1, txn="t2")])
    finally:
        client.replicaof("NO", "ONE")
    assert sink.write([at(1, txn="t2")]).applied == 1


@pytest.mark.parametrize("which", ["current", "series"])
def test_a_key_with_something_else_in_it_is_said_and_the_others_stay(
    client: Redis, sink: RedisFeatures, which: str
) -> None:
    sink.write([at(0)])
    client.set(getattr(sink.keys("c1"), which), "something else")
    before = dump(client, sink)
    with pytest.raises(StreamlabError, match="holds something else"):
        sink.write([at(1, txn="t2")])
    assert dump(client, sink) == before


def test_a_row_that_cannot_be_written_does_not_keep_back_the_others(
    client: Redis, sink: RedisFeatures
) -> None:
    client.set(sink.keys("c2").current, "something else")
    rows = [{**at(0), "card_id": card} for card in ("c1", "c2", "c3")]
    with pytest.raises(StreamlabError, match="holds something else"):
        sink.write(rows)
    assert sink.read_latest(["c1", "c2", "c3"]) == [rows[0], None, rows[2]]


def test_what_was_written_outlives_kill_9_and_the_time_between_is_said(breakable_redis: LoneRedis) -> None:
    rows = [at(second, txn=f"t{second}") for second in range(LENGTH)]
    with breakable_redis.stack.redis() as client:
        sink = RedisFeatures(client, series_length=LENGTH)
        sink.write(rows)
        while client.info("persistence")["aof_pending_bio_fsync"]:
            pass
        before = dump(client, sink)
        breakable_redis.kill()
        for away in (lambda: sink.write(rows), lambda: sink.read("c1"), lambda: sink.read_series("c1")):
            with pytest.raises(StoreUnavailable, match=r"does not answer .*streamlab up"):
                away()
        breakable_redis.start()
        assert dump(client, sink) == before
        assert sink.write([*rows, at(99, txn="t99")]) == Written(applied=1, stale=LENGTH)
