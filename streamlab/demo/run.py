"""The demonstration: what it starts, in which order, and what it leaves behind (nothing).

demo = Demo(stack, Plan(seconds=30, payments_per_second=100))
outcome = demo.run(stop, show=lambda moment: ...)
outcome.balances                     # in = out + dead-lettered, and no event twice
"""

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from streamlab import contracts
from streamlab.demo.cleaning import Leavings
from streamlab.demo.feed import Feed
from streamlab.demo.watch import Watch
from streamlab.generators import World, stream
from streamlab.processor.account import Account
from streamlab.processor.processor import Processor
from streamlab.processor.progress import Progress
from streamlab.processor.settings import JOBS, Guarantee
from streamlab.stack import Capability, Stack

STREAMS: Final = ("txn", "click", "device")
ID_FIELDS: Final = {"card": "txn_id", "user": "click_id"}
JOBS_OF: Final = {"txn": "card", "click": "user"}
RUN_UP_SECONDS: Final = 3_600
"""The world begins so long before the demonstration: visits are under way when it starts."""
USERS_PER_RATE: Final = 500
"""Users for each payment a second: so many that an honest card pays about once in five minutes."""
SKEW: Final = 0.2
"""Some users are busier than others, none so busy that it looks like fraud."""
SHOW_SECONDS: Final = 0.5
REST_SECONDS: Final = 60.0
"""How long what is in the log may take once the sources are dry."""
READERS_SECONDS: Final = 10.0
DEMO_DATABASE: Final = 1
"""The store's database for it: a learner's own features are in number 0."""
_NAP_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Plan:
    """What can be chosen.

    Attributes:
        seconds: how long the sources run.
        payments_per_second: on average; clicks are about three times as many.
        late_share: of the events, those that come too late.
        lateness_seconds: what the processors allow.
        seed: of the world.
    """

    seconds: float = 30.0
    payments_per_second: float = 100.0
    late_share: float = 0.01
    lateness_seconds: float = 2.0
    seed: int = 7


@dataclass(frozen=True)
class Moment:
    """What a view shows.

    Attributes:
        sent: events sent so far, by stream.
        progress: the processors' own words, by job; without the ones that have not started.
        cards: the reader of the cards' features.
    """

    seconds_left: float
    sent: dict[str, int]
    progress: dict[str, Progress]
    cards: Watch


@dataclass(frozen=True)
class JobOutcome:
    """One processor's run beside what its source and its readers say.

    Attributes:
        sent: events that were delivered to its topic.
        late_sent: of these, those that were late when they were sent.
        read: rows that a reader of the features topic saw.
        doubles: of these, those that were there twice.
    """

    job: str
    account: Account
    sent: int
    late_sent: int
    read: int
    doubles: int

    @property
    def balances(self) -> bool:
        """Everything that was sent is out, once, or among the dead letters."""
        account = self.account
        return (
            account.events_in == self.sent == account.out + account.dead
            and self.read == account.out
            and self.doubles == 0
        )


@dataclass(frozen=True)
class Outcome:
    """The end: one line a job, and what this stack could not show."""

    jobs: tuple[JobOutcome, ...]
    guarantee: Guarantee
    undelivered: int
    lateness_seconds: float
    not_shown: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def balances(self) -> bool:
        """Whether nothing was lost, doubled or left undelivered."""
        return self.undelivered == 0 and all(job.balances for job in self.jobs)


@dataclass
class Demo:
    """One demonstration on one stack."""

    stack: Stack
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        """Choose what this stack can do, and say what it cannot."""
        self.not_shown: list[str] = []
        self.guarantee = Guarantee.EXACTLY_ONCE
        if not self.stack.has(Capability.TRANSACTIONS):
            self.guarantee = Guarantee.AT_LEAST_ONCE
            self.not_shown.append(
                "exactly-once: this broker's transactions hide nothing; at-least-once instead"
            )
        self.has_store = self.stack.has(Capability.FEATURE_STORE)
        if self.has_store:
            self.stack = dataclasses.replace(self.stack, redis_url=_database(self.stack.redis_url or ""))
        else:
            self.not_shown.append("the way into Redis: this stack has no feature store")

    def run(self, stop: threading.Event, show: Callable[[Moment], None]) -> Outcome:
        """Play, process, drain, account; then take everything away again.

        Args:
            stop: ends the sources early; what was sent is still processed.
            show: called about twice a second.

        Raises:
            StreamlabError: the stack failed in a way that waiting does not mend.
        """
        stack, plan = self.stack, self.plan
        world = World(
            seed=plan.seed,
            users=round(plan.payments_per_second * USERS_PER_RATE),
            skew=SKEW,
            start_ms=time.time_ns() // 1_000_000 - RUN_UP_SECONDS * 1_000,
            payments_per_second=plan.payments_per_second,
            day_curve=False,
        )
        with contextlib.ExitStack() as opened:
            leavings = opened.enter_context(Leavings(stack))
            feeds = {name: self._feed(name, world, leavings) for name in STREAMS}
            watches = {job: opened.enter_context(self._watch(job, leavings)) for job in JOBS_OF.values()}
            runs = {
                job: Run(self._processor(job, feeds[name], watches[job], leavings))
                for name, job in JOBS_OF.items()
            }
            with ThreadPoolExecutor(max_workers=len(feeds) + len(runs)) as pool:
                dry = threading.Event()
                try:
                    for run in runs.values():
                        run.future = pool.submit(run.work)
                    playing = [pool.submit(feed.play, dry) for feed in feeds.values()]
                    self._look_on(stop, show, feeds, watches["card"], runs)
                    dry.set()
                    for source in playing:
                        source.result()
                    self._wait_for_the_rest(feeds, runs)
                finally:
                    dry.set()
                    for run in runs.values():
                        run.stop.set()
            accounts = {job: run.account() for job, run in runs.items()}
            self._wait_for_readers(accounts, watches)
            for job, watch in watches.items():
                leavings.features(job, watch.ids)
            outcome = self._outcome(feeds, watches, accounts)
        return dataclasses.replace(outcome, left=tuple(leavings.left))

    def _feed(self, name: str, world: World, leavings: Leavings) -> Feed:
        plan = self.plan
        events = stream(
            name, world, late_share=plan.late_share,
            max_disorder_seconds=plan.lateness_seconds, allowed_lateness_seconds=plan.lateness_seconds,
        )  # fmt: skip
        topic = leavings.topic(self.stack.unique(f"demo.{events.contract.topic}"))
        return Feed(self.stack, events, topic, plan.lateness_seconds)

    def _watch(self, job: str, leavings: Leavings) -> Watch:
        output = JOBS[job].output
        contract = contracts.contract(output)
        topic = leavings.topic(self.stack.unique(f"demo.{contract.topic}"))
        self.stack.create_topic(topic, contract.partitions or 1)
        return Watch(self.stack, topic, output, ID_FIELDS[job])

    def _processor(self, job: str, feed: Feed, watch: Watch, leavings: Leavings) -> Processor:
        return Processor(
            self.stack, job, self.guarantee, topic=feed.topic, out=watch.topic,
            group=leavings.group(self.stack.unique(f"demo-{job}")), store=self.has_store,
            lateness_seconds=self.plan.lateness_seconds,
        )  # fmt: skip

    def _look_on(
        self,
        stop: threading.Event,
        show: Callable[[Moment], None],
        feeds: dict[str, Feed],
        cards: Watch,
        runs: dict[str, "Run"],
    ) -> None:
        """Show what happens until the time is over, or somebody wants the end, or a part fails."""
        end = time.monotonic() + self.plan.seconds
        while (left := end - time.monotonic()) > 0 and not any(run.has_ended for run in runs.values()):
            progress = {job: run.progress for job, run in runs.items() if run.progress is not None}
            show(Moment(left, {name: feed.sent for name, feed in feeds.items()}, progress, cards))
            if stop.wait(min(left, SHOW_SECONDS)):
                return

    def _wait_for_the_rest(self, feeds: dict[str, Feed], runs: dict[str, "Run"]) -> None:
        """Give the processors time to take what is still in the log."""
        end = time.monotonic() + REST_SECONDS
        for name, job in JOBS_OF.items():
            delivered = feeds[name].producer.deliveries().delivered
            run = runs[job]
            while run.taken < delivered and not run.has_ended and time.monotonic() < end:
                time.sleep(_NAP_SECONDS)

    def _wait_for_readers(self, accounts: dict[str, Account], watches: dict[str, Watch]) -> None:
        end = time.monotonic() + READERS_SECONDS
        while time.monotonic() < end and any(watches[job].rows < accounts[job].out for job in accounts):
            time.sleep(_NAP_SECONDS)

    def _outcome(
        self, feeds: dict[str, Feed], watches: dict[str, Watch], accounts: dict[str, Account]
    ) -> Outcome:
        jobs = tuple(
            JobOutcome(
                job,
                accounts[job],
                feeds[name].producer.deliveries().delivered,
                feeds[name].late,
                watches[job].rows,
                watches[job].doubles,
            )
            for name, job in JOBS_OF.items()
        )
        undelivered = sum(feed.sent - feed.producer.deliveries().delivered for feed in feeds.values())
        return Outcome(jobs, self.guarantee, undelivered, self.plan.lateness_seconds, tuple(self.not_shown))


@dataclass
class Run:
    """One processor at work in a thread."""

    processor: Processor
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    future: Future[Account] | None = None

    def work(self) -> Account:
        """Process until told to stop, then release what waits."""
        return self.processor.run(self.stop, self._keep, drain=True)

    def _keep(self, progress: Progress) -> None:
        self.progress = progress

    @property
    def taken(self) -> int:
        """Messages that were taken so far."""
        return self.processor.account.events_in

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more; before it was told to, that is a failure."""
        return self.future is not None and self.future.done()

    def account(self) -> Account:
        """The end's account.

        Raises:
            StreamlabError: why the processor gave up.
        """
        assert self.future is not None
        return self.future.result()


def _database(redis_url: str) -> str:
    """The demonstration's own database on the same server."""
    return urlsplit(redis_url)._replace(path=f"/{DEMO_DATABASE}").geturl()
