"""Events for the tests of the features: literal ones, and hypothesis' streams that crowd around the edges.

transaction(minutes(5), amount=10.0)
@given(arrivals(transactions()))                 # [(partition, event), ...] in order of arrival
"""

from typing import Any

from hypothesis import strategies as st

Event = dict[str, Any]

START = 1_700_000_000_000
LATENESS_MS = 5_000


def seconds(number: float) -> int:
    """Milliseconds since the epoch, this many seconds after the tests' start."""
    return START + round(number * 1_000)


def minutes(number: float) -> int:
    return seconds(number * 60)


def transaction(event_time: int, name: str = "t", card: str = "c", **more: Any) -> Event:
    return {
        "txn_id": name, "card_id": card, "user_id": "u", "amount": 10.0, "currency": "USD",
        "event_time": event_time, "merchant_id": None, "risk_score": 0.0, "merchant_category": None,
        "country": None, "device_id": None, "session_id": None, "ip_address": None,
    } | more  # fmt: skip


def click(event_time: int, name: str = "k", user: str = "u", **more: Any) -> Event:
    return {
        "click_id": name, "user_id": user, "session_id": "s", "event_time": event_time, "action": "PAGE_VIEW",
        "page_url": "/", "device_id": None, "product_id": None, "category": None,
    } | more  # fmt: skip


def device(event_time: int, name: str = "e", device_id: str = "d", **more: Any) -> Event:
    return {
        "event_id": name, "device_id": device_id, "event_time": event_time, "fingerprint": "9f",
        "kind": "PHONE", "operating_system": "A 1", "user_id": None, "ip_address": None, "country": None,
        "is_proxy": False,
    } | more  # fmt: skip


STEPS_MS = (
    0,
    0,
    0,
    1,
    999,
    5_000,
    60_000,
    299_999,
    300_000,
    300_001,
    1_800_000,
    3_599_999,
    3_600_000,
    3_600_001,
)
"""How far event time goes on between two arrivals: often not at all, else to the edges of the windows."""

LAGS_MS = (0, 0, 0, 1, 4_999, 5_000, 5_001, 60_000)
"""How much older than the newest an event is: on time, at the edge, and late."""


def transactions(cards: str = "abc") -> st.SearchStrategy[Event]:
    """What a transaction says apart from its time and its name."""
    return st.fixed_dictionaries(
        {
            "card_id": st.sampled_from(cards),
            "amount": st.one_of(
                st.sampled_from((0.005, 0.01, 0.015, 1.0, 4.99, 787.4, 999.99, 1_000.0, 150_000.0)),
                st.floats(0.01, 2_000.0),
            ),
            "currency": st.sampled_from(("USD", "EUR", "GBP", "JPY", "CHF")),
            "merchant_id": st.sampled_from((None, "m1", "m2", "m3")),
            "merchant_category": st.sampled_from((None, "5411", "7995", "6051")),
            "country": st.sampled_from((None, "CH", "DE", "US", "JP")),
        }
    )


def clicks(users: str = "abc") -> st.SearchStrategy[Event]:
    """What a click says apart from its time and its name."""
    return st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(users),
            "session_id": st.sampled_from(("s1", "s2")),
            "action": st.sampled_from(
                (
                    "OTHER",
                    "PAGE_VIEW",
                    "PRODUCT_VIEW",
                    "ADD_TO_CART",
                    "REMOVE_FROM_CART",
                    "CHECKOUT",
                    "PURCHASE",
                )
            ),
            "category": st.sampled_from((None, "books", "shoes", "Äpfel", "zoo")),
        }
    )


@st.composite
def arrivals(
    draw: st.DrawFn,
    content: st.SearchStrategy[Event],
    *,
    key: str = "card_id",
    late: bool = True,
    partitions: int = 2,
    most: int = 40,
) -> list[tuple[int, Event]]:
    """(partition, event) in order of arrival; a key stays in one partition, names are unique."""
    lags = LAGS_MS if late else tuple(lag for lag in LAGS_MS if lag <= LATENESS_MS)
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from(STEPS_MS), st.sampled_from(lags), content), min_size=1, max_size=most
        )
    )
    newest, found = [START] * partitions, []
    make = transaction if key == "card_id" else click
    # Names do not follow the order of arrival.
    for index, (step, lag, said) in enumerate(steps):
        partition = ord(said[key]) % partitions
        newest[partition] += step
        found.append((partition, make(newest[partition] - lag, f"{index * 7 % 41:02d}-{index}") | said))
    return found
