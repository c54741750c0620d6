"""What the jobs compute, from the parts that define it: the features and the rules.

features_of(settings)                # CardFeatures or UserFeatures, with the lateness that was chosen
rules_of(settings)(event)            # None, or the name of the rule that the event breaks
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from streamlab.features import CardFeatures, Pipeline, UserFeatures
from streamlab.processor.settings import Settings
from streamlab.quality.rules import validate_event


def features_of(settings: Settings) -> Pipeline:
    """A new state, of no partition."""
    pipeline = CardFeatures if settings.job == "card" else UserFeatures
    return pipeline(allowed_lateness_seconds=settings.lateness_seconds)


def rules_of(settings: Settings) -> Callable[[dict[str, Any]], str | None]:
    """The rules that an event has to keep before it may change any state."""
    return partial(validate_event, contract=settings.work.contract)
