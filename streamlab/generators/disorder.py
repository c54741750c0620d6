"""When an event that arrives now has happened: disorder within a bound, and lateness beyond every doubt.

    disorder = Disorder(late_share=0.02, max_disorder_seconds=5, allowed_lateness_seconds=5)
    disorder.is_candidate(words)                       # two of a hundred
    disorder.delay_ms(words, slack_ms)                 # of an event that is not late: at most five seconds
    disorder.late_delay_ms(words, slack_ms, arrival_ms, witness_ms)      # None: it cannot be late

An event is late if its event time is smaller than its partition's watermark: the greatest event time that the
partition has seen before it, less the allowed lateness (C27). Two facts make that certain beforehand:

- An event delayed by at most the allowed lateness is not late. All that came before has arrived, hence
  happened, no later than it arrives itself.
- An event is late if it is older, by more than the allowed lateness, than *one* event before it in its
  partition: the *witness*, the nearest one that is certainly not late. If the witness is so old that the
  event would have to be older than its visit's step before it, then the event is not late: the truth says so.

What a partition's log shows stays true if there are fewer partitions, as long as their number divides the
contract's: 24, 12, 4, 1. Two keys that share a partition of 24 then share one of 12.
"""

from typing import Final

from streamlab.errors import StreamlabError
from streamlab.generators.draws import Words, below, threshold

WITNESS_REACH: Final = 512
"""How many events back a witness is looked for; so much of a log is enough to see that an event is late."""
MOST_SECONDS: Final = 86_400
"""Of disorder and of lateness: a day."""
_EXTRA_LATE_MS: Final = 5_000


class Disorder:
    """The delays of one stream's events.

    Args:
        late_share: of the events, those that shall be late.
        max_disorder_seconds: the greatest delay of an event that is not late.
        allowed_lateness_seconds: what the reader of the stream allows; None is `max_disorder_seconds`.

    Raises:
        StreamlabError: a share that is none, a negative time, or more disorder than is allowed for.
    """

    def __init__(
        self, late_share: float, max_disorder_seconds: float, allowed_lateness_seconds: float | None
    ) -> None:
        allowed = max_disorder_seconds if allowed_lateness_seconds is None else allowed_lateness_seconds
        if not 0 <= late_share <= 0.5:
            raise StreamlabError(f"late_share is {late_share:g}.", "Choose a share from 0 to 0.5.")
        for name, seconds in (
            ("max_disorder_seconds", max_disorder_seconds),
            ("allowed_lateness_seconds", allowed),
        ):
            if not 0 <= seconds <= MOST_SECONDS:
                raise StreamlabError(f"{name} is {seconds:g}.", "Choose a time from 0 s to a day.")
        if max_disorder_seconds > allowed:
            raise StreamlabError(
                f"max_disorder_seconds is {max_disorder_seconds:g}, allowed_lateness_seconds {allowed:g}.",
                "Allow at least as much as there is: what is within the disorder must not be late.",
            )
        self.max_disorder_ms = round(max_disorder_seconds * 1_000)
        self.allowed_lateness_ms = round(allowed * 1_000)
        self._late_below = threshold(late_share)

    def is_candidate(self, words: Words) -> bool:
        """Whether the event shall be late, if it can be."""
        return words[1] < self._late_below

    def delay_ms(self, words: Words, slack_ms: int) -> int:
        """The delay of an event that is not late."""
        return below(words[2], min(self.max_disorder_ms, slack_ms) + 1)

    def late_delay_ms(
        self, words: Words, slack_ms: int, arrival_ms: int, witness_ms: int | None
    ) -> int | None:
        """The delay of an event that is late; None if it cannot be late.

        Args:
            witness_ms: the witness's event time; None if there is no witness.
        """
        if witness_ms is None:
            return None
        least = arrival_ms - (witness_ms - self.allowed_lateness_ms - 1)
        if least > slack_ms:
            return None
        return least + below(words[2], min(slack_ms - least, _EXTRA_LATE_MS) + 1)
