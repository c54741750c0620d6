"""Where the project keeps things, also for a user who has no home."""

import os
import subprocess
import sys

import pytest

from streamlab.paths import PROJECT


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="needs a second user: sudo make test")
def test_a_user_without_a_home_is_told_what_to_set() -> None:
    """A container that runs as a number: no HOME, and no line in the list of users."""
    script = """
import os
from streamlab.errors import StreamlabError
from streamlab.paths import cache_folder
os.setuid(12345)
try:
    cache_folder()
except StreamlabError as error:
    print(error)
"""
    without = {"HOME", "XDG_CACHE_HOME", "STREAMLAB_CACHE"}
    environment = {k: v for k, v in os.environ.items() if k not in without}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no home folder. Set HOME, or set STREAMLAB_CACHE" in done.stdout, done
