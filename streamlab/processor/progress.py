"""What a running processor shows of itself, for a live view and for monitoring.

processor.run(stop, on_progress=lambda progress: print(progress.rate, progress.lag))
"""

from dataclasses import dataclass

from streamlab.processor.account import Account


@dataclass(frozen=True)
class Progress:
    """One moment of a run.

    Attributes:
        account: the books so far; the same object throughout the run.
        seconds: since the run began.
        rate: messages taken a second, since the progress before.
        lag: messages in the log that have not been taken, by partition.
        watermark_ms: the smallest watermark of the partitions that have one; None if none has.
        state_size: events that are kept, for windows and in buffers.
        restoring: partitions whose state is being rebuilt.
        blocked: partitions that wait for a schema.
    """

    account: Account
    seconds: float
    rate: float
    lag: dict[int, int]
    watermark_ms: int | None
    state_size: int
    restoring: int
    blocked: int

    @property
    def total_lag(self) -> int:
        """Of all partitions."""
        return sum(self.lag.values())

    @property
    def partitions(self) -> int:
        """How many are held."""
        return len(self.lag)
