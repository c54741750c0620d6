"""The progress file survives crashes, parallel writers, damage and folders that cannot be written."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlab.grading import Status, progress
from streamlab.paths import PROJECT
from tests.grading.toy_lab import TASKS, double, greet


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def wrong() -> None:
    assert progress.record_attempt(double.result(lambda n: n * n)) is None


def test_attempts_are_counted_and_a_pass_is_remembered() -> None:
    wrong()
    progress.record_attempt(double.result(double.right_answers[0].answer))
    wrong()
    progress.record_attempt(double.result(...))
    row = progress.tasks()["toy.1"]
    assert (row.attempts, row.passed, row.last_status) == (3, True, Status.NOT_ATTEMPTED)


def test_calling_a_task_records_and_asking_for_the_result_does_not() -> None:
    double.result(double.right_answers[0].answer)
    assert progress.tasks() == {}
    double(double.right_answers[0].answer)
    assert progress.tasks()["toy.1"].passed


def test_hints_come_one_after_the_other_and_stay_at_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert [progress.next_hint("toy.1", of=3) for _ in range(5)] == [1, 2, 3, 3, 3]
    assert progress.tasks()["toy.1"].hints == 3
    for _ in range(4):
        greet.hint()
    shown = capsys.readouterr().out
    assert [shown.count(f"Hint {n} of 3 for toy.2 greet") for n in (1, 2, 3)] == [1, 1, 2]


def test_the_first_and_the_last_guess_are_kept() -> None:
    for guess in ("once a message", "once", "once a schema id"):
        progress.record_prediction("c15", guess)
    assert progress.predictions() == [progress.Prediction("c15", "once a message", "once a schema id")]


@pytest.mark.parametrize(
    "content", [b"this is not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5_000]
)
def test_a_damaged_file_is_set_aside_and_said(folder: Path, content: bytes) -> None:
    folder.mkdir()
    progress.file().write_bytes(content)
    notice = progress.record_attempt(double.result(lambda n: n))
    assert notice is not None
    assert "damaged" in notice
    kept = list(folder.glob("progress.damaged-*.sqlite"))
    assert [file.read_bytes() for file in kept] == [content]
    assert kept[0].name in notice
    assert progress.tasks()["toy.1"].attempts == 1
    assert progress.record_attempt(double.result(lambda n: n)) is None


def test_the_notice_is_shown_with_the_result(folder: Path) -> None:
    folder.mkdir()
    progress.file().write_bytes(b"x" * 1_000)
    result = double(double.right_answers[0].answer)
    assert "damaged" in result.message


def test_a_folder_that_cannot_be_made_never_fails_a_check(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    result = double(double.right_answers[0].answer)
    assert result.passed
    assert "Progress is not recorded" in result.message
    assert progress.next_hint("toy.1", of=3) == 1
    assert progress.record_prediction("c15", "once") is not None


def test_a_database_of_a_read_only_kind_never_fails_a_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    assert "readonly" in double(double.right_answers[0].answer).message


WRITER = """
import sys
from streamlab.grading import progress
from tests.grading.toy_lab import double
result = double.result(lambda n: n)
print("ready", flush=True)
for _ in range(int(sys.argv[1])):
    assert progress.record_attempt(result) is None
    print("written", flush=True)
"""


def writer(count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(count)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_eight_writers_at_once_lose_nothing() -> None:
    writers = [writer(25) for _ in range(8)]
    for process in writers:
        process.communicate(timeout=120)
    assert [process.returncode for process in writers] == [0] * 8
    assert progress.tasks()["toy.1"].attempts == 8 * 25


def test_a_writer_that_is_killed_loses_at_most_what_it_was_writing() -> None:
    for _ in range(3):
        before = progress.tasks()["toy.1"].attempts if progress.tasks() else 0
        process = writer(100_000)
        assert process.stdout is not None
        seen = 0
        until = time.monotonic() + 60
        while seen < 20 and time.monotonic() < until:
            seen += process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=60)
        seen += rest.count("written\n")
        recorded = progress.tasks()["toy.1"].attempts - before
        assert seen <= recorded <= seen + 1
    with sqlite3.connect(progress.file()) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_the_toy_lab_is_complete() -> None:
    assert len({task.id for task in TASKS}) == len(TASKS)
