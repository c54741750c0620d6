"""Examinations of what the servers are made of: the Java runtime, the downloads, Redis.

downloads(LocalBackend(Layout.here()))     # Finding("downloads", "ok", "46 files have the right content")
"""

import subprocess
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.stack import artifacts, environment, java, redis_program, unpack
from streamlab.stack.doctor.finding import Backend, Said, examination, note, ok, wrong
from streamlab.stack.local import LocalBackend, RegistryKind

JAVA_MAJOR: Final = "21"
JAVA_SECONDS: Final = 10.0

_JAVA_ANEW: Final = "Run `make clean`, then `make lab`."
_FETCH: Final = "Run `streamlab up`: it fetches them again."


@examination("Java", helps_when_hanging=_JAVA_ANEW)
def java_runtime(backend: Backend) -> Said:
    """The runtime from PyPI starts."""
    if not isinstance(backend, LocalBackend):
        return ok(f"the {backend.name} backend needs none")
    try:
        done = subprocess.run(
            [java.executable(), "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=JAVA_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return wrong(f"it did not tell its version within {JAVA_SECONDS:g} s", _JAVA_ANEW)
    except (StreamlabError, OSError) as error:
        return wrong(error.what if isinstance(error, StreamlabError) else str(error), _JAVA_ANEW)
    said = ([line for line in done.stderr.splitlines() if "version" in line] or ["it said nothing"])[0]
    if done.returncode != 0 or f'"{JAVA_MAJOR}.' not in said:
        return wrong(f"Java {JAVA_MAJOR} is needed, and this is: {said}", _JAVA_ANEW)
    return ok(said)


@examination("downloads", within_seconds=60)
def downloads(backend: Backend) -> Said:
    """Every file has the content that the lock says; reads all of them."""
    if not isinstance(backend, LocalBackend):
        return ok(f"the {backend.name} backend needs none")
    layout, needed = backend.layout, backend.needed
    bad = artifacts.verify(needed, layout)
    if bad:
        absent = [a for a in bad if not (layout.artifacts / a.file_name).exists()]
        damaged = [a for a in bad if a not in absent]
        shown = (damaged or absent)[0].file_name
        if not damaged and len(absent) == len(needed):
            return note("nothing is fetched yet", "Run `streamlab up`: it fetches what it needs.")
        what = f"{len(damaged)} damaged, {len(absent)} absent"
        return wrong(f"of {len(needed)} files {what}, for instance {shown}", _FETCH)
    if backend.registry_kind is not RegistryKind.APICURIO:
        return ok(f"{len(needed)} files have the right content")
    archive = backend.registry_archive
    home = unpack.folder_of(archive.file_name, layout.unpacked)
    if unpack.is_unpacked(home, archive.sha256):
        members = unpack.damaged(layout.artifacts / archive.file_name, home)
        if members:
            (home / ".unpacked-from").unlink(missing_ok=True)
            cause = f"{len(members)} unpacked files of the registry are damaged, for instance {members[0]}"
            return wrong(cause, "Run `streamlab down`, then `streamlab up`: it unpacks them again.")
    return ok(f"{len(needed)} files have the right content")


@examination("Redis")
def redis_server(backend: Backend) -> Said:
    """The server that was taken out of its jar has the content that it was locked with."""
    given = environment.given_address("store")
    if given or not isinstance(backend, LocalBackend):
        return ok("REDIS_URL names one" if given else f"the {backend.name} backend starts none")
    programs = redis_program.candidates()
    if not programs:
        reason = redis_program.none_here()
        return note(reason.what.rstrip("."), reason.next_step)
    folder = backend.layout.unpacked / redis_program.ARTIFACT
    unpacked = [program for program in programs if (folder / program.member).exists()]
    if not unpacked:
        return note(
            "it is not fetched yet, or does not run here",
            "Run `streamlab up`: it fetches it, or says why not.",
        )
    for program in unpacked:
        if not redis_program.is_right(folder / program.member, program):
            return wrong(
                f"{program.member} is damaged, or cannot be executed",
                "Run `streamlab down`, then `streamlab up`: it unpacks it again.",
            )
    return ok(f"{unpacked[0].member} has the right content")
