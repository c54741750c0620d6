"""An environment of its own for each peer, made once from its pinned requirements and kept in the cache.

    python = environments.python_of("duckdb")        # made, or found as it was made

Other requirements, or another Python, make another environment.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from streamlab.errors import StreamlabError
from streamlab.paths import cache_folder

PEERS = Path(__file__).with_name("peers")
TIMEOUT_SECONDS = 300


class PeerUnavailable(StreamlabError):
    """The packages of a peer cannot be had here."""


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment.

    Raises:
        PeerUnavailable: a package cannot be had for this system and this Python.
    """
    requirements = PEERS / peer / "requirements.txt"
    what = requirements.read_bytes() + sys.version.encode()
    digest = hashlib.sha256(what).hexdigest()[:12]
    folder = cache_folder() / "benchmarks" / "environments" / f"{peer}-{digest}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--python", str(python), "--requirement", str(requirements))
        complete.touch()
    return str(python)


def _uv(*arguments: str) -> None:
    own = Path(sys.executable).with_name("uv")
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        raise PeerUnavailable("There is no uv to make an environment with.", "Run `make setup-dev`.")
    try:
        subprocess.run(
            [uv, *arguments, "--quiet"],
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            env={**os.environ, "VIRTUAL_ENV": ""},
        )
    except subprocess.TimeoutExpired:
        raise PeerUnavailable("Its packages did not arrive in time.", "Try again with a network.") from None
    except subprocess.CalledProcessError as error:
        reason = " ".join((error.stderr or "no message").split())
        raise PeerUnavailable(
            f"Its packages cannot be installed: {reason[:200]}", "Try again later."
        ) from error
