"""A processor's account and progress, for people."""

import datetime

from rich.table import Table

from streamlab.processor.account import Account, Latencies
from streamlab.processor.progress import Progress
from streamlab.processor.settings import Settings


def account_table(settings: Settings, account: Account) -> Table:
    """The books, closed."""
    table = Table(title=f"{settings.job} features, {settings.guarantee.value}", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("in", f"{account.events_in:,}")
    if account.taken_over:
        table.add_row("taken over, waiting", f"{account.taken_over:,}")
    table.add_row("out", f"{account.out:,}")
    table.add_row("dead-lettered", f"{account.dead:,}")
    for reason, count in sorted(account.dead_letters.items()):
        table.add_row(f"  {reason}", f"{count:,}")
    table.add_row("still waiting", f"{account.waiting:,}")
    if account.handed_over:
        table.add_row("handed over, waiting", f"{account.handed_over:,}")
    if settings.store:
        table.add_row("changed Redis", f"{account.applied:,}")
        table.add_row("was in Redis already", f"{account.stale:,}")
    if account.restored_events:
        table.add_row("read again to restore", f"{account.restored_events:,}")
        table.add_row("restoring took", f"{account.restore_seconds:.1f} s")
    if account.lost_to_retention:
        table.add_row("[red]deleted before its time (retention)[/red]", f"{account.lost_to_retention:,}")
    if account.aborted:
        table.add_row("transactions given up", f"{account.aborted:,}")
    table.add_row("event to sink, p50 / p99", _percentiles(account.event_to_sink))
    table.add_row("in processing, p50 / p99", _percentiles(account.processing))
    table.add_row("time", f"{account.seconds:.1f} s")
    table.caption = f"{account.sentence()}: {'it balances' if account.balances else 'IT DOES NOT BALANCE'}."
    return table


def progress_line(progress: Progress) -> str:
    """One line about a moment."""
    watermark = "none yet"
    if progress.watermark_ms is not None:
        moment = datetime.datetime.fromtimestamp(progress.watermark_ms / 1000, datetime.UTC)
        watermark = f"{moment:%Y-%m-%d %H:%M:%S}"
    account = progress.account
    parts = [
        f"{progress.rate:,.0f}/s",
        f"in {account.events_in:,}",
        f"out {account.out:,}",
        f"dead {account.dead:,}",
        f"waiting {account.waiting:,}",
        f"lag {progress.total_lag:,}",
        f"watermark {watermark}",
    ]
    if progress.restoring:
        parts.append(f"restoring {progress.restoring} partitions ({account.restored_events:,} read again)")
    if progress.blocked:
        parts.append(f"{progress.blocked} partitions wait for a schema")
    return "  ".join(parts)


def _percentiles(latencies: Latencies) -> str:
    half, most = latencies.percentile(50), latencies.percentile(99)
    if half is None or most is None:
        return "none"
    return f"{_duration(half)} / {_duration(most)}"


def _duration(milliseconds: float) -> str:
    if milliseconds < 1_000:
        return f"{milliseconds:.3g} ms"
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:.3g} s"
    return f"{milliseconds / 60_000:,.0f} min"
