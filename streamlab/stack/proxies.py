"""Keep the proxies of the environment away from this machine's own servers.

reach_loopback_directly("http://127.0.0.1:8081")           # NO_PROXY names it, for every client made later
with proxies_ignored_for("http://127.0.0.1:8081"): ...     # a client that is made here sees no proxy at all
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from streamlab.stack.registry_http import is_loopback

_changing_environment: Final = threading.Lock()


def reach_loopback_directly(url: str) -> None:
    """Keep a proxy of the environment away from loopback: the registry client reads only the environment."""
    if not is_loopback(url):
        return
    host = urlsplit(url).hostname or ""
    # Where both are set, most programs read the small one only: it must not hide what the other one says.
    either = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    for variable in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(variable) or either
        present = [part.strip() for part in given.split(",") if part.strip()]
        if host not in present and "*" not in present and (present or _has_proxy()):
            os.environ[variable] = ",".join([*present, host])


@contextlib.contextmanager
def proxies_ignored_for(url: str) -> Iterator[None]:
    """While a client of loopback is made: it would prepare for every proxy, and fail at a strange one."""
    if not is_loopback(url):
        yield
        return
    with _changing_environment:
        before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
        os.environ.update(dict.fromkeys(before, "*"))
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _has_proxy() -> bool:
    return any(os.environ.get(name) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"))
