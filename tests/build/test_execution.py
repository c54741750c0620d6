"""Running a derived notebook in a real kernel: repeatable, and a failure names its line."""

import pytest
from tiny_course import LESSON, Project

from streamlab import build

PLOT = """
# %%
import io
from matplotlib.figure import Figure

class Plot:
    def __init__(self, heights):
        self.heights = heights
        self.figure = Figure()
        self.figure.subplots().bar(range(len(heights)), heights)

    def __repr__(self):
        return f"bars of {self.heights}"

    def _repr_png_(self):
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png")
        return stream.getvalue()

# %%
Plot([1, 2, 3])
"""


def test_two_builds_in_a_row_are_equal_to_the_byte_pictures_too(tiny: Project) -> None:
    tiny.write("ch90_tiny", LESSON + PLOT)
    build.build(["ch90_tiny"], project=tiny.folder)
    first = tiny.files()
    assert b"image/png" in first["notebooks/ch90_tiny.ipynb"]
    build.build(["ch90_tiny"], project=tiny.folder)
    assert tiny.files() == first
    assert build.check(project=tiny.folder) == []


def test_a_failing_cell_is_named_by_its_source_line_and_its_error(empty: Project) -> None:
    empty.write("ch90_tiny", "# %% [markdown]\n# # T\n\n# %%\n1\n\n# %%\nx = 2\nx / 0\n\n# %%\n3\n")
    with pytest.raises(build.SourceError) as error:
        build.build(project=empty.folder)
    assert error.value.place == "chapters/ch90_tiny.py:9"
    assert "cell 3 of notebooks/ch90_tiny.ipynb failed: ZeroDivisionError: division by zero" in str(
        error.value
    )
    assert empty.files() == {}


def test_a_bare_assertion_is_shown_with_its_line(empty: Project) -> None:
    empty.write("ch90_tiny", "# %%\nx = 2\nassert x == 3\n")
    with pytest.raises(build.SourceError, match=r"tiny\.py:3: .* failed: AssertionError: assert x == 3"):
        build.build(project=empty.folder)


def test_a_kernel_that_dies_is_an_error_with_its_cell(empty: Project) -> None:
    empty.write("ch90_tiny", "# %%\n1\n\n# %%\nimport os\nos._exit(3)\n")
    with pytest.raises(build.SourceError, match=r"cell 2 of .* the kernel died") as error:
        build.build(project=empty.folder)
    assert error.value.place == "chapters/ch90_tiny.py:5"


def test_a_notebook_runs_with_a_fixed_seed_and_writes_no_results_of_its_own(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLAB_RESULTS", "somewhere")
    empty.write(
        "ch90_tiny",
        "# %%\nimport os\nos.environ.get('STREAMLAB_SEED'), os.environ.get('STREAMLAB_RESULTS')\n",
    )
    done = build.execute(build.derive_lesson("ch90_tiny", empty.folder), empty.folder)
    assert done.cells[0].outputs[0].data["text/plain"] == "('3', None)"


def test_executing_leaves_the_derived_notebook_without_outputs(empty: Project) -> None:
    empty.write("ch90_tiny", "# %%\nprint(1)\n")
    derived = build.derive_lesson("ch90_tiny", empty.folder)
    before = build.serialise(derived)
    assert build.execute(derived, empty.folder).cells[0].outputs[0].text == "1\n"
    assert build.serialise(derived) == before
