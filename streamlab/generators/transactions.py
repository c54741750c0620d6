"""Payments: topic txn.events, key card_id.

    txn = Transactions(World(seed=7))
    txn.event(0)["merchant_category"]        # "5411"
    txn.payment_of(visit)                    # what a visit's payment is about

Of seventeen payments eight or more are made in a visit, after its clicks: these have session, device and
address. The others are made at a counter and have none. A thief's payments take the places of one in a visit
and of some at counters, so there are as many payments with fraud as without.
"""

from typing import Any, Final, NamedTuple

from streamlab.generators import merchants
from streamlab.generators.countries import far_from, money
from streamlab.generators.draws import Words, below, threshold
from streamlab.generators.fraud import Pattern
from streamlab.generators.layout import Place
from streamlab.generators.merchants import Merchant
from streamlab.generators.sessions import Visit, favourite
from streamlab.generators.streams import Stream, Who
from streamlab.generators.timetable import FREE_MS

_UNKNOWN_BELOW: Final = threshold(0.02)
_NO_MERCHANT_BELOW: Final = threshold(0.01)
"""Of honest payments: the country and the address, or the merchant, that nobody wrote down."""


class Payment(NamedTuple):
    """What a visit's payment is about."""

    txn_id: str
    dollar_cents: int
    currency: str


class Transactions(Stream):
    """Payments with cards, `transaction` v3."""

    name = "txn"
    contract_name = "transaction"
    version = 3

    def who(self, place: Place) -> Who:
        """In a visit: the visitor or the thief. At a counter: somebody."""
        visit = self.world.visit(place.visit)
        pattern = visit.pattern
        if pattern is not None and place.step not in pattern.steps:
            pattern = None
        if place.step == 0 or pattern is not None:
            country = visit.country
            if pattern is not None and not pattern.takes_account:
                country = far_from(country, visit.words[6])
            return Who(visit.card_id, visit.user, country, visit, place.slack_ms, pattern)
        words, population = place.words, self.world.population
        user = population.frequent(words[3])
        country = user.home
        if user.journey is not None:
            user, country = population.present(user, place.arrival_ms)
        card_id = user.cards[favourite(words[6], len(user.cards))]
        return Who(card_id, user, country, None, FREE_MS, None)

    def body(self, place: Place, who: Who, event_time_ms: int) -> dict[str, Any]:
        """A payment; one without a session was made at a counter."""
        words, pattern, visit = place.words, who.pattern, who.visit
        merchant, cents = _amount(words, pattern, visit, place.step)
        on_site = visit is not None and (pattern is None or pattern.takes_account)
        unknown = pattern is None and words[7] & 0xFFFF_FFFF < _UNKNOWN_BELOW >> 32
        nameless = pattern is None and words[7] >> 32 < _NO_MERCHANT_BELOW >> 32
        return {
            "txn_id": self._txn_id(place.event_index),
            "card_id": who.key,
            "user_id": who.user.user_id,
            "amount": money(cents, who.country.currency),
            "currency": who.country.currency,
            "event_time": event_time_ms,
            "merchant_id": None if nameless else merchant.merchant_id,
            "risk_score": _risk(words, merchant, pattern),
            "merchant_category": None if nameless else merchant.mcc,
            "country": None if unknown else who.country.code,
            "device_id": visit.device.device_id if on_site and visit else None,
            "session_id": visit.session_id if on_site and visit else None,
            "ip_address": visit.address if on_site and visit and not unknown else None,
        }

    def payment_of(self, visit: Visit) -> Payment:
        """The first payment of a visit; the visit must be one that pays."""
        index = self.layout.index_of(visit.number, 0)
        pattern = visit.pattern if visit.pattern and 0 in visit.pattern.steps else None
        _, cents = _amount(self.draws(index), pattern, visit, 0)
        return Payment(self._txn_id(index), cents, visit.country.currency)

    def _txn_id(self, index: int) -> str:
        return f"txn-{self.world.tag}-{index:010d}"


def _amount(words: Words, pattern: Pattern | None, visit: Visit | None, step: int) -> tuple[Merchant, int]:
    """Where, and how much in hundredths of a US dollar."""
    if pattern is None:
        choose = merchants.at_counter if visit is None else merchants.online
        merchant = choose(words[4], by_thief=False)
        return merchant, merchants.amount_cents(merchant, words[5])
    choose = merchants.online if pattern.takes_account else merchants.at_counter
    merchant = choose(words[4], by_thief=True)
    if step in pattern.tiny:
        return merchant, merchants.tiny_cents(words[5])
    if step in pattern.large:
        return merchant, merchants.large_cents(merchant, words[5])
    return merchant, merchants.amount_cents(merchant, words[5])


def _risk(words: Words, merchant: Merchant, pattern: Pattern | None) -> float:
    """Somebody's guess, not the truth: the merchant's kind, noise, and a hint of what it is."""
    noise_thousandths = (
        below(words[7] >> 8 & 0xFFFF_FFFF, 350) if pattern is None else 200 + below(words[7], 400)
    )
    return (noise_thousandths + round(merchant.fraud_likelihood * 600)) / 1_000
