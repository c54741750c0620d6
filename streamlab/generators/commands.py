"""The command `streamlab generate`: events of a world to Kafka, at a rate, with an account at the end.

streamlab generate --stream txn --rate 2000 --seconds 30
streamlab generate --stream click --count 100000 --rate 0 --late 2% --max-disorder 5s --seed 7
streamlab generate --stream txn --rate 500 --seconds 60 --start 2026-01-05T10:00:00Z     the same events again

Exit code 0: every event that was sent has arrived; 1: some did not, or the command could not do its work.
Ctrl-C ends a run in order, with its account.
"""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from streamlab.command_options import seconds_of, stopping
from streamlab.errors import StreamlabError

MOST_SECONDS: Final = 30.0
"""Of a run without an end."""
WEEK_MS: Final = 7 * 24 * 3_600_000
AHEAD_MS: Final = 3_600_000
"""How far ahead of its clock a broker takes a timestamp, unless it is set otherwise (KIP-937)."""
MOST_EVENTS: Final = 1_000_000_000_000


def add_to(app: typer.Typer) -> None:
    """Add the command `generate` to a command line."""
    app.command()(generate)


def generate(
    stream: Annotated[str, typer.Option(help="txn, click, device or order.")] = "txn",
    rate: Annotated[float, typer.Option(min=0, help="Events a second; 0 is as fast as it goes.")] = 1_000,
    seconds: Annotated[float | None, typer.Option(min=0, help="How long; 30 without --count.")] = None,
    count: Annotated[
        int | None, typer.Option(min=0, max=MOST_EVENTS, help="How many events at most.")
    ] = None,
    late: Annotated[str, typer.Option(help="Share of late events: 2% or 0.02.")] = "2%",
    max_disorder: Annotated[str, typer.Option(help="How late others are at most: 5s or 500ms.")] = "5s",
    fraud: Annotated[str, typer.Option(help="Share of fraudulent payments: 2% or 0.02.")] = "2%",
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 7,
    users: Annotated[int, typer.Option(min=1, help="How many users there are.")] = 2_000,
    start: Annotated[str, typer.Option(help="When the payments begin: now, or a time in ISO 8601.")] = "now",
    payments_per_second: Annotated[
        float | None,
        typer.Option(help="The world's pace in event time; as time passes if left out. One world, one pace."),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Another topic than the contract's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Send events of a world to Kafka, and account for each of them."""
    # Imported here: the other commands need neither worlds nor clients.
    from streamlab import generators, stack
    from streamlab.encoding import framed
    from streamlab.generators.rate import Rate
    from streamlab.generators.run_view import as_json as run_as_json
    from streamlab.generators.run_view import summary, watching
    from streamlab.generators.running import StreamGenerator, live_world
    from streamlab.producers import ReliableProducer
    from streamlab.producers.destination import prepare

    console = Console(stderr=as_json)
    if seconds is None and count is None:
        seconds = MOST_SECONDS
    if topic is not None and not topic.strip():
        raise StreamlabError("--topic is empty.", "Name a topic, or leave --topic out for the contract's.")
    expected = _expected(rate, seconds, count)
    started_ms = None if start == "now" else _milliseconds(start)
    world = live_world(
        stream, rate=rate or None, events=expected, now_ms=time.time_ns() // 1_000_000, start_ms=started_ms,
        payments_per_second=payments_per_second, seed=seed, users=users, fraud_share=_share("--fraud", fraud),
    )  # fmt: skip
    source = generators.stream(
        stream, world, late_share=_share("--late", late), max_disorder_seconds=seconds_of(max_disorder)
    )
    here = stack.connect()
    to = prepare(here, source.contract, source.version, topic=topic)
    _say(console, *to.done)
    _say(console, f"The payments of this world begin at {_iso(world.start_ms)} (--start).")
    if world.start_ms < time.time() * 1_000 - WEEK_MS and here.has("retention"):
        _say(console, "They are older than a week: by its default settings Kafka deletes such messages soon.")
    producer = ReliableProducer(here.producer(linger_ms=5))
    generator = StreamGenerator(
        source,
        producer,
        topic=to.topic,
        serialize=framed(source.schema, to.schema_id),
        rate=Rate(rate or None),
    )
    with stopping(generator.stop), watching(console, expected) as progress:
        run = generator.run(count=count, seconds=seconds, progress=progress)
    if run.stopped:
        _say(console, "Stopped before its end; what was sent is accounted for.")
    if as_json:
        arguments: dict[str, Any] = {"stream": stream, "topic": to.topic, "schema_id": to.schema_id}
        body = {"command": "generate", "ok": run.ok, **arguments, "world": asdict(world), "done": to.done}
        typer.echo(json.dumps({**body, **run_as_json(run, producer.undelivered)}, indent=2))
    else:
        console.print(summary(run, producer.undelivered))
    if not run.ok:
        raise typer.Exit(1)


def _expected(rate: float, seconds: float | None, count: int | None) -> float:
    """How many events there will be."""
    if not rate and count is None:
        raise StreamlabError(
            "As fast as it goes for a time: nobody knows how many events that is.", "Give --count too."
        )
    by_time = rate * seconds if rate and seconds is not None else float("inf")
    return min(by_time, float("inf") if count is None else count)


def _share(option: str, text: str) -> float:
    """A share as 2% or 0.02; it must be from 0 to 1."""
    try:
        share = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError as error:
        raise StreamlabError(f"{option} {text} is no share.", "Write 2% or 0.02.") from error
    if not 0 <= share <= 1:
        raise StreamlabError(f"{option} {text} is no share.", "Write one from 0 to 100 %.")
    return share


def _milliseconds(text: str) -> int:
    """A time in ISO 8601 as milliseconds since the epoch; UTC where no zone is given."""
    try:
        time_given = datetime.fromisoformat(text)
    except ValueError as error:
        raise StreamlabError(f"--start {text} is no time.", "Write now, or 2026-01-05T10:00:00Z.") from error
    if time_given.tzinfo is None:
        time_given = time_given.replace(tzinfo=UTC)
    start_ms = round(time_given.timestamp() * 1_000)
    if not 0 <= start_ms <= time.time() * 1_000 + AHEAD_MS:
        raise StreamlabError(
            f"--start {text}: Kafka takes no timestamp from before 1970 or from the future.",
            "Give a time of the past, or now.",
        )
    return start_ms


def _iso(time_ms: int) -> str:
    return (
        datetime.fromtimestamp(time_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _say(console: Console, *sentences: str) -> None:
    for sentence in sentences:
        console.print(sentence, highlight=False, soft_wrap=True, markup=False)
