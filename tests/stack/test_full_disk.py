"""A disk that is really full: one sentence, no process and nothing half-made left behind.

The disk is a small one in memory, mounted for the test; where mounting is not allowed, a limit on the size of
files stands in for it (the same kind of error from the same system calls).
"""

import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from breaking import recording_console, running

from streamlab import paths
from streamlab.errors import StreamlabError
from streamlab.stack import State, artifacts
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.maven import Artifact, OnBytes

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("no_given_addresses")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        done = None
    if done is None or done.returncode != 0:
        pytest.skip("mounting a small disk is not allowed here; to run this test: sudo make test")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave_bytes: int) -> Path:
    """Fill a disk but for so many bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(65536))
        except OSError:
            stream.truncate(max(0, stream.tell() - leave_bytes))
    return filler


def test_up_on_a_full_disk_says_so_and_works_once_there_is_room(small_disk: Path) -> None:
    """The check of free space is told a lie, so that the servers themselves meet the full disk."""
    layout = Layout(small_disk / "s", paths.cache_folder().resolve())
    backend = LocalBackend(layout, recording_console(), free_bytes=lambda _folder: 10**12)
    filler = fill(small_disk, leave_bytes=100_000)
    try:
        with pytest.raises(StreamlabError, match=r"The disk of .* is full.*Make room"):
            backend.up()
        assert running(backend) == []
        filler.unlink()
        backend.up()
        assert all(part.state is State.RUNNING for part in backend.status().parts)
        fill(small_disk, leave_bytes=0)
        assert backend.down() == ("broker", "registry", "store")
    finally:
        backend.down()
    assert running(backend) == []


def test_a_download_onto_a_full_disk_leaves_nothing_half_made(
    small_disk: Path, pin: Callable[[str, bytes], Artifact]
) -> None:
    layout = Layout(small_disk / "s", small_disk / "c")
    wanted = [pin("big", bytes(1_000_000))]
    (small_disk / "c").mkdir()
    fill(small_disk, leave_bytes=400_000)
    with pytest.raises(StreamlabError, match=r"No space left on device.*STREAMLAB_CACHE"):
        artifacts.fetch(wanted, layout, resolve=big_file, free_bytes=lambda _folder: 10**12)
    assert list(layout.cache.rglob("*.jar")) == []
    assert list(layout.cache.glob("incoming-*")) == []


def test_a_download_beyond_the_allowed_file_size_leaves_nothing_half_made(
    tmp_path: Path, pin: Callable[[str, bytes], Artifact]
) -> None:
    layout = Layout(tmp_path / "s", tmp_path / "c")
    wanted = [pin("big", bytes(1_000_000))]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StreamlabError, match=r"File too large.*STREAMLAB_CACHE"):
            artifacts.fetch(wanted, layout, resolve=big_file, free_bytes=lambda _folder: 10**12)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(layout.cache.rglob("*.jar")) == []


def big_file(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
    folder.mkdir(parents=True)
    file = folder / artifact.file_name
    with file.open("wb", buffering=0) as stream:
        for _ in range(100):
            stream.write(bytes(10_000))
            on_bytes(10_000)
    return file
