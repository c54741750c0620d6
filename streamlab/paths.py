"""Where the project keeps things on disk.

Three places, each with one owner:

- `PROJECT`: the checkout: chapters, notebooks, labs, schemas.
- `state_folder()`: what belongs to this checkout's running stack and its learner: data, logs, process
  ids, progress. `STREAMLAB_HOME` moves it (tests do).
- `cache_folder()`: what was downloaded and can be downloaded again, shared by every checkout of this
  user. `STREAMLAB_CACHE` moves it.
"""

import os
from pathlib import Path

import platformdirs

from streamlab.errors import StreamlabError

PROJECT = Path(__file__).resolve().parent.parent


def state_folder() -> Path:
    """The folder of this checkout's stack and progress; created by whoever writes to it."""
    given = os.environ.get("STREAMLAB_HOME")
    return Path(given) if given else PROJECT / ".streamlab"


def cache_folder() -> Path:
    """The folder of downloads, shared by all checkouts of this user; created by whoever writes to it.

    Raises:
        StreamlabError: this user has no home, and nothing says where it is instead.
    """
    given = os.environ.get("STREAMLAB_CACHE")
    try:
        return Path(given or platformdirs.user_cache_dir("streamlab"))
    except RuntimeError as error:
        raise StreamlabError(
            "The downloads have no place: this user has no home folder.",
            "Set HOME, or set STREAMLAB_CACHE to a folder that you can write.",
        ) from error
