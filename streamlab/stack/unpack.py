"""Unpack an archive into the cache once, whole or not at all.

    home = unpack.unpacked(archive, layout.unpacked, sha256)     # the folder; unpacked now if it was not yet

Members that would land outside the folder, or are no plain files, are refused (PEP 706, filter "data").
"""

import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from streamlab.errors import StreamlabError


def folder_of(archive_name: str, parent: Path) -> Path:
    """Where an archive is unpacked to."""
    return parent / archive_name.removesuffix(".tar.gz")


def is_unpacked(folder: Path, sha256: str) -> bool:
    """Whether the folder was unpacked to its end from the archive with this hash."""
    try:
        return (folder / ".unpacked-from").read_text(encoding="utf-8") == sha256
    except OSError:
        return False


def unpacked(archive: Path, parent: Path, sha256: str) -> Path:
    """The folder with the archive's content; the caller holds a lock, or nobody else unpacks the same.

    Raises:
        StreamlabError: no room, or a damaged archive.
    """
    target = folder_of(archive.name, parent)
    if is_unpacked(target, sha256):
        return target
    new = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for leftover in parent.glob("unpacking-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix="unpacking-", dir=parent))
        with tarfile.open(archive) as tar:
            tar.extractall(new, filter="data")
        (new / ".unpacked-from").write_text(sha256, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        new.replace(target)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StreamlabError(
            f"{archive.name} could not be unpacked into {parent} ({reason}).",
            "Make room (it needs 170 MB), or set STREAMLAB_CACHE to another folder, then try again.",
        ) from error
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)
    return target


def damaged(archive: Path, folder: Path) -> list[str]:
    """Names of the members whose unpacked file is absent or differs; reads everything."""
    wrong = []
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.isfile():
                continue
            content = tar.extractfile(member)
            file = folder / member.name
            same = file.is_file() and content is not None and file.read_bytes() == content.read()
            if not same:
                wrong.append(member.name)
    return wrong
