"""What goes to Kafka: features as framed Avro, and dead letters.

    outputs = Outputs(stack, settings)
    outputs.produce(producer, steps)             # queued; the producer's owner flushes or commits

A row's key is the contract's key, its value framed by the id that the registry gave the contract's newest
version. A record's timestamp is the time of writing, not the event's (which is in the row): brokers delete by
it, and features of old events should be kept as long as others.
"""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

import httpx
from confluent_kafka import Producer

from streamlab import contracts
from streamlab.encoding import Encode, framed
from streamlab.errors import StreamlabError
from streamlab.processor.partition import Row, Step
from streamlab.processor.settings import DEAD_LETTER_BYTES, Settings
from streamlab.stack import Capability, Stack, StackUnavailable, topics
from streamlab.stack.registry_http import ask
from streamlab.wire import SchemaId

REQUEST_SECONDS: Final = 10.0
_QUEUE_FULL_SECONDS: Final = 0.1


class Outputs:
    """The topics that a processor writes, made if they are not there."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self._settings = settings
        source = topics.known(stack)
        if settings.topic not in source or source[settings.topic].error is not None:
            raise StreamlabError(
                f"There is no topic {settings.topic}.", "Produce to it first, or give another with --topic."
            )
        partitions = len(source[settings.topic].partitions)
        big = {"max.message.bytes": str(DEAD_LETTER_BYTES)} if stack.has(Capability.TOPIC_SETTINGS) else {}
        dead = settings.dead_letter_topic
        if dead not in source:
            stack.create_topic(dead, partitions, big)
        self._encode: Callable[[Row], bytes] | None = None
        if settings.out:
            contract = contracts.contract(settings.work.output)
            if settings.out not in source:
                stack.create_topic(settings.out, contract.partitions or partitions)
            self._key = str(contract.key)
            self._encode = _encoder(stack, settings)

    def produce(self, producer: Producer, steps: Iterable[Step]) -> None:
        """Queue everything of these steps; waits where the queue is full."""
        now_ms = time.time_ns() // 1_000_000
        out, encode = self._settings.out, self._encode
        for step in steps:
            if encode is not None:
                key = self._key
                for row in step.rows:
                    _queue(producer, out, key=row[key].encode(), value=encode(row))
            for letter in step.dead:
                message = letter.message
                _queue(
                    producer, self._settings.dead_letter_topic, key=message.key(), value=message.value(),
                    headers=letter.headers(now_ms),
                )  # fmt: skip
            producer.poll(0)


def _queue(producer: Producer, topic: str, **record: Any) -> None:
    while True:
        try:
            producer.produce(topic, **record)
            return
        except BufferError:
            # The local queue is full: it empties as the broker takes what is in it.
            producer.poll(_QUEUE_FULL_SECONDS)


def _register(stack: Stack, subject: str, schema: dict[str, Any]) -> int:
    """The schema's id; the registry gives the same one each time.

    Raises:
        StackUnavailable: it does not answer.
        StreamlabError: it refuses the schema.
    """
    url = f"{stack.schema_registry_url}/subjects/{quote(subject, safe='')}/versions"
    try:
        answer = ask("POST", url, REQUEST_SECONDS, {"schema": json.dumps(schema)})
        if answer.is_success:
            return int(answer.json()["id"])
        reason = str(answer.json().get("message", answer.status_code))
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise StackUnavailable(
            f"The registry at {stack.schema_registry_url} does not answer ({type(error).__name__}).",
            "Run `streamlab up`.",
        ) from error
    raise StreamlabError(
        f"The registry refuses the schema of {subject}: {reason.rstrip('.')}.", "Use another --out."
    )


def _encoder(stack: Stack, settings: Settings) -> Encode:
    """A row as a framed message; registers the contract's newest version if it is not registered."""
    contract = contracts.contract(settings.work.output)
    schema = contracts.load(contract.name, contract.versions[-1])
    return framed(schema, SchemaId(_register(stack, f"{settings.out}-value", schema)))
