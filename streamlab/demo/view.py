"""What the demonstration shows: one screen while it runs, one account at its end.

with Live(screen(moment)) as live: ...
console.print(account(outcome))
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streamlab.demo.run import JOBS_OF, Moment, Outcome
from streamlab.processor.progress import Progress

_SOURCE: Final = {"card": "payments", "user": "clicks"}


def screen(moment: Moment) -> RenderableType:
    """The running system: sources, processors, the latest risky cards."""
    sources = "   ".join(f"{name} {count:,}" for name, count in moment.sent.items())
    head = Text(f"{moment.seconds_left:4.0f} s left   sent: {sources}", style="bold")
    return Group(head, _processors(moment), _risky(moment.cards.risky))


def line(moment: Moment) -> str:
    """The same in one line, where there is no terminal."""
    parts = [f"{moment.seconds_left:.0f} s left", *(f"{name} {n:,}" for name, n in moment.sent.items())]
    for job, progress in moment.progress.items():
        parts.append(f"{job}: {progress.account.out:,} out, lag {progress.total_lag:,}")
    return ", ".join(parts)


def account(outcome: Outcome) -> RenderableType:
    """The books at the end."""
    table = Table(title=f"The account ({outcome.guarantee.value})", title_justify="left")
    table.add_column("")
    for job in outcome.jobs:
        table.add_column(_SOURCE[job.job], justify="right")
    for name, cell in _ROWS.items():
        table.add_row(name, *(cell(job) for job in outcome.jobs))
    words = [Text(_verdict(outcome), style="green" if outcome.balances else "bold red")]
    wait = f"{outcome.lateness_seconds:g} s"
    words.append(Text(f"Each event waits at least {wait} for others that belong before it."))
    words += [Text(f"Not shown here: {what}.") for what in outcome.not_shown]
    words += [Text(f"Left behind: {what}.", style="yellow") for what in outcome.left]
    return Group(table, *words)


def _verdict(outcome: Outcome) -> str:
    if outcome.balances:
        return "It balances: everything that went in came out once, or is a dead letter; nothing is waiting."
    wrong = [job.job for job in outcome.jobs if not job.balances]
    what = f"The books of {', '.join(wrong)} do not balance" if wrong else "Not everything was delivered"
    return f"{what}: {outcome.undelivered:,} events were not delivered. This is not as it should be."


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


_ROWS: Final[dict[str, Any]] = {
    "sent by the generator": lambda job: f"{job.sent:,}",
    "in": lambda job: f"{job.account.events_in:,}",
    "out": lambda job: f"{job.account.out:,}",
    "dead-lettered": lambda job: f"{job.account.dead:,}",
    "  of these late": lambda job: f"{job.account.dead_letters['late']:,}",
    "  late when sent": lambda job: f"{job.late_sent:,}",
    "still waiting": lambda job: f"{job.account.waiting:,}",
    "read back from the topic": lambda job: f"{job.read:,}",
    "  of these twice": lambda job: f"{job.doubles:,}",
    "event to sinks, p50": lambda job: _ms(job.account.event_to_sink.percentile(50)),
    "event to sinks, p99": lambda job: _ms(job.account.event_to_sink.percentile(99)),
    "  in the processor, p50": lambda job: _ms(job.account.processing.percentile(50)),
    "  in the processor, p99": lambda job: _ms(job.account.processing.percentile(99)),
}


def _processors(moment: Moment) -> Table:
    table = Table(title="Processors", title_justify="left")
    for column in ("job", "events/s", "out", "dead letters", "lag", "watermark", "events in state"):
        table.add_column(column, justify="left" if column == "job" else "right")
    for job in JOBS_OF.values():
        progress = moment.progress.get(job)
        table.add_row(job, *(_cells(progress) if progress else ["starting", "", "", "", "", ""]))
    return table


def _cells(progress: Progress) -> list[str]:
    account = progress.account
    behind = "-"
    if progress.watermark_ms is not None:
        behind = f"{time.time() - progress.watermark_ms / 1000:.1f} s behind"
    return [
        f"{progress.rate:,.0f}",
        f"{account.out:,}",
        f"{account.dead:,}",
        f"{progress.total_lag:,}",
        behind,
        f"{progress.state_size:,}",
    ]


def _risky(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Latest risky cards", title_justify="left")
    for column in ("card", "in 5 min", "US dollars in 5 min", "countries", "flags"):
        table.add_column(column, justify="left" if column in {"card", "flags"} else "right")
    for row in reversed(rows):
        table.add_row(
            row["card_id"],
            str(row["txn_count_5m"]),
            f"{row['amount_sum_5m']:,.2f}",
            str(row["unique_countries_5m"]),
            ", ".join(row["risk_flags"]),
        )
    return table
