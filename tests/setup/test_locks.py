"""The two locks and the conda environment say what pyproject.toml says, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT
from streamlab.setup.lockfile import Pin, read_lock

COURSE = PROJECT / "requirements.lock"
DEVELOPMENT = PROJECT / "requirements-dev.lock"
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    """The packages that requirements ask for, as indexes spell them."""
    bare = [re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0] for requirement in requirements]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in bare}


def test_every_dependency_of_the_course_is_locked() -> None:
    asked = names(PYPROJECT["project"]["dependencies"]) | names(PYPROJECT["build-system"]["requires"])
    assert asked <= {pin.name for pin in read_lock(COURSE)}


def test_every_dependency_of_the_tests_is_locked() -> None:
    assert names(PYPROJECT["dependency-groups"]["dev"]) <= {pin.name for pin in read_lock(DEVELOPMENT)}


def test_exact_requirements_are_locked_at_their_version() -> None:
    exact = dict(
        re.split(r"(?:\[.*\])?==", line) for line in PYPROJECT["project"]["dependencies"] if "==" in line
    )
    locked = {pin.name: pin.version for pin in read_lock(COURSE)}
    assert exact
    assert {name: locked[name] for name in exact} == exact


def test_whoever_has_the_tests_has_the_course_pin_by_pin() -> None:
    assert {pin.text for pin in read_lock(COURSE)} <= {pin.text for pin in read_lock(DEVELOPMENT)}


@pytest.mark.parametrize("lock", [COURSE, DEVELOPMENT], ids=lambda lock: lock.name)
def test_a_lock_holds_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    assert all("--hash=sha256:" in pin.text for pin in read_lock(lock))
    assert text.splitlines()[1] == "#    make lock", "the header names the command, not somebody's folders"


def test_conda_gets_the_same_lock() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text())
    (pip,) = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    (requirement,) = pip
    option, file = requirement.split()
    assert option == "--requirement"
    assert PROJECT / file == COURSE
    (python,) = [part for part in environment["dependencies"] if str(part).startswith("python=")]
    assert python.removeprefix("python=") >= "3.11"


def test_a_requirement_without_an_exact_version_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "loose.lock"
    lock.write_text("numpy>=2 --hash=sha256:00\n")
    with pytest.raises(StreamlabError, match="exact versions only"):
        read_lock(lock)


def test_a_missing_lock_is_refused_with_the_command_that_brings_it_back(tmp_path: Path) -> None:
    with pytest.raises(StreamlabError, match="git checkout"):
        read_lock(tmp_path / "nowhere.lock")


@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_pin_is_another_one_as_soon_as_its_hash_is(digest: str) -> None:
    before = Pin("tiny", "1.0", "tiny==1.0 --hash=sha256:" + "0" * 64)
    after = Pin("tiny", "1.0", f"tiny==1.0 --hash=sha256:{digest}")
    assert (before.key == after.key) == (before.text == after.text)


def test_a_wheel_belongs_to_its_package_and_version_however_the_name_is_spelt() -> None:
    pin = Pin("trove-classifiers", "2026.1", "")
    assert pin.is_for("trove_classifiers-2026.1-py3-none-any.whl")
    assert not pin.is_for("trove_classifiers-2026.2-py3-none-any.whl")
    assert not pin.is_for("trove-2026.1-py3-none-any.whl")
