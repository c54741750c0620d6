"""The few questions that registering contracts asks a registry, with every answer looked at.

    with RegistryClient("http://127.0.0.1:8081") as registry:
        registry.level("txn.events-value")            # Level.BACKWARD, its own or the global one
        registry.versions("txn.events-value")         # [1, 2]; [] if there is no such subject
        registry.refusals("txn.events-value", new)    # [] or what the registry has against it
        registry.register("txn.events-value", new)    # 7, the schema's id

Asks what Confluent's REST API and Apicurio's copy of it both answer. Any other answer is an error that names
the address: a proxy's page, a truncated body, a number where a list should be.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from streamlab.errors import StreamlabError
from streamlab.registry.compatibility import Level
from streamlab.stack.registry_http import is_loopback

TIMEOUT_SECONDS: Final = 10.0
_HELP: Final = "Look at `streamlab status`, or give the registry's address with --registry."
_T = TypeVar("_T")


@dataclass(frozen=True)
class NewVersion:
    """A schema as it is sent.

    Attributes:
        content: the schema as parsed JSON.
        references: name, subject and version of each schema that it refers to.
    """

    content: Any
    references: tuple[Mapping[str, Any], ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The body of a request."""
        text = json.dumps(self.content, ensure_ascii=False)
        body: dict[str, Any] = {"schema": text, "schemaType": "AVRO"}
        return body | ({"references": [dict(one) for one in self.references]} if self.references else {})


class RegistryRefusalError(StreamlabError):
    """The registry answered, and the answer is no."""


class RegistryClient:
    """One registry."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.shown = shown_address(url)
        try:
            self._client = httpx.Client(
                base_url=url.rstrip("/"), timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(url),
                transport=transport, follow_redirects=False,
            )  # fmt: skip
        except (httpx.InvalidURL, ValueError) as error:
            raise StreamlabError(f"{self.shown} is not an address: {error}.", "Mend it.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def level(self, subject: str) -> Level:
        """The compatibility level that the registry applies to a subject."""
        answer = self._ask("GET", f"/config/{_part(subject)}?defaultToGlobal=true")
        if answer.status_code == 404:
            answer = self._ask("GET", "/config")
        return self._read(
            answer, lambda body: Level(body.get("compatibilityLevel", body.get("compatibility")))
        )

    def own_level(self, subject: str) -> Level | None:
        """The level that was set for this subject; None if the global one applies."""
        answer = self._ask("GET", f"/config/{_part(subject)}")
        if answer.status_code == 404:
            return None
        return self._read(
            answer, lambda body: Level(body.get("compatibilityLevel", body.get("compatibility")))
        )

    def set_level(self, subject: str, level: Level) -> None:
        """Set the level of a subject, which need not exist yet."""
        answer = self._ask("PUT", f"/config/{_part(subject)}", {"compatibility": level.value})
        self._read(answer, lambda body: Level(body.get("compatibility", body.get("compatibilityLevel"))))

    def writable(self, subject: str) -> str | None:
        """None if the subject takes new versions, otherwise the mode that forbids it."""
        answer = self._ask("GET", f"/mode/{_part(subject)}?defaultToGlobal=true")
        if answer.status_code == 404:
            answer = self._ask("GET", "/mode")
        if answer.status_code == 404:
            return None  # a registry without modes
        mode = self._read(answer, lambda body: _text(body["mode"]))
        return None if mode == "READWRITE" else mode

    def versions(self, subject: str) -> list[int]:
        """The numbers of the versions of a subject, oldest first; none if it is not there."""
        answer = self._ask("GET", f"/subjects/{_part(subject)}/versions")
        if answer.status_code == 404 and _is_refusal(answer):
            return []
        return self._read(answer, lambda body: [_number(one) for one in _listed(body)])

    def schema(self, subject: str, version: int) -> Any:
        """A version of a subject, as parsed JSON."""
        answer = self._ask("GET", f"/subjects/{_part(subject)}/versions/{version}")
        return self._read(answer, lambda body: json.loads(_text(body["schema"])))

    def find(self, subject: str, new: NewVersion) -> tuple[int, int] | None:
        """Version and id under which the subject has this schema; None if it has not."""
        answer = self._ask("POST", f"/subjects/{_part(subject)}", new.body)
        if answer.status_code == 404 and _is_refusal(answer):
            return None
        return self._read(answer, lambda body: (_number(body["version"]), _number(body["id"])))

    def refusals(self, subject: str, new: NewVersion) -> list[str]:
        """What the registry has against the schema as the next version; empty if nothing."""
        path = f"/compatibility/subjects/{_part(subject)}/versions?verbose=true"
        answer = self._ask("POST", path, new.body)
        if answer.status_code == 404 and _is_refusal(answer):
            return []  # Confluent's answers true for a subject that is not there, others 404
        if answer.status_code == 422 and _is_refusal(answer):
            return [str(answer.json()["message"])]
        return self._read(answer, _messages)

    def register(self, subject: str, new: NewVersion) -> int:
        """Make the schema a version of the subject; its id.

        Raises:
            RegistryRefusalError: the registry says no; the error says why.
        """
        answer = self._ask("POST", f"/subjects/{_part(subject)}/versions", new.body)
        return self._read(answer, lambda body: _number(body["id"]))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body)
        except httpx.TimeoutException as error:
            what = f"The registry at {self.shown} did not answer within {TIMEOUT_SECONDS:.0f} s."
            raise StreamlabError(what, _HELP) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            what = f"The registry at {self.shown} does not answer: {error or type(error).__name__}."
            raise StreamlabError(what, _HELP) from error

    def _read(self, answer: httpx.Response, read: Callable[[Any], _T]) -> _T:
        """What an answer says, if it is an answer of a registry."""
        asked = f"{answer.request.method} {answer.request.url.raw_path.decode().partition('?')[0]}"
        if answer.is_error and _is_refusal(answer):
            body = answer.json()
            what = f"The registry at {self.shown} refuses {asked}: {body['message']} ({body['error_code']})."
            raise RegistryRefusalError(what, "Nothing else is sent.")
        try:
            if not answer.is_success:
                raise ValueError(f"status {answer.status_code}")
            return read(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            came = " ".join(answer.text[:80].split()) or "an empty body"
            what = (
                f"What answers at {self.shown} is no schema registry: {asked} came back as "
                f"{answer.status_code} {came!r}."
            )
            raise StreamlabError(what, _HELP) from error


def shown_address(url: str) -> str:
    """An address without the name and the password that may be in it.

    Raises:
        StreamlabError: it is no address of a registry.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise StreamlabError(f"{url!r} is not the address of a registry.", "It begins with http://.")
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))


def _part(name: str) -> str:
    return quote(name, safe="")


def _is_refusal(answer: httpx.Response) -> bool:
    """Whether an answer is a registry's own no, and not some other server's."""
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and {"error_code", "message"} <= body.keys()


def _messages(body: Any) -> list[str]:
    if body["is_compatible"] is True:
        return []
    if body["is_compatible"] is not False:
        raise ValueError("is_compatible is neither true nor false")
    given = [str(one) for one in body.get("messages") or ()]
    # Confluent's registry adds the old schema and the settings to the reasons.
    reasons = [one for one in given if "errorType" in one] or given
    return reasons or ["it is not compatible (the registry gives no reason)"]


def _number(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError("not a number")
    return given


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError("not a text")
    return given


def _listed(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise TypeError("not a list")
    return given
