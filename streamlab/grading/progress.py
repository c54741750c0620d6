"""What the learner has done so far: attempts, hints, predictions; one SQLite file in the state folder.

    record_attempt(result)                          # None, or a sentence when something needs saying
    next_hint("ch03.2", of=3)                       # 1, then 2, then 3, then 3 again
    record_prediction("c15", "once a schema id")
    tasks(), predictions()                          # rows for the table that `streamlab progress` prints

Several kernels and commands write at once, and any of them may be killed at any time: SQLite keeps the file
whole. A file that is damaged all the same is set aside under a dated name, and said. Progress is a comfort:
where it cannot be written, the sentence says so and nothing fails.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from streamlab import paths
from streamlab.grading.result import Result, Status

_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL,
    mistake TEXT, sub_check TEXT, seed INTEGER);
CREATE TABLE IF NOT EXISTS hints (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, task TEXT NOT NULL, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS predictions (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, claim TEXT NOT NULL, guess TEXT NOT NULL);
"""


@dataclass(frozen=True)
class TaskProgress:
    """One task: its last status, whether it ever passed, how often it was tried, how many hints were seen."""

    task: str
    last_status: str
    passed: bool
    attempts: int
    hints: int
    last_mistake: str | None


@dataclass(frozen=True)
class Prediction:
    """The first guess and the latest one for a claim."""

    claim: str
    first_guess: str
    last_guess: str


def file() -> Path:
    """Where progress is kept."""
    return paths.state_folder() / "progress.sqlite"


def record_attempt(result: Result) -> str | None:
    """Record the outcome of a check; a sentence for the learner if it could not be done as usual."""
    return _write(
        "INSERT INTO attempts (at, task, status, mistake, sub_check, seed) VALUES (?, ?, ?, ?, ?, ?)",
        (_now(), result.task, str(result.status), result.mistake, result.check, result.seed),
    )


def record_prediction(claim: str, guess: str) -> str | None:
    """Record what the learner expects; a sentence for the learner if it could not be done as usual."""
    return _write("INSERT INTO predictions (at, claim, guess) VALUES (?, ?, ?)", (_now(), claim, guess))


def next_hint(task: str, of: int) -> int:
    """The number of the hint to show now, from 1 to `of`; recorded. Without a file it is always the first."""
    try:
        with _database() as (database, _):
            database.execute("BEGIN IMMEDIATE")
            (seen,) = database.execute("SELECT count(*) FROM hints WHERE task = ?", (task,)).fetchone()
            number = min(int(seen) + 1, of)
            database.execute("INSERT INTO hints (at, task, number) VALUES (?, ?, ?)", (_now(), task, number))
            database.execute("COMMIT")
            return number
    except (sqlite3.Error, OSError):
        return 1


def tasks() -> dict[str, TaskProgress]:
    """Progress by task id. An attempt that found the hole untouched does not count as one.

    Raises:
        sqlite3.Error, OSError: the file cannot be read.
    """
    with _database() as (database, _):
        rows = database.execute(
            """
            SELECT task, max(status = ?), sum(status IN (?, ?)), max(id) FROM attempts GROUP BY task
            """,
            (Status.PASSED, Status.PASSED, Status.WRONG),
        ).fetchall()
        last = {
            row[0]: (row[1], row[2]) for row in database.execute("SELECT id, status, mistake FROM attempts")
        }
        hints = dict(database.execute("SELECT task, max(number) FROM hints GROUP BY task").fetchall())
    found = {
        task: TaskProgress(task, last[at][0], bool(passed), attempts, hints.pop(task, 0), last[at][1])
        for task, passed, attempts, at in rows
    }
    only_hints = {task: TaskProgress(task, "", False, 0, seen, None) for task, seen in hints.items()}
    return found | only_hints


def predictions() -> list[Prediction]:
    """The predictions in the order in which they were first made.

    Raises:
        sqlite3.Error, OSError: the file cannot be read.
    """
    with _database() as (database, _):
        rows = database.execute("SELECT claim, guess FROM predictions ORDER BY id").fetchall()
    guesses: dict[str, list[str]] = {}
    for claim, guess in rows:
        guesses.setdefault(claim, []).append(guess)
    return [Prediction(claim, made[0], made[-1]) for claim, made in guesses.items()]


def _write(statement: str, values: tuple[object, ...]) -> str | None:
    try:
        with _database() as (database, notice):
            database.execute(statement, values)
            return notice
    except (sqlite3.Error, OSError) as error:
        return f"Progress is not recorded: {error}. The check itself is not affected."


@contextmanager
def _database() -> Iterator[tuple[sqlite3.Connection, str | None]]:
    """The open database, and a sentence when a damaged one had to be set aside first."""
    place = file()
    place.parent.mkdir(parents=True, exist_ok=True)
    notice = None
    try:
        database = _opened(place)
    except sqlite3.OperationalError:
        raise  # locked, read-only, disk full: the file itself is not to blame
    except sqlite3.DatabaseError:
        notice = _set_aside(place)
        database = _opened(place)
    try:
        yield database, notice
    finally:
        database.close()


def _opened(place: Path) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            with FileLock(f"{place}.lock", timeout=_BUSY_SECONDS):
                _create(database)
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _create(database: sqlite3.Connection) -> None:
    """Make the tables; write-ahead logging where the file system can do it, so that readers never wait."""
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = 1; COMMIT;")


def _set_aside(place: Path) -> str | None:
    """Rename a damaged file, unless somebody else has just done so."""
    with FileLock(f"{place}.lock", timeout=_BUSY_SECONDS):
        if not _is_damaged(place):
            return None
        stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H%M%S.%f")
        kept = place.with_name(f"{place.stem}.damaged-{stamp}{place.suffix}")
        for ending in ("-wal", "-shm"):
            leftover = place.with_name(place.name + ending)
            if leftover.exists():
                leftover.rename(kept.with_name(kept.name + ending))
        place.rename(kept)
    return f"The progress file was damaged; it is kept as {kept.name}, and a new one was begun."


def _is_damaged(place: Path) -> bool:
    try:
        database = sqlite3.connect(place, timeout=_BUSY_SECONDS)
        try:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        finally:
            database.close()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
