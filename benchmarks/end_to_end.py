"""From a topic in Kafka to features in Redis: how many events a second, and how long each takes.

    section = end_to_end.measure()           # on the stack that runs; a minute and a half

Rates: the topic is full before the processor starts; counted is from the first look at the books that finds
messages to the last one before the end. Latencies: events of now come at half of the highest rate; from an
event's time to the answer of Redis, with the wait for the watermark and with a lateness of zero, and from a
batch's arrival to that answer.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import children, machine, transactions
from benchmarks.feeding import PARTITIONS, Feed
from benchmarks.report import Bar, Section
from streamlab import stack
from streamlab.errors import StreamlabError

EVENTS = 200_000
RATE_SECONDS = 15.0
TIMEOUT_SECONDS = 120.0
LATENESS_SECONDS = 5.0
GUARANTEES = ("at-least-once", "exactly-once")


def measure(events: int = EVENTS, seconds: float = RATE_SECONDS) -> Section:
    """Rates under two guarantees, then latencies at half of the first."""
    circumstances = machine.circumstances()
    here, console = stack.connect(), Console(stderr=True)
    feed = Feed(here, transactions.written(transactions.DENSE))
    topic, schema_id = feed.topic()
    feed.at_once(topic, schema_id, events)
    rows, bars, rates = [], [], {}
    for guarantee in GUARANTEES:
        console.print(f"end to end: {guarantee}", style="dim")
        feed.forget_features()
        out = f"{topic}.features" if guarantee == "exactly-once" else ""
        finished = _processed(topic, guarantee, out, LATENESS_SECONDS)
        rates[guarantee] = _rate(finished.told, events)
        to = "Redis and Kafka" if out else "Redis"
        rows.append(_row(f"{guarantee}, to {to}", rates[guarantee], finished))
        bars.append(Bar("end to end: events a second", guarantee, "Kafka to Redis", rates[guarantee]))
    half = rates[GUARANTEES[0]] / 2
    for lateness in (LATENESS_SECONDS, 0.0):
        console.print(f"end to end: {half:,.0f} a second, lateness {lateness:g} s", style="dim")
        kept, finished = _at_rate(feed, half, seconds, lateness)
        rows.append(_row(f"half the rate, allowed lateness {lateness:g} s", kept, finished, timely=True))
    return Section(
        "end-to-end",
        "End to end: Kafka to features in Redis",
        [ABOUT.format(events=events, partitions=PARTITIONS, seconds=seconds)],
        ["what", "events/s", *LATENCIES, "memory MB", "how"],
        rows,
        bars=bars,
        circumstances=circumstances,
    )


LATENCIES = {
    "event to Redis p50 ms": "event_to_sink_p50_ms",
    "event to Redis p99 ms": "event_to_sink_p99_ms",
    "arrival to Redis p50 ms": "processing_p50_ms",
    "arrival to Redis p99 ms": "processing_p99_ms",
}

ABOUT = (
    "Rates: {events:,} messages in {partitions} partitions were there before one processor started. "
    "Latencies: events of now came for {seconds:g} s at half of the first rate, from a process that "
    "shared the cores with Kafka, Redis and the processor. From event to Redis contains the wait "
    "until the watermark has passed the event: the allowed lateness, and the next event of its "
    "partition. With a lateness of 0 s only the latter is left."
)


def _row(what: str, rate: float, finished: children.Finished, timely: bool = False) -> list[str]:
    told = finished.told
    latencies = [f"{told[key]:,.0f}" if timely else "-" for key in LATENCIES.values()]
    books = f"{told['in']:,} in, {told['out']:,} out, {sum(told['dead_letters'].values()):,} dead-lettered"
    return [what, f"{rate:,.0f}", *latencies, f"{finished.peak_bytes / 1e6:,.0f}", books]


def _rate(told: dict[str, Any], expected: int) -> float:
    """Events a second between the first and the last sample at which it was at work."""
    if told["in"] != expected or told["dead_letters"]:
        raise StreamlabError(
            f"Of {expected:,} messages {told['in']:,} came in, {told['dead_letters']} dead-lettered.",
            "No rate is shown.",
        )
    at_work = [(when, count) for when, count in told["samples"] if 0 < count < expected]
    if len(at_work) < 2:
        return float(expected / told["seconds"])
    (began, first), (ended, last) = at_work[0], at_work[-1]
    return float((last - first) / (ended - began))


def _at_rate(
    feed: Feed, per_second: float, seconds: float, lateness_seconds: float
) -> tuple[float, children.Finished]:
    """Feed a processor that waits already; the rate kept and what the processor says."""
    feed.forget_features()
    topic, schema_id = feed.topic()
    found: list[children.Finished] = []
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        run = threading.Thread(
            target=lambda: found.append(_processed(topic, GUARANTEES[0], "", lateness_seconds, ready))
        )
        run.start()
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not ready.exists() and run.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        kept = feed.at_rate(topic, schema_id, per_second, seconds)
        run.join()
    if not found:
        raise StreamlabError(
            "The processor did not end well.", "Run `python -m benchmarks.processing` alone."
        )
    return kept, found[0]


def _processed(
    topic: str, guarantee: str, out: str, lateness_seconds: float, ready: Path | None = None
) -> children.Finished:
    command = [sys.executable, "-m", "benchmarks.processing", topic, guarantee]
    command += ["--lateness-seconds", str(lateness_seconds), "--partitions", str(PARTITIONS)]
    command += ["--out", out] if out else []
    command += ["--ready", str(ready)] if ready else []
    return children.run(command, os.environ, TIMEOUT_SECONDS)
