"""The Redis server of this machine, out of one locked jar that carries it for several systems.

    candidates()                             # which programs can run here, best first; () if there is none
    unpacked(jar, layout.unpacked)           # the path of the first that runs, unpacked now if it was not yet
    is_right(file, program)                  # whether its content is what it was locked as

A program that is there is not always one that runs: the first one for Linux on x86_64 needs OpenSSL 3 and
glibc 2.34 (Debian 12, Ubuntu 22.04), the one for Apple's processors Homebrew's OpenSSL 3. So each is asked
for its version once, before it is taken, and else the next one is tried: a static 32-bit program on Linux,
the one for Intel's processors on macOS (through Rosetta).
"""

import hashlib
import os
import platform
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError

ARTIFACT: Final = "embedded-redis"
"""Its name in the lock."""

OWN_REDIS: Final = "Start a Redis by other means (a package of your system, a container) and set REDIS_URL."

_VERSION_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Program:
    """One server in the jar: its member, the sha256 of its content, the line of Redis that it is."""

    member: str
    sha256: str
    version: str = "6.2"


_LINUX_AMD64: Final = Program(
    "redis-server-6.2.6-v5-linux-amd64", "1f716094e08a25faee2bc7626feb9e13464ed89018ac5c376c5e9cff06bdcf52"
)
_LINUX_386: Final = Program(
    "redis-server-6.2.7-linux-386", "7439d339751e396cef7205a3169c96f1c53661f65d473b8d086e2d1826f48145"
)
_LINUX_ARM64: Final = Program(
    "redis-server-6.2.7-linux-arm64", "036a23aa65bfb31d2a048aa96c170b38c2fbd4f1de68ef0f9c3133dd4b1474cd"
)
_MACOS_AMD64: Final = Program(
    "redis-server-6.2.6-v5-darwin-amd64", "7a4eb450d90a6ce9a2c651cfc4a0613b980a270c6426cbb6fa42d6c3beec9ce8"
)
_MACOS_ARM64: Final = Program(
    "redis-server-6.2.6-v5-darwin-arm64", "c523aec5a9b6f565cff0271ef67f5c51fa83e1180e3e954ab5251b3cf6282b76"
)
_WINDOWS_AMD64: Final = Program(
    "redis-server-5.0.14.1-windows-amd64.exe",
    "79cd623a9999d75e944e8d2509547ddeee67a2c6c7b88d11d1137eb57fec10a0",
    "5.0",
)
_PROGRAMS: Final[dict[tuple[str, str], tuple[Program, ...]]] = {
    ("Linux", "x86_64"): (_LINUX_AMD64, _LINUX_386),
    ("Linux", "aarch64"): (_LINUX_ARM64,),
    ("Linux", "arm64"): (_LINUX_ARM64,),
    ("Darwin", "x86_64"): (_MACOS_AMD64,),
    ("Darwin", "arm64"): (_MACOS_ARM64, _MACOS_AMD64),
    ("Windows", "AMD64"): (_WINDOWS_AMD64,),
    ("Windows", "ARM64"): (_WINDOWS_AMD64,),
}


def candidates() -> tuple[Program, ...]:
    """The programs for this machine, best first; empty when the jar has none."""
    return _PROGRAMS.get((platform.system(), platform.machine()), ())


def none_here() -> StreamlabError:
    """What to say on a machine for which the jar has no program."""
    return StreamlabError(
        f"The course has no Redis for {platform.system()} on {platform.machine()}.", OWN_REDIS
    )


def present(folder: Path, programs: Sequence[Program]) -> Path | None:
    """The first of the programs that lies unpacked below `folder` with the right content."""
    files = ((folder / ARTIFACT / program.member, program) for program in programs)
    return next((file for file, program in files if is_right(file, program)), None)


def unpacked(jar: Path, folder: Path) -> Path:
    """The server of this machine, unpacked below `folder` whole or not at all, executable, its hash right.

    The caller holds a lock, or nobody else unpacks the same.

    Raises:
        StreamlabError: the jar has none for this machine or none that runs, no room, a damaged jar.
    """
    programs = candidates()
    if not programs:
        raise none_here()
    if found := present(folder, programs):
        return found
    reasons = []
    for program in programs:
        file = _unpack(jar, folder / ARTIFACT, program)
        reason = _why_it_does_not_run(file)
        if reason is None:
            return file
        file.unlink(missing_ok=True)
        reasons.append(f"{program.member}: {reason}")
    what_helps = "Install OpenSSL 3 (`brew install openssl@3`) or Rosetta, then run `streamlab up`."
    raise StreamlabError(
        f"The course's Redis does not run on this machine ({'; '.join(reasons)}).",
        what_helps if platform.system() == "Darwin" else OWN_REDIS,
    )


def is_right(file: Path, program: Program) -> bool:
    """Whether the file is there, can be executed, and has the content that it was locked with."""
    try:
        with file.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == program.sha256
    except OSError:
        return False
    return same and os.access(file, os.X_OK)


def _unpack(jar: Path, folder: Path, program: Program) -> Path:
    target = folder / program.member
    new = folder / f"{program.member}.{os.getpid()}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(jar) as archive:
            content = archive.read(program.member)
        new.write_bytes(content)
        new.chmod(0o755)
        if not is_right(new, program):
            raise zipfile.BadZipFile(f"{program.member} has another content than it was locked with")
        new.replace(target)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise StreamlabError(
            f"Redis could not be unpacked from {jar.name} into {folder} ({reason}).",
            "Make room (it needs 10 MB), or set STREAMLAB_CACHE to another folder, then try again.",
        ) from error
    finally:
        new.unlink(missing_ok=True)
    return target


def _why_it_does_not_run(file: Path) -> str | None:
    """The system's reason, in its own words; None if the program tells its version."""
    try:
        done = subprocess.run(
            [file, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except OSError as error:
        return error.strerror or str(error)
    except subprocess.TimeoutExpired:
        return f"no answer within {_VERSION_SECONDS:g} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[0][:200]
