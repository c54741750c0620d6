"""The project names nobody's machine and no place that packages come from: it works wherever it is put."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from streamlab.paths import PROJECT

FOLDERS_OF_PEOPLE = re.compile(r"(?<![\w.:/<\-])/(?:home|Users|root|tmp|work|mnt)/[\w.\-]+")

PACKAGE_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("maven", "org"),
        ("maven", "apache", "org"),
        ("maven", "google", "com"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("packages", "confluent", "io"),
        ("deb", "debian", "org"),
    )
]


@cache
def texts() -> dict[str, str]:
    """The project's own text files by name: what git knows, and what it would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, str] = {}
    for name in listed.stdout.splitlines():
        content = (PROJECT / name).read_bytes() if (PROJECT / name).is_file() else b"\0"
        if b"\0" not in content:
            found[name] = content.decode("utf-8")
    return found


def test_the_project_is_seen() -> None:
    assert {"pyproject.toml", "streamlab/wire.py", "chapters/start.py"} <= set(texts())


@pytest.mark.parametrize("host", PACKAGE_HOSTS)
def test_no_file_names_a_package_host(host: str) -> None:
    assert [name for name, text in texts().items() if host in text] == []


def test_no_file_outside_the_tests_names_a_folder_of_a_person_or_a_machine() -> None:
    found = {
        name: match.group()
        for name, text in texts().items()
        if not name.startswith("tests/") and (match := FOLDERS_OF_PEOPLE.search(text))
    }
    assert found == {}


def test_no_file_names_this_checkout() -> None:
    own = [str(PROJECT), str(Path.home())]
    assert [name for name, text in texts().items() if str(PROJECT) in text] == []
    assert [
        name
        for name, text in texts().items()
        if len(own[1]) > 5 and own[1] in text and not name.startswith("tests/")
    ] == []
