"""The level that looks at all events together: identifiers, owners, and references from stream to stream.

    integrity_findings({"transaction": payments, "click": clicks, "device": devices, "order": orders})

Streams may be given in part. A reference is only judged where its stream is given, and that stream has to
reach back as far as what refers to it: a payment without its clicks is a finding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from streamlab.quality.finding import Event, Example, Finding, Level, found, shown

Streams = Mapping[str, Sequence[Event]]

_IDENTIFIER: Final = {"transaction": "txn_id", "click": "click_id", "device": "event_id", "order": "event_id"}
_TIME: Final = {"order": "timestamp"}
_OWNED: Final = (("transaction", "card_id", "user_id"), ("click", "session_id", "user_id"))

_ORDER_STEPS: Final = {
    "ORDER_CREATED": set[str](),
    "PAYMENT_AUTHORIZED": {"ORDER_CREATED"},
    "PAYMENT_FAILED": {"ORDER_CREATED"},
    "PAYMENT_CAPTURED": {"PAYMENT_AUTHORIZED"},
    "ORDER_SHIPPED": {"PAYMENT_CAPTURED"},
    "ORDER_DELIVERED": {"ORDER_SHIPPED"},
    "ORDER_REFUNDED": {"PAYMENT_CAPTURED"},
}
"""What an order must have seen before a step; of steps that are not here nothing is asked."""


def integrity_findings(streams: Streams) -> list[Finding]:
    """What does not fit together.

    Args:
        streams: events by the name of their contract.
    """
    return [
        *(f for name, events in streams.items() for f in _duplicates(name, events)),
        *(f for name, key, owner in _OWNED for f in _owners(streams.get(name, ()), key, owner)),
        *_references(streams),
        *_order_steps(streams.get("order", ())),
    ]


def _duplicates(name: str, events: Sequence[Event]) -> list[Finding]:
    field = _IDENTIFIER.get(name)
    if field is None:
        return []
    first: dict[Any, int] = {}
    broken = []
    for index, event in enumerate(events):
        at = first.setdefault(event.get(field), index)
        if at != index:
            broken.append(Example(index, f"{shown(event, [field])} is event {at}'s too"))
    meaning = f"Each {name} has an identifier of its own."
    return found(Level.INTEGRITY, f"duplicate:{field}", meaning, len(events), broken)


def _owners(events: Sequence[Event], key: str, owner: str) -> list[Finding]:
    owners: dict[Any, Any] = {}
    broken = [
        Example(index, f"{shown(event, [key, owner])}, of {owners[event.get(key)]!r} before")
        for index, event in enumerate(events)
        if owners.setdefault(event.get(key), event.get(owner)) != event.get(owner)
    ]
    meaning = f"A {key} belongs to one {owner}."
    return found(Level.INTEGRITY, f"two_owners:{key}", meaning, len(events), broken)


def _references(streams: Streams) -> Iterable[Finding]:
    payments, clicks = streams.get("transaction", ()), streams.get("click", ())
    devices, orders = streams.get("device", ()), streams.get("order", ())
    if "click" in streams:
        yield from _earlier(
            "payment_without_click", "A payment in a session has a click before it, of the same user.",
            payments, clicks, lambda event: (event.get("session_id"), event.get("user_id")),
        )  # fmt: skip
    if "device" in streams:
        for name, events in (("payment", payments), ("click", clicks)):
            yield from _earlier(
                f"{name}_of_unseen_device", f"A {name}'s device was seen before.",
                events, devices, lambda event: (event.get("device_id"),),
            )  # fmt: skip
    if "transaction" in streams:
        known = {event.get("txn_id") for event in payments}
        broken = [
            Example(index, shown(event, ["order_id", "payload.payment_id"]))
            for index, event in enumerate(orders)
            if (payment := event["payload"].get("payment_id")) is not None and payment not in known
        ]
        meaning = "The payment that an order names is one."
        yield from found(Level.INTEGRITY, "order_of_unknown_payment", meaning, len(orders), broken)


def _earlier(
    rule: str, meaning: str, events: Sequence[Event], referred: Sequence[Event],
    key: Callable[[Event], tuple[Any, ...]],
) -> list[Finding]:  # fmt: skip
    """Each event whose key is known has an event of the other stream with that key, not after it."""
    first: dict[tuple[Any, ...], int] = {}
    for other in referred:
        at = other["event_time"]
        first[key(other)] = min(first.get(key(other), at), at)
    broken = [
        Example(index, shown(event, ["device_id", "session_id"]))
        for index, event in enumerate(events)
        if None not in key(event)
        and not first.get(key(event), event["event_time"] + 1) <= event["event_time"]
    ]
    return found(Level.INTEGRITY, rule, meaning, len(events), broken)


def _order_steps(orders: Sequence[Event]) -> list[Finding]:
    """Steps whose order has not seen what must come before, of orders that were seen from the start."""
    lives: defaultdict[Any, list[tuple[int, int, str]]] = defaultdict(list)
    for index, event in enumerate(orders):
        lives[event.get("order_id")].append((event["timestamp"], index, event["event_type"]))
    broken = []
    for order_id, life in lives.items():
        seen: set[str] = set()
        steps = sorted(life)
        if not any(step == "ORDER_CREATED" for _, _, step in steps):
            continue
        for _, index, step in steps:
            missing = _ORDER_STEPS.get(step, set()) - seen
            if missing:
                broken.append(Example(index, f"{order_id}: {step} before {', '.join(sorted(missing))}"))
            seen.add(step)
    meaning = "An order's steps come in an order that can be."
    return found(
        Level.INTEGRITY, "order_step_too_early", meaning, len(orders), sorted(broken, key=lambda e: e.index)
    )
