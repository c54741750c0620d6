"""What a person sees of a run: a bar or lines while it lasts, and the account at its end.

with watching(console, events=60_000) as progress:
    run = generator.run(seconds=30, progress=progress)
console.print(summary(run, producer.undelivered))
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from streamlab.generators.base import Run
from streamlab.producers.deliveries import Deliveries, Undelivered

LINE_EVERY_SECONDS: Final = 5.0
SHOWN_UNDELIVERED: Final = 3

Told = Callable[[Deliveries], Any]


@contextmanager
def watching(console: Console, events: float | None) -> Iterator[Told]:
    """Show the account while it grows: as a bar on a terminal, otherwise as a line every few seconds.

    Args:
        events: how many there will be; None if nobody knows.
    """
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.completed:,.0f} sent"), BarColumn(), TaskProgressColumn(),
        TimeRemainingColumn(), TextColumn("{task.fields[open]:,} open, {task.fields[failed]:,} failed"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=events, open=0, failed=0)
        yield lambda account: bar.update(
            task, completed=account.sent, open=account.outstanding, failed=account.failed
        )


def summary(run: Run, undelivered: list[Undelivered]) -> RenderableType:
    """The account of a run, its partitions, and the first events that did not arrive."""
    account = run.deliveries
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    rows = [
        (f"{account.sent:,}", f"sent in {run.seconds:.1f} s, {run.events_per_second:,.0f} a second"),
        (f"{account.delivered:,}", "delivered"),
        (f"{account.failed:,}", "failed" + _by_error(account)),
        (f"{account.outstanding:,}", "without a report"),
        (
            f"{account.backpressure_waits:,}",
            f"waits for room in the local queue, {account.waited_seconds:.1f} s in all",
        ),
    ]
    for row in rows:
        table.add_row(*row)
    parts: list[RenderableType] = [table, _partitions(account)]
    if run.late_seconds > 0.05:
        parts.append(Text(f"The rate was not kept: the schedule was put off by {run.late_seconds:.1f} s."))
    parts += [
        Text(f"Undelivered: key {_shown(one.key)} to {one.topic}, {one.error}: {one.reason}.")
        for one in undelivered[:SHOWN_UNDELIVERED]
    ]
    return Group(*parts)


def as_json(run: Run, undelivered: list[Undelivered]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "seconds": round(run.seconds, 3),
        "events_per_second": round(run.events_per_second, 1),
        "late_seconds": round(run.late_seconds, 3),
        "stopped": run.stopped,
        **run.deliveries.as_json(),
        "undelivered": [
            {"topic": one.topic, "key": _shown(one.key), "error": one.error, "reason": one.reason}
            for one in undelivered
        ],
    }


def _lines(console: Console) -> Told:
    last = time.monotonic()

    def tell(account: Deliveries) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_EVERY_SECONDS:
            last = time.monotonic()
            told = f"{account.sent:,} sent, {account.delivered:,} delivered, {account.failed:,} failed"
            console.print(told, highlight=False)

    return tell


def _partitions(account: Deliveries) -> RenderableType:
    """Delivered messages by partition, eight in a row."""
    counts = sorted(account.by_partition.items())
    table = Table(box=None, pad_edge=False, show_header=False)
    for start in range(0, len(counts), 8):
        table.add_row(*(f"[{number}] {count:,}" for (_, number), count in counts[start : start + 8]))
    return Group(Text("by partition"), table) if counts else Text("")


def _by_error(account: Deliveries) -> str:
    told = ", ".join(f"{count:,} {error}" for error, count in sorted(account.by_error.items()))
    return f": {told}" if told else ""


def _shown(key: bytes | None) -> str:
    return "none" if key is None else key.decode(errors="replace")
