"""An archive is unpacked whole or not at all, and never outside its folder."""

import io
import tarfile
from pathlib import Path

import pytest

from streamlab.errors import StreamlabError
from streamlab.stack import unpack


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    file = folder / "registry-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


def test_an_archive_is_unpacked_once(tmp_path: Path) -> None:
    file = archive(tmp_path, {"lib/a.jar": b"a"})
    home = unpack.unpacked(file, tmp_path / "unpacked", "abc")
    assert (home / "lib/a.jar").read_bytes() == b"a"
    file.unlink()
    assert unpack.unpacked(file, tmp_path / "unpacked", "abc") == home


def test_a_new_archive_of_the_same_name_replaces_the_folder(tmp_path: Path) -> None:
    parent = tmp_path / "unpacked"
    unpack.unpacked(archive(tmp_path, {"old.jar": b"a"}), parent, "abc")
    home = unpack.unpacked(archive(tmp_path, {"new.jar": b"b"}), parent, "def")
    assert {file.name for file in home.iterdir()} == {"new.jar", ".unpacked-from"}


def test_a_member_that_leads_outside_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    file = archive(tmp_path, {"good": b"a", "../../evil": b"b"})
    with pytest.raises(StreamlabError, match="could not be unpacked"):
        unpack.unpacked(file, tmp_path / "unpacked", "abc")
    assert not (tmp_path / "evil").exists()
    assert list((tmp_path / "unpacked").iterdir()) == []


def test_half_an_archive_leaves_nothing(tmp_path: Path) -> None:
    file = archive(tmp_path, {"a": bytes(range(256)) * 1000})
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(StreamlabError, match="could not be unpacked"):
        unpack.unpacked(file, tmp_path / "unpacked", "abc")
    assert list((tmp_path / "unpacked").iterdir()) == []


def test_what_a_killed_unpacking_left_is_removed(tmp_path: Path) -> None:
    leftover = tmp_path / "unpacked" / "unpacking-killed"
    leftover.mkdir(parents=True)
    unpack.unpacked(archive(tmp_path, {"a": b"a"}), tmp_path / "unpacked", "abc")
    assert not leftover.exists()


def test_a_file_that_changed_after_unpacking_is_found(tmp_path: Path) -> None:
    file = archive(tmp_path, {"a": b"a", "b": b"b"})
    home = unpack.unpacked(file, tmp_path / "unpacked", "abc")
    assert unpack.damaged(file, home) == []
    (home / "b").write_bytes(b"x")
    assert unpack.damaged(file, home) == ["b"]
