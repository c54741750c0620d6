"""From an event's index to its place in the world's time, and back: constant work, whatever the index.

    place = layout.place(index, words)       # its visit, its step, when it arrives
    layout.index_of(visit, step)             # the way back: which event is this step of this visit?
    layout.about(time_ms)                    # an event that arrives shortly before

Time is cut into *beats*. In each, the same number of visits begins, and each stream has the same number of
events: one for every slot of its list. A slot says which of a beat's visits it belongs to, which step of it,
and how many beats after the beginning. So visits overlap as they do on a site, and yet the beat is the index
divided by the number of slots. The order of the slots within a beat changes from beat to beat.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from streamlab.generators.day_curve import DayCurve
from streamlab.generators.draws import Draws, Words, below, coprimes

_NS_PER_MS = 1_000_000


class Slot(NamedTuple):
    """An event that every beat has.

    Attributes:
        visit: which of a beat's visits it belongs to.
        step: which of the visit's events in this stream, from 0.
        delay_beats: from the visit's beginning.
        slack_ms: how long before its arrival the event can have happened, and still after the step before it.
    """

    visit: int
    step: int
    delay_beats: int
    slack_ms: int


class Place(NamedTuple):
    """An index, its words, and where it is in the world.

    Attributes:
        visit: the visit's number in the world.
        kind: its number in its beat; the slot's `visit`.
        step, slack_ms: the slot's.
        arrival_ms: when the event arrives.
    """

    event_index: int
    words: Words
    visit: int
    kind: int
    step: int
    slack_ms: int
    arrival_ms: int


class Layout:
    """The order of one stream's events.

    Args:
        slots: the events of a beat.
        visits: how many visits begin in a beat.
        first_beat: of the stream.
        beat_ns: length of a beat, in even time.
        origin_ns: the even time of beat 0.
    """

    def __init__(
        self,
        draws: Draws,
        slots: Sequence[Slot],
        *,
        visits: int,
        first_beat: int,
        beat_ns: int,
        origin_ns: int,
        clock: DayCurve,
    ) -> None:
        self.slots = tuple(slots)
        self.first_beat = first_beat
        self._visits = visits
        self._count = len(self.slots)
        self._step_ns = beat_ns // self._count
        self._beat_ns = beat_ns
        self._origin_ns = origin_ns
        self._clock = clock
        self._slot_number = {(slot.visit, slot.step): n for n, slot in enumerate(self.slots)}
        factors = coprimes(self._count)

        def order(beat: int) -> tuple[int, int, int]:
            words = draws(beat)
            factor = factors[below(words[0], len(factors))]
            return factor, below(words[1], self._count), pow(factor, -1, self._count)

        self._order = lru_cache(4_096)(order)

    def place(self, index: int, words: Words) -> Place:
        """Where the event is. The first word shakes its time within its share of the beat."""
        beats, position = divmod(index, self._count)
        beat = beats + self.first_beat
        factor, shift, _ = self._order(beat)
        kind, step, delay_beats, slack_ms = self.slots[(factor * position + shift) % self._count]
        even_ns = beat * self._beat_ns + position * self._step_ns + (words[0] * self._step_ns >> 64)
        return Place(
            index,
            words,
            (beat - delay_beats) * self._visits + kind,
            kind,
            step,
            slack_ms,
            self._clock.wall_ms((self._origin_ns + even_ns) // _NS_PER_MS),
        )

    def index_of(self, visit: int, step: int) -> int:
        """The index of a visit's step in this stream; negative if it came before the stream began.

        Raises:
            KeyError: visits of this kind have no such step.
        """
        beat, kind = divmod(visit, self._visits)
        number = self._slot_number[kind, step]
        beat += self.slots[number].delay_beats
        _, shift, inverse = self._order(beat)
        return (beat - self.first_beat) * self._count + (number - shift) * inverse % self._count

    def begins_ms(self, visit: int) -> int:
        """When a visit begins."""
        return self._clock.wall_ms((self._origin_ns + visit // self._visits * self._beat_ns) // _NS_PER_MS)

    def about(self, time_ms: int) -> int:
        """An index that arrives before `time_ms`, but not long before; at least 0."""
        beat, rest = divmod(self._clock.even_ms(time_ms) * _NS_PER_MS - self._origin_ns, self._beat_ns)
        return max((beat - self.first_beat) * self._count + rest // self._step_ns - 2, 0)
