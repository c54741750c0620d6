"""A file is in the cache whole and with the right content, or not at all."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from streamlab.errors import StreamlabError
from streamlab.stack import artifacts
from streamlab.stack.layout import Layout
from streamlab.stack.maven import Artifact, OnBytes

Pin = Callable[[str, bytes], Artifact]


class Repository:
    """A repository with given contents that counts what was asked of it."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents
        self.asked: list[str] = []

    def __call__(self, artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        self.asked.append(artifact.artifact)
        content = self.contents[artifact.artifact]
        folder.mkdir(parents=True)
        file = folder / artifact.file_name
        file.write_bytes(content)
        on_bytes(len(content))
        return file


def plenty(folder: Path) -> int:
    return 10**12


def left_in(layout: Layout) -> set[str]:
    """Every file of the cache that is neither a lock nor the stamp."""
    own = {"verified.json", "artifacts.lock"}
    return {file.name for file in layout.cache.rglob("*") if file.is_file() and file.name not in own}


def test_what_is_missing_is_fetched_and_the_second_time_nothing_is_asked(layout: Layout, pin: Pin) -> None:
    wanted = [pin("a", b"aaa"), pin("b", b"bb")]
    repository = Repository({"a": b"aaa", "b": b"bb"})
    came: list[int] = []
    artifacts.fetch(wanted, layout, on_bytes=came.append, resolve=repository, free_bytes=plenty)
    assert (layout.artifacts / "a-1.0.jar").read_bytes() == b"aaa"
    assert sum(came) == 5
    artifacts.fetch(wanted, layout, resolve=repository, free_bytes=plenty)
    assert sorted(repository.asked) == ["a", "b"]


def test_a_file_with_another_content_is_refused_and_does_not_stay(layout: Layout, pin: Pin) -> None:
    wanted = [pin("a", b"right")]
    with pytest.raises(StreamlabError, match=r"another sha256.*Run the command again"):
        artifacts.fetch(wanted, layout, resolve=Repository({"a": b"wrong"}), free_bytes=plenty)
    assert left_in(layout) == set()
    assert artifacts.missing(wanted, layout) == wanted


def test_half_a_download_is_refused_and_says_how_much_came(layout: Layout, pin: Pin) -> None:
    with pytest.raises(StreamlabError, match="3 of 8 bytes"):
        artifacts.fetch([pin("a", b"complete")], layout, resolve=Repository({"a": b"com"}), free_bytes=plenty)
    assert left_in(layout) == set()


@pytest.mark.slow
def test_what_arrived_before_a_failure_is_not_fetched_again(layout: Layout, pin: Pin) -> None:
    wanted = [pin("a", b"aaa"), pin("b", b"b")]
    arrived = threading.Event()

    def first_a_then_trouble(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        if artifact.artifact == "b":
            assert arrived.wait(5)
            while artifacts.missing(wanted[:1], layout):
                pass
            raise requests.ConnectionError("cable pulled")
        arrived.set()
        return Repository({"a": b"aaa"})(artifact, folder, on_bytes)

    with pytest.raises(StreamlabError, match=r"no connection to Maven Central.*what has arrived is kept"):
        artifacts.fetch(wanted, layout, resolve=first_a_then_trouble, free_bytes=plenty)
    repository = Repository({"b": b"b"})
    artifacts.fetch(wanted, layout, resolve=repository, free_bytes=plenty)
    assert repository.asked == ["b"]


def test_a_short_interruption_of_the_network_is_survived(layout: Layout, pin: Pin) -> None:
    tries: list[Path] = []

    def second_time_lucky(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        tries.append(folder)
        if len(tries) == 1:
            raise requests.Timeout
        return Repository({"a": b"aaa"})(artifact, folder, on_bytes)

    artifacts.fetch([pin("a", b"aaa")], layout, resolve=second_time_lucky, free_bytes=plenty)
    assert len(set(tries)) == 2, "a partial file of the first try must not be in the way of the second"


def test_too_little_room_is_said_before_anything_is_fetched(layout: Layout, pin: Pin) -> None:
    repository = Repository({"a": b"aaa"})
    with pytest.raises(StreamlabError, match=r"1 MB free.*STREAMLAB_CACHE"):
        artifacts.fetch([pin("a", b"aaa")], layout, resolve=repository, free_bytes=lambda _folder: 10**6)
    assert repository.asked == []


def test_a_disk_that_is_full_in_the_middle_is_said_and_leaves_nothing_half_made(
    layout: Layout, pin: Pin
) -> None:
    def full(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(StreamlabError, match=r"No space left on device.*Make room"):
        artifacts.fetch([pin("a", b"aaa")], layout, resolve=full, free_bytes=plenty)
    assert left_in(layout) == set()


def test_what_a_killed_fetch_left_is_removed_by_the_next(layout: Layout, pin: Pin) -> None:
    leftover = layout.cache / "incoming-killed" / "half.jar"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"ha")
    artifacts.fetch([pin("a", b"aaa")], layout, resolve=Repository({"a": b"aaa"}), free_bytes=plenty)
    assert left_in(layout) == {"a-1.0.jar"}


def test_a_lost_stamp_costs_hashing_and_no_download(layout: Layout, pin: Pin) -> None:
    wanted = [pin("a", b"aaa")]
    artifacts.fetch(wanted, layout, resolve=Repository({"a": b"aaa"}), free_bytes=plenty)
    (layout.artifacts / "verified.json").unlink()
    repository = Repository({})
    artifacts.fetch(wanted, layout, resolve=repository, free_bytes=plenty)
    assert repository.asked == []
    assert artifacts.missing(wanted, layout) == []


def test_a_file_that_changed_later_is_found_by_verification_and_fetched_again(
    layout: Layout, pin: Pin
) -> None:
    wanted = [pin("a", b"aaa")]
    repository = Repository({"a": b"aaa"})
    artifacts.fetch(wanted, layout, resolve=repository, free_bytes=plenty)
    (layout.artifacts / "a-1.0.jar").write_bytes(b"abc")
    assert artifacts.verify(wanted, layout) == wanted
    artifacts.fetch(wanted, layout, resolve=repository, free_bytes=plenty)
    assert artifacts.verify(wanted, layout) == []


def test_a_failure_ends_the_other_downloads(layout: Layout, pin: Pin) -> None:
    """A big file must not go on for minutes after another one failed."""
    begun = threading.Event()

    def resolve(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        if artifact.artifact == "small":
            assert begun.wait(5)
            raise RuntimeError("not found")
        begun.set()
        while True:
            on_bytes(1)

    with pytest.raises(StreamlabError, match="does not offer it"):
        artifacts.fetch([pin("big", b"big"), pin("small", b"s")], layout, resolve=resolve, free_bytes=plenty)


@pytest.mark.slow
def test_a_certificate_that_is_not_trusted_is_not_called_a_missing_network(layout: Layout, pin: Pin) -> None:
    def intercepted(artifact: Artifact, folder: Path, on_bytes: OnBytes) -> Path:
        raise requests.exceptions.SSLError("self-signed certificate in certificate chain")

    with pytest.raises(StreamlabError, match=r"certificate.*REQUESTS_CA_BUNDLE"):
        artifacts.fetch([pin("a", b"a")], layout, resolve=intercepted, free_bytes=plenty)
