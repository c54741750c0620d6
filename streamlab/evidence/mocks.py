"""Evidence on doubles in tests: C24, C25 and C26.

from streamlab.evidence import mocks

mocks.c24_a_replaced_class_leaks_into_the_next_test().verdict
mocks.c25_a_mock_with_send_is_not_the_client().verdict
mocks.c26_the_first_base_class_runs().verdict
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import patch

from confluent_kafka import KafkaError, Message, Producer

from streamlab.producers import RecordingProducer


@dataclass(frozen=True)
class LeakEvidence:
    """What two tests, one after the other, found in a module's place for a client.

    Attributes:
        replaced: with a replacement that nobody takes back: the first test's, and the next one's.
        restored: with one that is taken back at the end of the test.
        injected: with a client that the first test gives to the code as an argument.
    """

    replaced: tuple[str, str]
    restored: tuple[str, str]
    injected: tuple[str, str]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"A class is replaced in its module and not put back: the next test, which wants the real one, "
            f"gets {self.replaced[1]}. Put back at the end of the test, it gets {self.restored[1]}. Given as "
            f"an argument, nothing was replaced, and it gets {self.injected[1]}."
        )


def c24_a_replaced_class_leaks_into_the_next_test() -> LeakEvidence:
    """Run two tests on a module of their own, in three ways (C24)."""

    class Real:
        """The client that production uses."""

    class Mock:
        """The client of the first test."""

    def module() -> ModuleType:
        made = ModuleType("generator")
        made.Client = Real  # type: ignore[attr-defined]
        return made

    def client_of(made: ModuleType, client: type | None = None) -> str:
        """The code under test: it takes the client that it is given, or its module's."""
        used: type = client or made.Client
        return used.__name__

    leaking = module()
    leaking.Client = Mock  # type: ignore[attr-defined]
    replaced = client_of(leaking), client_of(leaking)
    clean = module()
    with patch.object(clean, "Client", Mock):
        first = client_of(clean)
    restored = first, client_of(clean)
    given = module()
    injected = client_of(given, Mock), client_of(given)
    return LeakEvidence(replaced, restored, injected)


class SilentMock:
    """A mock as tutorials write it: it remembers, and says that all is well."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def send(self, topic: str, key: bytes | None = None, value: bytes | None = None) -> None:
        """Remember the event."""
        self.events.append({"topic": topic, "key": key, "value": value})

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class InterfaceEvidence:
    """A mock beside the client, and what a program learns of lost events with each double.

    Attributes:
        missing_in_mock: what the client has and the mock has not, of what a program needs.
        missing_in_client: what the mock has and the client has not.
        sent, lost: of the program's events, with a broker that loses some.
        noticed_with_mock: lost events that the program counted with the mock.
        noticed_with_double: the same with a double that calls back.
    """

    missing_in_mock: tuple[str, ...]
    missing_in_client: tuple[str, ...]
    sent: int
    lost: int
    noticed_with_mock: int
    noticed_with_double: int

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"The mock lacks {', '.join(self.missing_in_mock)} of the client, and has "
            f"{', '.join(self.missing_in_client)}, which the client lacks: the program that passes its test "
            f"does not run. And it never calls back: of {self.lost} lost events the program notices "
            f"{self.noticed_with_mock}; with a double that calls back, {self.noticed_with_double}."
        )


def c25_a_mock_with_send_is_not_the_client(sent: int = 20, lost: int = 3) -> InterfaceEvidence:
    """Compare a mock with the client, and let a program count its losses with two doubles (C25)."""
    needed = ("produce", "poll", "flush", "close", "__len__")
    offered = ("send", "flush", "close")
    noticed = 0

    def report(error: KafkaError | None, message: Message) -> None:  # noqa: ARG001
        nonlocal noticed
        noticed += error is not None

    mock = SilentMock()
    for number in range(sent):
        mock.send("t", value=str(number).encode())
    mock.flush()
    with_mock = noticed  # nothing can have told the program of a loss
    double = RecordingProducer()
    double.fail(lost)
    for number in range(sent):
        double.produce("t", str(number), on_delivery=report)
    double.flush()
    return InterfaceEvidence(
        tuple(name for name in needed if not hasattr(mock, name)),
        tuple(name for name in offered if not hasattr(Producer, name)),
        sent,
        lost,
        with_mock,
        noticed - with_mock,
    )


@dataclass(frozen=True)
class OrderEvidence:
    """Which of two generators' methods ran.

    Attributes:
        order: the method resolution order, by class name, without `object`.
        ran: whose methods ran, in their order, where the first does not pass on.
        ran_cooperating: the same where each passes on with `super()`.
        reversed_ran: whose ran with the base classes in the other order.
    """

    order: tuple[str, ...]
    ran: tuple[str, ...]
    ran_cooperating: tuple[str, ...]
    reversed_ran: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """What the figures say."""
        return (
            f"The order is {', '.join(self.order)}: {' and '.join(self.ran)} ran, and with the base classes "
            f"swapped {' and '.join(self.reversed_ran)}. The other one is not lost: with super() in each "
            f"method, {' and '.join(self.ran_cooperating)} run, in this order."
        )


def c26_the_first_base_class_runs() -> OrderEvidence:
    """Give a generator two mixins with the same method (C26).

    The order is Python's C3 linearisation: Barrett and others, "A Monotonic Superclass Linearization for
    Dylan", OOPSLA 1996; https://docs.python.org/3/howto/mro.html.
    """

    class Generator:
        """The last in every order."""

        def marks(self) -> tuple[str, ...]:
            return ()

    class Bursts(Generator):
        """Many events at once."""

        def marks(self) -> tuple[str, ...]:
            return ("Bursts",)

    class Nights(Generator):
        """Fewer events at night."""

        def marks(self) -> tuple[str, ...]:
            return ("Nights",)

    class BurstsFirst(Bursts, Nights):
        """Bursts stand first."""

    class NightsFirst(Nights, Bursts):
        """Nights stand first."""

    class PassingBursts(Generator):
        """Bursts that ask the next class too."""

        def marks(self) -> tuple[str, ...]:
            return ("Bursts", *super().marks())

    class PassingNights(Generator):
        """Nights that ask the next class too."""

        def marks(self) -> tuple[str, ...]:
            return ("Nights", *super().marks())

    class Cooperating(PassingBursts, PassingNights):
        """Both, in this order."""

    order = tuple(one.__name__ for one in BurstsFirst.__mro__ if one is not object)
    return OrderEvidence(order, BurstsFirst().marks(), Cooperating().marks(), NightsFirst().marks())
