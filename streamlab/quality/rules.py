"""The rules that a single event has to keep, by contract: one table, used by everybody.

    RULES["transaction"]                     # (Rule("amount_not_positive", ...), ...)
    validate_event({"txn_id": "t-1", "amount": -5.0, ...})        # "amount_not_positive"
    validate_event(event) is None            # nothing speaks against it

Avro has judged before whether an amount is a number; whether it is an *amount* is judged here (C36). A rule
is named by what is wrong when it is broken.
"""

import re
from collections.abc import Iterable
from math import isfinite
from operator import itemgetter
from typing import Any, Final

from streamlab.features.constants import CENTS_PER_UNIT
from streamlab.quality.finding import Event, Level, Rule

YEAR_2000_MS: Final = 946_684_800_000
YEAR_2100_MS: Final = 4_102_444_800_000
LARGEST_AMOUNT_DOLLARS: Final = 1_000_000
"""A card payment of more is a mistake: in cents in place of dollars, most often."""
MOST_BY_CURRENCY: Final = {
    currency: LARGEST_AMOUNT_DOLLARS * 100 / cents for currency, cents in CENTS_PER_UNIT.items()
}

_MCC: Final = re.compile(r"[0-9]{4}", re.ASCII).fullmatch
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII).fullmatch
_ADDRESS: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*").fullmatch
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+", re.ASCII).fullmatch
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE).fullmatch


def validate_event(event: Event, contract: str | None = None) -> str | None:
    """The name of the first rule that an event breaks, or None. It takes a microsecond or two.

    Args:
        contract: whose rules; None finds out by the fields. An event of no known contract breaks none.
    """
    for rule in _PER_EVENT[contract or contract_of(event)]:
        try:
            if not rule.holds(event):
                return rule.name
        except (TypeError, ValueError, LookupError, AttributeError):
            return rule.name
    return None


def contract_of(event: Event) -> str:
    """The contract of an event by the field that only its contract has; "" if there is none."""
    for field, contract in _IDENTIFIED_BY:
        if field in event:
            return contract
    return ""


_IDENTIFIED_BY: Final = (
    ("txn_id", "transaction"),
    ("click_id", "click"),
    ("order_id", "order"),
    ("fingerprint", "device"),
)


def _present(*fields: str) -> Rule:
    values = itemgetter(*fields)
    return Rule(
        "identifier_empty",
        Level.QUALITY,
        f"{', '.join(fields)} say who is meant.",
        lambda event: "" not in values(event),
        fields,
    )


def _time(field: str) -> tuple[Rule, Rule]:
    """Too late is fatal: one such event moves the watermark, and all that follow are late."""
    return (
        Rule(
            "event_time_after_2100",
            Level.QUALITY,
            "The event time is in milliseconds, not in microseconds, and before the year 2100.",
            lambda event: event[field] < YEAR_2100_MS,
            (field,),
        ),
        Rule(
            "event_time_before_2000",
            Level.QUALITY,
            "The event time is in milliseconds, not in seconds, and after the year 2000.",
            lambda event: event[field] >= YEAR_2000_MS,
            (field,),
            per_event=False,
        ),
    )


def _is_the_sum(items: list[dict[str, Any]] | None, total: float) -> bool:
    if items is None:
        return True
    return bool(abs(sum(item["quantity"] * item["unit_price"] for item in items) - total) < 0.005)


_COUNTRY_RULE: Final = Rule(
    "country_malformed",
    Level.QUALITY,
    "A country is two capital letters, or not known.",
    lambda event: (code := event.get("country")) is None or _COUNTRY(code) is not None,
    ("country",),
)
_ADDRESS_RULE: Final = Rule(
    "ip_address_malformed",
    Level.QUALITY,
    "An IP address is one, or not known.",
    lambda event: (address := event.get("ip_address")) is None or _ADDRESS(address) is not None,
    ("ip_address",),
    per_event=False,
)

_TRANSACTION: Final = (
    Rule(
        "amount_not_finite", Level.QUALITY, "An amount is a number.",
        lambda event: isfinite(event["amount"]), ("amount",),
    ),
    Rule(
        "amount_not_positive", Level.BUSINESS, "A payment is of more than nothing.",
        lambda event: event["amount"] > 0, ("amount",),
    ),
    Rule(
        "currency_unknown", Level.BUSINESS, "There is a reference rate for the currency.",
        lambda event: event["currency"] in MOST_BY_CURRENCY, ("currency",),
    ),
    Rule(
        "amount_too_large", Level.BUSINESS,
        f"A payment is of at most {LARGEST_AMOUNT_DOLLARS:,} US dollars, by the reference rates.",
        lambda event: event["amount"] <= MOST_BY_CURRENCY[event["currency"]], ("amount", "currency"),
    ),
    Rule(
        "mcc_malformed", Level.QUALITY, "A merchant category is four digits (ISO 18245), or not known.",
        lambda event: (mcc := event.get("merchant_category")) is None or _MCC(mcc) is not None,
        ("merchant_category",),
    ),
    _COUNTRY_RULE,
    Rule(
        "risk_score_out_of_range", Level.QUALITY, "A risk score is from 0 to 1.",
        lambda event: 0 <= event.get("risk_score", 0) <= 1, ("risk_score",),
    ),
    _present("txn_id", "card_id", "user_id"),
    *_time("event_time"),
    _ADDRESS_RULE,
)  # fmt: skip

_CLICK: Final = (
    _present("click_id", "user_id", "session_id"),
    *_time("event_time"),
    Rule(
        "page_url_malformed", Level.QUALITY, "A page is a path: it begins with a slash.",
        lambda event: event["page_url"].startswith("/"), ("page_url",),
    ),
    Rule(
        "product_missing", Level.BUSINESS, "Who looks at a product or moves it names it.",
        lambda event: event.get("product_id") is not None
        or event["action"] not in {"PRODUCT_VIEW", "ADD_TO_CART", "REMOVE_FROM_CART"},
        ("action", "product_id"), per_event=False,
    ),
)  # fmt: skip

_DEVICE: Final = (
    _present("event_id", "device_id"),
    *_time("event_time"),
    _COUNTRY_RULE,
    Rule(
        "fingerprint_malformed", Level.QUALITY, "A fingerprint is hexadecimal.",
        lambda event: _HEXADECIMAL(event["fingerprint"]) is not None, ("fingerprint",), per_event=False,
    ),
    _ADDRESS_RULE,
)  # fmt: skip

_ORDER: Final = (
    _present("event_id", "order_id"),
    *_time("timestamp"),
    Rule(
        "event_id_malformed", Level.QUALITY, "An event's identifier is a UUID.",
        lambda event: _UUID(event["event_id"]) is not None, ("event_id",), per_event=False,
    ),
    Rule(
        "total_not_positive", Level.BUSINESS, "An order's total is more than nothing, or not told.",
        lambda event: (total := event["payload"]["total_amount"]) is None or (isfinite(total) and total > 0),
        ("payload.total_amount",),
    ),
    Rule(
        "total_is_not_the_sum", Level.BUSINESS, "An order's total is the sum of its items, to the cent.",
        lambda event: _is_the_sum(event["payload"]["items"], event["payload"]["total_amount"]),
        ("payload.items", "payload.total_amount"), per_event=False,
    ),
)  # fmt: skip

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "transaction": _TRANSACTION,
    "click": _CLICK,
    "device": _DEVICE,
    "order": _ORDER,
}
"""Every rule of a single event, by contract."""

_PER_EVENT: Final[dict[str, tuple[Rule, ...]]] = {
    "": (),
    **{name: tuple(rule for rule in rules if rule.per_event) for name, rules in RULES.items()},
}


def rules_of(contract: str, level: Level) -> Iterable[Rule]:
    """The rules of one level."""
    return (rule for rule in RULES.get(contract, ()) if rule.level is level)
