"""The stack's commands: up, down, status, doctor, logs.

    app = typer.Typer()
    commands.add_to(app)

Each prints for people and ends with exit code 0 only when all is well. Expected errors are raised as
`StreamlabError`; the command line prints them as one sentence.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streamlab.errors import StreamlabError
from streamlab.stack import backends
from streamlab.stack import logs as log_files
from streamlab.stack.backends import BackendName
from streamlab.stack.capabilities import Capability
from streamlab.stack.condition import Part, Report, State
from streamlab.stack.doctor.command import doctor
from streamlab.stack.layout import Layout
from streamlab.stack.local import RegistryKind
from streamlab.stack.redis_probe import shown

_STYLES = {State.RUNNING: "green", State.STOPPED: "dim", State.STARTING: "yellow"}


def add_to(app: typer.Typer) -> None:
    """Add the stack's commands to a command line."""
    for command in (up, down, status, doctor, logs):
        app.command()(command)


def up(
    backend: Annotated[
        BackendName,
        typer.Option(help="auto: what runs, or the first that can be used of local, docker, embedded."),
    ] = BackendName.AUTO,
    registry: Annotated[
        RegistryKind | None,
        typer.Option(help="Which registry; the one of last time if left out, at first the course's own."),
    ] = None,
) -> None:
    """Start Kafka, the registry and Redis; repair what is broken. Safe to run again."""
    console = _console()
    report = backends.choose(Layout.here(), console, backend, registry).up()
    here = report.stack
    if report.started:
        _say(console, f"Ready in {report.seconds:.1f} s: a message and a schema went out and came back.")
    else:
        _say(console, "The stack is already running.")
    _say(console, f"  backend   {here.backend}")
    _say(console, f"  Kafka     {here.bootstrap_servers}")
    _say(console, f"  registry  {here.schema_registry_url}")
    if here.redis_url:
        _say(console, f"  Redis     {shown(here.redis_url)}")
    stay = "stay" if here.has(Capability.DURABILITY) else "are in memory and go with it"
    _say(console, f"Stop it with `streamlab down`; topics and schemas {stay}.")


def down(
    delete_data: Annotated[bool, typer.Option(help="Also delete all topics, schemas and features.")] = False,
) -> None:
    """Stop what `up` started, and leave no process behind. Topics, schemas and features stay."""
    console = _console()
    stopped = backends.current(Layout.here(), console).down(delete_data=delete_data)
    _say(console, f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    if delete_data:
        _say(console, "Topics, schemas and features were deleted.")


def status() -> None:
    """Say what is true of each part. Exit code 0 only when all of them run and answer."""
    console = _console()
    report = backends.current(Layout.here()).status()
    console.print(_table(report))
    if not report.is_well:
        states = {part.state for part in report.parts}
        starting = State.STARTING in states
        _say(
            console, "Wait a few seconds." if starting else "Run `streamlab up`: it starts what does not run."
        )
        raise typer.Exit(1)


def logs(
    part: Annotated[
        str | None, typer.Argument(help="broker, registry, store or clients; all when left out.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new lines as they come.")] = False,
    lines: Annotated[int, typer.Option(min=0, help="How many of the last lines of each part.")] = 50,
) -> None:
    """Show the logs of the broker, the registry, the feature store and the clients."""
    if part is not None and part not in log_files.PARTS:
        raise StreamlabError(f"There is no log of {part!r}.", f"There is: {', '.join(log_files.PARTS)}.")
    layout = Layout.here()
    parts = (part,) if part else log_files.PARTS
    for name in parts:
        for line in log_files.last_lines(layout, name, lines):
            typer.echo(_named(name, line, parts))
    if follow:
        try:
            for name, line in log_files.follow(layout, parts):
                typer.echo(_named(name, line, parts))
        except KeyboardInterrupt:
            return


def _console() -> Console:
    return Console()


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, highlight=False, soft_wrap=True, markup=False)


def _named(name: str, line: str, parts: tuple[str, ...]) -> str:
    return line if len(parts) == 1 else f"{name:<9}{line}"


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("state")
    table.add_column("process")
    table.add_column("address", no_wrap=True)
    table.add_column("what", overflow="fold")
    for part in report.parts:
        table.add_row(*_row(part))
    return table


def _row(part: Part) -> tuple[str, ...]:
    style = _STYLES.get(part.state, "red")
    process = "-" if part.pid is None else str(part.pid)
    return (part.name, f"[{style}]{part.state}[/]", process, part.address or "-", part.detail or part.product)
