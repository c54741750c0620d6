"""What messages become before they touch any state: valid events, letters, or a wait for a schema.

    taken = take(messages, decoder, refusals, again=False)
    taken.events, taken.origins          # the valid ones, and the message that each came in
    taken.dead                           # the others, with their reasons
    taken.count, taken.blocked           # how many messages that were; why it stopped before the end

The function of a message and of what is written about schemas alone: the same at every reading of the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

from streamlab.processor.dead_letter import DeadLetter, Reason
from streamlab.processor.decoding import DECODING_ERRORS, Decoder, Wait
from streamlab.processor.refusals import Refusals

MOST_AHEAD_MS: Final = 3_600_000
"""By so much an event's time may be after its record's timestamp. One event from next year would otherwise
move the watermark there, and all that follow in its partition would be late. The broker, for its part, takes
no record that is stamped later than an hour from now (`message.timestamp.after.max.ms`, KIP-937)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run of messages, sorted.

    Attributes:
        events: the valid ones, decoded.
        origins: the messages that the events came in.
        dead: the rest.
        count: how many messages were taken.
        blocked: what the next message waits for, if it does.
    """

    events: list[dict[str, Any]]
    origins: list[Message]
    dead: list[DeadLetter]
    count: int
    blocked: Wait | None


def take(messages: Sequence[Message], decoder: Decoder, refusals: Refusals, *, again: bool) -> Taken:
    """Decode and validate, up to the first message that has to wait.

    Args:
        again: the messages were taken before, and are read again to rebuild the state.
    """
    dead: list[DeadLetter] = []
    events: list[dict[str, Any]] = []
    origins: list[Message] = []
    reads = {} if refusals else decoder.reads
    validate, keep, remember = decoder.validate, events.append, origins.append
    for place, message in enumerate(messages):
        value = message.value()
        read = reads.get(value[:5]) if value else None
        if read is None:
            found = decoder.look_up(message, refusals, again=again)
            if isinstance(found, Wait):
                return Taken(events, origins, dead, place, found)
            if isinstance(found, DeadLetter):
                dead.append(found)
                continue
            read = found
        try:
            event = read(value)  # type: ignore[arg-type]
        except DECODING_ERRORS as error:
            dead.append(letter(Reason.UNDECODABLE, f"{type(error).__name__}: {error}", message))
            continue
        broken = validate(event)
        if broken is not None:
            dead.append(letter(Reason.RULE_BROKEN, str(broken), message))
            continue
        kind, sent_ms = message.timestamp()
        ahead_ms = event["event_time"] - sent_ms
        if ahead_ms > MOST_AHEAD_MS and kind != TIMESTAMP_NOT_AVAILABLE:
            dead.append(letter(Reason.AHEAD, _said_ahead(ahead_ms), message))
            continue
        keep(event)
        remember(message)
    return Taken(events, origins, dead, len(messages), None)


def letter(reason: Reason, error: str, message: Message) -> DeadLetter:
    """For a message that is framed: its schema's id is in the letter."""
    value = message.value()
    assert isinstance(value, bytes)
    return DeadLetter(reason, error, message, int.from_bytes(value[1:5], "big"))


def _said_ahead(ahead_ms: int) -> str:
    return (
        f"its time is {ahead_ms / 1000:,.0f} s after its record's, allowed are {MOST_AHEAD_MS / 1000:,.0f} s"
    )
