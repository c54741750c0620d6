"""The derived files on disk: written whole or not at all, compared exactly, and never at a learner's cost."""

import concurrent.futures
import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from tiny_course import LAB, LESSON, Project

from streamlab import build
from streamlab.build import files
from streamlab.stack import Stack


def pretend(notebook: NotebookNode, folder: Path, here: Stack | None) -> NotebookNode:
    """Instead of a kernel: every code cell prints its number."""
    done = copy.deepcopy(notebook)
    for number, cell in enumerate((c for c in done.cells if c.cell_type == "code"), start=1):
        cell.execution_count = number
        cell.outputs = [new_output("stream", name="stdout", text=f"{number}\n")]
    return done


@pytest.fixture
def built(tiny: Project) -> Project:
    build.build(project=tiny.folder, run=pretend)
    return tiny


def change(path: Path, edit: Callable[[NotebookNode], object]) -> None:
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


def test_a_build_writes_lesson_lab_and_solution(tiny: Project) -> None:
    written = build.build(project=tiny.folder, run=pretend)
    assert [one.name for one in written] == [
        "notebooks/ch90_tiny.ipynb",
        "labs/ch90_tiny.ipynb",
        "solutions/ch90_tiny.ipynb",
    ]
    assert set(tiny.files()) == {one.name for one in written}
    assert build.check(project=tiny.folder) == []


def test_building_twice_gives_the_same_bytes(built: Project) -> None:
    before = built.files()
    build.build(project=built.folder, run=pretend)
    assert built.files() == before


def test_one_chapter_can_be_built_alone(tiny: Project) -> None:
    tiny.write("ch91_other", LESSON)
    build.build(["ch91_other"], project=tiny.folder, run=pretend)
    assert set(tiny.files()) == {"notebooks/ch91_other.ipynb"}


def test_when_a_cell_fails_nothing_is_written_and_the_line_is_named(built: Project) -> None:
    built.write("ch91_other", LESSON)
    built.write("ch90_tiny_lab", LAB.replace("2 * number", "3 * number"))
    before = built.files()

    def fail_in_the_last(notebook: NotebookNode, folder: Path, here: Stack | None) -> NotebookNode:
        if folder.name == "solutions":
            raise build.CellFailed(1, 2, "NameError: x")
        return pretend(notebook, folder, here)

    with pytest.raises(
        build.SourceError, match=r"cell 2 of solutions/ch90_tiny\.ipynb failed: NameError: x"
    ) as error:
        build.build(project=built.folder, run=fail_in_the_last)
    assert error.value.place == "chapters/ch90_tiny_lab.py:7"
    assert built.files() == before


def test_when_an_output_must_not_be_stored_nothing_is_written(tiny: Project) -> None:
    def with_a_warning(notebook: NotebookNode, folder: Path, here: Stack | None) -> NotebookNode:
        done = pretend(notebook, folder, here)
        done.cells[1].outputs.append(new_output("stream", name="stderr", text="careful"))
        return done

    with pytest.raises(
        build.StoredOutputRefused, match=r"cell 2 of notebooks/ch90_tiny\.ipynb would store"
    ) as error:
        build.build(project=tiny.folder, run=with_a_warning)
    assert error.value.place == "chapters/ch90_tiny.py:5"
    assert tiny.files() == {}


@pytest.mark.parametrize("address", ["127.0.0.1:9092", "127.0.0.1:8081"])
def test_the_addresses_of_the_stack_are_never_stored(tiny: Project, address: str) -> None:
    here = Stack("local", "127.0.0.1:9092", "http://127.0.0.1:8081/apis/ccompat/v7", frozenset())

    def with_an_address(notebook: NotebookNode, folder: Path, here: Stack | None) -> NotebookNode:
        done = pretend(notebook, folder, here)
        done.cells[1].outputs[0].text = f"connected to {address}\n"
        return done

    with pytest.raises(build.StoredOutputRefused, match=address):
        build.build(project=tiny.folder, here=here, run=with_an_address)
    assert tiny.files() == {}


def test_a_marker_error_is_found_before_anything_runs(tiny: Project) -> None:
    tiny.write("ch99_last_lab", LAB.replace("### END", "## END"))
    ran: list[NotebookNode] = []
    with pytest.raises(build.MarkerError, match=r"chapters/ch99_last_lab\.py:9"):
        build.build(project=tiny.folder, run=lambda notebook, *_: ran.append(notebook) or notebook)
    assert not ran


def test_an_interrupted_write_leaves_the_old_file_and_no_rest(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = built.files()

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupted)
    lesson = build.derive_lesson("ch90_tiny", built.folder)
    with pytest.raises(KeyboardInterrupt):
        build.write_notebook(built.folder / "notebooks" / "ch90_tiny.ipynb", lesson)
    assert built.files() == before


LESSON_CELL = [
    "cell {} (from chapters/ch90_tiny.py:{})".format(*place) for place in ((1, 2), (2, 5), (3, 8), (4, 11))
]
LAB_CELL = [
    "cell {} (from chapters/ch90_tiny_lab.py:{})".format(*place) for place in ((1, 2), (2, 5), (3, 12))
]


@pytest.mark.parametrize(
    ("name", "edit", "what"),
    [
        ("notebooks", lambda n: n.cells[1].update(source="1 + 2"), f"{LESSON_CELL[1]} differs in its text"),
        ("notebooks", lambda n: n.cells[0].update(id="abc"), f"{LESSON_CELL[0]} differs in its id"),
        (
            "notebooks",
            lambda n: n.cells[3].metadata.pop("jupyter"),
            f"{LESSON_CELL[3]} differs in its metadata",
        ),
        (
            "notebooks",
            lambda n: n.cells[1].metadata.update(tags=["x"]),
            f"{LESSON_CELL[1]} differs in its metadata",
        ),
        ("notebooks", lambda n: n.cells.pop(), "it has 3 cells, its source 4"),
        ("notebooks", lambda n: n.cells.append(new_code_cell("2")), "it has 5 cells, its source 4"),
        (
            "notebooks",
            lambda n: n.metadata.language_info.update(version="3"),
            "the notebook's metadata differ",
        ),
        (
            "notebooks",
            lambda n: n.cells[1].update(execution_count=None),
            f"{LESSON_CELL[1]} was not run in order",
        ),
        ("solutions", lambda n: n.cells[2].update(execution_count=7), f"{LAB_CELL[2]} was not run in order"),
        (
            "solutions",
            lambda n: n.cells[1].outputs[0].update(name="stderr"),
            "cell 2 stores text on stderr: 1",
        ),
        ("labs", lambda n: n.cells[1].update(execution_count=1), f"{LAB_CELL[1]} was run"),
        ("labs", lambda n: n.cells[1].outputs.append(new_output("stream")), f"{LAB_CELL[1]} has outputs"),
        ("labs", lambda n: n.metadata.pop("streamlab"), "the notebook's metadata differ"),
    ],
)
def test_a_difference_is_named_with_its_cell_and_what_mends_it(
    built: Project, name: str, edit: Callable[[NotebookNode], object], what: str
) -> None:
    change(built.folder / name / "ch90_tiny.ipynb", edit)
    (difference,) = build.check(project=built.folder)
    assert (difference.file, difference.what) == (f"{name}/ch90_tiny.ipynb", what)
    assert "`streamlab build ch90_tiny` mends it" in difference.mend


def test_a_changed_source_is_a_difference_in_all_that_is_derived_from_it(built: Project) -> None:
    built.write("ch90_tiny_lab", LAB.replace('print("done")', 'print("ready")'))
    assert [difference.file for difference in build.check(project=built.folder)] == [
        "labs/ch90_tiny.ipynb",
        "solutions/ch90_tiny.ipynb",
    ]


def test_a_missing_an_unreadable_and_an_extra_file_are_differences(built: Project) -> None:
    (built.folder / "notebooks/ch90_tiny.ipynb").unlink()
    (built.folder / "solutions/ch90_tiny.ipynb").write_text("{", encoding="utf-8")
    (built.folder / "solutions/ch89_old.ipynb").write_text("{}", encoding="utf-8")
    assert [str(difference) for difference in build.check(project=built.folder)] == [
        "notebooks/ch90_tiny.ipynb: it is missing. `streamlab build ch90_tiny` mends it.",
        "solutions/ch90_tiny.ipynb: it is not a notebook. `streamlab build ch90_tiny` mends it.",
        "solutions/ch89_old.ipynb: no source in chapters/ stands behind it."
        " `git rm solutions/ch89_old.ipynb` mends it.",
    ]


def test_a_kept_copy_is_no_extra_file(built: Project) -> None:
    build.keep_copy(built.folder / "labs/ch90_tiny.ipynb")
    assert build.check(project=built.folder) == []


def test_an_edited_lab_is_kept_before_it_is_written_anew(built: Project) -> None:
    lab = built.folder / "labs/ch90_tiny.ipynb"
    change(lab, lambda n: n.cells[1].update(source="def double(number): return number + number"))
    edited = lab.read_bytes()
    kept = [one.kept for one in build.build(project=built.folder, run=pretend) if one.kept]
    assert [copy.read_bytes() for copy in kept] == [edited]
    assert kept[0].name.startswith("ch90_tiny.kept-")
    assert build.check(project=built.folder) == []


def test_a_lab_that_cannot_be_read_is_kept_too(built: Project) -> None:
    lab = built.folder / "labs/ch90_tiny.ipynb"
    lab.write_text("half a noteb", encoding="utf-8")
    kept = [one.kept for one in build.build(project=built.folder, run=pretend) if one.kept]
    assert [copy.read_text(encoding="utf-8") for copy in kept] == ["half a noteb"]


def test_an_older_derivation_that_nobody_edited_is_replaced_without_a_copy(built: Project) -> None:
    built.write("ch90_tiny_lab", LAB.replace('print("done")', 'print("ready")'))
    assert not [one.kept for one in build.build(project=built.folder, run=pretend) if one.kept]
    assert [name for name in built.files() if "kept" in name] == []


def test_no_copy_is_lost_however_many_are_kept_at_once(tmp_path: Path) -> None:
    lab = tmp_path / "ch90_tiny.ipynb"
    lab.write_bytes(b"work")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: build.keep_copy(lab), range(40)))
    assert len(set(kept)) == 40
    assert {copy.read_bytes() for copy in kept} == {b"work"}
    assert all(build.is_kept_copy(copy) and not build.is_kept_copy(lab) for copy in kept)
    assert lab.read_bytes() == b"work"
