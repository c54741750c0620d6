"""Quiet times: when nothing comes, is there nothing, or is the broker gone? A consumer does not say.

    quiet = Quiet(stack, settings, source.patience)
    quiet.look(seconds_without_messages)     # asks the broker now and then; waits while it is away

librdkafka goes on looking for a broker for ever and tells nobody but its log. While it is away the consumer
is left alone: it finds its broker again by itself, and pausing it meanwhile could leave it paused.
"""

import time
from typing import Final

from streamlab.processor.settings import Settings
from streamlab.processor.waiting import Patience
from streamlab.stack import Stack, broker_probe
from streamlab.stack.component import NotAnswering

ASK_EVERY_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 1.0


class Quiet:
    """Asks the broker while nothing comes from it."""

    def __init__(self, stack: Stack, settings: Settings, patience: Patience) -> None:
        self._address = stack.bootstrap_servers
        self._limit_seconds = settings.broker_timeout_seconds
        self._patience = patience
        self._asked_at = time.monotonic()

    def look(self, quiet_seconds: float) -> None:
        """Ask, if it has been quiet for long enough and was not asked just now.

        Raises:
            StackUnavailable: the broker stays away for longer than the settings allow.
            Interrupted: the processor is to stop.
        """
        now = time.monotonic()
        if quiet_seconds < ASK_EVERY_SECONDS or now - self._asked_at < ASK_EVERY_SECONDS:
            return
        self._patience.wait_for(
            lambda: broker_probe.ask(self._address, _ANSWER_SECONDS),
            lambda error: isinstance(error, NotAnswering),
            "The broker",
            self._limit_seconds,
            asleep=True,
        )
        self._asked_at = time.monotonic()
