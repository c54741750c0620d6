"""The commands of the processor: `process`, and `dlq show | replay` for what it set aside.

    streamlab process --job card --guarantee exactly-once --lateness 5s
    streamlab process --job user --until-idle 3 --json

Ctrl-C and SIGTERM end it in order: what was taken is committed, the group is left, the account is printed.
Exit codes: 0 all is well; 1 something that the reader can mend; 3 the books do not balance.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler

from streamlab.command_options import seconds_of, stopping
from streamlab.errors import StreamlabError
from streamlab.processor import dlq_commands
from streamlab.processor.settings import Guarantee, UnknownSchema

if TYPE_CHECKING:
    from streamlab.processor.processor import OnProgress
    from streamlab.processor.progress import Progress

BOOKS_EXIT_CODE = 3
_OFFERED = [one.value for one in Guarantee if one is not Guarantee.AUTO_COMMIT]


def add_to(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    app.command()(process)
    dlq = typer.Typer(no_args_is_help=True, help="Dead letters: messages that could not be processed.")
    dlq_commands.add_to(dlq)
    app.add_typer(dlq, name="dlq")


def process(
    job: Annotated[str, typer.Option(help="card: features of payments; user: features of clicks.")] = "card",
    guarantee: Annotated[
        str, typer.Option(help=f"What a crash can do: {', '.join(_OFFERED)}.")
    ] = Guarantee.AT_LEAST_ONCE.value,
    lateness: Annotated[str, typer.Option(help="How late an event may be: 5s, 250ms, 1m.")] = "5s",
    group: Annotated[str, typer.Option(help="The consumer group; streamlab-<job> if left out.")] = "",
    topic: Annotated[str, typer.Option(help="The source; the job's own if left out.")] = "",
    out: Annotated[
        str, typer.Option(help="Topic for features; left out: the job's own if exactly-once, else none.")
    ] = "",
    store: Annotated[bool, typer.Option("--store/--no-store", help="Write features to Redis.")] = True,
    unknown_schema: Annotated[
        UnknownSchema, typer.Option(help="A message with a new schema id while the registry is away.")
    ] = UnknownSchema.WAIT,
    instance: Annotated[
        str, typer.Option(help="A name that stays over restarts, one for each processor of the group.")
    ] = "",
    until_idle: Annotated[
        float | None,
        typer.Option(min=0, max=86_400, help="End when nothing has come for so many seconds."),
    ] = None,
    max_events: Annotated[int | None, typer.Option(min=1, help="End after so many messages.")] = None,
    drain: Annotated[
        bool, typer.Option("--drain", help="At the end, release what waits: the stream is over.")
    ] = False,
    batch: Annotated[int, typer.Option(help="Messages at a time, and in one transaction.")] = 5_000,
    broker_timeout: Annotated[
        str, typer.Option(help="Give up when the broker has been away for so long.")
    ] = "60s",
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Serve Prometheus metrics on this port of loopback; 0: any."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The account as one line of JSON.")] = False,
) -> None:
    """Turn events into features: consume, decode, validate, compute, deliver."""
    from streamlab import stack
    from streamlab.processor.account import BooksError
    from streamlab.processor.metrics import serve
    from streamlab.processor.processor import Processor
    from streamlab.processor.showing import account_table

    if guarantee not in _OFFERED:
        raise StreamlabError(f"There is no guarantee {guarantee!r}.", f"There is: {', '.join(_OFFERED)}.")
    console = Console(stderr=True)
    _log_to(console)
    processor = Processor(
        stack.connect(), job, guarantee, topic=topic, group=group, out=out, store=store, instance=instance,
        lateness_seconds=seconds_of(lateness), unknown_schema=unknown_schema, max_batch=batch,
        broker_timeout_seconds=seconds_of(broker_timeout),
    )  # fmt: skip
    with contextlib.ExitStack() as opened:
        watchers: list[OnProgress] = []
        if metrics_port is not None:
            metrics = opened.enter_context(serve(metrics_port))
            console.print(f"Metrics: {metrics.url}", highlight=False)
            watchers.append(metrics.update)
        if console.is_terminal:
            watchers.append(opened.enter_context(_live(console)))
        stop = opened.enter_context(stopping())
        try:
            account = processor.run(
                stop,
                on_progress=_all_of(watchers),
                max_events=max_events,
                until_idle_seconds=until_idle,
                drain=drain,
            )
        except BooksError as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(BOOKS_EXIT_CODE) from error
    if as_json:
        sys.stdout.write(json.dumps(account.figures()) + "\n")
    else:
        Console(highlight=False).print(account_table(processor.settings, account))


def _all_of(watchers: list["OnProgress"]) -> "OnProgress":
    def tell(progress: "Progress") -> None:
        for watch in watchers:
            watch(progress)

    return tell


@contextlib.contextmanager
def _live(console: Console) -> Iterator["OnProgress"]:
    from streamlab.processor.showing import progress_line

    with Live("starting ...", console=console, transient=True, auto_refresh=False) as live:

        def show(progress: "Progress") -> None:
            live.update(progress_line(progress), refresh=True)

        yield show


def _log_to(console: Console) -> None:
    logger = logging.getLogger("streamlab.processor")
    if not logger.handlers:
        logger.addHandler(RichHandler(console=console, show_path=False, show_level=False))
        logger.setLevel(logging.INFO)
        logger.propagate = False
