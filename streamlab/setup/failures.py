"""What pip's output means, in a sentence that says what to do.

raise explain(output="... [Errno 28] No space left on device", folder=project, log=log)
"""

import re
import sys
from pathlib import Path

from streamlab.errors import StreamlabError

_NO_NETWORK = (
    "connection broken by",
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "ProtocolError",
    "IncompleteRead",
    "ConnectionResetError",
    "Temporary failure in name resolution",
)
_AGAIN = "then run the same command again: what was downloaded is kept."


class MismatchError(StreamlabError):
    """A file is not the one that the lock names, or is not there at all."""


def explain(output: str, folder: Path, log: Path) -> StreamlabError:
    """The error to raise for a pip that failed with this output while it worked on `folder`."""
    if "No space left on device" in output or "not enough space on the disk" in output:
        return disk_full(folder)
    if "DO NOT MATCH THE HASHES" in output:
        return MismatchError(
            f"{_package(output)} is not the file that the lock names, so it was not installed.",
            "Run the same command again; if it stays so, your package index or proxy "
            "changes files: use another (PIP_INDEX_URL).",
        )
    if "CERTIFICATE_VERIFY_FAILED" in output:
        return StreamlabError(
            "This Python does not trust the package index's certificate (a company proxy, or a wrong clock).",
            "Set PIP_CERT to your company's certificate file, or correct the clock, " + _AGAIN,
        )
    if "ProxyError" in output or "Tunnel connection failed" in output:
        return StreamlabError(
            "The proxy does not let pip through to the package index.", "Correct HTTPS_PROXY, " + _AGAIN
        )
    if any(sign in output for sign in _NO_NETWORK):
        return StreamlabError(
            "The package index cannot be reached.",
            "Connect to the internet (or set PIP_INDEX_URL), " + _AGAIN,
        )
    if "No matching distribution found" in output:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return MismatchError(
            f"There is no build of {_package(output)} for Python {version} on this machine.",
            "Try a Python from 3.11 to 3.14, for instance `make lab PYTHON=python3.12`.",
        )
    if "Permission denied" in output:
        return no_permission(folder)
    return StreamlabError(
        f"pip failed: {_gist(output)}", f"Read {log} for the whole of it, mend the cause, " + _AGAIN
    )


def disk_full(folder: Path) -> StreamlabError:
    """The disk that holds `folder` is full."""
    return StreamlabError(f"The disk that holds {folder} is full.", "Free about 1 GB, " + _AGAIN)


def no_permission(path: Path | str, of_cache: bool = False) -> StreamlabError:
    """`path` may not be written; `of_cache`: it is one of the downloads, which may lie anywhere."""
    if of_cache:
        return StreamlabError(
            f"{path} may not be written by this user.",
            "Set STREAMLAB_CACHE to a folder that may, then run again.",
        )
    return StreamlabError(
        f"{path} may not be written by this user.",
        "Use a folder of your own (clone the course there), then run again.",
    )


def _package(output: str) -> str:
    """The package that pip's last complaint names."""
    for pattern in (
        r"No matching distribution found for ([A-Za-z0-9._-]+==[^\s(;]+)",
        r"DO NOT MATCH THE HASHES.*?\n\s*([A-Za-z0-9._-]+==[^\s(;]+)",
    ):
        if match := re.search(pattern, output, re.DOTALL):
            return match[1]
    return "a package"


def _gist(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # What a build raised says more than pip's own "ERROR:", and that more than the hints that follow it.
    raised = [line for line in lines if re.match(r"\w+Error: ", line)]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (raised or errors or lines or ["it printed nothing"])[-1].removeprefix("ERROR:").strip()[:200]
