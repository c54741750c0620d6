"""The lock names every file of the stack once, exactly, and without an address."""

import pytest

from streamlab.stack import lockfile
from streamlab.stack.maven import parse_coordinate


def test_the_lock_pins_the_46_jars_of_kafka_the_registry_and_redis() -> None:
    locked = lockfile.load_lock()
    assert sum(a.type == "jar" and a.artifact != "embedded-redis" for a in locked) == 46
    assert {(a.artifact, a.version) for a in locked} >= {
        ("kafka_2.13", "4.3.1"),
        ("kafka-clients", "4.3.1"),
        ("log4j-slf4j-impl", "2.25.3"),
        ("apicurio-registry-app", "3.3.3"),
        ("embedded-redis", "1.4.3"),
    }


def test_every_hash_is_a_sha256_and_no_two_files_share_a_name() -> None:
    locked = lockfile.load_lock()
    assert all(len(a.sha256) == 64 and int(a.sha256, 16) and a.size > 0 for a in locked)
    assert len({a.file_name for a in locked}) == len(locked)


def test_the_lock_holds_no_address() -> None:
    assert "://" not in lockfile.LOCK_FILE.read_text(encoding="utf-8")


def test_all_parts_of_kafka_have_one_version() -> None:
    assert {a.version for a in lockfile.load_lock() if a.group == "org.apache.kafka"} == {"4.3.1"}


@pytest.mark.parametrize(
    ("line", "file_name"),
    [
        ("   org.slf4j:slf4j-api:jar:1.7.36:compile", "slf4j-api-1.7.36.jar"),
        ("io.apicurio:apicurio-registry-app:tar.gz:all:3.3.3", "apicurio-registry-app-3.3.3-all.tar.gz"),
    ],
)
def test_a_line_of_mavens_list_is_a_coordinate(line: str, file_name: str) -> None:
    assert parse_coordinate(line).file_name == file_name


def test_a_heading_of_mavens_list_is_not_a_coordinate() -> None:
    with pytest.raises(ValueError, match="not a Maven coordinate"):
        parse_coordinate("The following files have been resolved:")


def test_the_digest_changes_with_any_artifact() -> None:
    locked = lockfile.load_lock()
    assert lockfile.lock_digest(locked) != lockfile.lock_digest(locked[1:])
