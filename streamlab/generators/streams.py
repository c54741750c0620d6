"""A stream of events: any of them by its index, any slice of it again.

    txn = stream("txn", World(seed=7), late_share=0.02, max_disorder_seconds=5)
    txn.event(123_456)                       # a dict, shaped by the contract
    txn.key(event), txn.contract.topic       # "card-000042-0", "txn.events"
    txn.truth(123_456).late                  # what a reader has to find out
    txn.events(0, 10_000)                    # the same events, faster; the index's order is that of arrival

Event times are integer milliseconds since the epoch. Nothing is random but by (seed, index): two processes
that ask for one index get one event.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar, NamedTuple
from zlib import crc32

from streamlab import contracts
from streamlab.contracts import Contract
from streamlab.generators.countries import Country
from streamlab.generators.disorder import WITNESS_REACH, Disorder
from streamlab.generators.draws import Draws
from streamlab.generators.fraud import Pattern
from streamlab.generators.layout import Place
from streamlab.generators.population import User
from streamlab.generators.sessions import Visit
from streamlab.generators.truth import Truth
from streamlab.generators.world import World


class Who(NamedTuple):
    """Whose event it is; `key` decides on its partition."""

    key: str
    user: User
    country: Country
    visit: Visit | None
    slack_ms: int
    pattern: Pattern | None


class _Seen(NamedTuple):
    """All that is known of an event but its body."""

    place: Place
    who: Who
    event_time_ms: int
    late: bool


class Stream(ABC):
    """A stream of a world; pure.

    Args:
        world: whose events these are.
        late_share: of the events, those that are late where that is possible at all (see `disorder`).
        max_disorder_seconds: the greatest delay of an event that is not late.
        allowed_lateness_seconds: what readers of this stream allow; None is `max_disorder_seconds`.
    """

    name: ClassVar[str]
    contract_name: ClassVar[str]
    version: ClassVar[int]
    time_field: ClassVar[str] = "event_time"

    def __init__(
        self,
        world: World,
        late_share: float = 0.02,
        max_disorder_seconds: float = 5.0,
        allowed_lateness_seconds: float | None = None,
    ) -> None:
        self.world = world
        self.contract: Contract = contracts.contract(self.contract_name)
        self.schema: dict[str, Any] = contracts.load(self.contract_name, self.version)
        self.disorder = Disorder(late_share, max_disorder_seconds, allowed_lateness_seconds)
        self.layout = world.layout(self.name)
        self.draws = Draws(world.seed, self.name)
        self._arguments = (world, late_share, max_disorder_seconds, allowed_lateness_seconds)
        self._key_field: str = self.contract.key or ""
        self._partitions = self.contract.partitions or 1

    @abstractmethod
    def who(self, place: Place) -> Who:
        """Whose event it is."""

    @abstractmethod
    def body(self, place: Place, who: Who, event_time_ms: int) -> dict[str, Any]:
        """The event."""

    def event(self, index: int) -> dict[str, Any]:
        """The event with this index, from 0; the work does not grow with the index.

        Raises:
            IndexError: the index is negative.
        """
        place, who, event_time_ms, _ = self._seen(index)
        return self.body(place, who, event_time_ms)

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
        """The events from `start` up to, but without, `stop` (None: for ever), in the order of arrival.

        Raises:
            IndexError: `start` is negative.
        """
        if start < 0:
            raise IndexError("events are counted from 0")
        draws, place_of, who_of, body = self.draws, self.layout.place, self.who, self.body
        is_candidate, on_time, partition_of = (
            self.disorder.is_candidate,
            self.disorder.delay_ms,
            self.partition,
        )
        witnesses: dict[int, tuple[int, int]] = {}
        for index in count(start) if stop is None else range(start, stop):
            place = place_of(index, draws(index))
            who = who_of(place)
            if is_candidate(place.words):
                witness_ms = self._known_witness_ms(index, start, partition_of(who.key), witnesses)
                event_time_ms, _ = self._late_time_ms(place, who, witness_ms)
            else:
                event_time_ms = place.arrival_ms - on_time(place.words, who.slack_ms)
                witnesses[partition_of(who.key)] = index, event_time_ms
            yield body(place, who, event_time_ms)

    def key(self, event: dict[str, Any]) -> str:
        """The message's key."""
        key: str = event[self._key_field]
        return key

    def event_time_ms(self, event: dict[str, Any]) -> int:
        """When it happened."""
        time_ms: int = event[self.time_field]
        return time_ms

    def partition(self, key: str) -> int:
        """The key's partition, as librdkafka's default partitioner (`consistent_random`) has it: CRC-32."""
        return crc32(key.encode()) % self._partitions

    def truth(self, index: int) -> Truth:
        """What is true of the event with this index."""
        place, who, event_time_ms, late = self._seen(index)
        return Truth(
            late,
            who.pattern.name if who.pattern else None,
            place.step if who.visit else 0,
            who.visit.number if who.visit else None,
            place.arrival_ms,
            place.arrival_ms - event_time_ms,
        )

    def arrival_ms(self, index: int) -> int:
        """When the event with this index arrives; never before the one with the smaller index."""
        return self.layout.place(index, self.draws(index)).arrival_ms

    def index_at(self, time_ms: int) -> int:
        """The first event that arrives at that time or later."""
        index = self.layout.about(time_ms)
        while self.arrival_ms(index) < time_ms:
            index += 1
        return index

    @property
    def events_per_second(self) -> float:
        """Mean over a day, in event time."""
        payments = len(self.world.layout("txn").slots)
        return self.world.payments_per_second * len(self.layout.slots) / payments

    def _seen(self, index: int) -> _Seen:
        if index < 0:
            raise IndexError("events are counted from 0")
        place = self.layout.place(index, self.draws(index))
        who = self.who(place)
        if self.disorder.is_candidate(place.words):
            witness_ms = self._witness_ms(index - 1, index, self.partition(who.key))
            return _Seen(place, who, *self._late_time_ms(place, who, witness_ms))
        delay_ms = self.disorder.delay_ms(place.words, who.slack_ms)
        return _Seen(place, who, place.arrival_ms - delay_ms, late=False)

    def _late_time_ms(self, place: Place, who: Who, witness_ms: int | None) -> tuple[int, bool]:
        """The event time of a candidate, and whether it is late."""
        delay_ms = self.disorder.late_delay_ms(place.words, who.slack_ms, place.arrival_ms, witness_ms)
        if delay_ms is None:
            return place.arrival_ms - self.disorder.delay_ms(place.words, who.slack_ms), False
        return place.arrival_ms - delay_ms, True

    def _known_witness_ms(
        self, index: int, start: int, partition: int, witnesses: dict[int, tuple[int, int]]
    ) -> int | None:
        """The witness's event time, from those that a run from `start` on has passed, or from before it."""
        at, time_ms = witnesses.get(partition, (-1, 0))
        if at < 0:
            return self._witness_ms(start - 1, index, partition)
        return time_ms if index - at <= WITNESS_REACH else None

    def _witness_ms(self, newest: int, index: int, partition: int) -> int | None:
        """The event time of the partition's nearest event, from `newest` back, that is not a candidate."""
        for earlier in range(newest, max(index - WITNESS_REACH, 0) - 1, -1):
            words = self.draws(earlier)
            if self.disorder.is_candidate(words):
                continue
            place = self.layout.place(earlier, words)
            who = self.who(place)
            if self.partition(who.key) == partition:
                return place.arrival_ms - self.disorder.delay_ms(words, who.slack_ms)
        return None

    def __reduce__(self) -> tuple[type["Stream"], tuple[Any, ...]]:
        return type(self), self._arguments
