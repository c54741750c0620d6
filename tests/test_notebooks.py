"""Every stored lesson and solution, run again on the live stack by nbval: it must show what it stores.

nbval runs in a process of its own for each notebook, with the environment that the build uses. It compares
text exactly and pictures not at all; that is why a picture needs words, and the build refuses one without.
"""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from streamlab import build
from streamlab.paths import PROJECT
from streamlab.stack import Stack

STORED = [d.name for stem in build.stems() for d in build.derivations(stem) if d.kind.is_executed]


def nbval(
    notebook: Path, home: Path, here: Stack | None = None, *, report: str = "-x"
) -> subprocess.CompletedProcess[str]:
    """Run the notebook's cells and compare their outputs with the stored ones; 0 when all are equal.

    Args:
        report: pytest's option; by default the first difference ends the run, as others follow from it.
    """
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-cell-timeout=120", "-q", report]
    command += ["-c", os.devnull, "--rootdir", str(notebook.parent), "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--color=no", notebook.name],
        cwd=notebook.parent,
        env=build.environment(home, here) | {"PYTEST_ADDOPTS": ""},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.stack
@pytest.mark.parametrize("name", STORED)
def test_a_stored_notebook_shows_what_it_shows_when_it_runs(
    name: str, live_stack: Stack, tmp_path: Path
) -> None:
    run = nbval(PROJECT / name, tmp_path, live_stack)
    assert run.returncode == 0, run.stdout


PLOT = """\
# %%
import base64

class Plot:
    def __repr__(self):
        return "lag over time: 3, 2, 1 messages"

    def _repr_png_(self):
        return base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNg"
            "AAAAAgABSK+kcQAAAABJRU5ErkJggg=="
        )
"""


def repaint(cell: NotebookNode) -> None:
    """Other pixels, the same words."""
    data = cell.outputs[0].data
    data["image/png"] = base64.b64encode(base64.b64decode(data["image/png"])[:-20] + bytes(20)).decode()


def reword(words: str) -> Callable[[NotebookNode], object]:
    """Other words, the same pixels if there are any."""
    return lambda cell: cell.outputs[0].data.update({"text/plain": words})


def keep(cell: NotebookNode) -> None:
    """Nothing is changed."""


CASES: dict[str, tuple[str, Callable[[NotebookNode], object], str]] = {
    "an equal number passes": ("print(42)", keep, "PASSED"),
    "an equal picture passes": ("Plot()", keep, "PASSED"),
    "changed pixels alone pass": ("Plot()", repaint, "PASSED"),
    "the changed words of a picture fail": ("Plot()", reword("lag over time: 3, 2, 0 messages"), "FAILED"),
    "a changed result fails": ("6 * 7", reword("41"), "FAILED"),
    "a changed printed number fails": ("print(42)", lambda c: c.outputs[0].update(text="43\n"), "FAILED"),
    "an output too few fails": ("print(42)", lambda c: c.outputs.pop(), "FAILED"),
    "an output too many fails": (
        "x = 42",
        lambda c: c.outputs.append(new_output("stream", text="x")),
        "FAILED",
    ),
    "the same text on stderr fails": ("print(42)", lambda c: c.outputs[0].update(name="stderr"), "FAILED"),
    "an error fails": ("print(42)", lambda c: c.update(source="print(42)\n1 / 0"), "FAILED"),
}
"""A cell, what is changed in it after it ran, and what nbval then says of it."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What nbval says of each case; all are cells of one notebook, stored as it ran, then changed."""
    project = tmp_path_factory.mktemp("project")
    (project / "chapters").mkdir()
    source = PLOT + "".join(f"\n# %%\n{code}\n" for code, *_ in CASES.values())
    (project / "chapters" / "ch90_tiny.py").write_text(source, encoding="utf-8")
    notebook = build.execute(build.derive_lesson("ch90_tiny", project), project)
    for cell, (_, change, _) in zip(notebook.cells[1:], CASES.values(), strict=True):
        change(cell)
    build.write_notebook(project / "tiny.ipynb", notebook)
    run = nbval(project / "tiny.ipynb", project, report="-rA")
    lines = re.findall(r"^(PASSED|FAILED) \S+::Cell (\d+)", run.stdout, re.MULTILINE)
    said = {int(number): verdict for verdict, number in lines}
    assert set(said) == set(range(len(CASES) + 1)), run.stdout
    assert run.returncode == 1
    return {name: said[number] for number, name in enumerate(CASES, start=1)}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_nbval_sees_every_change_but_that_of_pixels(case: str, verdicts: dict[str, str]) -> None:
    assert verdicts[case] == CASES[case][2]
