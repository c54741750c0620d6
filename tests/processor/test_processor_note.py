"""What is written beside an offset comes back as it was, and nobody else's is taken for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.processor.account import PartitionBooks
from streamlab.processor.commit_note import Note
from streamlab.processor.partition import MOST_DRAINS
from streamlab.processor.refusals import MOST_RANGES, Refusals

COUNT = st.integers(0, 2**62)
NOTES = st.builds(
    Note,
    watermark_ms=st.none() | st.integers(-(2**62), 2**62),
    lateness_ms=st.integers(0, 86_400_000),
    needed_from=COUNT,
    drained=st.lists(st.lists(COUNT, min_size=2, max_size=2), max_size=MOST_DRAINS),
    books=st.builds(PartitionBooks, COUNT, COUNT, COUNT),
    refused=st.lists(st.lists(COUNT, min_size=3, max_size=3), max_size=MOST_RANGES),
)
METADATA_BYTES = 4_096
"""The broker's default of `offset.metadata.max.bytes`."""


@given(NOTES)
@settings(max_examples=50)
def test_a_note_comes_back_as_it_was(note: Note) -> None:
    assert Note.read(note.text()) == note


@pytest.mark.parametrize(
    "text",
    [
        None, "", "somebody's", "null", "7", "[]", "{}", '{"v":2}', '{"v":1}', '{"v":1,"watermark":"soon"}',
        '{"v":1,"watermark":1,"lateness":1,"from":0,"books":[1,2,3,4]}',
        '{"v":1,"watermark":1,"lateness":1,"from":0,"books":7}',
        '{"v":1,"watermark":1,"lateness":1,"from":0,"books":[1,2,3],"drained":9}',
    ],
)  # fmt: skip
def test_metadata_that_somebody_else_wrote_is_no_note(text: str | None) -> None:
    assert Note.read(text) is None


def test_the_longest_note_fits_in_a_commit() -> None:
    refusals = Refusals()
    for number in range(2 * MOST_RANGES):
        refusals.add(2**32 - 1 - number, 10**15 + number)
    most = 10**15
    note = Note(4_102_444_800_000, 86_399_999, needed_from=most, books=PartitionBooks(most, most, most))
    drained = [[most + number, 4_102_444_800_000] for number in range(MOST_DRAINS)]
    full = Note(**{**vars(note), "drained": drained, "refused": refusals.as_list()})
    assert len(full.refused) == MOST_RANGES
    assert len(full.text().encode()) < METADATA_BYTES
