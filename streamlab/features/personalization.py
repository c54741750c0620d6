"""The state of one user: the last hour of clicks, and the features that are read from it.

    user = UserState()
    user.insert(click, event_time_ms)                # in event-time order
    user.features(click, event_time_ms)              # {"user_id": ..., "page_views_5m": 1, ...}

As in `streamlab.features.fraud`, each click enters and leaves each window once. The favourite category is
kept along, and counted again only when one of its own clicks leaves.
"""

from collections import deque
from typing import Any

from streamlab.features.constants import (
    CART,
    ENGAGEMENT_POINTS,
    ENGAGEMENT_SATURATION,
    LONGEST_WINDOW_MS,
    MINUTE_MS,
    PAGE_VIEWS,
    PURCHASE,
    SHORT_WINDOW_MS,
)
from streamlab.features.watermark import NEVER

_POINTS = dict(ENGAGEMENT_POINTS)

_Entry = tuple[int, str, str, str | None]
"""Event time, action, session, category."""


class UserState:
    """What one user did in the last hour.

    Attributes:
        last_ms: the latest event time that was inserted.
    """

    __slots__ = (
        "_additions",
        "_categories",
        "_entries",
        "_favourite",
        "_long",
        "_points",
        "_purchases",
        "_sessions",
        "_short",
        "_views",
        "last_ms",
    )

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._short = 0
        self._long = 0
        self._views = 0
        self._points = 0
        self._additions = 0
        self._purchases = 0
        self._categories: dict[str, int] = {}
        self._favourite: str | None = None
        self._sessions: dict[str, deque[int]] = {}
        self.last_ms = NEVER

    def __len__(self) -> int:
        return len(self._entries) - self._long

    def insert(self, event: dict[str, Any], now_ms: int) -> None:
        """Let a click into the windows, and out of them what is too old for it.

        Args:
            event: a click.
            now_ms: its event time, not before that of any inserted one.
        """
        action, session, category = event["action"], event["session_id"], event.get("category")
        self.last_ms = now_ms
        self._points += _POINTS.get(action, 0)
        if action in PAGE_VIEWS:
            self._views += 1
        elif action == CART:
            self._additions += 1
        elif action == PURCHASE:
            self._purchases += 1
        times = self._sessions.get(session)
        if times is None:
            times = self._sessions[session] = deque()
        times.append(now_ms)

        entries = self._entries
        entries.append((now_ms, action, session, category))
        if entries[self._short][0] <= now_ms - SHORT_WINDOW_MS:
            self._leave_short(now_ms - SHORT_WINDOW_MS)
        if entries[self._long][0] <= now_ms - LONGEST_WINDOW_MS:
            self._leave_long(now_ms - LONGEST_WINDOW_MS)
        if category is not None:
            self._count(category)

    def _leave_short(self, oldest_ms: int) -> None:
        """Take out of the five minutes what happened at `oldest_ms` or before."""
        entries, first = self._entries, self._short
        while (entry := entries[first])[0] <= oldest_ms:
            first += 1
            self._points -= _POINTS.get(entry[1], 0)
            if entry[1] in PAGE_VIEWS:
                self._views -= 1
        self._short = first

    def _count(self, category: str) -> None:
        """One more click in a category; it becomes the favourite if it beats or equals it and comes first."""
        categories = self._categories
        count = categories[category] = categories.get(category, 0) + 1
        favourite = self._favourite
        if favourite is not None:
            most = categories[favourite]
            if count < most or (count == most and category > favourite):
                return
        elif len(categories) > 1:
            return  # The favourite is to be counted again; `features` does.
        self._favourite = category

    def _leave_long(self, oldest_ms: int) -> None:
        """Take out of the hour what happened at `oldest_ms` or before."""
        entries, sessions, first = self._entries, self._sessions, self._long
        while (entry := entries[first])[0] <= oldest_ms:
            first += 1
            _, action, session, category = entry
            if action == CART:
                self._additions -= 1
            elif action == PURCHASE:
                self._purchases -= 1
            times = sessions[session]
            times.popleft()
            if not times:
                del sessions[session]
            if category is not None:
                self._uncount(category)
        if 2 * first > len(entries):
            del entries[:first]
            self._short -= first
            first = 0
        self._long = first

    def _uncount(self, category: str) -> None:
        """One click less in a category; if it was the favourite, `features` counts again."""
        left = self._categories[category] - 1
        if left:
            self._categories[category] = left
        else:
            del self._categories[category]
        if category == self._favourite:
            self._favourite = None

    def features(self, event: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """The features as of a click that was inserted last, or together with others of its time."""
        categories = self._categories
        if self._favourite is None and categories:
            most = max(categories.values())
            self._favourite = min(name for name, count in categories.items() if count == most)
        additions, points = self._additions, self._points
        return {
            "user_id": event["user_id"],
            "click_id": event["click_id"],
            "event_time": now_ms,
            "session_duration_min": (now_ms - self._sessions[event["session_id"]][0]) / MINUTE_MS,
            "page_views_5m": self._views,
            "cart_conversion_rate": min(self._purchases, additions) / additions if additions else None,
            "category_affinity": self._favourite,
            "engagement_score": points / ENGAGEMENT_SATURATION if points < ENGAGEMENT_SATURATION else 1.0,
        }
