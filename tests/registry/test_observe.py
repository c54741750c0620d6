"""The proxy in front of a registry changes nothing, counts everything, and can be away."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from streamlab.registry.observe import observe, path_template


class Upstream(BaseHTTPRequestHandler):
    """Answers with what it was asked; `/missing` is an error with a body, as registries give."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = {
            "method": self.command,
            "path": self.path,
            "body": self.rfile.read(length).decode(),
            "type": self.headers.get("Content-Type"),
        }
        status = 404 if "missing" in self.path else 200
        answer = json.dumps(
            asked if status == 200 else {"error_code": 40403, "message": "not found"}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def upstream() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def registry_url(upstream: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{upstream.server_port}/apis/ccompat/v7"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=5) as client:
        yield client


def test_a_request_reaches_the_registry_under_its_own_path_with_query_and_body(
    registry_url: str, client: httpx.Client
) -> None:
    with observe(registry_url) as watched:
        answer = client.post(
            f"{watched.url}/subjects/txn.events-value/versions?normalize=False",
            content=b'{"schema": "\\"long\\""}',
            headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
        )
    assert answer.json() == {
        "method": "POST",
        "path": "/apis/ccompat/v7/subjects/txn.events-value/versions?normalize=False",
        "body": '{"schema": "\\"long\\""}',
        "type": "application/vnd.schemaregistry.v1+json",
    }
    assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"


def test_an_escaped_name_stays_escaped(registry_url: str, client: httpx.Client) -> None:
    with observe(registry_url) as watched:
        answer = client.get(f"{watched.url}/subjects/a%2Fb/versions/1")
        assert answer.json()["path"].endswith("/subjects/a%2Fb/versions/1")
        assert watched.counts() == {"GET /subjects/{subject}/versions/{version}": 1}


def test_an_error_of_the_registry_comes_back_as_it_is(registry_url: str, client: httpx.Client) -> None:
    with observe(registry_url) as watched:
        answer = client.get(f"{watched.url}/subjects/missing")
        assert (answer.status_code, answer.json()["error_code"]) == (404, 40403)
        assert [request.status for request in watched.requests] == [404]


def test_requests_are_counted_by_kind_in_the_order_in_which_each_was_first_asked(
    registry_url: str, client: httpx.Client
) -> None:
    with observe(registry_url) as watched:
        for path in ("/schemas/ids/7?subject=a", "/subjects", "/schemas/ids/8"):
            client.get(watched.url + path)
        assert list(watched.counts().items()) == [("GET /schemas/ids/{id}", 2), ("GET /subjects", 1)]


def test_requests_of_many_threads_are_all_counted(registry_url: str) -> None:
    with observe(registry_url) as watched, httpx.Client(trust_env=False, timeout=10) as client:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: client.get(f"{watched.url}/schemas/ids/{n}"), range(200)))
        assert {answer.status_code for answer in answers} == {200}
        assert watched.counts() == {"GET /schemas/ids/{id}": 200}


def test_one_connection_serves_many_requests(registry_url: str) -> None:
    with observe(registry_url) as watched, httpx.Client(trust_env=False) as client:
        streams = {id(client.get(watched.url + "/subjects").extensions["network_stream"]) for _ in range(5)}
    assert len(streams) == 1


def test_while_it_is_away_every_client_is_refused_and_afterwards_all_are_served(
    registry_url: str, client: httpx.Client
) -> None:
    with observe(registry_url) as watched:
        assert client.get(watched.url + "/subjects").status_code == 200
        with watched.away():
            with pytest.raises(httpx.TransportError):
                client.get(watched.url + "/subjects")  # on the connection that was kept alive, or anew
            with httpx.Client(trust_env=False) as newcomer, pytest.raises(httpx.ConnectError):
                newcomer.get(watched.url + "/subjects")
        assert client.get(watched.url + "/subjects").status_code == 200
        assert watched.counts() == {"GET /subjects": 2}


def test_it_can_be_away_again_and_again(registry_url: str, client: httpx.Client) -> None:
    with observe(registry_url) as watched:
        for _ in range(3):
            with watched.away(), pytest.raises(httpx.TransportError):
                client.get(watched.url + "/subjects")
        assert client.get(watched.url + "/subjects").status_code == 200


def test_after_closing_nothing_listens(registry_url: str, client: httpx.Client) -> None:
    with observe(registry_url) as watched:
        pass
    with pytest.raises(httpx.ConnectError):
        client.get(watched.url + "/subjects")
    watched.close()


def test_a_registry_that_does_not_answer_is_a_bad_gateway(client: httpx.Client) -> None:
    with observe("http://127.0.0.1:1") as watched:
        assert client.get(watched.url + "/subjects").status_code == 502
        assert [request.status for request in watched.requests] == [502]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/subjects", "/subjects"),
        ("/subjects/", "/subjects"),
        ("/subjects/txn.events-value", "/subjects/{subject}"),
        ("/subjects/txn.events-value/versions?normalize=False", "/subjects/{subject}/versions"),
        ("/subjects/a/versions/latest", "/subjects/{subject}/versions/{version}"),
        ("/subjects/a/versions/3/referencedby", "/subjects/{subject}/versions/{version}/referencedby"),
        ("/schemas/ids/123?subject=a", "/schemas/ids/{id}"),
        ("/schemas/ids/123/versions", "/schemas/ids/{id}/versions"),
        ("/schemas/guids/833bcaed-7fb1-4857-b7b3-6eb445e59d39", "/schemas/guids/{guid}"),
        ("/schemas/types", "/schemas/types"),
        ("/compatibility/subjects/a/versions/latest", "/compatibility/subjects/{subject}/versions/{version}"),
        ("/config/", "/config"),
        ("/config/a", "/config/{subject}"),
        ("/associations/resources/-/txn.events?limit=-1", "/associations/resources/{cluster}/{topic}"),
    ],
)
def test_names_and_numbers_in_a_path_become_placeholders(path: str, template: str) -> None:
    assert path_template(path) == template
