"""One source, three notebooks: what is the same in them, what differs, and what keeps its identity."""

import copy
import json

import nbformat
import pytest
from tiny_course import LAB, LESSON, Project

from streamlab.build import (
    Kind,
    MarkerError,
    SourceError,
    derivations,
    derive_lab,
    derive_lesson,
    derive_solution,
    is_edited,
    serialise,
    stems,
)
from streamlab.errors import StreamlabError


def test_a_stem_has_a_lesson_a_lab_and_a_solution(tiny: Project) -> None:
    tiny.write("start", LESSON)
    assert stems(tiny.folder) == ("ch90_tiny", "start")
    assert [d.name for stem in stems(tiny.folder) for d in derivations(stem, tiny.folder)] == [
        "notebooks/ch90_tiny.ipynb",
        "labs/ch90_tiny.ipynb",
        "solutions/ch90_tiny.ipynb",
        "notebooks/start.ipynb",
    ]


def test_deriving_twice_gives_the_same_bytes(tiny: Project) -> None:
    first, second = ([serialise(d.notebook) for d in derivations("ch90_tiny", tiny.folder)] for _ in range(2))
    assert first == second


def test_lab_and_solution_differ_in_the_hole_alone(tiny: Project) -> None:
    lab, solution = derive_lab("ch90_tiny", tiny.folder), derive_solution("ch90_tiny", tiny.folder)
    pairs = list(zip(lab.cells, solution.cells, strict=True))
    assert [a.source == b.source for a, b in pairs] == [True, False, True]
    assert [a.id for a, _ in pairs] == [b.id for _, b in pairs]
    assert "return 2 * number" not in serialise(lab)
    assert "return 2 * number" in solution.cells[1].source
    assert "SOLUTION" not in serialise(solution)


def test_metadata_name_the_language_and_the_kernel_and_no_version(tiny: Project) -> None:
    notebook = derive_lesson("ch90_tiny", tiny.folder)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def test_an_answer_is_folded_and_nothing_else_is(tiny: Project) -> None:
    notebook = derive_lesson("ch90_tiny", tiny.folder)
    assert [cell.metadata for cell in notebook.cells] == [
        {},
        {},
        {},
        {"tags": ["answer"], "jupyter": {"outputs_hidden": True}, "collapsed": True},
    ]


def test_every_derived_notebook_is_valid_and_has_no_outputs(tiny: Project) -> None:
    for derivation in derivations("ch90_tiny", tiny.folder):
        nbformat.validate(derivation.notebook)
        for cell in derivation.notebook.cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None


def test_a_cell_keeps_its_id_when_the_cells_around_it_change(tiny: Project) -> None:
    before = {cell.source: cell.id for cell in derive_lesson("ch90_tiny", tiny.folder).cells}
    tiny.write("ch90_tiny", LESSON.replace("1 + 1", "1 + 2").replace("# %%\n", "# %%\n'new'\n\n# %%\n", 1))
    after = {cell.source: cell.id for cell in derive_lesson("ch90_tiny", tiny.folder).cells}
    assert {text for text in before if after.get(text) == before[text]} == set(before) - {"1 + 1"}
    assert after["1 + 2"] not in before.values()


def test_equal_cells_have_different_ids(empty: Project) -> None:
    empty.write("ch90_tiny", "# %%\n1\n\n# %%\n1\n\n# %%\n1\n")
    ids = [cell.id for cell in derive_lesson("ch90_tiny", empty.folder).cells]
    assert len(set(ids)) == 3


def test_two_chapters_share_no_ids(tiny: Project) -> None:
    tiny.write("ch91_other", LESSON)
    ids = [
        {cell.id for cell in derive_lesson(stem, tiny.folder).cells} for stem in ("ch90_tiny", "ch91_other")
    ]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (
            "# %%\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n",
            3,
            "a lesson has no",
        ),
        ("# %%\n1\n\n# %% [markdown]\n# text\n#\n# ### END SOLUTION\n", 7, "a lesson has no"),
        ("# %%\n# BEGIN SOLUTIONS\n1\n", 2, "a lesson has no"),
    ],
)
def test_solution_text_left_in_a_lesson_is_refused(empty: Project, text: str, line: int, reason: str) -> None:
    empty.write("ch90_tiny", text)
    with pytest.raises(MarkerError, match=reason) as refused:
        derive_lesson("ch90_tiny", empty.folder)
    assert refused.value.place == f"chapters/ch90_tiny.py:{line}"


def test_a_region_in_a_markdown_cell_is_refused(empty: Project) -> None:
    empty.write("ch90_tiny_lab", LAB + "\n# %% [markdown]\n# ### BEGIN SOLUTION\n# 42\n# ### END SOLUTION\n")
    with pytest.raises(MarkerError, match="belongs into a code cell") as refused:
        derive_lab("ch90_tiny", empty.folder)
    assert refused.value.place == f"chapters/ch90_tiny_lab.py:{LAB.count(chr(10)) + 3}"


def test_a_heading_of_a_markdown_cell_is_no_marker(empty: Project) -> None:
    empty.write("ch90_tiny_lab", LAB + "\n# %% [markdown]\n# ### Begin here\n#\n# ### The solution\n")
    assert derive_lab("ch90_tiny", empty.folder).cells[-1].source.startswith("### Begin here")


def test_a_lab_without_a_hole_is_refused(empty: Project) -> None:
    empty.write("ch90_tiny_lab", "# %%\nprint(1)\n")
    for derive in (derive_lab, derive_solution):
        with pytest.raises(MarkerError, match="a lab without a hole"):
            derive("ch90_tiny", empty.folder)


def test_an_unknown_chapter_is_named_with_those_there_are(tiny: Project) -> None:
    with pytest.raises(StreamlabError, match=r"no chapter 'ch91'.*There is: ch90_tiny"):
        derivations("ch91", tiny.folder)
    with pytest.raises(SourceError, match=r"chapters/ch91_lab\.py: there is no such source"):
        derive_lab("ch91", tiny.folder)


def test_a_lab_is_edited_when_its_text_changes_and_not_when_it_was_run(tiny: Project) -> None:
    lab = derive_lab("ch90_tiny", tiny.folder)
    assert not is_edited(lab)

    run = copy.deepcopy(lab)
    run.cells[2].execution_count = 1
    run.cells[2].outputs = [nbformat.v4.new_output("stream", text="done\n")]
    run.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    assert not is_edited(nbformat.from_dict(json.loads(json.dumps(run))))

    answered = copy.deepcopy(lab)
    answered.cells[1].source = answered.cells[1].source.replace("raise", "return 1\n    raise")
    shortened = copy.deepcopy(lab)
    del shortened.cells[0]
    noted = copy.deepcopy(lab)
    noted.cells.append(nbformat.v4.new_markdown_cell("my notes"))
    turned = copy.deepcopy(lab)
    turned.cells[2].cell_type = "markdown"
    foreign = copy.deepcopy(lab)
    del foreign.metadata["streamlab"]
    for notebook in (answered, shortened, noted, turned, foreign):
        assert is_edited(notebook)


def test_only_labs_carry_the_mark_of_their_derivation(tiny: Project) -> None:
    marked = [d.kind for d in derivations("ch90_tiny", tiny.folder) if "streamlab" in d.notebook.metadata]
    assert marked == [Kind.LAB]
