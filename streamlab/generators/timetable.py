"""What happens in a visit, and when: the one model that the four streams are cut from.

    table = timetable(beat_ns=…, peak_hundredths=160, step_ms=30_000)
    table.clicks, table.payments             # lists of slots for the streams' layouts
    table.first_beats["txn"]                 # where each stream begins: after what it refers to

In each beat `VISITS` visits begin: seven pay, one pays and may be a thief's, four only look. A visit is a
device that is seen, then clicks, then (if it pays) an order, a payment, and the order's further steps. Two
steps of one visit are at least `step_ms` apart on the wall clock, and no event is ever delayed by more than
that: so what comes first has the smaller event time too, however late it arrives. A thief's payments are
`EPISODE_STEP_MS` apart.
"""

from typing import Final, NamedTuple

from streamlab.generators.fraud import EPISODE_STEPS
from streamlab.generators.layout import Slot

CLICKS: Final = (4, 4, 5, 6, 6, 7, 8, 5, 2, 3, 5, 5)
"""How many clicks each of a beat's visits has."""
VISITS: Final = len(CLICKS)
EPISODE_VISIT: Final = 7
"""The one that a thief may take; up to it all visits pay, after it none does."""
ORDER_STEPS: Final = 6
PAYMENTS_PER_BEAT: Final = EPISODE_VISIT + EPISODE_STEPS
EPISODE_STEP_MS: Final = 10_000
FREE_MS: Final = 120_000
"""The slack of an event that no other one has to wait for."""


class Timetable(NamedTuple):
    """The slots of each stream, and the beat in which each stream begins."""

    devices: list[Slot]
    clicks: list[Slot]
    payments: list[Slot]
    orders: list[Slot]
    first_beats: dict[str, int]


def timetable(*, beat_ns: int, peak_hundredths: int, step_ms: int) -> Timetable:
    """The slots, for this length of a beat and a clock that shrinks gaps to 100 / `peak_hundredths`."""

    def gap(least_ms: int, percent: int = 100) -> int:
        """The beats that keep two steps apart, wherever in their beats they are."""
        even_ns = least_ms * percent * peak_hundredths * 100
        return -(-even_ns // beat_ns) + 1

    devices, clicks, payments, orders = [], [], [], []
    for visit, steps in enumerate(CLICKS):
        at = 0
        devices.append(Slot(visit, 0, at, FREE_MS))
        for step in range(steps):
            at += gap(step_ms, 100 + 10 * ((7 * visit + 3 * step) % 8))
            clicks.append(Slot(visit, step, at, step_ms))
        if visit > EPISODE_VISIT:
            continue
        at += gap(step_ms)
        orders.append(Slot(visit, 0, at, step_ms))
        at += gap(step_ms)
        payments.append(Slot(visit, 0, at, step_ms))
        if visit == EPISODE_VISIT:
            payments.extend(
                Slot(visit, step, at + step * gap(EPISODE_STEP_MS), EPISODE_STEP_MS)
                for step in range(1, EPISODE_STEPS)
            )
        for step in range(1, ORDER_STEPS):
            at += gap(step_ms, 100 + 10 * ((5 * visit + step) % 8))
            orders.append(Slot(visit, step, at, step_ms))
    first_click = max(slot.delay_beats for slot in clicks)
    first_beats = {"device": 0, "click": first_click}
    for name, slots in (("txn", payments), ("order", orders)):
        first_beats[name] = first_click + max(slot.delay_beats for slot in slots)
    return Timetable(devices, clicks, payments, orders, first_beats)
