"""The downloaded packages: fetched side by side, kept for every checkout of this user.

    shelf = WheelShelf(user_cache_folder() / "wheels", log)
    missing = shelf.missing(pins)                      # what a download would fetch
    shelf.download(missing, python, held, report)      # hashes checked by pip
    shelf.folder                                       # for `pip install --no-index --find-links`

A pin is on the shelf when its note in `notes/` is there: the note is written last and holds the name of the
wheel (nothing, where the pin's marker leaves this machine out). A download that was cut off goes on with the
pins that have no note.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from streamlab.setup import failures
from streamlab.setup.lockfile import Pin
from streamlab.setup.processes import Job, run

PINS_PER_JOB = 8
JOBS_AT_ONCE = 4
#: pip's own defaults wait for minutes without saying so; whoever set these keeps what they set.
PATIENCE = {"PIP_RETRIES": "2", "PIP_DEFAULT_TIMEOUT": "30"}


def user_cache_folder() -> Path:
    """The folder of `streamlab.paths.cache_folder()`, which needs a package that is not there yet."""
    if given := os.environ.get("STREAMLAB_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(local) / "streamlab" / "streamlab" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "streamlab"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamlab"


class WheelShelf:
    """The wheels for one kind of Python on one kind of machine."""

    def __init__(self, root: Path, log: Path) -> None:
        self.folder = root / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
        self._notes = self.folder / "notes"
        self._unfinished = self.folder / "unfinished"
        self._log = log

    def missing(self, pins: Iterable[Pin]) -> list[Pin]:
        """The pins that are not on the shelf yet."""
        return [pin for pin in pins if not self._is_here(pin)]

    def arrived_mb(self, pins: Iterable[Pin]) -> float:
        """Megabytes of these pins that are on the shelf."""
        names = [self._note(pin) for pin in pins]
        return sum(_size(self.folder / name) for name in names if name) / 1e6

    def download(self, pins: Sequence[Pin], python: Path, held: int, tick: Callable[[], None]) -> None:
        """Fetch these pins, checking their hashes; the first failure ends it, and what was fetched stays.

        Call it with the shelf's turn held: two downloads must not share the unfinished folder.
        """
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._notes.mkdir(parents=True, exist_ok=True)
        groups = [list(pins[start : start + PINS_PER_JOB]) for start in range(0, len(pins), PINS_PER_JOB)]
        jobs = {self._job(number, group, python): group for number, group in enumerate(groups)}
        try:
            failed = run(
                jobs,
                held,
                at_once=JOBS_AT_ONCE,
                tick=tick,
                succeeded=lambda job: self._shelve(job, jobs[job]),
            )
            if failed:
                output = failed.output.read_text(encoding="utf-8", errors="replace")
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(output)
                raise failures.explain(output, self.folder, self._log)
        finally:
            shutil.rmtree(self._unfinished, ignore_errors=True)

    def forget(self) -> None:
        """Throw all wheels of this Python away, because one of them is not what it was."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_here(self, pin: Pin) -> bool:
        name = self._note(pin)
        return name is not None and (not name or (self.folder / name).exists())

    def _note(self, pin: Pin) -> str | None:
        """The name of the pin's wheel, "" where this machine needs none, None where it was not fetched."""
        try:
            return (self._notes / pin.key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _job(self, number: int, pins: list[Pin], python: Path) -> Job:
        place = self._unfinished / f"{number:02d}"
        place.mkdir(parents=True)
        requirements = place / "requirements.txt"
        requirements.write_text("".join(f"{pin.text}\n" for pin in pins), encoding="utf-8")
        pip = (str(python), "-I", "-m", "pip", "download", "--progress-bar", "off", "--no-cache-dir")
        exactly = (
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--requirement",
            str(requirements),
        )
        return Job(
            (*pip, *exactly, "--dest", str(place)),
            output=place / "pip.log",
            # pip's temporary files lie here too, so that a pip that is killed leaves nothing elsewhere.
            environment=(("TMPDIR", str(place)), ("TEMP", str(place)), *_patience()),
        )

    def _shelve(self, job: Job, pins: list[Pin]) -> None:
        wheels = list(job.output.parent.glob("*.whl"))
        for pin in pins:
            name = next((wheel.name for wheel in wheels if pin.is_for(wheel.name)), "")
            if name:
                (job.output.parent / name).replace(self.folder / name)
            note = job.output.parent / pin.key
            note.write_text(name, encoding="utf-8")
            note.replace(self._notes / pin.key)


def _patience() -> list[tuple[str, str]]:
    return [(name, value) for name, value in PATIENCE.items() if name not in os.environ]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
