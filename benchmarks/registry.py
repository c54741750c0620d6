"""The course's registry beside Apicurio, in one run: start-up, reading by id, registering.

    python -m benchmarks.registry            # this part alone, on a stack of its own

Both registries run as the course starts them, each in a process of its own, and get the same requests on
keep-alive connections over loopback, in turns: a noisy minute is noisy for all. Every answer is checked. The
first round warms up and is not counted. Rates are the median of the rounds, percentiles are over all requests
that count.

Apicurio keeps its data in a database in a file, as the course starts it. A registry whose log is in Kafka
answers when the record is committed: what that costs without a registry stands in the rows `floor`, of the
same rounds.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.registry_floors import TRANSACTION, Floor, floors
from benchmarks.registry_load import Connection, Load
from streamlab import stack
from streamlab.registry.second_opinion import apicurio

ROUNDS = 3
STARTS = 3
START_TIMEOUT_SECONDS = 60.0
CONNECTIONS = (1, 4)
P99_GOAL_MS = 5.0
BESIDE = "Apicurio"
IN_KAFKA = "course, Kafka"
FLOORS = "floor: {}"
STREAMLAB = str(Path(sys.executable).parent / "streamlab")


@dataclass
class Measured:
    """What came of one kind of request."""

    rates: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def add(self, seconds: list[float], rate: float) -> None:
        """One more round: how long each request took, and how many there were a second."""
        self.rates.append(rate)
        self.milliseconds += [1e3 * one for one in seconds]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return statistics.median(self.rates)

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True)
class Kind:
    """A kind of request, and how many of them make a round."""

    name: str
    count: int
    requests: Callable[[Load, int], list[bytes]]


NEW = "register a new schema"
KINDS = (
    Kind("read a schema by id", 2_000, Load.reading),
    Kind("register a known schema", 600, Load.known),
    Kind(NEW, 200, Load.new),
)


def measure(folder: Path, bootstrap_servers: str) -> Table:
    """Start each registry, put all of them under load, and stop them.

    Args:
        folder: where Apicurio keeps its data.
        bootstrap_servers: the broker for the registry whose log is in Kafka.
    """
    topic = f"_schemas.bench.{os.getpid()}"
    kafka = ("--store", "kafka", "--bootstrap-servers", bootstrap_servers, "--topic")
    # Apicurio's first start of all makes the archive from which the next ones start faster.
    with apicurio(folder / "first"):
        pass
    kinds: dict[str, Callable[[int], AbstractContextManager[str]]] = {
        "course, memory": lambda _: course(),
        IN_KAFKA: lambda turn: course(*kafka, f"{topic}.{turn}"),
        BESIDE: lambda turn: apicurio(folder / str(turn)),
    }
    starts: dict[str, list[float]] = {name: [] for name in kinds}
    urls: dict[str, str] = {}
    with contextlib.ExitStack() as running:
        for turn in range(STARTS):
            for name, kind in kinds.items():
                began = time.perf_counter()
                with contextlib.ExitStack() as one:
                    urls[name] = one.enter_context(kind(turn))
                    starts[name].append(time.perf_counter() - began)
                    if turn == STARTS - 1:
                        # The last one stays for the measurements.
                        running.push(one.pop_all())
        below = running.enter_context(floors(bootstrap_servers, f"{topic}.floor"))
        return _table(starts, _under_load(urls, below))


@contextlib.contextmanager
def course(*arguments: str) -> Iterator[str]:
    """The course's registry by its command, from the start until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([STREAMLAB, "registry", "serve", "--port", str(port), *arguments])
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    request = f"GET /subjects HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()
    while True:
        assert process.poll() is None, "the registry ended while it started"
        assert time.monotonic() < deadline, "the registry did not answer in time"
        with contextlib.suppress(ConnectionRefusedError), contextlib.closing(Connection(url)) as connection:
            connection.ask(request)
            return
        time.sleep(0.01)


def _under_load(urls: dict[str, str], below: dict[str, Floor]) -> dict[tuple[str, int, str], Measured]:
    """By kind of request, number of connections and registry; the floors stand with the new schemas."""
    loads = {name: Load(url) for name, url in urls.items()}
    found: dict[tuple[str, int, str], Measured] = {}
    for kind in KINDS:
        for connections in CONNECTIONS:
            for turn in range(ROUNDS + 1):
                for name, load in loads.items():
                    seconds, rate = _round(load.url, kind.requests(load, kind.count), connections)
                    measured = found.setdefault((kind.name, connections, name), Measured())
                    if turn:
                        measured.add(seconds, rate)
                if kind.name == NEW and connections == 1:
                    for name, floor in below.items():
                        seconds = floor(kind.count)
                        measured = found.setdefault((NEW, 1, FLOORS.format(name)), Measured())
                        if turn:
                            measured.add(seconds, len(seconds) / sum(seconds))
    return found


def _round(url: str, requests: list[bytes], connections: int) -> tuple[list[float], float]:
    """Seconds of each request, and requests a second; each connection sends its share one after another."""

    def share(first: int) -> list[float]:
        took = []
        with contextlib.closing(Connection(url)) as connection:
            for request in requests[first::connections]:
                began = time.perf_counter()
                connection.ask(request)
                took.append(time.perf_counter() - began)
        return took

    with ThreadPoolExecutor(connections) as pool:
        began = time.perf_counter()
        shares = list(pool.map(share, range(connections)))
        elapsed = time.perf_counter() - began
    return [one for took in shares for one in took], len(requests) / elapsed


def _table(starts: dict[str, list[float]], found: dict[tuple[str, int, str], Measured]) -> Table:
    numbers = ", ".join(f"{kind.count:,}" for kind in KINDS)
    title = (
        f"Registries: {machine.facts()}, load average {os.getloadavg()[0]:.1f}\n"
        "GET /schemas/ids/{id}; POST /subjects/{s}/versions of schemas that are there, and of new ones\n"
        f"{ROUNDS} rounds of {numbers} requests; "
        f"start: median of {STARTS}, from the command to the first answer\n"
        f"goals: at least {BESIDE}'s rate; p99 <= {P99_GOAL_MS:g} ms"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    table.add_column("registry")
    for name in ("connections", "a second", "p50 ms", "p99 ms", f"rate / {BESIDE}'s"):
        table.add_column(name, justify="right")
    table.add_column("goals")
    for name, seconds in starts.items():
        table.add_row("start", name, "", f"{statistics.median(seconds):.2f} s", "", "", "", "")
    table.add_section()
    floor_ms = found[NEW, 1, FLOORS.format(TRANSACTION)].percentile(99)
    for kind in KINDS:
        for connections in CONNECTIONS:
            for (kind_name, number, name), measured in found.items():
                if (kind_name, number) != (kind.name, connections):
                    continue
                ratio = measured.rate / found[kind.name, connections, BESIDE].rate
                p50, p99 = measured.percentile(50), measured.percentile(99)
                goals = ""
                if name in starts and name != BESIDE:
                    goals = f"{_holds(ratio >= 1)}; {_holds(p99 <= P99_GOAL_MS)}"
                    if name == IN_KAFKA and kind.name == NEW and p99 > P99_GOAL_MS:
                        goals += f", floor {floor_ms:.1f}"
                table.add_row(
                    kind.name, name, str(connections), f"{measured.rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}",
                    f"{ratio:.2f}", goals,
                )  # fmt: skip
            table.add_section()
    return table


def _holds(whether: bool) -> str:
    return "holds" if whether else "MISSED"


def report(folder: Path) -> None:
    """Print the table, measured with the broker of the running stack."""
    Console().print(measure(folder, stack.connect().bootstrap_servers))


def main() -> None:
    """Measure on a stack of its own."""
    with tempfile.TemporaryDirectory(prefix="streamlab-bench-") as folder:
        os.environ["STREAMLAB_HOME"] = str(Path(folder) / "state")
        try:
            stack.up()
            report(Path(folder) / "registries")
        finally:
            stack.down()


if __name__ == "__main__":
    main()
