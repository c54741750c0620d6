"""The commands on dead letters.

streamlab dlq show                               how many, by topic and reason; and the last ones
streamlab dlq show --topic txn.events --reason late --json
streamlab dlq replay --topic txn.events --reason "unknown id"             what would be put back
streamlab dlq replay --topic txn.events --reason "unknown id" --apply     puts it back
"""

import datetime
import json
import sys
from collections import Counter, deque
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from streamlab.errors import StreamlabError
from streamlab.processor.settings import DEAD_LETTER_PREFIX, refuse_internal

if TYPE_CHECKING:
    from streamlab.processor.dead_letter import Reason
    from streamlab.processor.dead_letters_topic import Letter

_VALUE_BYTES = 24


def add_to(app: typer.Typer) -> None:
    """Add the commands to `streamlab dlq`."""
    app.command()(show)
    app.command()(replay)


def show(
    topic: Annotated[str, typer.Option(help="The topic the messages came from; every one if left out.")] = "",
    reason: Annotated[str, typer.Option(help="Only with this reason.")] = "",
    last: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="How many to list, the last of each topic.")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Every letter as a line of JSON.")] = False,
) -> None:
    """List messages that could not be processed, and why."""
    from streamlab import stack
    from streamlab.processor import dead_letters_topic

    here = stack.connect()
    wanted = set(_reasons(reason)) if reason else None
    topics = [DEAD_LETTER_PREFIX + _source(topic)] if topic else dead_letters_topic.topics(here)
    counts: Counter[tuple[str, str]] = Counter()
    console = Console(highlight=False)
    for name in topics:
        tail: deque[Letter] = deque(maxlen=last)
        for letter in dead_letters_topic.letters(here, name):
            if wanted is not None and letter.reason not in wanted:
                continue
            counts[letter.topic, letter.reason] += 1
            tail.append(letter)
            if as_json:
                sys.stdout.write(json.dumps(_plain(letter)) + "\n")
        if tail and not as_json:
            console.print(_table(name, tail))
    if as_json:
        return
    if not counts:
        console.print("No dead letters.")
        return
    summary = Table(title="Dead letters")
    for column in ("topic", "reason"):
        summary.add_column(column)
    summary.add_column("messages", justify="right")
    for (source, why), count in sorted(counts.items()):
        summary.add_row(source, why, f"{count:,}")
    console.print(summary)


def replay(
    topic: Annotated[str, typer.Option(help="The topic the messages came from.")],
    reason: Annotated[str, typer.Option(help="Only with this reason; every one if left out.")] = "",
    to: Annotated[str, typer.Option(help="Put them there, not where they came from.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, say what would be done.")] = False,
) -> None:
    """Put messages back as they were. What was put back already is left out."""
    from streamlab import stack
    from streamlab.processor import replaying
    from streamlab.processor.dead_letter import Reason

    here = stack.connect()
    source = _source(topic)
    if to:
        refuse_internal(to)
    letters, reasons = DEAD_LETTER_PREFIX + source, _reasons(reason)
    act = replaying.replay if apply else replaying.replayable
    counts = act(here, letters, reasons, to)
    console = Console(highlight=False)
    target = to or source
    for why, count in counts.items():
        if count:
            console.print(f"{why}: {count:,} {'put back' if apply else 'would be put back'} to {target}")
    if not any(counts.values()):
        console.print("There is nothing to put back.")
    elif not apply:
        console.print("Nothing was done. Add --apply to do it.")
    if counts.get(Reason.LATE.value) and target == source:
        console.print("An event that was late there is late again. --to sends it to a topic of its own.")


def _source(topic: str) -> str:
    return topic.removeprefix(DEAD_LETTER_PREFIX)


def _reasons(name: str) -> list["Reason"]:
    from streamlab.processor.dead_letter import Reason

    try:
        return [Reason(name)] if name else list(Reason)
    except ValueError as error:
        raise StreamlabError(f"There is no reason {name!r}.", f"There is: {', '.join(Reason)}.") from error


def _table(title: str, letters: "deque[Letter]") -> Table:
    table = Table(title=f"{title}, the last {len(letters)}")
    for column in ("reason", "partition", "offset", "schema", "when (UTC)", "tries", "key", "value", "error"):
        table.add_column(column, overflow="fold")
    for letter in letters:
        table.add_row(
            letter.reason, _shown(letter.partition), _shown(letter.offset), _shown(letter.schema_id),
            _when(letter.at_ms), str(letter.attempts), _start(letter.key), _start(letter.value), letter.error,
        )  # fmt: skip
    return table


def _plain(letter: "Letter") -> dict[str, object]:
    plain: dict[str, object] = dict(vars(letter))
    plain["key"] = None if letter.key is None else letter.key.decode("utf-8", "backslashreplace")
    plain["value"] = None if letter.value is None else letter.value.hex()
    return plain


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def _when(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return f"{datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC):%Y-%m-%d %H:%M:%S}"


def _start(value: bytes | None) -> str:
    if value is None:
        return "none"
    text = value.decode("utf-8", "replace")
    if not text.isprintable():
        text = value[:_VALUE_BYTES].hex(" ")
    return text[: 3 * _VALUE_BYTES] + (" ..." if len(value) > _VALUE_BYTES else "")
