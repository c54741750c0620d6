"""What the generator knows of an event and a pipeline has to find out.

txn.truth(123)      # Truth(late=False, fraud="card_testing", step=4, delay_ms=1200, ...)
"""

from typing import NamedTuple


class Truth(NamedTuple):
    """The truth of one event.

    Attributes:
        late: whether it arrives behind its partition's watermark, in a log with the stream from index 0 on.
        fraud: the pattern by name; of a click, a device event or an order: that of the thief's visit.
        step: which of its visit's events in this stream it is, from 0.
        visit: the number of its visit; None for a payment at a counter.
        arrival_ms: when it arrives; never before the event with the smaller index.
        delay_ms: how long before that it happened.
    """

    late: bool
    fraud: str | None
    step: int
    visit: int | None
    arrival_ms: int
    delay_ms: int
