"""The program of the embedded broker; started by `up`, never by hand.

    python -m streamlab.stack.embedded.process @run/broker.args        # in the state folder

Beside the broker it has a control channel, HTTP on loopback, for what Kafka's protocol has no request for.
Where that is, the cluster itself says, in the name of a topic: whoever knows the broker finds it.
"""

import argparse
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from streamlab.errors import StreamlabError
from streamlab.stack.embedded.cluster import MockCluster
from streamlab.stack.embedded.control import TOPIC_PREFIX
from streamlab.stack.ports import LOOPBACK

MAX_BODY_BYTES: Final = 1_000_000


def main() -> None:
    """Run the cluster until the process is ended."""
    parser = argparse.ArgumentParser(fromfile_prefix_chars="@")
    parser.add_argument("--announce", type=Path, required=True)
    given = parser.parse_args()
    cluster = MockCluster()
    with ThreadingHTTPServer((LOOPBACK, 0), handler(cluster)) as control:
        cluster.create_topic(f"{TOPIC_PREFIX}{control.server_port}", 1)
        new = given.announce.with_suffix(".new")
        new.write_text(cluster.bootstrap_servers, encoding="utf-8")
        new.replace(given.announce)
        control.serve_forever()


def handler(cluster: MockCluster) -> type[BaseHTTPRequestHandler]:
    """What answers a request of the control channel: `POST /{call}` with the arguments as JSON."""
    calls: dict[str, Callable[..., None]] = {
        "/create_topic": cluster.create_topic,
        "/push_errors": cluster.push_errors,
        "/push_disconnects": cluster.push_disconnects,
        "/clear_errors": cluster.clear_errors,
        "/set_topic_error": cluster.set_topic_error,
        "/set_delay": cluster.set_delay,
        "/set_down": cluster.set_down,
    }

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                size = min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES)
                calls[self.path](**json.loads(self.rfile.read(size)))
            except StreamlabError as error:
                self._answer(400, {"what": error.what, "next_step": error.next_step})
            except (KeyError, TypeError, ValueError) as error:
                what = f"The broker does not understand {self.path[1:40]!r} ({type(error).__name__})."
                self._answer(400, {"what": what, "next_step": "Look at streamlab/stack/embedded/process.py."})
            else:
                self._answer(200, {})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 (the base class's name)
            """Say nothing: the log is for what goes wrong."""

    return Control


if __name__ == "__main__":
    main()
