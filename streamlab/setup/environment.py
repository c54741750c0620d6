"""The folder .venv: whether it is ready, how it is made, and the way back to the previous one.

    environment = Environment(project)
    environment.is_ready(pins)             # a few milliseconds, no pip
    environment.recover()                  # clear away what an earlier or killed setup left
    environment.begin() ... environment.finish(pins)
    environment.give_up()                  # instead of finish: remove the half, put the previous back

A stamp inside .venv says what it holds. It is begun before anything else is written there and completed last,
so a .venv that was cut off half-way, moved, or made by somebody else is told from a good one.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from streamlab.errors import StreamlabError
from streamlab.setup.lockfile import Pin


class Environment:
    """The .venv of one checkout."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = project / ".venv"
        #: Lock, log and set-aside environments; never anything of the learner's.
        self.workshop = project / ".streamlab" / "setup"
        self._stamp = self.folder / "streamlab-setup.json"
        self._previous = self.workshop / "previous"
        self._discarded = self.workshop / "discarded"

    @property
    def python(self) -> Path:
        """The environment's own Python."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def is_ready(self, pins: Iterable[Pin]) -> bool:
        """Whether .venv was completed here, still has its Python, and holds at least these pins."""
        stamp = self._read_stamp()
        return (
            stamp.get("folder") == str(self.folder)
            and stamp.get("project") == self._project_digest()
            and {pin.key for pin in pins} <= set(stamp.get("pins", ()))
            and self.python.exists()
        )

    def python_version(self) -> str:
        """The Python that a completed .venv was made with, as "3.11"."""
        return str(self._read_stamp().get("python", ""))

    def refuse_a_stranger(self) -> None:
        """Raises StreamlabError if .venv was made by somebody else: it is not ours to remove."""
        strange = not self._stamp.exists() and self.folder.exists()
        if strange and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise StreamlabError(
                f"{self.folder} is there already and was not made by this setup, so it is left alone.",
                "Move it away or delete it, then run the same command again.",
            )

    def is_tidy(self) -> bool:
        """Whether nothing of an earlier or cut-off setup is left to be cleared away."""
        return not self._previous.exists() and not self._discarded.exists()

    def recover(self) -> None:
        """Clear away what is left over: beside a half-made .venv the previous one comes back."""
        if self._previous.exists():
            if self._read_stamp():
                self._discard(self._previous)
            else:
                self.give_up()
        shutil.rmtree(self._discarded, ignore_errors=True)

    def begin(self) -> None:
        """Set a completed .venv aside, remove a half-made one, and open an empty one with a begun stamp."""
        if self._read_stamp():
            self.workshop.mkdir(parents=True, exist_ok=True)
            self.folder.rename(self._previous)
        elif self.folder.exists():
            self._discard(self.folder)
        self.folder.mkdir()
        self._stamp.write_text("{}\n", encoding="utf-8")

    def finish(self, pins: Iterable[Pin]) -> None:
        """Complete the stamp; from here on .venv counts as ready."""
        facts = {
            "folder": str(self.folder),
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "project": self._project_digest(),
            "pins": sorted(pin.key for pin in pins),
        }
        draft = self._stamp.with_suffix(".draft")
        draft.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._stamp)

    def give_up(self) -> bool:
        """Remove the half-made .venv and put the previous one back; says whether there was one."""
        self._discard(self.folder)
        if not self._previous.exists():
            return False
        self._previous.rename(self.folder)
        return True

    def remove(self) -> None:
        """Remove .venv; cut off half-way, nothing of it is left in its place."""
        self._discard(self.folder)

    def _discard(self, folder: Path) -> None:
        # Out of the way first: a removal that is cut off must not leave half a folder in its place.
        if folder.exists():
            shutil.rmtree(self._discarded, ignore_errors=True)
            self.workshop.mkdir(parents=True, exist_ok=True)
            folder.rename(self._discarded)
            shutil.rmtree(self._discarded, ignore_errors=True)

    def _read_stamp(self) -> dict[str, Any]:
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _project_digest(self) -> str:
        """Changes when the project must be installed anew: pyproject.toml names its commands."""
        return hashlib.sha256((self.project / "pyproject.toml").read_bytes()).hexdigest()
