"""One bounded question to a registry, for probes (the course's lessons use the registry's real client).

ask("GET", "http://127.0.0.1:8081/apis/ccompat/v7/subjects", timeout_seconds=2)
is_loopback("http://127.0.0.1:8081")         # True: no proxy may stand in between
"""

from typing import Any
from urllib.parse import urlsplit

import httpx


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own."""
    return (urlsplit(url).hostname or "") in {"127.0.0.1", "localhost", "::1"}


def ask(method: str, url: str, timeout_seconds: float, body: dict[str, Any] | None = None) -> httpx.Response:
    """Send one request; the environment's proxy is used for other machines only.

    Raises:
        httpx.HTTPError: no answer.
    """
    with httpx.Client(timeout=timeout_seconds, trust_env=not is_loopback(url)) as client:
        return client.request(method, url, json=body)
