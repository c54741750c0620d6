"""The picture of the breakage matrix says what the matrix says, in the image's text and in its symbols."""

import polars as pl
import pytest
from matplotlib import pyplot

from streamlab.registry.breakage_matrix import Outcome, Row, breakage_matrix
from streamlab.registry.breakage_view import FILLS, INKS, SYMBOLS, Picture, by_level, frame, picture
from streamlab.registry.compatibility import Level

ROWS = breakage_matrix()
TABLE = frame(ROWS)


@pytest.fixture(scope="module")
def drawn() -> Picture:
    """The whole matrix; drawing it takes longer than all else here."""
    return picture(TABLE)


def test_the_frame_holds_every_row_of_the_matrix() -> None:
    assert [Row(**{k: v for k, v in one.items() if k != "outcome"}) for one in TABLE.to_dicts()] == ROWS
    assert TABLE["outcome"].to_list() == [row.outcome for row in ROWS]


def test_levels_are_kept_in_the_course_s_order() -> None:
    assert TABLE["level"].unique().sort().to_list() == [level.value for level in Level]


def test_by_level_gives_each_reading_across_versions_one_row_and_each_level_a_column() -> None:
    table = by_level(TABLE)
    across = {
        (row.change, row.reader, row.data) for row in ROWS if (row.reader == "new") != (row.data == "new")
    }

    assert set(table.select("change", "reader", "data").iter_rows()) == across
    assert table.columns == ["change", "reader", "data", *Level]
    renamed = table.filter(change="rename a field with an alias", reader="old").to_dicts()[0]
    assert renamed["BACKWARD"] == "breaks"
    assert renamed["FORWARD"] == "refused"


def test_a_reading_of_a_refused_change_never_happens() -> None:
    for row in ROWS:
        assert (row.outcome == Outcome.REFUSED) == (not row.allowed)
        assert (row.outcome == Outcome.BREAKS) == (row.allowed and not row.reads)


def signs_of(change: str, earlier: str, level: Level) -> str:
    """The two signs that the text should show: new reads old, old reads new."""
    found = {(row.reader, row.data): row for row in ROWS if (row.change, row.level) == (change, level)}
    return SYMBOLS[found["new", earlier].outcome] + SYMBOLS[found[earlier, "new"].outcome]


def test_the_text_says_of_each_change_and_level_what_the_matrix_says(drawn: Picture) -> None:
    lines = [line.strip() for line in drawn.text.splitlines()]
    for change in dict.fromkeys(row.change for row in ROWS):
        for earlier, mark in (("old", ""), ("oldest", " (oldest version)")):
            if not any(row.change == change and row.reader == earlier for row in ROWS):
                continue
            expected = [signs_of(change, earlier, level) for level in Level]
            said = [line for line in lines if line.startswith(f"{change}{mark}  ")]
            said += [line for line in lines if line.startswith(f"{change}{mark} ✓")]
            said += [line for line in lines if line.startswith(f"{change}{mark} ✗")]
            assert len(said) == 1, change
            assert said[0].split()[-len(Level) :] == expected, change


def test_the_text_explains_every_sign_and_names_every_level(drawn: Picture) -> None:
    for word in (*SYMBOLS.values(), *Level):
        assert word in drawn.text.partition("Two signs")[0]


def test_the_title_counts_what_backward_accepts_and_what_breaks_all_the_same(drawn: Picture) -> None:
    accepted = {row.change for row in ROWS if row.level == "BACKWARD" and row.allowed}
    near = [row for row in ROWS if row.level == "BACKWARD" and "oldest" not in (row.reader, row.data)]
    broken = {row.change for row in near if row.outcome == Outcome.BREAKS}

    title = drawn.text.splitlines()[0]
    assert title.endswith(
        f"BACKWARD accepts {len(accepted)} of 34 changes, {len(broken)} of them break a reader"
    )


def test_some_levels_and_changes_can_be_drawn_alone() -> None:
    some = TABLE.filter(
        pl.col("level").is_in(["FORWARD", "FULL"]), pl.col("change") == "add a field that has a default"
    )
    text = picture(some).text

    assert text.splitlines()[0].endswith("FORWARD accepts 1 of 1 changes, 0 of them break a reader")
    assert "BACKWARD" not in text
    assert text.splitlines()[-1].split()[-2:] == ["✓✓", "✓✓"]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        picture(TABLE.clear())


def test_the_same_matrix_makes_the_same_picture_and_leaves_matplotlib_alone() -> None:
    some = TABLE.filter(pl.col("change").is_in(["add a field that has a default", "change only the doc"]))
    twice = [picture(some), picture(some)]
    assert twice[0] == twice[1]
    assert twice[0].png.startswith(b"\x89PNG")
    assert pyplot.get_fignums() == []


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines define it."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_outcomes_differ_without_colour() -> None:
    assert len(set(SYMBOLS.values())) == len(Outcome)
    assert contrast(FILLS[Outcome.BREAKS], FILLS[Outcome.READS]) >= 4.5
    assert all(contrast(FILLS[outcome], INKS[outcome]) >= 4.5 for outcome in Outcome)
