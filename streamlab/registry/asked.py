"""One registry while it is asked what clients rely on; what that takes is deleted afterwards.

with Asked("http://127.0.0.1:8081", "x7f3") as registry:
    subject = registry.with_versions(body, level="BACKWARD")
    registry.code("GET", f"/subjects/{subject}/versions/9")       # "404, code 40402"
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx

from streamlab.stack.registry_http import is_loopback

TIMEOUT_SECONDS: Final = 10.0
MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"


class NotPreparedError(Exception):
    """What a question needs could not be set up; the text is the request and its answer."""


class Asked:
    """One registry while it is asked; as a context manager it deletes what it made.

    Args:
        url: the address of Confluent's API.
        run: a text that is unique to the comparison; part of every subject's name.
    """

    def __init__(self, url: str, run: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            trust_env=not is_loopback(url),
            headers={"accept": MEDIA_TYPE, "content-type": MEDIA_TYPE},
        )
        self._run = run
        self._made: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # The latest first: a schema that another one refers to cannot be deleted before that one.
            for subject in reversed(self._made):
                self.request("DELETE", f"/mode/{subject}")
                for query in ("", "?permanent=true"):
                    self.request("DELETE", f"/subjects/{subject}{query}")
                self.request("DELETE", f"/config/{subject}")
        except httpx.HTTPError:
            # Whatever stopped answering is said by the question that met it.
            pass
        finally:
            self._client.close()

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """One answer, whatever it is."""
        content = None if body is None else json.dumps(body)
        return self._client.request(method, path, content=content)

    def said(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What a request is answered with, as parsed JSON."""
        return self.request(method, path, body).json()

    def code(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
        """HTTP status and, of a refusal, the registry's own code."""
        return code_of(self.request(method, path, body))

    def subject(self) -> str:
        """The name of a subject that nobody has used."""
        self._made.append(f"compare-{self._run}-{len(self._made) + 1}")
        return self._made[-1]

    def with_versions(self, *bodies: Mapping[str, Any], level: str | None = None) -> str:
        """A new subject that has these versions; `level` is set on it afterwards."""
        subject = self.subject()
        if len(bodies) > 1:
            self.must("PUT", f"/config/{subject}", {"compatibility": "NONE"})
        for body in bodies:
            self.must("POST", f"/subjects/{subject}/versions", body)
        if level is not None:
            self.must("PUT", f"/config/{subject}", {"compatibility": level})
        return subject

    def must(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A step of the preparation, answered with 200.

        Raises:
            NotPreparedError: it was refused.
        """
        answer = self.request(method, path, body)
        if answer.status_code != httpx.codes.OK:
            raise NotPreparedError(f"{method} {path.replace(self._run, '…')}: {code_of(answer)}")
        return answer.json()


@dataclass(frozen=True)
class Question:
    """Something that a client of a registry may rely on.

    Attributes:
        name: what is asked, for a person.
        matters: what depends on the answer.
        ask: prepares what is needed and gives the answer as a short text.
    """

    name: str
    matters: str
    ask: Callable[[Asked], str]


def code_of(answer: httpx.Response) -> str:
    """HTTP status and the registry's own code, if there is one."""
    try:
        body = answer.json()
    except ValueError:
        return f"{answer.status_code}, no JSON"
    own = body.get("error_code") if isinstance(body, dict) else None
    return str(answer.status_code) if own is None else f"{answer.status_code}, code {own}"
