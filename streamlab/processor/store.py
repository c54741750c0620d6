"""Redis as the processor sees it: rows are written in one go per batch, and Redis may be away.

store = Store(stack, settings, patience, account)
store.write(steps)                   # returns when Redis has them; waits while it is away, or full
"""

from collections.abc import Sequence
from typing import Literal

from streamlab.processor.account import Account
from streamlab.processor.partition import Step
from streamlab.processor.settings import Settings
from streamlab.processor.waiting import Patience
from streamlab.sinks.redis_features import RedisFeatures, StoreFull, StoreUnavailable
from streamlab.stack import Stack


class Store:
    """The rows' way to Redis; none where the settings say so."""

    def __init__(self, stack: Stack, settings: Settings, patience: Patience, account: Account) -> None:
        self._patience = patience
        self._account = account
        kind: Literal["card", "user"] = "card" if settings.job == "card" else "user"
        self._sink = RedisFeatures(stack.redis(), kind) if settings.store else None

    def write(self, steps: Sequence[Step]) -> None:
        """Give Redis the rows of these steps.

        Raises:
            CapabilityMissing: this stack has no Redis.
            Interrupted: the processor is to stop while Redis is away.
        """
        rows = [row for step in steps for row in step.rows]
        sink = self._sink
        if sink is None or not rows:
            return
        written = self._patience.wait_for(lambda: sink.write(rows), _comes_back, "Redis")
        self._account.applied += written.applied
        self._account.stale += written.stale


def _comes_back(error: BaseException) -> bool:
    return isinstance(error, StoreUnavailable | StoreFull)
