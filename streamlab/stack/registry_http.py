"""One bounded question to a registry, for probes (the course's lessons use the registry's real client).

ask("GET", "http://127.0.0.1:8081/apis/ccompat/v7/subjects", timeout_seconds=2)
is_loopback("http://127.0.0.1:8081")         # True: no proxy may stand in between
"""

import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

MAX_ANSWER_BYTES: Final = 50_000_000
"""More than a registry with every schema of a company says at once."""


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own; text that is no address is not."""
    try:
        return (urlsplit(url).hostname or "") in {"127.0.0.1", "localhost", "::1"}
    except ValueError:
        return False


def ask(method: str, url: str, timeout_seconds: float, body: dict[str, Any] | None = None) -> httpx.Response:
    """Send one request; the environment's proxy is used for other machines only.

    Raises:
        httpx.HTTPError: no answer in time, or no address or proxy that a question could be sent to.
    """
    deadline = time.monotonic() + timeout_seconds
    try:
        client = httpx.Client(timeout=timeout_seconds, trust_env=not is_loopback(url))
    except (ValueError, ImportError) as error:
        raise httpx.ProxyError(str(error)) from error
    with client:
        try:
            request = client.build_request(method, url, json=body)
        except (httpx.InvalidURL, ValueError) as error:
            raise httpx.UnsupportedProtocol(str(error)) from error
        try:
            answer = client.send(request, stream=True)
        except UnicodeError as error:
            # A host's name that the system's resolver cannot even write down.
            raise httpx.UnsupportedProtocol(str(error)) from error
        try:
            content = _content(answer, deadline)
        finally:
            answer.close()
    return httpx.Response(answer.status_code, content=content, request=request)


def _content(answer: httpx.Response, deadline: float) -> bytes:
    """The whole body; the client's own time-out is one between two pieces, of any number."""
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if time.monotonic() > deadline or len(content) > MAX_ANSWER_BYTES:
            raise httpx.ReadTimeout("the answer does not end", request=answer.request)
    return bytes(content)


def why(error: httpx.HTTPError) -> str:
    """What came instead of an answer, in a few words."""
    if isinstance(error, httpx.UnsupportedProtocol):
        return "it is no address that begins with http://"
    return type(error).__name__
