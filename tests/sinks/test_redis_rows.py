"""What the sink refuses before it sends anything, and what it says when nobody is there. No server needed."""

from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from streamlab.sinks.redis_features import RedisFeatures, StoreUnavailable
from streamlab.sinks.redis_rows import CALL_ROWS, KINDS, calls_of
from streamlab.stack import Capability, CapabilityMissing, Stack

GOOD = {"card_id": "c1", "txn_id": "t1", "event_time": 1_750_000_000_000}


@pytest.fixture
def nobody() -> Redis:
    return Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"card_id": None}, "needs card_id and txn_id"),
        ({"txn_id": 7}, "needs card_id and txn_id"),
        ({"event_time": 1.5}, "event_time has to be an integer"),
        ({"event_time": True}, "event_time has to be an integer"),
        ({"event_time": 2**53 + 1}, "event_time has to be an integer"),
        ({"velocity_score": float("nan")}, "velocity_score cannot be stored"),
        ({"velocity_score": float("inf")}, "velocity_score cannot be stored"),
        ({"risk_flags": {1, 2}}, "risk_flags cannot be stored"),
        ({"risk_flags": (float("nan"),)}, "risk_flags cannot be stored"),
        ({"card_id": "\ud800"}, "surrogates not allowed"),
        ({"half a character \ud800": 1}, "surrogates not allowed"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_before_anything_is_sent(
    nobody: Redis, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        RedisFeatures(nobody).write([GOOD, {**GOOD, **change}])


def test_rows_with_the_same_fields_go_together_and_no_call_is_longer_than_its_bound() -> None:
    rows = [GOOD] * (CALL_ROWS + 2) + [{**GOOD, "more": 1}] * 3 + [GOOD]
    calls = list(calls_of(rows, KINDS["card"], (1000, 20)))
    assert [call[0] // 3 for call in calls] == [CALL_ROWS, 2, 3, 1]
    assert all(len(call) == 1 + call[0] + 4 + call[0] // 3 for call in calls), "one argument a row"


def test_a_row_of_the_other_kind_is_refused(nobody: Redis) -> None:
    with pytest.raises(ValueError, match="needs user_id and click_id"):
        RedisFeatures(nobody, "user").write([GOOD])


@pytest.mark.parametrize("limits", [{"ttl_seconds": 0}, {"series_length": 0}])
def test_limits_below_one_make_no_sense(nobody: Redis, limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RedisFeatures(nobody, **limits)  # type: ignore[arg-type]


def test_a_redis_where_nobody_answers_is_one_sentence_that_can_be_tried_again(nobody: Redis) -> None:
    with pytest.raises(StoreUnavailable, match=r"Redis at 127\.0\.0\.1:1 does not answer .*streamlab up"):
        RedisFeatures(nobody).write([GOOD])


def test_a_stack_without_a_store_says_what_helps() -> None:
    here = Stack("embedded", "127.0.0.1:1", "http://127.0.0.1:1", frozenset())
    assert not here.has(Capability.FEATURE_STORE)
    with pytest.raises(CapabilityMissing, match=r"no feature store.*streamlab up.*REDIS_URL"):
        here.redis()


def test_the_password_of_a_redis_is_in_no_text_about_the_stack() -> None:
    here = Stack("local", "b", "r", frozenset(), redis_url="redis://:secret@127.0.0.1:6379/0")
    assert "secret" not in repr(here)
