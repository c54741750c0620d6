"""What a stored notebook may show: nothing that another run or another machine would show differently."""

import base64
import struct
import tempfile
import zlib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from streamlab.build import faults, normalise
from streamlab.build.outputs import PNG, WIDGET_VIEW, without_comments
from streamlab.paths import PROJECT


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png(*comments: bytes) -> bytes:
    """A picture of one black pixel, with the comments given."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(comments) + pixels + chunk(b"IEND", b"")


def shown(**data: str) -> nbformat.NotebookNode:
    return new_output("display_data", {name.replace("_", "/"): content for name, content in data.items()})


def notebook(*outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_markdown_cell("text"), new_code_cell("x", outputs=list(outputs))])


def sentences(*outputs: nbformat.NotebookNode, private: tuple[str, ...] = ()) -> list[str]:
    found = faults(notebook(*outputs), private)
    assert {fault.cell_index for fault in found} <= {1}
    return [fault.sentence for fault in found]


def stdout(text: str) -> nbformat.NotebookNode:
    return new_output("stream", name="stdout", text=text)


def test_ordinary_output_has_no_faults() -> None:
    assert not sentences(
        stdout(
            "offset 0, key b'card-7'\n/subjects/txn.events-value/versions -> 200\n1/2 and a//b, see https://x.org/home/a\n"
        ),
        shown(text_plain="[1, 2]", text_html="<table><tr><td>1</td></tr></table>"),
        shown(text_plain="lag over time, 3 points", **{PNG: base64.b64encode(png()).decode()}),
    )


def test_stderr_is_refused() -> None:
    assert sentences(new_output("stream", name="stderr", text="%4|1234|WARN\n")) == [
        "text on stderr: %4|1234|WARN"
    ]


def test_an_error_is_refused() -> None:
    error = new_output("error", ename="KeyError", evalue="'x'", traceback=[])
    assert sentences(error) == ["an error: KeyError: 'x'"]


@pytest.mark.parametrize(
    "path",
    [
        "/home/ada/course",
        "/Users/ada/course",
        "/root/.cache",
        "/tmp/x",
        "/var/folders/ab/T",
        r"C:\Users\ada",
        str(PROJECT / "labs"),
        str(Path.home() / "x"),
        str(Path(tempfile.gettempdir()) / "x"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", 'File "{}", line 1', "see: {}", "('{}',)"])
def test_an_absolute_path_is_refused_in_every_kind_of_text(path: str, frame: str) -> None:
    for output in (
        stdout(frame.format(path)),
        shown(text_plain=frame.format(path)),
        shown(text_plain="x", text_html=f"<b>{frame.format(path)}</b>"),
    ):
        assert any("absolute path" in s or "this machine only" in s for s in sentences(output))


def test_what_the_caller_calls_private_is_refused() -> None:
    assert sentences(stdout("from 127.0.0.1:9092\n"), private=("127.0.0.1:9092",)) == [
        "what is true on this machine only: 127.0.0.1:9092"
    ]
    assert not sentences(stdout("from 127.0.0.1:9092\n"))


def test_a_memory_address_is_refused() -> None:
    (sentence,) = sentences(shown(text_plain="<Producer object at 0x7f3a2c10>"))
    assert sentence.startswith("a memory address, different at each run")
    assert not sentences(stdout("the first byte is at 0x00\n"))


def test_a_raw_traceback_is_refused() -> None:
    assert sentences(stdout("Traceback (most recent call last):\n")) == ["a raw traceback"]


@pytest.mark.parametrize("words", ["", "<Figure size 640x480 with 1 Axes>"])
def test_a_picture_needs_words_because_words_are_what_is_compared(words: str) -> None:
    picture = {PNG: base64.b64encode(png()).decode()}
    (sentence,) = sentences(shown(**picture, **({"text/plain": words} if words else {})))
    assert sentence.startswith("a picture without words")


def test_a_picture_that_names_its_software_is_refused() -> None:
    picture = base64.b64encode(png(chunk(b"tEXt", b"Software\0Matplotlib version3.11.2"))).decode()
    assert sentences(shown(text_plain="a line", **{PNG: picture})) == [
        "a picture that names the software that drew it"
    ]


def test_widget_state_is_refused() -> None:
    stored = notebook()
    stored.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    assert [(f.cell_index, f.sentence) for f in faults(stored)] == [(None, "widget state in the metadata")]
    assert sentences(new_output("display_data", {WIDGET_VIEW: {"model_id": "ab"}, "text/plain": "x"}))


def test_a_picture_keeps_all_but_its_comments() -> None:
    comments = [chunk(name, b"Software\0x") for name in (b"tEXt", b"iTXt", b"zTXt", b"tIME")]
    assert without_comments(png(*comments)) == png()
    assert without_comments(png(chunk(b"pHYs", b"\0" * 9))) == png(chunk(b"pHYs", b"\0" * 9))


def test_normalising_leaves_only_what_the_next_run_shows_too() -> None:
    picture = base64.b64encode(png(chunk(b"tEXt", b"Software\0x"))).decode()
    run = notebook(
        stdout("a"),
        stdout("b\n"),
        new_output("stream", name="stderr", text="c"),
        stdout("d"),
        new_output("display_data", {WIDGET_VIEW: {"model_id": "ab12"}, "text/plain": "a question"}),
        new_output("execute_result", {PNG: picture, "text/plain": "a line"}, execution_count=41),
    )
    run.cells[1].execution_count = 41
    run.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-11-20T10:15:00Z"}
    run.metadata["widgets"] = {"state": {}}
    normalise(run)
    assert "widgets" not in run.metadata
    cell = run.cells[1]
    assert (cell.execution_count, cell.metadata) == (1, {})
    assert [output.get("text") for output in cell.outputs[:3]] == ["ab\n", "c", "d"]
    assert cell.outputs[3].data == {"text/plain": "a question"}
    assert cell.outputs[4].execution_count == 1
    assert base64.b64decode(cell.outputs[4].data[PNG]) == png()
    nbformat.validate(run)
