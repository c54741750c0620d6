"""The features of a user, from clicks: `PERSONALIZATION`; and the two joins by device: `JOINS`.

Read them as `PERSONALIZATION` and `JOINS` of `streamlab.features.definitions`; the rules for all are there.
"""

from typing import Final

from streamlab.features.definition import FIVE_MINUTES, ONE_HOUR, OPTIONAL_DOUBLE, OPTIONAL_STRING, Definition

PERSONALIZATION: Final = (
    Definition(
        "session_duration_min",
        "double",
        ONE_HOUR,
        "minutes",
        "milliseconds from the first of the user's clicks with this session_id in the window, divided by "
        "60000",
        "How long the visit lasts so far. 0 at its first click; the window bounds it below 60.",
    ),
    Definition(
        "page_views_5m",
        "int",
        FIVE_MINUTES,
        "clicks",
        "number of clicks whose action is PAGE_VIEW or PRODUCT_VIEW",
        "A product's page is a page.",
    ),
    Definition(
        "cart_conversion_rate",
        OPTIONAL_DOUBLE,
        ONE_HOUR,
        "share from 0 to 1",
        "min(purchases, additions) divided by additions, where purchases and additions count the actions "
        "PURCHASE and ADD_TO_CART; null without additions",
        "Purchases of a cart filled before the window would push it above 1, hence min. No cart is not a bad "
        "cart.",
    ),
    Definition(
        "category_affinity",
        OPTIONAL_STRING,
        ONE_HOUR,
        "category",
        "the known category with the most clicks; of several, the first in code point order; null if none is "
        "known",
        "The tie rule makes it a function of the window's content, not of the arrival order.",
    ),
    Definition(
        "engagement_score",
        "double",
        FIVE_MINUTES,
        "score from 0 to 1",
        "min(points, 40) divided by 40, where points is the sum of ENGAGEMENT_POINTS of the actions",
        "Doing more and closer to paying is worth more; saturated, so that a robot is not the best customer.",
    ),
)

PROFILE_WINDOW: Final = "1 h, by device_id"
CLICKS_WINDOW: Final = "10 min, by device_id"
JOINS: Final = (
    Definition(
        "device_kind",
        OPTIONAL_STRING,
        PROFILE_WINDOW,
        "kind",
        "kind of the latest device event with event_time <= the payment's; of several at one time, the one "
        "with the greatest event_id; null if there is none",
        "What the device was known to be when the card paid: a later profile must not leak into the past.",
    ),
    Definition(
        "device_country",
        OPTIONAL_STRING,
        PROFILE_WINDOW,
        "ISO 3166-1 alpha-2 code",
        "country of the same device event",
        "Differs from the payment's country when somebody else pays.",
    ),
    Definition(
        "device_is_proxy",
        ("null", "boolean"),
        PROFILE_WINDOW,
        "yes or no",
        "is_proxy of the same device event",
        "Who hides the address has a reason.",
    ),
    Definition(
        "device_profile_age_min",
        OPTIONAL_DOUBLE,
        PROFILE_WINDOW,
        "minutes",
        "milliseconds from the same device event to the payment, divided by 60000",
        "How much to trust it. Bounded below 60: an older profile is unknown.",
    ),
    Definition(
        "device_clicks_10m",
        "int",
        CLICKS_WINDOW,
        "clicks",
        "number of clicks of the payment's device with payment - 10 min < event_time <= payment; 0 without "
        "device_id",
        "People look before they buy; a script pays without a click.",
    ),
)
