"""What every backend that runs servers on this machine does: start, find, repair and stop them.

    backend = LocalBackend(Layout.here())      # or EmbeddedBackend: they say which servers, and made of what
    report = backend.up()                      # idempotent; repairs what is broken; ready means a round trip
    backend.status().is_well
    backend.down()                             # leaves no process behind; data stays

One stack runs at a time in a state folder: `up` of one backend stops the other. Addresses from the
environment win: that part is then checked, never started and never stopped. A part that is not needed (the
feature store) never stops the others: the stack comes up without it, and says why.
"""

import contextlib
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from rich.console import Console

from streamlab.errors import StreamlabError
from streamlab.stack import environment, health, java, locking, records, telling
from streamlab.stack.clients import Stack
from streamlab.stack.component import Component
from streamlab.stack.condition import Report, State, examine, missing_of_the_given, unavailable
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.launch import Launcher, settle
from streamlab.stack.layout import Layout
from streamlab.stack.records import Choice
from streamlab.stack.stopping import stop_parts

HEALTH_TIMEOUT_SECONDS: Final = 20.0
FULL_BYTES: Final = 10_000_000
"""A disk with less is the reason when something fails, whatever the server says."""


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class UpReport:
    """What `up` did: the stack, the parts it started (none when all ran already), and the time it took."""

    stack: Stack
    started: tuple[str, ...]
    seconds: float


@dataclass
class Backend(ABC):
    """The stack below one state folder.

    Args:
        console: told what happens, for people; silent unless given.
        free_bytes: how much room a folder has.
    """

    layout: Layout
    console: Console = field(default_factory=lambda: Console(quiet=True))
    free_bytes: Callable[[Path], int] = _free_bytes

    name: ClassVar[str]
    needed_bytes: ClassVar[int]
    """Room for what the servers write."""

    @property
    @abstractmethod
    def components(self) -> tuple[Component, ...]:
        """The servers, broker first, those that are not needed last; their files need not be there yet."""

    @abstractmethod
    def provide(self) -> None:
        """Bring what the servers are made of onto this machine.

        Raises:
            StreamlabError: it cannot be had, and what to do.
        """

    @abstractmethod
    def archives(self) -> java.ClassArchives | None:
        """Where Java's class archives are kept; None when no server is a Java program."""

    def choice(self) -> Choice:
        """What is remembered of this backend."""
        return Choice(self.name, records.choice(self.layout).registry)

    def up(self) -> UpReport:
        """Bring the stack to where it works, whatever state it is in; do nothing when it already does.

        Raises:
            StreamlabError: what stands in the way and what to do; what this call started is stopped.
        """
        began = time.monotonic()
        try:
            with locking.working_on(self.layout, "up", self._say):
                here, started = self._bring_up()
                return UpReport(here, started, time.monotonic() - began)
        except OSError as error:
            raise self._unusable(error) from error

    def down(self, *, delete_data: bool = False) -> tuple[str, ...]:
        """Stop everything that `up` started, also what an interrupted `up` left.

        Args:
            delete_data: also delete topics, schemas and features: no message outlives its schema.

        Returns:
            The parts that had a process.
        """
        names = tuple(environment.VARIABLES)
        if not self.layout.state.is_dir():
            return stop_parts(self.layout, names)  # the folder may have been deleted under them
        try:
            with locking.working_on(self.layout, "down", self._say, end_frozen_holder=True):
                stopped = stop_parts(self.layout, names)
                kept = Choice(registry=records.choice(self.layout).registry)
                if delete_data or not kept.registry:
                    self.layout.record.unlink(missing_ok=True)
                else:
                    with contextlib.suppress(OSError):  # a full disk: the record stays as it was
                        records.write(self.layout, {}, kept)
                shutil.rmtree(self.layout.run, ignore_errors=True)
                if delete_data:
                    shutil.rmtree(self.layout.state / "data", ignore_errors=True)
                return stopped
        except OSError as error:
            stop_parts(self.layout, names)
            raise self._unusable(error) from error

    def status(self) -> Report:
        """What is true now."""
        return examine(self.layout, self.components)

    def connect(self) -> Stack:
        """The running stack, after one quick question to each part; without a store that does not answer.

        Raises:
            StackUnavailable: a part that is needed does not run or does not answer.
        """
        idle = {part.name: part for part in self.status().parts if part.state is not State.RUNNING}
        for component in self.components:
            if component.is_needed and component.name in idle:
                raise unavailable(idle[component.name])
        return self._stack(without=idle.keys())

    def _bring_up(self) -> tuple[Stack, tuple[str, ...]]:
        """The stack that works, and the parts that were started for it."""
        ours = [c for c in self.components if not environment.given_address(c.name)]
        if ours:
            self.provide()
        report = examine(self.layout, self.components, probe_seconds=5.0)
        missing = missing_of_the_given(report, self.components)
        to_start = self._to_start(ours, report)
        names = tuple(c.name for c in to_start)
        self._say_what_changes(ours)
        self._stop_what_belongs_to_another_backend()
        for told in telling.repairs(records.read(self.layout), report, to_start):
            self._say(told)
        launcher = Launcher(self.layout, self.archives() if ours else None, self._say)
        try:
            if to_start:
                self._check_room()
                stop_parts(self.layout, names, keep_ports=True)
                not_started = launcher.start(to_start)
                stop_parts(self.layout, tuple(not_started), keep_ports=True)
                missing |= not_started
            for component in (c for c in ours if c.name not in names):
                # The `up` that started it may have been killed before this.
                settle(component, self.layout, records.read(self.layout)[component.name].address)
            here = self._healthy_stack(missing)
        except BaseException as error:
            is_full = _free_bytes(self.layout.state) < FULL_BYTES
            stop_parts(self.layout, names)
            if is_full and isinstance(error, StreamlabError):
                raise StreamlabError(
                    f"The disk of {self.layout.state} is full, and the stack could not start.",
                    "Make room, then run `streamlab up` again.",
                ) from error
            raise
        if ours:
            working = [c.name for c in ours if c.name not in missing]
            launcher.confirm(working, here.bootstrap_servers, self.choice())
        launcher.train([c for c in to_start if c.name not in missing])
        return here, tuple(name for name in names if name not in missing)

    def _stop_what_belongs_to_another_backend(self) -> None:
        """The parts that this one does not have; those that it has are stopped when they are started anew."""
        own = {component.name for component in self.components}
        if others := [name for name in environment.VARIABLES if name not in own]:
            stop_parts(self.layout, others)

    def _healthy_stack(self, missing: dict[str, StreamlabError]) -> Stack:
        """The stack after a round trip through each part; says what it goes without, and adds to `missing`.

        Raises:
            StackUnavailable: a part that is needed does not do its work.
        """
        here = self._stack(without=missing.keys())
        if here.redis_url is not None:
            try:
                health.check_store(here.redis_url, HEALTH_TIMEOUT_SECONDS)
            except StackUnavailable as error:
                missing["store"] = error
                here = self._stack(without=missing.keys())
        here.check_health(HEALTH_TIMEOUT_SECONDS)
        for reason in missing.values():
            self._say(f"The stack goes without its feature store, which few lessons need. {reason}")
        return here

    def _to_start(self, ours: Sequence[Component], report: Report) -> list[Component]:
        """What does not run as it should, and what lives with it."""
        known = records.read(self.layout)
        broker = environment.given_address("broker") or (known["broker"].address if "broker" in known else "")
        names = {c.name for c in ours if report.part(c.name).state is not State.RUNNING}
        for c in ours:
            if c.name not in names:
                record = known[c.name]
                another_broker = "broker" in c.lives_with and record.uses != broker
                if record.kind != c.kind or another_broker:
                    names.add(c.name)
        while more := {c.name for c in ours if c.lives_with & names} - names:
            names |= more
        return [c for c in ours if c.name in names]

    def _stack(self, without: Container[str] = ()) -> Stack:
        known = records.read(self.layout)
        working = {c.name: c for c in self.components if c.name not in without}
        return environment.stack_of(working, known, self.name)

    def _check_room(self) -> None:
        free = self.free_bytes(self.layout.state)
        if free < self.needed_bytes:
            raise StreamlabError(
                f"The disk of {self.layout.state} has {free / 1e6:,.0f} MB free; "
                f"the stack needs {self.needed_bytes / 1e6:,.0f} MB.",
                "Make room, or set STREAMLAB_HOME to a folder on another disk, then try again.",
            )

    def _say_what_changes(self, ours: Sequence[Component]) -> None:
        """Told before anything is stopped."""
        before = records.choice(self.layout).backend
        if ours and before != self.name and (told := telling.what_is_left(before)):
            self._say(told)

    def _unusable(self, error: OSError) -> StreamlabError:
        return StreamlabError(
            f"The stack's folder {self.layout.state} cannot be used ({error.strerror or error}).",
            "Make room or mend its permissions, or set STREAMLAB_HOME to another folder, then try again.",
        )

    def _say(self, sentence: str) -> None:
        self.console.print(sentence, highlight=False, soft_wrap=True, markup=False)
