"""The steps of the setup, what it says on the way, and its exit code.

    python3 bootstrap.py [--dev | --clean] [--quiet] [--lock FILE] [--project FOLDER]

Exit codes: 0 ready, 1 refused in one sentence, 130 interrupted. Every step can be cut off at any point;
the next run goes on from what was downloaded.
"""

import argparse
import errno
import importlib.util
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from streamlab.errors import StreamlabError
from streamlab.setup import failures
from streamlab.setup.cleaning import clean
from streamlab.setup.environment import Environment
from streamlab.setup.lockfile import Pin, read_lock
from streamlab.setup.processes import Job, run
from streamlab.setup.turns import turn
from streamlab.setup.wheels import WheelShelf, user_cache_folder

#: Seen with the whole course: 148 packages, 141 MB of wheels, 602 MB in .venv.
DOWNLOAD_MB_PER_PACKAGE = 1
DISK_MB_PER_PACKAGE = 4
OFFLINE = ("--no-index", "--no-deps", "--no-cache-dir", "--no-compile", "--progress-bar", "off")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make .venv ready; print one sentence and return 1 when that cannot be done."""
    chosen = _arguments(arguments)
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal cleans up as Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        if chosen.clean:
            clean(chosen.project.resolve(), say)
        else:
            Setup(chosen.project.resolve(), chosen.lock.resolve()).run(chosen.quiet)
    except KeyboardInterrupt:
        return _refuse("Stopped. Run the same command again to go on: what was downloaded is kept.", code=130)
    except StreamlabError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(str(_explain(error, chosen.project)))
    return 0


class Setup:
    """One run of the setup for one checkout and one lock."""

    def __init__(self, project: Path, lock: Path) -> None:
        self.lock = lock
        self.environment = Environment(project)
        self.log = self.environment.workshop / "pip.log"
        self.shelf = WheelShelf(user_cache_folder() / "wheels", self.log)
        self.pins = read_lock(lock)
        self._step = 0

    def run(self, quiet: bool) -> None:
        """Return when .venv holds the lock and the project; `quiet` says nothing if it does already."""
        if self.environment.is_tidy() and self.environment.is_ready(self.pins):
            if quiet:
                return
        else:
            waiting = (
                "Another setup of this folder is at work, or the last pip of a killed one: waiting for it."
            )
            with turn(self.environment.workshop / "lock", on_wait=lambda: say(waiting)) as held:
                self.environment.refuse_a_stranger()
                self._tidy()
                if not self.environment.is_ready(self.pins):
                    self._make(held)
        say(f"Python environment ready: .venv (Python {self.environment.python_version()})")

    def _make(self, held: int) -> None:
        _require_venv()
        missing = self.shelf.missing(self.pins)
        needed_mb = len(self.pins) * DISK_MB_PER_PACKAGE + len(missing) * DOWNLOAD_MB_PER_PACKAGE
        _require_space(self.environment.project, needed_mb)
        say(f"Setting up the Python packages of the course in {self.environment.folder}, once;")
        say("the first time about 200 MB are downloaded, 310 MB with what the tests need.")
        say(f"Details go to {self.log}. Interrupt it when you like: the next run goes on.")
        self.log.unlink(missing_ok=True)
        try:
            self.environment.begin()
            with self._step_of(4, f"a new environment of Python 3.{sys.version_info.minor}"):
                self._run(held, (sys.executable, "-I", "-m", "venv", str(self.environment.folder)))
            self._download(missing, held)
            self._install(held)
            with self._step_of(4, "preparing the modules for a quick start"):
                self._compile(held)
            self.environment.finish(self.pins)
        except BaseException:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the clean-up off
            if self.environment.give_up():
                say("The previous .venv is back in its place, unchanged.")
            raise
        self._tidy()

    def _tidy(self) -> None:
        if not self.environment.is_tidy():
            say("Removing what an earlier setup left")
            self.environment.recover()

    def _download(self, missing: Sequence[Pin], held: int) -> None:
        with self._step_of(4, _download_title(missing)):
            if not missing:
                return
            report = Report(lambda: self._arrived(missing))
            waiting = "Another checkout is downloading the same packages: waiting for it."
            with turn(self.shelf.folder.with_suffix(".lock"), on_wait=lambda: say(waiting)):
                still_missing = self.shelf.missing(missing)
                self.shelf.download(still_missing, self.environment.python, held, report.tick)

    def _arrived(self, pins: Sequence[Pin]) -> str:
        arrived = len(pins) - len(self.shelf.missing(pins))
        return f"{arrived} of {len(pins)} packages, {self.shelf.arrived_mb(pins):.0f} MB"

    def _install(self, held: int) -> None:
        exactly = ("--require-hashes", "--only-binary", ":all:", "--find-links", str(self.shelf.folder))
        with self._step_of(4, f"installing {len(self.pins)} packages"):
            report = Report(lambda: "installing")
            try:
                self._pip(held, (*OFFLINE, *exactly, "--requirement", str(self.lock)), report.tick)
            except failures.MismatchError:
                # Checked when it was downloaded: so the kept file was damaged since.
                self.shelf.forget()
                raise StreamlabError(
                    "A kept download was damaged, and was thrown away.",
                    "Run the same command again: it is downloaded anew.",
                ) from None
            self._pip(held, (*OFFLINE, "--no-build-isolation", "--editable", str(self.environment.project)))

    def _compile(self, held: int) -> None:
        # Some packages carry files for other Pythons that do not compile: that is no failure.
        packages = str(self.environment.folder)
        command = (str(self.environment.python), "-I", "-m", "compileall", "-q", "-j", "0", packages)
        run([Job(command, output=self.log)], held)

    def _pip(self, held: int, arguments: Sequence[str], tick: Callable[[], None] = lambda: None) -> None:
        self._run(held, (str(self.environment.python), "-I", "-m", "pip", "install", *arguments), tick)

    def _run(self, held: int, command: tuple[str, ...], tick: Callable[[], None] = lambda: None) -> None:
        begin = self.log.stat().st_size if self.log.exists() else 0
        temporary = self.environment.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        job = Job(
            command,
            self.log,
            environment=(("TMPDIR", str(temporary)), ("TEMP", str(temporary)), ("PIP_USER", "0")),
        )
        if run([job], held, tick=tick):
            output = self.log.read_bytes()[begin:].decode(errors="replace")
            raise failures.explain(output, self.environment.folder, self.log)
        shutil.rmtree(temporary, ignore_errors=True)

    @contextmanager
    def _step_of(self, steps: int, title: str) -> Iterator[None]:
        self._step += 1
        say(f"Step {self._step} of {steps}: {title}")
        begin = time.monotonic()
        yield
        say(f"  done in {time.monotonic() - begin:.1f} s")


class Report:
    """Says how far a long step is: soon at first, then less and less often."""

    def __init__(self, describe: Callable[[], str]) -> None:
        self._describe = describe
        self._begin = time.monotonic()
        self._next_seconds = 3.0

    def tick(self) -> None:
        """Say it if it is time to."""
        seconds = time.monotonic() - self._begin
        if seconds >= self._next_seconds:
            say(f"  {self._describe()}, {seconds:.0f} s")
            self._next_seconds = seconds + min(30.0, max(3.0, seconds / 3))


def say(line: str) -> None:
    """One line on the screen, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _refuse(sentence: str, code: int = 1) -> int:
    sys.stderr.write(sentence + "\n")
    return code


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    home = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Make .venv with the packages of the lock."
    )
    parser.add_argument("--dev", action="store_true", help="with what the tests need (requirements-dev.lock)")
    parser.add_argument("--clean", action="store_true", help="remove .venv, caches and the stack's data")
    parser.add_argument("--quiet", action="store_true", help="say nothing when there is nothing to do")
    parser.add_argument("--lock", type=Path, help="another lock")
    parser.add_argument("--project", type=Path, default=home, help="another checkout")
    chosen = parser.parse_args(arguments)
    chosen.lock = chosen.lock or chosen.project / (
        "requirements-dev.lock" if chosen.dev else "requirements.lock"
    )
    return chosen


def _download_title(missing: Sequence[Pin]) -> str:
    if not missing:
        return "all packages were downloaded before, no network needed"
    return f"downloading {len(missing)} packages"


def _require_venv() -> None:
    # Debian and Ubuntu leave ensurepip out of their python3.
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        raise StreamlabError(
            f"This Python ({sys.executable}) cannot make environments.",
            f"On Debian and Ubuntu `sudo apt install {package}` mends it; then run the same command again.",
        )


def _require_space(project: Path, needed_mb: int) -> None:
    free_mb = shutil.disk_usage(project).free // 1_000_000
    if free_mb < needed_mb:
        raise StreamlabError(
            f"The disk that holds {project} has {free_mb} MB free; about {needed_mb} MB are needed.",
            "Free some, then run the same command again.",
        )


def _explain(error: OSError, project: Path) -> StreamlabError:
    path = error.filename or project
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return failures.disk_full(project)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return failures.no_permission(path, of_cache=Path(path).is_relative_to(user_cache_folder()))
    return StreamlabError(
        f"{path}: {error.strerror or error}.", "Mend that, then run the same command again."
    )
