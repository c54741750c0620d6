"""Orders: topic orders.raw, key order_id.

    order = Orders(World(seed=7))
    order.event(0)["payload"]["status"]      # "PENDING"

Every visit that pays has an order. Its life takes one of four courses of six steps, and days are told in
minutes. Between its creation and its second step the visit's payment is made; from the authorization on the
order knows its `txn_id` as `payment_id`. At index 0 orders of all ages are under way: those that are created
from then on are seen whole.
"""

from typing import Any, Final

from streamlab.generators.countries import money
from streamlab.generators.draws import Draws, Words, below
from streamlab.generators.layout import Place
from streamlab.generators.sessions import Visit
from streamlab.generators.streams import Stream, Who
from streamlab.generators.transactions import Transactions
from streamlab.generators.world import World

_STATUS: Final = {
    "ORDER_CREATED": "PENDING",
    "PAYMENT_FAILED": "PENDING",
    "PAYMENT_AUTHORIZED": "CONFIRMED",
    "PAYMENT_CAPTURED": "PAID",
    "ORDER_UPDATED": "PROCESSING",
    "ORDER_SHIPPED": "SHIPPED",
    "ORDER_DELIVERED": "DELIVERED",
    "ORDER_CANCELLED": "CANCELLED",
    "ORDER_REFUNDED": "REFUNDED",
}
_PAID: Final = ("ORDER_CREATED", "PAYMENT_AUTHORIZED", "PAYMENT_CAPTURED")
LIVES: Final = (
    (70, (*_PAID, "ORDER_UPDATED", "ORDER_SHIPPED", "ORDER_DELIVERED")),
    (12, ("ORDER_CREATED", "PAYMENT_FAILED", *_PAID[1:], "ORDER_SHIPPED", "ORDER_DELIVERED")),
    (8, (*_PAID, "ORDER_SHIPPED", "ORDER_DELIVERED", "ORDER_REFUNDED")),
    (10, (*_PAID, "ORDER_UPDATED", "ORDER_CANCELLED", "ORDER_REFUNDED")),
)
"""The courses that an order's life takes, each with its share in hundredths."""
_CHOICE: Final = tuple(life for share, life in LIVES for _ in range(share))
_METHODS: Final = ("CREDIT_CARD", "DEBIT_CARD", "PAYPAL", "APPLE_PAY", "GOOGLE_PAY")


class Orders(Stream):
    """The steps of orders, `order` v1."""

    name = "order"
    contract_name = "order"
    version = 1
    time_field = "timestamp"

    def __init__(
        self,
        world: World,
        late_share: float = 0.02,
        max_disorder_seconds: float = 5.0,
        allowed_lateness_seconds: float | None = None,
    ) -> None:
        super().__init__(world, late_share, max_disorder_seconds, allowed_lateness_seconds)
        self._payments = Transactions(world)
        self._contents = Draws(world.seed, "order contents")

    def who(self, place: Place) -> Who:
        """The order of the visit."""
        visit = self.world.visit(place.visit)
        order_id = f"ord-{self.world.tag}-{visit.number:09d}"
        return Who(order_id, visit.user, visit.country, visit, place.slack_ms, visit.pattern)

    def body(self, place: Place, who: Who, event_time_ms: int) -> dict[str, Any]:
        """A step; it tells what is new with it."""
        words, visit = place.words, who.visit
        assert visit is not None
        contents = self._contents(visit.number)
        life = _CHOICE[below(contents[0], len(_CHOICE))]
        step = life[place.step]
        payment = self._payments.payment_of(visit)
        created, paying = step == "ORDER_CREATED", step.startswith("PAYMENT")
        authorized = "PAYMENT_AUTHORIZED" in life[: place.step + 1]
        return {
            "event_id": _uuid(words[6], words[7]),
            "event_type": step,
            "order_id": who.key,
            "timestamp": event_time_ms,
            "source": "payment-service" if paying or step == "ORDER_REFUNDED" else "order-service",
            "version": "1.0",
            "payload": {
                "user_id": who.user.user_id,
                "total_amount": money(payment.dollar_cents, payment.currency),
                "currency": payment.currency,
                "status": _STATUS[step],
                "items": _items(contents, payment.dollar_cents, payment.currency) if created else None,
                "shipping_address": _address(visit) if created or step == "ORDER_SHIPPED" else None,
                "payment_method": _METHODS[below(contents[1], len(_METHODS))] if created or paying else None,
                "payment_id": payment.txn_id if authorized else None,
                "metadata": {"session_id": visit.session_id, "device_id": visit.device.device_id}
                if created
                else None,
            },
        }


def _items(contents: Words, dollar_cents: int, currency: str) -> list[dict[str, Any]]:
    """One to three articles whose prices sum to the total."""
    hundredths = round(money(dollar_cents, currency) * 100)
    smallest = 100 if currency == "JPY" else 1
    items: list[dict[str, Any]] = []
    for word in contents[2 : 2 + below(contents[5], 3)]:
        quantity = 1 + (word & 1)
        price = hundredths // (4 * quantity) // smallest * smallest
        if price:
            items.append(_item(word, quantity, price))
            hundredths -= quantity * price
    return [*items, _item(contents[6], 1, hundredths)]


def _item(word: int, quantity: int, price_hundredths: int) -> dict[str, Any]:
    return {"sku": f"sku-{word >> 50:05d}", "quantity": quantity, "unit_price": price_hundredths / 100}


def _address(visit: Visit) -> dict[str, Any]:
    """Where the user lives, wherever the user is now."""
    user = visit.user
    return {
        "street": user.street,
        "city": user.city.name,
        "postal_code": user.city.postal_code,
        "state": user.city.state,
        "country": user.home.code,
    }


def _uuid(high: int, low: int) -> str:
    """A UUID of version 8, whose bits an application chooses (RFC 9562, section 5.8)."""
    text = f"{high & ~0xF000 | 0x8000:016x}{low >> 2 | 1 << 63:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
