"""Streams of events that could have been, and can be again: any event is a function of (seed, index).

    from streamlab.generators import World, stream

    world = World(seed=7, users=2_000)
    txn = stream("txn", world, late_share=0.02, max_disorder_seconds=5)
    txn.event(123_456)                       # the same dict in every run, process and version of Python
    txn.truth(123_456)                       # late? fraud? by which pattern?
    for event in txn.events(0, 10_000): ...

All four streams (txn, click, device, order) are cut from one model of visits, so `user_id`, `session_id` and
`device_id` join them.
"""

from typing import Final

from streamlab.errors import StreamlabError
from streamlab.generators.clicks import Clicks
from streamlab.generators.devices import Devices
from streamlab.generators.fraud import PATTERNS, Mixture, Pattern
from streamlab.generators.orders import Orders
from streamlab.generators.streams import Stream
from streamlab.generators.transactions import Transactions
from streamlab.generators.truth import Truth
from streamlab.generators.world import STREAMS, World

__all__ = ["PATTERNS", "STREAMS", "Mixture", "Pattern", "Stream", "Truth", "World", "stream"]

_KINDS: Final[dict[str, type[Stream]]] = {kind.name: kind for kind in (Transactions, Clicks, Devices, Orders)}


def stream(
    name: str,
    world: World,
    *,
    late_share: float = 0.02,
    max_disorder_seconds: float = 5.0,
    allowed_lateness_seconds: float | None = None,
) -> Stream:
    """A stream of the world's events.

    Args:
        name: "txn", "click", "device" or "order".
        late_share: of the events, those that are late where that is possible at all.
        max_disorder_seconds: the greatest delay of an event that is not late.
        allowed_lateness_seconds: what readers of this stream allow; None is `max_disorder_seconds`.

    Raises:
        StreamlabError: there is no such stream, or an argument makes no sense.
    """
    kind = _KINDS.get(name)
    if kind is None:
        raise StreamlabError(f"There is no stream {name!r}.", f"There is: {', '.join(STREAMS)}.")
    return kind(world, late_share, max_disorder_seconds, allowed_lateness_seconds)
