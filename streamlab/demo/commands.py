"""The command of the demonstration.

    streamlab demo --seconds 30

Exit code 0 only when the account balances.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live

from streamlab import stack
from streamlab.command_options import seconds_of, stopping

if TYPE_CHECKING:
    from streamlab.demo.run import Moment


def add_to(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(demo)


def demo(
    seconds: Annotated[float, typer.Option(min=1, max=3_600, help="How long the sources run.")] = 30,
    rate: Annotated[float, typer.Option(min=1, max=2_000, help="Payments a second, on average.")] = 100,
    lateness: Annotated[str, typer.Option(help="How late an event may be: 2s, 500ms.")] = "2s",
    seed: Annotated[int, typer.Option(help="Of the generated world.")] = 7,
) -> None:
    """Show the whole system at once: generate, process, serve, account; nothing stays running."""
    # Imported here: what the demonstration needs would slow every other command down.
    from streamlab.demo import view
    from streamlab.demo.run import Demo, Plan

    console = Console(highlight=False)
    plan = Plan(seconds, rate, lateness_seconds=seconds_of(lateness), seed=seed)
    with _running_stack(console) as here, stopping() as stop:
        demonstration = Demo(here, plan)
        with _shown(console) as show:
            outcome = demonstration.run(stop, show)
    console.print(view.account(outcome))
    if not outcome.balances:
        raise typer.Exit(1)


@contextlib.contextmanager
def _running_stack(console: Console) -> Iterator[stack.Stack]:
    """The stack that runs; or one that is started for this and stopped after it."""
    started: tuple[str, ...] = ()
    if not stack.status().is_well:
        console.print("Starting the stack for the time of the demonstration.")
        started = stack.up(console).started
    try:
        yield stack.connect()
    finally:
        if started:
            stack.down()
            console.print("The stack was stopped again.")


@contextlib.contextmanager
def _shown(console: Console) -> Iterator[Callable[["Moment"], None]]:
    """A live screen on a terminal, a line now and then elsewhere."""
    from streamlab.demo import view

    if not console.is_terminal:
        lines = _EveryFewSeconds(console)
        yield lines.show
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda moment: live.update(view.screen(moment), refresh=True)


class _EveryFewSeconds:
    """Prints a line about every five seconds of the demonstration."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next = float("inf")

    def show(self, moment: "Moment") -> None:
        from streamlab.demo import view

        if moment.seconds_left < self._next:
            self._console.print(view.line(moment))
            self._next = moment.seconds_left - 5.0
