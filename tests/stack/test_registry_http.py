"""One question to a registry ends in time, whatever stands at the address."""

import httpx
import pytest
from toy_http import always, answering, dripping

from streamlab.stack.component import NotAnswering
from streamlab.stack.course_registry import CourseRegistry
from streamlab.stack.registry_http import ask


def test_an_answer_comes_with_its_status_and_its_content() -> None:
    with answering(always(404, {"error_code": 40403})) as port:
        answer = ask("GET", f"http://127.0.0.1:{port}/schemas/ids/1", 5)
    assert (answer.status_code, answer.json()) == (404, {"error_code": 40403})
    with pytest.raises(httpx.HTTPStatusError):
        answer.raise_for_status()


def test_an_answer_that_never_ends_is_none() -> None:
    with dripping() as port, pytest.raises(httpx.ReadTimeout, match="does not end"):
        ask("GET", f"http://127.0.0.1:{port}/", 0.3)


@pytest.mark.parametrize(
    "url", ["http://[::1", "nonsense", "", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:x"]
)
def test_text_that_is_no_address_gets_no_answer(url: str) -> None:
    with pytest.raises(NotAnswering):
        CourseRegistry().probe(url, 0.5)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x"])
def test_a_proxy_that_cannot_be_used_is_no_answer_elsewhere_and_does_not_matter_here(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(httpx.ProxyError):
        ask("GET", "http://192.0.2.1:8081/subjects", 0.5)
    with answering(always(200, ["payments-value"])) as port:
        CourseRegistry().probe(f"http://127.0.0.1:{port}", 5)


@pytest.mark.parametrize("body", [b"<html>It works!</html>", {"status": "ok"}, b""])
def test_a_server_that_answers_everything_with_200_is_not_taken_for_a_registry(body: object) -> None:
    with answering(always(200, body)) as port, pytest.raises(NotAnswering, match="another server"):
        CourseRegistry().probe(f"http://127.0.0.1:{port}", 5)
