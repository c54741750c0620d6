"""What every feature means: one table, from which the two executions, the contracts and the tests are made.

    from streamlab.features.definitions import FRAUD, JOINS, PERSONALIZATION

    [d.name for d in FRAUD]              # ["txn_count_5m", "amount_sum_5m", ...]
    FRAUD[2].formula                     # "sum of exact_cents, divided by ..."

Rules that hold for all of them:

- Times are integer milliseconds of event time. The window of length w at an event of key k and time t holds
  every accepted event of k with t - w < event_time <= t: its end belongs to it, its start does not. Events of
  one key with the same time see each other, as in SQL's `RANGE BETWEEN ... AND CURRENT ROW`.
- No feature looks back further than `LONGEST_WINDOW_MS`; that bounds the state.
- Everything is counted in integers first. A float is **one** division of two integers below 2**53, so that
  any execution that counts right gives the same bits. `exact_cents` is the only other rounding.
- Outputs of one partition come in the order of (event_time, identifier of the event).
- What is unknown (null) is no value: it is not counted as one more country, merchant or category.
- The numbers (windows, rates, thresholds, points) are in `streamlab.features.constants`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streamlab.features.definition import Definition, RiskFlag
from streamlab.features.fraud_definitions import FLAGS_BY_MASK, FRAUD, RISK_FLAGS
from streamlab.features.personalization_definitions import JOINS, PERSONALIZATION

__all__ = [
    "CARD_IDENTITY",
    "FLAGS_BY_MASK",
    "FRAUD",
    "JOINS",
    "PERSONALIZATION",
    "RISK_FLAGS",
    "USER_IDENTITY",
    "Definition",
    "RiskFlag",
]

CARD_IDENTITY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "card_id": "The card; the key of the message.",
        "txn_id": "The transaction at which the features hold.",
        "event_time": "When the card paid: the end of every window.",
    }
)
USER_IDENTITY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "user_id": "The user; the key of the message.",
        "click_id": "The click at which the features hold.",
        "event_time": "When the user clicked: the end of every window.",
    }
)
