"""Ask the embedded broker for what Kafka's protocol has no request for.

control = Control.of("127.0.0.1:40717")          # a broker's address; StackUnavailable if it is no mock
control.call("create_topic", topic="txn.events", partitions=3)
"""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from streamlab.errors import StreamlabError
from streamlab.stack import broker_probe
from streamlab.stack.component import NotAnswering
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.ports import LOOPBACK
from streamlab.stack.registry_http import ask

TOPIC_PREFIX: Final = "__streamlab_control."
"""The rest of that topic's name is the port of the control channel."""

_TIMEOUT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Control:
    """The control channel of one embedded broker."""

    url: str

    @classmethod
    def of(cls, bootstrap_servers: str) -> "Control":
        """The channel of the broker at this address.

        Raises:
            StackUnavailable: nobody answers there, or a broker without such a channel.
        """
        try:
            topics = broker_probe.ask(bootstrap_servers, _TIMEOUT_SECONDS).topics
        except NotAnswering as error:
            raise StackUnavailable(
                f"The broker at {bootstrap_servers} does not answer ({error}).", "Run `streamlab up`."
            ) from error
        port = port_in(topics)
        if port is None:
            raise StackUnavailable(
                f"The broker at {bootstrap_servers} is not the embedded one.",
                "Run `streamlab up --backend embedded`.",
            )
        return cls(f"http://{LOOPBACK}:{port}")

    def call(self, what: str, **arguments: Any) -> None:
        """Have the broker do it; returns when it is done.

        Raises:
            StreamlabError: it refuses, and says why.
            StackUnavailable: it does not answer.
        """
        try:
            answer = ask("POST", f"{self.url}/{what}", _TIMEOUT_SECONDS, arguments)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise StackUnavailable(
                f"The embedded broker does not answer ({type(error).__name__}).", "Run `streamlab up`."
            ) from error
        if answer.status_code != httpx.codes.OK:
            raise StreamlabError(str(told["what"]), str(told["next_step"]))


def port_in(topics: Any) -> int | None:
    """The port that one of these topic names tells; None if none does."""
    told = [name.removeprefix(TOPIC_PREFIX) for name in topics if str(name).startswith(TOPIC_PREFIX)]
    return next((int(port) for port in told if port.isdecimal()), None)
