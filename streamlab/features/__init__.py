"""Features of payments and clicks over event time: what they mean, and the execution event by event.

    from streamlab.features import CardFeatures

    cards = CardFeatures(allowed_lateness_seconds=5.0)
    late = cards.add(transaction, partition=3)       # a Late with its reason, or None
    cards.release()                                  # one dict of features for each event that is complete

`definitions` has the table of what each feature is; `watermark`, `pipeline`, `fraud`, `personalization` and
`joins` are the execution. Nothing here does input or output.
"""

from streamlab.features.pipeline import CardFeatures, Pipeline, StateSize, UserFeatures, rebuild_from_ms
from streamlab.features.watermark import Late, Watermarks

__all__ = [
    "CardFeatures",
    "Late",
    "Pipeline",
    "StateSize",
    "UserFeatures",
    "Watermarks",
    "rebuild_from_ms",
]
