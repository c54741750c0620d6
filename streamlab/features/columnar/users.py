"""Features of users, a batch at a time: the definitions of `PERSONALIZATION` over columns.

    accepted, late = split_late(decoded.frame)
    user_features(accepted)            # one row for each click, in the order given

For every click the features are those of `streamlab.features.UserFeatures`, bit for bit.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.features.columnar.codes import codes_of, member_of, sorted_codes_of
from streamlab.features.columnar.windows import Timeline, by_value
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

USER_COLUMNS: Final = ("click_id", "user_id", "session_id", "event_time", "action", "category")
"""The fields of a click that `user_features` reads; pass them to `decode` as `columns`."""

_IDENTITY: Final = ("user_id", "click_id", "event_time")


def user_features(frame: pl.DataFrame) -> pl.DataFrame:
    """Features of every click, all of which are accepted; rows in the order of the frame.

    Args:
        frame: `USER_COLUMNS`, event_time in milliseconds; without `click_id` the features come without it.
    """
    timeline = Timeline(codes_of(frame["user_id"]), frame["event_time"].to_numpy(), LONGEST_WINDOW_MS)
    order, back = timeline.order, timeline.in_given_order
    short, long = timeline.window(SHORT_WINDOW_MS), timeline.window(LONGEST_WINDOW_MS)

    actions = frame["action"].cast(pl.String)
    views = short.total(member_of(actions, PAGE_VIEWS)[order])
    points = np.minimum(short.total(_points(actions)[order]), ENGAGEMENT_SATURATION)
    additions = long.total(member_of(actions, {CART})[order])
    purchases = np.minimum(long.total(member_of(actions, {PURCHASE})[order]), additions)
    has_cart = back(additions > 0)
    conversion = back(purchases / np.maximum(additions, 1))
    codes, categories = sorted_codes_of(frame["category"])
    favourites = pl.Series(back(long.most_frequent(codes[order])))
    duration_ms = _session_ms(timeline, codes_of(frame["session_id"])[order])
    return frame.select(
        *(name for name in _IDENTITY if name in frame.columns),
        pl.Series("session_duration_min", back(duration_ms / MINUTE_MS)),
        pl.Series("page_views_5m", back(views.astype(np.int32))),
        pl.when(pl.Series(has_cart)).then(pl.Series(conversion)).alias("cart_conversion_rate"),
        categories.gather(favourites.replace(-1, None)).alias("category_affinity"),
        pl.Series("engagement_score", back(points / ENGAGEMENT_SATURATION)),
    )


def _points(actions: pl.Series) -> NDArray[np.int64]:
    return actions.replace_strict(ENGAGEMENT_POINTS, default=0, return_dtype=pl.Int64).to_numpy()


def _session_ms(timeline: Timeline, sessions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Milliseconds since the first click of the user's session in the longest window; along the axis.

    A session is a timeline of its own, whose key is user and session.
    """
    places, repeated = by_value(timeline.run, sessions)
    of_session = Timeline.sorted(~repeated, timeline.axis[places], LONGEST_WINDOW_MS)
    firsts = of_session.window(LONGEST_WINDOW_MS).starts
    since_ms = np.empty(len(places), np.int64)
    since_ms[places] = of_session.axis - of_session.axis[firsts]
    return since_ms
