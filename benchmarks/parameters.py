"""What the table of definitions says, as plain values for the peers, which have no streamlab.

    json.dumps(parameters.of_definitions())

So a changed definition reaches all sides, or the comparison fails.
"""

from typing import Any

from streamlab.features import constants
from streamlab.features.definitions import RISK_FLAGS


def of_definitions() -> dict[str, Any]:
    """Windows, rates, categories and bounds by name, and the names of the rules in their order."""
    return {
        "short_window_ms": constants.SHORT_WINDOW_MS,
        "long_window_ms": constants.LONGEST_WINDOW_MS,
        "minute_ms": constants.MINUTE_MS,
        "cents_per_unit": dict(constants.CENTS_PER_UNIT),
        "high_risk_mcc": sorted(constants.HIGH_RISK_MCC),
        "velocity_saturation": constants.VELOCITY_SATURATION,
        "velocity_alert": constants.VELOCITY_ALERT,
        "anomaly_countries": constants.ANOMALY_COUNTRIES,
        "travel_countries": constants.TRAVEL_COUNTRIES,
        "large_amount_cents": constants.LARGE_AMOUNT_CENTS,
        "card_testing_count": constants.CARD_TESTING_COUNT,
        "card_testing_average_cents": constants.CARD_TESTING_AVERAGE_CENTS,
        "high_risk_count": constants.HIGH_RISK_COUNT,
        "flags": [flag.name for flag in RISK_FLAGS],
    }
