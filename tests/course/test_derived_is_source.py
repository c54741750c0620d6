"""What is stored is what the sources say, and nothing else is stored."""

import subprocess

import nbformat
import pytest
from reading import ALL, EXECUTED, name_of

from streamlab import build
from streamlab.build import Derivation
from streamlab.paths import PROJECT


def test_every_derived_file_equals_its_source_and_nothing_is_extra() -> None:
    assert [str(difference) for difference in build.check()] == []


def test_no_kept_copy_of_a_lab_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files", "labs"], cwd=PROJECT, capture_output=True, text=True)
    assert not [name for name in listed.stdout.split() if ".kept-" in name]


@pytest.mark.parametrize("derivation", EXECUTED, ids=name_of)
def test_only_answers_are_folded_and_no_cell_is_hidden(derivation: Derivation) -> None:
    stored = nbformat.read(derivation.path(), as_version=4)
    for cell in stored.cells:
        is_answer = "answer" in cell.metadata.get("tags", ())
        assert cell.metadata.get("jupyter", {}) == ({"outputs_hidden": True} if is_answer else {})
        assert not cell.metadata.get("collapsed") or is_answer


@pytest.mark.parametrize("derivation", ALL, ids=name_of)
def test_a_derived_notebook_is_valid(derivation: Derivation) -> None:
    stored = nbformat.read(derivation.path(), as_version=4)
    nbformat.validate(stored)
    assert len({cell.id for cell in stored.cells}) == len(stored.cells)
