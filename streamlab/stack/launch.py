"""Start servers side by side and wait until each one answers.

launcher = Launcher(layout, archives, say)
launcher.start([broker, registry])       # returns when both answer; raises when one cannot
launcher.confirm(["broker", "registry"], "127.0.0.1:9092", choice)     # the round trip went well
launcher.train([broker, registry])       # once: make the archives that start them faster
"""

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.stack import java, ports, processes, records
from streamlab.stack.component import Component, NotAnswering, Prepared
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.layout import Layout
from streamlab.stack.logs import last_words
from streamlab.stack.records import Choice, Record

START_TIMEOUT_SECONDS: Final = 60.0
UNNEEDED_TIMEOUT_SECONDS: Final = 20.0
"""For what the stack can do without."""
BIND_ATTEMPTS: Final = 3
"""Between choosing a port and binding it another process may take it."""

_PROBE_SECONDS: Final = 1.0
_BETWEEN_PROBES_SECONDS: Final = 0.03


class _GivenUpError(Exception):
    """Another part failed, or the person interrupted: this one stops waiting."""


class Launcher:
    """Starts the components of one layout; used once, by the holder of the stack's lock."""

    def __init__(
        self, layout: Layout, archives: java.ClassArchives | None, say: Callable[[str], None]
    ) -> None:
        self._layout = layout
        self._archives = archives
        self._say = say
        self._one_at_a_time = threading.Lock()
        self._given_up = threading.Event()
        self._java: set[str] = set()

    def start(self, components: Sequence[Component]) -> dict[str, StreamlabError]:
        """Start all at once; the caller stops them if this raises.

        Returns:
            Why each part did not start that the stack can do without; the caller stops what is left of it.

        Raises:
            StackUnavailable: a server ended or did not answer, with the last thing that it said.
        """
        for folder in (self._layout.run, self._layout.logs):
            folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(len(components)) as pool:
            tasks = [pool.submit(self._start, component) for component in components]
            try:
                ends = [
                    (component, task.exception()) for component, task in zip(components, tasks, strict=True)
                ]
            except BaseException:
                self._given_up.set()
                raise
        missing = {
            c.name: error for c, error in ends if isinstance(error, StreamlabError) and not c.is_needed
        }
        failures = [error for c, error in ends if error is not None and c.name not in missing]
        for failure in sorted(failures, key=lambda error: isinstance(error, _GivenUpError)):
            raise failure
        return missing

    def confirm(self, names: Sequence[str], broker: str, choice: Choice) -> None:
        """Record that these parts did their work once, with the broker at this address."""
        known = records.read(self._layout)
        done = {name: replace(known[name], ready=True, uses=broker) for name in names}
        records.write(self._layout, known | done, choice)

    def train(self, components: Sequence[Component]) -> None:
        """Make the class data archives of running servers that have none yet; a failure only costs speed."""
        archives = self._archives
        if archives is None:
            return
        new = [c for c in components if c.name in self._java and not archives.is_made(c.kind)]
        if not new:
            return
        self._say("Preparing faster starts (once).")
        known = records.read(self._layout)
        with ThreadPoolExecutor(len(new)) as pool:
            for component in new:
                process = known[component.name].process
                if process is not None:
                    pool.submit(archives.make, component.kind, process.pid)

    def _start(self, component: Component) -> None:
        try:
            for attempt in range(1, BIND_ATTEMPTS + 1):
                record = self._choose_ports(component, moved=attempt > 1)
                try:
                    self._start_once(component, record)
                    return
                except StackUnavailable:
                    somebody_was_faster = not all(ports.is_free(port) for port in record.ports.values())
                    another_try = somebody_was_faster or self._archives_were_damaged(component)
                    if attempt == BIND_ATTEMPTS or not another_try:
                        raise
        except BaseException as error:
            if component.is_needed:
                self._given_up.set()
            elif isinstance(error, OSError):
                raise self._failed(component, f"could not be started ({error.strerror or error})") from error
            raise

    def _archives_were_damaged(self, component: Component) -> bool:
        """Whether it crashed and had class archives, the likely cause: they are gone then."""
        process = records.read(self._layout)[component.name].process
        if self._archives is None or component.name not in self._java or process is None:
            return False
        return processes.crashed(processes.exit_code(process)) and self._archives.discard()

    def _start_once(self, component: Component, record: Record) -> None:
        layout = self._layout
        prepared = component.prepare(layout, record.ports)
        for note in prepared.notes:
            self._say(note)
        if self._given_up.is_set():
            raise _GivenUpError
        command = self._command(component, prepared)
        identity = processes.start(command, layout.state, layout.console(component.name))
        self._record(component.name, replace(record, process=identity))
        address = self._wait(component, record, identity, prepared.announced)
        if address != record.address:
            self._record(component.name, replace(record, process=identity, address=address))
        settle(component, layout, address)

    def _command(self, component: Component, prepared: Prepared) -> list[str]:
        """The command line: a program, and the file of its arguments, by which the process is known."""
        file = self._layout.arguments(component.name)
        if component.module is not None or prepared.program:
            file.write_text("".join(f"{argument}\n" for argument in prepared.arguments), encoding="utf-8")
            if component.module is None:
                return [*prepared.program, f"@{file}"]
            # -P: no module of the state folder can stand in for one of Python's.
            return [sys.executable, "-P", "-m", component.module, f"@{file}"]
        self._java.add(component.name)
        temporary = self._layout.run / f"tmp-{component.name}"
        temporary.mkdir(parents=True, exist_ok=True)
        flags = self._archives.flags(component.kind) if self._archives else ()
        java.write_arguments(file, [*flags, f"-Djava.io.tmpdir={temporary}", *prepared.arguments])
        return [str(java.executable()), f"@{file}"]

    def _choose_ports(self, component: Component, *, moved: bool) -> Record:
        with self._one_at_a_time:
            known = records.read(self._layout)
            before = known[component.name].ports if component.name in known and not moved else {}
            others = {
                p for name, record in known.items() if name != component.name for p in record.ports.values()
            }
            chosen = ports.choose(
                component.usual_ports, before, free=lambda port: port not in others and ports.is_free(port)
            )
            address = component.address(chosen.ports)
            record = Record(component.product, address, chosen.ports, kind=component.kind)
            records.write(self._layout, known | {component.name: record})
        self._say_moved(component, chosen.ports, chosen.moved)
        return record

    def _say_moved(self, component: Component, numbers: Mapping[str, int], moved: Sequence[str]) -> None:
        for purpose in moved:
            usual = component.usual_ports[purpose]
            who = ports.owner(usual) or "another process"
            self._say(
                f"Port {usual} is used by {who}: the {component.name} takes {numbers[purpose]} ({purpose})."
            )

    def _record(self, name: str, record: Record) -> None:
        with self._one_at_a_time:
            records.write(self._layout, records.read(self._layout) | {name: record})

    def _wait(
        self, component: Component, record: Record, identity: processes.Identity, announced: Path | None
    ) -> str:
        """Where it answers, once it does, and nobody else in its place."""
        address, port = record.address, record.ports.get("client")
        mark = f"@{self._layout.arguments(component.name)}"
        patience_seconds = START_TIMEOUT_SECONDS if component.is_needed else UNNEEDED_TIMEOUT_SECONDS
        deadline = time.monotonic() + patience_seconds
        reason = "no answer"
        while time.monotonic() < deadline:
            if self._given_up.is_set():
                raise _GivenUpError
            process = processes.find(identity, mark)
            if process is None:
                code = processes.exit_code(identity)
                raise self._failed(component, f"ended while it started (exit code {code})")
            try:
                address = _announced(announced) if announced else address
                component.probe(address, _PROBE_SECONDS)
                # Of two stacks that start at once, the slower one is answered by the faster one's server.
                if port is None or processes.listens(process, port):
                    return address
                reason = "another process answers there"
            except NotAnswering as error:
                reason = str(error)
            time.sleep(_BETWEEN_PROBES_SECONDS)
        raise self._failed(component, f"did not answer within {patience_seconds:g} s ({reason})")

    def _failed(self, component: Component, how: str) -> StackUnavailable:
        said = last_words(self._layout, component.name)
        anew = "`streamlab down --delete-data` and `streamlab up` begin anew."
        if not component.is_needed:
            anew = f"delete {self._layout.data(component.name)} and run `streamlab up`."
        return StackUnavailable(
            f"The {component.name} {how}{': ' + said if said else ''}.",
            f"Read `streamlab logs {component.name}`; if its data is damaged, {anew}",
        )


def _announced(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotAnswering("it has not said where it listens") from error


def settle(component: Component, layout: Layout, address: str) -> None:
    """Bring a server that answers into the state that the course expects.

    Raises:
        StackUnavailable: it refused.
    """
    try:
        component.settle(layout, address)
    except NotAnswering as error:
        raise StackUnavailable(
            f"The {component.name} answers, but could not be set up ({error}).",
            f"Run `streamlab down` and `streamlab up`; if it stays, read `streamlab logs {component.name}`.",
        ) from error
