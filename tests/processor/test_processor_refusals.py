"""What was set aside because nobody knew its schema stays set aside, whatever the registry says later."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.processor.refusals import MOST_RANGES, Refusals


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=40))
@settings(max_examples=50)
def test_exactly_the_messages_that_were_set_aside_are_covered(log: list[tuple[int, bool]]) -> None:
    refusals = Refusals()
    for offset, (schema_id, known) in enumerate(log):
        if known:
            refusals.close(schema_id)
        else:
            refusals.add(schema_id, offset)
    again = Refusals(refusals.as_list())
    for offset, (schema_id, known) in enumerate(log):
        assert again.covers(schema_id, offset) is not known


def test_a_range_that_no_restoring_reads_again_is_forgotten() -> None:
    refusals = Refusals()
    refusals.add(9, 5)
    refusals.close(9)
    refusals.add(9, 8)
    refusals.forget_before(6)
    assert refusals.as_list() == [[9, 8, 8]]
    refusals.add(9, 9)
    assert refusals.as_list() == [[9, 8, 9]]
    refusals.forget_before(10)
    assert not refusals


def test_a_flood_of_unknown_ids_forgets_the_oldest_and_keeps_the_newest() -> None:
    refusals = Refusals()
    for number in range(MOST_RANGES + 5):
        refusals.add(number, number)
    refusals.add(MOST_RANGES + 4, 1_000)
    kept = refusals.as_list()
    assert [one[0] for one in kept] == list(range(5, MOST_RANGES + 5))
    assert refusals.covers(MOST_RANGES + 4, 1_000)
    assert not refusals.covers(0, 0)
