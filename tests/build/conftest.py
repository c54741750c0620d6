"""Each test of the build gets a project of its own in a fresh folder."""

from pathlib import Path

import pytest
from tiny_course import LAB, LESSON, Project


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def tiny(empty: Project) -> Project:
    """A project with the lesson and the lab `ch90_tiny`; nothing derived yet."""
    empty.write("ch90_tiny", LESSON)
    empty.write("ch90_tiny_lab", LAB)
    return empty
