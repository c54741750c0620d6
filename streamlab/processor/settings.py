"""What a processor is told before it runs: the job, the guarantee, the bounds.

    settings = Settings(job="card", guarantee="exactly-once", topic="txn.events")
    settings.group                       # "streamlab-card": the consumer group, which keeps the offsets
    settings.out                         # "features.card"

A setting that cannot work is refused here, before anything is read.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from streamlab import contracts
from streamlab.errors import StreamlabError

DEAD_LETTER_PREFIX: Final = "dlq."
DEAD_LETTER_BYTES: Final = 4_000_000
"""A letter is longer than its message by the headers, which must not make it too long to be kept."""

MAX_BATCH: Final = 100_000
LEAST_BROKER_SECONDS: Final = 1.0


class Guarantee(StrEnum):
    """What a crash can do to the results.

    `AUTO_COMMIT` is no guarantee: it is what a consumer does that leaves committing to its client, and it
    exists to be measured. The command line does not offer it.
    """

    AT_MOST_ONCE = "at-most-once"
    AT_LEAST_ONCE = "at-least-once"
    EXACTLY_ONCE = "exactly-once"
    AUTO_COMMIT = "auto-commit"


class UnknownSchema(StrEnum):
    """What becomes of a new message whose schema cannot be fetched because the registry is away.

    One that was taken before, and is read again to rebuild the state, always waits.
    """

    WAIT = "wait"
    DEAD_LETTER = "dead-letter"


@dataclass(frozen=True)
class Job:
    """One of the feature jobs.

    Attributes:
        name: as on the command line.
        contract: the contract of the events that it reads.
        output: the contract of the features that it writes.
    """

    name: str
    contract: str
    output: str

    @property
    def topic(self) -> str:
        """Where the events are."""
        return _topic(self.contract)

    @property
    def out(self) -> str:
        """Where the features go."""
        return _topic(self.output)


JOBS: Final = {
    "card": Job("card", contract="transaction", output="card_features"),
    "user": Job("user", contract="click", output="user_features"),
}


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen.

    Attributes:
        job: "card" or "user".
        guarantee: see `Guarantee`.
        topic: the source; the job's own if empty.
        group: the consumer group; "streamlab-<job>" if empty.
        out: the topic for features. Empty is the job's own under exactly-once, and otherwise none.
        store: whether features go to Redis.
        lateness_seconds: how far behind the latest event of its partition an event may be.
        unknown_schema: see `UnknownSchema`.
        instance: a name that stays the same over restarts, different for each processor of a group. With it a
            restarted processor has its partitions back at once (static membership, KIP-345), and one that
            leaves for good keeps them until its session ends. Without it, the other way round.
        max_batch: messages at a time, and so in one transaction.
        broker_timeout_seconds: how long the broker may be away before the processor gives up.
        auto_commit_interval_seconds: of the `AUTO_COMMIT` variant alone; the client's default is 5.
        consumer: further settings of the consumer, with underscores for dots.
    """

    job: str = "card"
    guarantee: Guarantee = Guarantee.AT_LEAST_ONCE
    topic: str = ""
    group: str = ""
    out: str = ""
    store: bool = True
    lateness_seconds: float = 5.0
    unknown_schema: UnknownSchema = UnknownSchema.WAIT
    instance: str = ""
    max_batch: int = 5_000
    broker_timeout_seconds: float = 60.0
    auto_commit_interval_seconds: float = 5.0
    consumer: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill in what follows from the job.

        Raises:
            StreamlabError: there is no such job or guarantee, or a number is out of its bounds.
        """
        if self.job not in JOBS:
            raise StreamlabError(f"There is no job {self.job!r}.", f"There is: {', '.join(JOBS)}.")
        try:
            guarantee, unknown = Guarantee(self.guarantee), UnknownSchema(self.unknown_schema)
        except ValueError as error:
            offered = [*list(Guarantee)[:3], *UnknownSchema]
            raise StreamlabError(f"{error}.".capitalize(), f"There is: {', '.join(offered)}.") from error
        if not 0 <= self.lateness_seconds < 86_400:
            raise StreamlabError("The lateness is from 0 s to a day.", "Give seconds: --lateness 5s.")
        if not 1 <= self.max_batch <= MAX_BATCH:
            raise StreamlabError(f"A batch has 1 to {MAX_BATCH} messages.", "5000 is usual.")
        if not LEAST_BROKER_SECONDS <= self.broker_timeout_seconds <= 86_400:
            raise StreamlabError(
                f"The broker may be away for {LEAST_BROKER_SECONDS:g} s to a day.", "60 s is usual."
            )
        job = JOBS[self.job]
        out = self.out or (job.out if guarantee is Guarantee.EXACTLY_ONCE else "")
        self._set("guarantee", guarantee)
        self._set("unknown_schema", unknown)
        self._set("topic", self.topic or job.topic)
        self._set("group", self.group or f"streamlab-{self.job}")
        self._set("out", out)
        for name in (self.topic, out):
            refuse_internal(name)
        if out in (self.topic, self.dead_letter_topic):
            raise StreamlabError(
                f"From {self.topic} to {out} it would read its own features, or mix them with dead letters.",
                "Give another --out.",
            )

    @property
    def work(self) -> Job:
        """The job."""
        return JOBS[self.job]

    @property
    def lateness_ms(self) -> int:
        """The lateness in whole milliseconds, as watermarks count it."""
        return round(self.lateness_seconds * 1000)

    @property
    def dead_letter_topic(self) -> str:
        """Where messages go that cannot be processed."""
        return DEAD_LETTER_PREFIX + self.topic

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


def refuse_internal(topic: str) -> None:
    """Keep away from the topics in which Kafka and the registry keep their own state.

    Raises:
        StreamlabError: it is one of them.
    """
    if topic.startswith("_"):
        raise StreamlabError(
            f"{topic} belongs to Kafka or to the registry: a topic whose name begins with _ is internal.",
            "Name a topic of events.",
        )


def _topic(contract: str) -> str:
    topic = contracts.contract(contract).topic
    assert topic is not None
    return topic
