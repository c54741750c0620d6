"""A world: one population and one model of visits, from which every stream is cut.

    world = World(seed=7, users=2_000, payments_per_second=10.0)
    world == World(seed=7, users=2_000, payments_per_second=10.0)       # and all its events are equal
    world.visit(100).session_id
    world.layout("txn").index_of(visit=10_000, step=0)                  # which event is the visit's payment?

Nothing in it changes and nothing is kept but what can be made again: any event of any stream is a pure
function of these arguments and the event's index.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from streamlab.errors import StreamlabError
from streamlab.generators.day_curve import EVEN_WEIGHTS, HOUR_WEIGHTS, DayCurve
from streamlab.generators.draws import Draws
from streamlab.generators.fraud import Mixture
from streamlab.generators.layout import Layout
from streamlab.generators.population import Population
from streamlab.generators.sessions import Sessions, Visit
from streamlab.generators.timetable import PAYMENTS_PER_BEAT, VISITS, Timetable, timetable

STREAMS: Final = ("txn", "click", "device", "order")
START_MS: Final = 1_767_607_200_000
"""Monday 5 January 2026, 10:00 UTC: an hour with many payments."""
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True)
class World:
    """The arguments of a world; all that happens in it follows from them.

    Attributes:
        seed: any integer.
        users: how many there are; they have two cards and two devices each on average.
        start_ms: when the payments begin. What payments refer to begins some minutes before, orders after.
        payments_per_second: mean over a day, in event time. The other streams have a fixed ratio to it.
        fraud_share: of the payments, up to about 0.1.
        skew: the exponent of Zipf's law by which users are busy; 0 makes all alike, and from about 1 on the
            busiest cards look like bursts of fraud.
        day_curve: whether there are busy hours and nights; without, the rate is the same all day.
        step_seconds: least time between two steps of one visit, and most that one of them is delayed.

    Raises:
        StreamlabError: an argument makes no sense.
    """

    seed: int = 7
    users: int = 10_000
    start_ms: int = START_MS
    payments_per_second: float = 10.0
    fraud_share: float = 0.02
    skew: float = 0.6
    day_curve: bool = True
    step_seconds: float = 30.0

    def __post_init__(self) -> None:
        for name, good, needs in (
            ("users", 1 <= self.users <= 1_000_000, "from 1 to 1,000,000"),
            ("payments_per_second", 0.01 <= self.payments_per_second <= 1_000_000, "from 0.01 to 1,000,000"),
            ("skew", 0 <= self.skew <= 4, "from 0 to 4"),
            ("step_seconds", 1 <= self.step_seconds <= 3_600, "from 1 to 3,600"),
        ):
            if not good:
                raise StreamlabError(f"{name} is {getattr(self, name)}.", f"Choose a number {needs}.")
        Mixture(self.fraud_share)

    def visit(self, number: int) -> Visit:
        """The visit with this number, from 0."""
        return self.sessions.visit(number)

    def layout(self, name: str) -> Layout:
        """The order of a stream's events in time.

        Raises:
            StreamlabError: there is no such stream.
        """
        if name not in STREAMS:
            raise StreamlabError(f"There is no stream {name!r}.", f"There is: {', '.join(STREAMS)}.")
        return self._layouts[name]

    @cached_property
    def tag(self) -> str:
        """Six characters that tell this world's events from another's: part of every identifier."""
        return blake2b(repr(self._arguments).encode(), digest_size=3).hexdigest()

    @property
    def _arguments(self) -> tuple[int, int, int, float, float, float, bool, float]:
        """Equal worlds have the same ones: 10 payments a second are 10.0."""
        return (
            self.seed,
            self.users,
            self.start_ms,
            float(self.payments_per_second),
            float(self.fraud_share),
            float(self.skew),
            self.day_curve,
            float(self.step_seconds),
        )

    @cached_property
    def population(self) -> Population:
        """Its users."""
        return Population(self.seed, self.users, self.skew)

    @cached_property
    def mixture(self) -> Mixture:
        """Its fraud: the patterns' probabilities and expected shares."""
        return Mixture(self.fraud_share)

    @cached_property
    def clock(self) -> DayCurve:
        """Its busy hours and nights."""
        return DayCurve(HOUR_WEIGHTS if self.day_curve else EVEN_WEIGHTS)

    @cached_property
    def sessions(self) -> Sessions:
        """Its visits."""
        begins_ms = self._layouts["device"].begins_ms
        return Sessions(self.seed, self.population, self.mixture, self.tag, begins_ms)

    @cached_property
    def timetable(self) -> Timetable:
        """What a visit is made of."""
        return timetable(
            beat_ns=self._beat_ns,
            peak_hundredths=self.clock.peak_hundredths,
            step_ms=round(self.step_seconds * 1_000),
        )

    @cached_property
    def _beat_ns(self) -> int:
        return round(PAYMENTS_PER_BEAT * 1e9 / self.payments_per_second)

    @cached_property
    def _layouts(self) -> dict[str, Layout]:
        table = self.timetable
        start_ns = self.clock.even_ms(self.start_ms) * _NS_PER_MS
        slots = {
            "txn": table.payments,
            "click": table.clicks,
            "device": table.devices,
            "order": table.orders,
        }
        return {
            name: Layout(
                Draws(self.seed, f"{name} order"),
                slots[name],
                visits=VISITS,
                first_beat=table.first_beats[name],
                beat_ns=self._beat_ns,
                origin_ns=start_ns - table.first_beats["txn"] * self._beat_ns,
                clock=self.clock,
            )
            for name in STREAMS
        }

    def __reduce__(self) -> tuple[type["World"], tuple[Any, ...]]:
        return World, self._arguments
