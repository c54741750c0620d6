"""Clicks: topic click.events, key user_id.

    click = Clicks(World(seed=7))
    click.event(0)["action"]                 # "PAGE_VIEW"

A visit that pays ends with PURCHASE; its payment follows. One that does not may fill a cart and leave it.
"""

from typing import Any, Final

from streamlab.generators.draws import Words, below, threshold
from streamlab.generators.layout import Place
from streamlab.generators.population import INTERESTS
from streamlab.generators.sessions import Visit
from streamlab.generators.streams import Stream, Who
from streamlab.generators.timetable import CLICKS, EPISODE_VISIT

_VIEW, _PRODUCT, _ADD, _REMOVE = "PAGE_VIEW", "PRODUCT_VIEW", "ADD_TO_CART", "REMOVE_FROM_CART"
_BUY: Final = (_PRODUCT, _ADD, "CHECKOUT", "PURCHASE")
_BUYING: Final[dict[int, tuple[tuple[str, ...], ...]]] = {
    4: (_BUY,),
    5: ((_VIEW, *_BUY), (_PRODUCT, *_BUY)),
    6: ((_VIEW, _VIEW, *_BUY), (_VIEW, _PRODUCT, *_BUY)),
    7: ((_VIEW, _PRODUCT, _VIEW, *_BUY), (_PRODUCT, _ADD, _REMOVE, *_BUY)),
    8: ((_VIEW, _PRODUCT, _PRODUCT, _PRODUCT, *_BUY), (_VIEW, _PRODUCT, _ADD, _VIEW, *_BUY)),
}
_LOOKING: Final[dict[int, tuple[tuple[str, ...], ...]]] = {
    2: ((_VIEW, _PRODUCT), (_VIEW, _VIEW), (_PRODUCT, _ADD)),
    3: ((_VIEW, _PRODUCT, _PRODUCT), (_VIEW, _PRODUCT, _ADD)),
    5: (
        (_VIEW, _PRODUCT, _VIEW, _PRODUCT, _PRODUCT),
        (_VIEW, _PRODUCT, _ADD, _VIEW, _REMOVE),
        (_VIEW, _PRODUCT, _ADD, _ADD, "CHECKOUT"),
    ),
}
JOURNEYS: Final = tuple(
    (_BUYING if kind <= EPISODE_VISIT else _LOOKING)[steps] for kind, steps in enumerate(CLICKS)
)
"""What the visits of a beat may do, one action a click."""

_PATHS: Final = {
    _VIEW: "/c/{category}",
    _PRODUCT: "/p/{product}",
    "CHECKOUT": "/checkout",
    "PURCHASE": "/order",
}
_NO_DEVICE_BELOW: Final = threshold(0.05)
_PRODUCTS: Final = 200


class Clicks(Stream):
    """What users do on pages, `click` v1."""

    name = "click"
    contract_name = "click"
    version = 1

    def who(self, place: Place) -> Who:
        """The visitor."""
        visit = self.world.visit(place.visit)
        return Who(visit.user.user_id, visit.user, visit.country, visit, place.slack_ms, visit.pattern)

    def body(self, place: Place, who: Who, event_time_ms: int) -> dict[str, Any]:
        """A click; the device of a visit's first click may not be known yet."""
        words, visit = place.words, who.visit
        assert visit is not None
        action = actions(visit)[place.step]
        category = _category(visit, words)
        product = f"{category}-{below(words[4], _PRODUCTS):03d}"
        path = _PATHS.get(action, "/cart").format(category=category, product=product)
        unknown_device = place.step == 0 and words[5] < _NO_DEVICE_BELOW
        has_product = action in {_PRODUCT, _ADD, _REMOVE}
        return {
            "click_id": f"clk-{self.world.tag}-{place.event_index:010d}",
            "user_id": who.key,
            "session_id": visit.session_id,
            "event_time": event_time_ms,
            "action": action,
            "page_url": path,
            "device_id": None if unknown_device else visit.device.device_id,
            "product_id": product if has_product else None,
            "category": category if has_product or action == _VIEW else None,
        }


def actions(visit: Visit) -> tuple[str, ...]:
    """What is done in a visit, one action a click."""
    journeys = JOURNEYS[visit.kind]
    return journeys[below(visit.words[5], len(journeys))]


def _category(visit: Visit, words: Words) -> str:
    """The user's interest three times of four, otherwise any."""
    if words[3] >> 62:
        return visit.user.interest
    return INTERESTS[below(words[3] << 2 & 0xFFFF_FFFF_FFFF_FFFF, len(INTERESTS))]
