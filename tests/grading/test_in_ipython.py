"""In a kernel a check shows its card once, and a failure without a traceback."""

from pathlib import Path
from typing import Any

import nbclient
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from streamlab.paths import PROJECT

SETUP = (
    "from tests.grading import toy_lab as check\n"
    "double = check.double.right_answers[0].answer\n"
    "def loops(n):\n    while True:\n        print('flood')"
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """The outputs of some cells, as `jupyter execute` runs them."""
    cells = [
        SETUP,
        "check.double(double)",
        "result = check.double(double); later = 1",
        "result",
        "check.double(lambda n: n * n)",
        "check.double(loops)",
        "print('still here')",
        "check.double.hint()",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLAB_HOME", str(state))
        patch.setenv("STREAMLAB_SEED", "3")
        patch.setenv("PYTHONPATH", str(PROJECT))
        patch.setenv("IPYTHONDIR", str(state))
        client = nbclient.NotebookClient(notebook, allow_errors=True, kernel_name="python3", timeout=60)
        client.execute(cwd=str(Path(PROJECT)))
    return [cell.outputs for cell in notebook.cells]


def test_a_pass_is_one_card_also_when_the_check_is_the_cells_value(outputs: list[list[Any]]) -> None:
    for shown in (outputs[1], outputs[2]):
        (card,) = shown
        assert card.output_type == "display_data"
        assert "Passed" in card.data["text/html"]
        assert card.data["text/plain"].startswith("toy.1 double: passed.")


def test_a_result_that_is_asked_for_later_is_shown_again(outputs: list[list[Any]]) -> None:
    assert [shown.output_type for shown in outputs[3]] == ["execute_result"]


def test_a_failure_is_one_card_and_one_line_in_place_of_a_traceback(outputs: list[list[Any]]) -> None:
    card, error = outputs[4]
    assert "Wrong" in card.data["text/html"]
    assert (error.output_type, error.ename) == ("error", "CheckFailed")
    assert error.traceback == ["CheckFailed: toy.1 double: wrong (squared)"]


def test_a_flood_of_prints_stays_out_of_the_notebook_and_later_cells_print_as_ever(
    outputs: list[list[Any]],
) -> None:
    card, error = outputs[5]
    assert "endless" in card.data["text/plain"]
    assert error.ename == "CheckFailed"
    assert [shown.text for shown in outputs[6]] == ["still here\n"]


def test_a_hint_is_shown_as_text(outputs: list[list[Any]]) -> None:
    assert outputs[7][0].text.startswith("Hint 1 of 3 for toy.1 double: Look at addition.")
