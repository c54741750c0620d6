"""The evidence on event time says what its figures say, for any seed."""

import pytest

from streamlab.evidence import event_time


@pytest.mark.parametrize("seed", [1, 7, 2_024])
def test_c27_only_watermarks_per_partition_lose_nothing_and_idleness_has_an_end(seed: int) -> None:
    found = event_time.c27_one_watermark_for_all_loses_the_slow_partition(seed)
    assert found.late_per_partition == 0
    assert found.late_by_one_watermark > 0
    # Read once a second: the last reading at which it still stood is one before the stated time.
    assert found.held_back_ms == found.idle_after_ms - 1_000
    assert f"{found.late_by_one_watermark} of {found.events} events late" in found.verdict
    assert found.frame().height == 300


def test_c27_without_a_slow_partition_one_watermark_does_no_harm() -> None:
    found = event_time.c27_one_watermark_for_all_loses_the_slow_partition(behind_seconds=0)
    assert found.late_by_one_watermark == 0


@pytest.mark.parametrize("seed", [1, 7, 2_024])
def test_c28_velocity_by_span_is_undefined_and_ours_is_a_score(seed: int) -> None:
    found = event_time.c28_velocity_by_span_is_undefined_and_unbounded(seed)
    assert found.undefined > 0
    assert found.outside == found.transactions - found.undefined
    assert found.greatest > 1
    assert (found.our_least, found.our_greatest) == (0.0, 1.0)
    assert f"divides by zero at {found.undefined}" in found.verdict
    assert found.frame().height == found.transactions
    assert found.frame()["by_span"].null_count() == found.undefined
