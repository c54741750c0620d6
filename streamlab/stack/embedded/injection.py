"""Make the embedded broker fail, exactly and on purpose.

    with here.injection() as broker:
        broker.errors("Produce", "NOT_LEADER_FOR_PARTITION", times=3)   # the next three, whoever asks
        broker.disconnects("Produce", times=50)                         # network errors
        broker.delay(0.2)                                               # every answer comes 0.2 s later
        broker.down()                                                   # nobody is connected or let in
        broker.up()                                                     # messages are still there
    # here everything is as it was

Requests and errors have the names of Kafka's protocol. A client retries what it may retry: whether your
program ever hears of an error is the lesson.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from streamlab.errors import StreamlabError
from streamlab.stack.embedded.cluster import REQUESTS
from streamlab.stack.embedded.control import Control

if TYPE_CHECKING:
    from streamlab.stack.clients import Stack


@dataclass(frozen=True)
class Injection:
    """Faults of one embedded broker; leaving its `with` block ends them all."""

    control: Control

    def errors(self, request: str, *errors: str, times: int = 1) -> None:
        """Answer the next requests of this kind with these errors, in this order, so many times over.

        Raises:
            StreamlabError: a name that the protocol does not have.
        """
        if times < 1 or not errors:
            raise StreamlabError("There is nothing to inject.", "Give an error's name and times >= 1.")
        self.control.call("push_errors", request=request, errors=[*errors] * times)

    def disconnects(self, request: str, times: int = 1) -> None:
        """Close the connection in place of an answer, so many times: a network error. Nothing is stored.

        Raises:
            StreamlabError: a name that the protocol does not have.
        """
        if times < 1:
            raise StreamlabError("There is nothing to inject.", "Give times >= 1.")
        self.control.call("push_disconnects", request=request, times=times)

    def clear(self, request: str) -> None:
        """Forget the injected errors of this kind of request that nobody has got yet."""
        self.control.call("clear_errors", request=request)

    def topic_error(self, topic: str, error: str | None) -> None:
        """Answer what concerns this topic with an error until it is None."""
        self.control.call("set_topic_error", topic=topic, error=error)

    def delay(self, seconds: float) -> None:
        """Hold every answer back for so long; 0 ends it."""
        self.control.call("set_delay", milliseconds=round(seconds * 1000))

    def down(self) -> None:
        """Close every connection and accept none."""
        self.control.call("set_down", is_down=True)

    def up(self) -> None:
        """Accept connections again."""
        self.control.call("set_down", is_down=False)

    def end(self) -> None:
        """End every fault but those of single topics."""
        self.up()
        self.delay(0)
        for request in REQUESTS:
            self.clear(request)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def injection(here: "Stack") -> Injection:
    """The faults of this stack's broker; see `Stack.injection`."""
    return Injection(Control.of(here.bootstrap_servers))
