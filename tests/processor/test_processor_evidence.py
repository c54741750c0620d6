"""The evidence on delivery says what its figures say."""

import pytest

from streamlab.evidence import delivery, replays
from streamlab.processor.guarantees import Moment
from streamlab.processor.settings import Guarantee
from streamlab.stack import Capability, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_c29_a_timer_loses_and_committing_after_the_sinks_repeats(live_stack: Stack) -> None:
    crashes = delivery.c29_auto_commit_is_no_guarantee(live_stack, events=2_000)
    by_run = {(run.guarantee, run.killed): run.loss for run in crashes.runs}
    for guarantee in (Guarantee.AUTO_COMMIT, Guarantee.AT_MOST_ONCE):
        assert by_run[guarantee, Moment.BEFORE_SINKS].lost > 0
    assert crashes.lost(Guarantee.AT_LEAST_ONCE) == 0
    assert by_run[Guarantee.AT_LEAST_ONCE, Moment.AFTER_SINKS].doubled > 0
    assert all(loss.different == 0 for loss in by_run.values())
    assert crashes.frame().height == 4
    assert f"lost {crashes.lost(Guarantee.AUTO_COMMIT)} events" in crashes.verdict
    assert "is false" in crashes.verdict


def test_c30_transactions_hold_inside_kafka_and_redis_needs_versions(live_stack: Stack) -> None:
    evidence = delivery.c30_exactly_once_ends_at_the_sink(live_stack, events=2_000)
    assert all((run.loss.lost, run.loss.doubled, run.loss.different) == (0, 0, 0) for run in evidence.runs)
    assert "0 lost and 0 doubled" in evidence.verdict
    if live_stack.has(Capability.FEATURE_STORE):
        assert evidence.counter is not None
        assert evidence.counter > evidence.rows
        assert evidence.counter - evidence.rows == evidence.stale
        assert evidence.store_differs == 0


def test_c35_a_replay_gives_the_same_features_as_far_as_the_log_is_kept(live_stack: Stack) -> None:
    replay = replays.c35_a_stream_can_be_read_again(live_stack, events=2_000)
    assert replay.again_equal == replay.events > 0
    assert replay.from_the_middle_equal == replay.from_the_middle
    assert 0 < replay.from_the_middle < replay.events
    assert replay.deleted > 0
    assert replay.after_retention_equal < replay.after_retention < replay.events
