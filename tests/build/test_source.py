"""What a source may hold, and that the place of each cell is known."""

from pathlib import Path

import pytest

from streamlab.build import SourceError, read


def source(folder: Path, text: str) -> Path:
    path = folder / "chapters" / "ch90_tiny.py"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_each_cell_knows_the_line_of_its_text(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n\n# %%\n\ny = 2\nz = 3\n"
    lines = text.splitlines()
    found = read(source(tmp_path, text))
    assert [(cell.kind, cell.text) for cell in found.cells] == [
        ("markdown", "# Title"),
        ("code", "x = 1"),
        ("code", "\ny = 2\nz = 3"),
    ]
    for cell in found.cells:
        for offset, line in enumerate(cell.text.splitlines()):
            assert lines[cell.first_line + offset - 1].endswith(line)
    assert found.at(found.cells[2], 2) == "chapters/ch90_tiny.py:11"


def test_a_cell_start_inside_a_string_starts_no_cell(tmp_path: Path) -> None:
    found = read(source(tmp_path, '# %%\ntext = """\n# %%\n"""\n\n# %%\n2\n'))
    assert [cell.first_line for cell in found.cells] == [2, 7]


def test_a_header_of_jupytext_is_no_cell(tmp_path: Path) -> None:
    header = "# ---\n# jupyter:\n#   jupytext:\n#     cell_metadata_filter: all\n# ---\n\n"
    found = read(source(tmp_path, f"{header}# %%\n1\n"))
    assert [(cell.text, cell.first_line) for cell in found.cells] == [("1", 8)]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", ":1", "0 lines start a cell"),
        ("x = 1\n\n# %%\n2\n", ":1", "1 lines start a cell, but 2 cells were read"),
        ("# %%\n1\n\n# %%\n\n# %%\n2\n", ":4", "an empty cell"),
        ("# %% [raw]\n# x\n", ":1", "a cell of the kind raw"),
        ('# %% tags=["anwser"]\n1\n', ":1", "the tags anwser"),
        ('# %% tags=["answer", "hide-input"]\n1\n', ":1", "the tags answer, hide-input"),
        ('# %% [markdown] tags=["answer"]\n# x\n', ":1", "the tags answer"),
        ('# %% jupyter={"source_hidden": true}\n1\n', ":1", "a cell carries jupyter"),
        ("# %% A title\n1\n", ":1", "a cell carries title"),
        ("# %%\n1\n\n# %%\n# NBVAL_IGNORE_OUTPUT\n2\n", ":4", "keeps outputs from being compared"),
    ],
)
def test_what_a_source_may_not_hold_is_refused_with_its_line(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    with pytest.raises(SourceError) as refused:
        read(source(tmp_path, text))
    assert refused.value.place == f"chapters/ch90_tiny.py{place}"
    assert reason in refused.value.what
