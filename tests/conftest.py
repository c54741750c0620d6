"""Fixtures of the whole suite.

One stack serves the whole run: its own state folder, so that a learner's running stack and progress are
never touched, and the shared cache of downloads. Tests that break stacks (`faults`) start their own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlab import stack


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the run's stack, progress and logs in a folder of its own."""
    folder = tmp_path_factory.mktemp("state")
    before = os.environ.get("STREAMLAB_HOME")
    os.environ["STREAMLAB_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["STREAMLAB_HOME"]
    else:
        os.environ["STREAMLAB_HOME"] = before


@pytest.fixture(scope="session")
def live_stack(own_state: Path) -> Iterator[stack.Stack]:
    """The stack that the tests marked `stack` share; started once, stopped at the end."""
    stack.up()
    yield stack.connect()
    stack.down()
