"""What a launcher takes for its own server."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest
from toy_http import always, answering

from streamlab.stack import launch, ports, processes, records
from streamlab.stack.component import Prepared
from streamlab.stack.course_registry import CourseRegistry
from streamlab.stack.layout import Layout

SERVER = """
import http.server, sys, time
class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"[]")
    def log_message(self, *_):
        pass
time.sleep(0.5)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Registry).serve_forever()
"""


@dataclass(frozen=True)
class SlowRegistry(CourseRegistry):
    """Takes half a second until it wants its port."""

    usual: int = 0
    module: ClassVar[None] = None  # type: ignore[misc]

    @property
    def usual_ports(self) -> Mapping[str, int]:
        return {"client": self.usual}

    def prepare(self, layout: Layout, ports: Mapping[str, int]) -> Prepared:  # noqa: ARG002
        return Prepared([], program=(sys.executable, "-c", SERVER, str(ports["client"])))


def test_a_server_of_another_stack_that_took_the_port_is_not_taken_for_ours(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two `up` at once: both found the port free, the other was faster, and answers as ours would."""
    told: list[str] = []
    with answering(always(200, [])) as taken:
        free = {taken}  # as it was when the port was chosen
        monkeypatch.setattr(ports, "is_free", lambda port, ask=ports.is_free: port in free or ask(port))
        launcher = launch.Launcher(layout, None, told.append)
        registry = SlowRegistry(usual=taken)
        choose = launcher._choose_ports

        def chosen(component: SlowRegistry, *, moved: bool) -> records.Record:
            record = choose(component, moved=moved)
            free.clear()
            return record

        monkeypatch.setattr(launcher, "_choose_ports", chosen)
        try:
            assert launcher.start([registry]) == {}
            record = records.read(layout)["registry"]
            assert record.ports["client"] != taken
            assert record.process is not None
            process = processes.find(record.process, f"@{layout.arguments('registry')}")
            assert process is not None
            assert processes.listens(process, record.ports["client"])
        finally:
            processes.stop(processes.marked(f"@{layout.arguments('registry')}"), grace_seconds=0.5)
    assert [sentence for sentence in told if f"Port {taken} is used by" in sentence]
