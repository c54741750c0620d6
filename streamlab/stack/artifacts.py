"""Bring the stack's files into the cache: once, whole, and with the right content.

    wanted = lockfile.load_lock()
    fetch(wanted, Layout.here())       # nothing to do, and no network, when all are there
    verify(wanted, Layout.here())      # hash every file again: what `streamlab doctor` does

A file is in the cache only under its final name and after its hash was right. A stamp remembers that, so that
`up` compares sizes and times instead of hashing 200 MB.
"""

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import tenacity

from streamlab.errors import StreamlabError
from streamlab.stack import locking
from streamlab.stack.layout import Layout
from streamlab.stack.maven import Artifact, OnBytes, from_maven_central

THREADS = 8
ATTEMPTS = 3
SPARE_BYTES = 400_000_000
"""Room that must be left beyond the downloads: the unpacked registry and the class archives."""


Resolve = Callable[[Artifact, Path, OnBytes], Path]
"""Bring an artifact below a folder and say where it is; the only function here that uses the network."""


def missing(wanted: Sequence[Artifact], layout: Layout) -> list[Artifact]:
    """Those that are not in the cache, judged by the stamp of the last verification: cheap, no hashing.

    The stamp holds size and modification time of each file at the moment that its hash was right.
    """
    stamp = _read_stamp(layout)
    return [a for a in wanted if stamp.get(a.sha256) != _fingerprint(layout.artifacts / a.file_name)]


def fetch(
    wanted: Sequence[Artifact],
    layout: Layout,
    *,
    on_bytes: OnBytes = lambda _count: None,
    resolve: Resolve | None = None,
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> list[Artifact]:
    """Bring what is missing into the cache, each file whole and with the right hash, or not at all.

    Resumable: a file that is there stays, whatever happens to the others. Safe when two run at once.

    Args:
        on_bytes: called with the number of bytes that arrived, from several threads.
        resolve: where artifacts come from; Maven Central through jgo unless given.
        free_bytes: how much room a folder has.

    Raises:
        StreamlabError: no network, no room, or a file with another content than the lock says.
    """
    if not missing(wanted, layout):
        return []
    try:
        layout.artifacts.mkdir(parents=True, exist_ok=True)
        with locking.working_in_the_cache(layout):
            _sweep(layout)
            absent = _adopt_what_is_right(missing(wanted, layout), layout)
            needed = sum(a.size for a in absent) + SPARE_BYTES
            if absent and (free := free_bytes(layout.artifacts)) < needed:
                raise _no_room(layout.cache, needed, free)
            if absent:
                _fetch_all(absent, layout, on_bytes, resolve or from_maven_central)
            return absent
    except OSError as error:
        raise _not_writable(layout.cache, error) from error


def verify(wanted: Sequence[Artifact], layout: Layout) -> list[Artifact]:
    """Those whose file is absent or has another content than the lock says; reads every byte."""
    wrong = [a for a in wanted if not _is_right(layout.artifacts / a.file_name, a)]
    if wrong:
        stamp = _read_stamp(layout)
        _write_stamp(layout, {k: v for k, v in stamp.items() if k not in {a.sha256 for a in wrong}})
    return wrong


def _fetch_all(absent: Sequence[Artifact], layout: Layout, on_bytes: OnBytes, resolve: Resolve) -> None:
    """Fetch in threads; the first failure cancels what has not begun, and leaves no partial file."""
    incoming = Path(tempfile.mkdtemp(prefix="incoming-", dir=layout.cache))
    stamp = _read_stamp(layout)
    one_at_a_time = threading.Lock()
    given_up = threading.Event()

    def count(size: int) -> None:
        if given_up.is_set():
            raise _GivenUpError
        on_bytes(size)

    def bring(artifact: Artifact) -> None:
        arrived = _resolve_patiently(resolve, artifact, incoming, count)
        _check(arrived, artifact)
        target = layout.artifacts / artifact.file_name
        arrived.replace(target)
        with one_at_a_time:
            stamp[artifact.sha256] = _fingerprint(target)
            _write_stamp(layout, stamp)

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            # Big ones first: the archive of the registry takes as long as all the jars.
            tasks = [pool.submit(bring, a) for a in sorted(absent, key=lambda a: -a.size)]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                given_up.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


class _GivenUpError(Exception):
    """Another download failed, or the person interrupted: end this one at its next bytes."""


def _resolve_patiently(resolve: Resolve, artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
    import requests

    attempt = 0
    try:
        for trial in tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential(multiplier=0.5, max=5),
            retry=tenacity.retry_if_exception_type(requests.RequestException),
            reraise=True,
        ):
            with trial:
                attempt += 1
                # A folder of its own for each attempt: jgo takes whatever already lies in its cache as whole.
                return resolve(artifact, folder / artifact.sha256 / str(attempt), on_bytes)
    except requests.exceptions.SSLError as error:
        raise StreamlabError(
            f"{artifact.file_name} could not be fetched: Maven Central's certificate is not trusted here.",
            "A proxy may stand in between: set REQUESTS_CA_BUNDLE to the file of its certificate authority, "
            "then run the command again: what has arrived is kept.",
        ) from error
    except requests.RequestException as error:
        raise StreamlabError(
            f"{artifact.file_name} could not be fetched: no connection to Maven Central "
            f"({type(error).__name__}).",
            "Check the network (and HTTPS_PROXY, if you are behind a proxy), then run the command again: "
            "what has arrived is kept.",
        ) from error
    except RuntimeError as error:
        raise StreamlabError(
            f"{artifact.file_name} could not be fetched: Maven Central does not offer it.",
            "Check that no proxy or mirror stands in between, then run the command again.",
        ) from error
    raise AssertionError("unreachable: the loop returns or raises")


def _check(file: Path, artifact: Artifact) -> None:
    if _is_right(file, artifact):
        return
    size = file.stat().st_size
    came = f"{size:,} of {artifact.size:,} bytes" if size != artifact.size else "another sha256"
    raise StreamlabError(
        f"{artifact.file_name} arrived with another content than the lock says ({came}).",
        "Run the command again; if this stays, a proxy or mirror changes what you download.",
    )


def _is_right(file: Path, artifact: Artifact) -> bool:
    if not file.is_file() or file.stat().st_size != artifact.size:
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == artifact.sha256


def _adopt_what_is_right(absent: Sequence[Artifact], layout: Layout) -> list[Artifact]:
    """Stamp files that are there and right (a lost or outdated stamp); say which are really absent."""
    stamp = _read_stamp(layout)
    right = [a for a in absent if _is_right(layout.artifacts / a.file_name, a)]
    if right:
        _write_stamp(layout, stamp | {a.sha256: _fingerprint(layout.artifacts / a.file_name) for a in right})
    return [a for a in absent if a not in right]


def _sweep(layout: Layout) -> None:
    """Remove what a killed fetch left; the caller holds the lock, so nobody works there."""
    for leftover in layout.cache.glob("incoming-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _fingerprint(file: Path) -> list[int]:
    """What changes when a file is written; of an absent file, something that no stamp holds."""
    try:
        facts = file.stat()
    except OSError:
        return []
    return [facts.st_size, facts.st_mtime_ns]


def _stamp_file(layout: Layout) -> Path:
    return layout.artifacts / "verified.json"


def _read_stamp(layout: Layout) -> dict[str, Any]:
    try:
        stamp = json.loads(_stamp_file(layout).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(layout: Layout, stamp: dict[str, Any]) -> None:
    new = _stamp_file(layout).with_suffix(".new")
    new.write_text(json.dumps(stamp, indent=0), encoding="utf-8")
    new.replace(_stamp_file(layout))


def _no_room(folder: Path, needed: int, free: int) -> StreamlabError:
    return StreamlabError(
        f"The disk of {folder} has {free / 1e6:,.0f} MB free; the downloads need {needed / 1e6:,.0f} MB.",
        "Make room, or set STREAMLAB_CACHE to a folder on another disk, then run the command again.",
    )


def _not_writable(folder: Path, error: OSError) -> StreamlabError:
    return StreamlabError(
        f"The folder of downloads {folder} cannot be written ({error.strerror or error}).",
        "Make room or mend its permissions, or set STREAMLAB_CACHE to another folder, then try again.",
    )
