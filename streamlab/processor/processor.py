"""The loop: consume, decode, validate, compute, deliver; and the books of it.

    processor = Processor(stack, job="card", guarantee="exactly-once", topic="txn.events")
    account = processor.run(stop=threading.Event(), until_idle_seconds=3)
    account.sentence()                   # "20,000 in = 19,611 out + 371 dead-lettered + 18 waiting"

See the package's docstring for how state survives, and what that costs.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import numpy as np

from streamlab import contracts
from streamlab.processor import naming
from streamlab.processor.account import Account
from streamlab.processor.decoding import Decoder
from streamlab.processor.guarantees import Delivery, Ends, OnMoment, delivery
from streamlab.processor.jobs import features_of, rules_of
from streamlab.processor.outputs import Outputs
from streamlab.processor.partition import Partition, Step
from streamlab.processor.progress import Progress
from streamlab.processor.quiet import Quiet
from streamlab.processor.restore import Plan
from streamlab.processor.schemas import WriterSchemas
from streamlab.processor.settings import Guarantee, Settings
from streamlab.processor.source import Source
from streamlab.processor.store import Store
from streamlab.processor.transaction import RedoError
from streamlab.processor.waiting import Interrupted
from streamlab.processor.watching import Watch
from streamlab.stack import Capability, Stack

log = logging.getLogger("streamlab.processor")

LOOK_AGAIN_SECONDS: Final = 0.5

OnProgress = Callable[[Progress], None]


class Processor:
    """One member of a group that turns events into features. `run` may be called once."""

    def __init__(
        self, stack: Stack, job: str = "card", guarantee: str = Guarantee.AT_LEAST_ONCE, **options: Any
    ) -> None:
        """See `Settings` for the options.

        Raises:
            StreamlabError: a setting cannot work.
            CapabilityMissing: this stack cannot do what the settings need.
        """
        # Settings makes a guarantee of its name, or refuses it.
        self.settings = Settings(job, cast(Guarantee, guarantee), **options)
        self.account = Account()
        self._stack = stack
        self._watch = Watch(self.account)
        self._leaving = False

    def run(
        self, stop: threading.Event | None = None, on_progress: OnProgress | None = None,
        max_events: int | None = None, until_idle_seconds: float | None = None, drain: bool = False,
        on_moment: OnMoment | None = None,
    ) -> Account:  # fmt: skip
        """Process until told to stop, then commit, leave the group and give the account.

        Args:
            stop: set it, from anywhere, to end the run.
            on_progress: called about twice a second.
            max_events: end when so many messages were taken (at the end of a batch).
            until_idle_seconds: end when nothing came for so long, and nothing is left in the log.
            drain: at the end, release what waits in the buffers: the stream is over. Where the transaction of
                that is given up, it waits for the next run.
            on_moment: called before and after the sinks get a batch, for those who measure crashes.

        Raises:
            StreamlabError: the broker was away for too long, or something that cannot work.
            BooksError: the processor made a mistake.
        """
        stop = stop or threading.Event()
        with naming.claim(self.settings) as name, contextlib.ExitStack() as opened:
            try:
                self._open(opened, stop, name, on_moment or (lambda _moment, _steps: None))
                self._loop(stop, on_progress, max_events, until_idle_seconds)
                if drain:
                    self._deliver([step for held in self._source.held.values() if (step := held.drain())], 0)
            except Interrupted as interrupted:
                log.warning(
                    "Stopped while waiting: %s. What was not committed is done again next time.", interrupted
                )
        self.account.check()
        return self.account

    def _open(
        self, opened: contextlib.ExitStack, stop: threading.Event, name: str, on_moment: OnMoment
    ) -> None:
        settings, stack = self.settings, self._stack
        if settings.store:
            stack.require(Capability.FEATURE_STORE)
        if settings.guarantee is Guarantee.EXACTLY_ONCE:
            stack.require(Capability.TRANSACTIONS)
        outputs = Outputs(stack, settings)
        job = settings.work
        reader = contracts.load(job.contract, contracts.contract(job.contract).versions[-1])
        self._features = features_of(settings)
        schemas = WriterSchemas(stack.schema_registry_url, reader)
        opened.callback(schemas.close)
        self._decoder = Decoder(schemas, rules_of(settings), settings.unknown_schema)
        self._source = Source(stack, settings, self._new_partition, self._given_up, stop)
        opened.callback(self._leave)
        self._quiet = Quiet(stack, settings, self._source.patience)
        self._store = Store(stack, settings, self._source.patience, self.account)
        ends = Ends(stack, settings, self._source, outputs, self._store.write, on_moment, name)
        self._delivery: Delivery = delivery(ends)

    def _leave(self) -> None:
        """Leave the group; what waits is counted before the partitions go."""
        self._leaving = True
        self._count_waiting()
        self._source.close()
        self.account.seconds = time.monotonic() - self._watch.began

    def _loop(
        self,
        stop: threading.Event,
        on_progress: OnProgress | None,
        max_events: int | None,
        idle: float | None,
    ) -> None:
        source, account = self._source, self.account
        last_message_at = last_look_at = time.monotonic()
        while not stop.is_set():
            batch = source.fetch()
            now = time.monotonic()
            if batch:
                last_message_at = now
                source.store_for_timer(batch)
                self._take(batch, now)
            elif idle is not None and source.held and now - last_message_at >= idle and source.is_at_end():
                return
            if max_events is not None and account.events_in >= max_events:
                return
            if now - last_look_at >= LOOK_AGAIN_SECONDS:
                last_look_at = now
                self._quiet.look(now - last_message_at)
                source.unblock()
                self._watch.look_at_restoring(now, source.held.values())
                if on_progress is not None:
                    self._count_waiting()
                    on_progress(self._watch.progress(now, source, self._features.state_size().events))

    def _take(self, batch: dict[int, list[Any]], arrived: float) -> None:
        steps = []
        for number, messages in batch.items():
            held = self._source.held[number]
            reread, expected, lost = held.reread, held.settled, held.lost
            step = held.process(messages, self._decoder)
            self.account.restored_events += held.reread - reread
            # Where the commit said nothing of it, what waits is known when the state is there.
            self.account.taken_over += held.settled - expected
            self.account.lost_to_retention += held.lost - lost
            if held.blocked is not None:
                self._source.block(held)
                log.warning(
                    "Partition %d waits for schema %d: %s.",
                    number,
                    held.blocked.schema_id,
                    held.blocked.error,
                )
            if step is not None:
                steps.append(step)
        if steps:
            self._deliver(steps, arrived)

    def _deliver(self, steps: Sequence[Step], arrived: float) -> None:
        if not steps:
            return
        try:
            done = self._delivery.deliver(steps)
        except RedoError as redo:
            log.warning("The transaction was given up (%s): going back to the last commit.", redo)
            self.account.aborted += 1
            done = self._go_back(steps)
        for step in done:
            self._count(step)
        self._measure(done, arrived)
        self._count_waiting()
        self.account.check()

    def _go_back(self, steps: Sequence[Step]) -> list[Step]:
        """Hold the partitions as they were last committed; gives back what was committed after all."""
        old = {step.partition: step for step in self._source.still_held(steps)}
        done = []
        reopened = self._source.reopen(old)
        for number, held in reopened.items():
            self.account.taken_over -= held.settled
            # Not the offset alone: that of a drain was committed before.
            if held.live == old[number].next_offset and held.begun_from == old[number].note:
                done.append(old[number])
        return done

    def _count_waiting(self) -> None:
        """What waits is counted where it waits, not derived from the rest of the books."""
        self.account.waiting = sum(held.settled for held in self._source.held.values())

    def _count(self, step: Step) -> None:
        self.account.events_in += step.events_in
        self.account.out += len(step.rows)
        self.account.dead_letters.update(letter.reason.value for letter in step.dead)
        step.holder.settled = step.note.books.waiting

    def _measure(self, done: Sequence[Step], arrived: float) -> None:
        rows = sum(len(step.rows) for step in done)
        if rows == 0:
            return
        now_ms = time.time_ns() / 1e6
        times = np.fromiter((row["event_time"] for step in done for row in step.rows), np.float64, rows)
        self.account.event_to_sink.add(now_ms - times)
        if arrived:
            self.account.processing.add_same((time.monotonic() - arrived) * 1000, rows)

    # Partitions coming and going

    def _new_partition(self, number: int, plan: Plan) -> Partition:
        held = Partition(number, plan, self._features)
        if held.restoring:
            self._watch.restoring_begins()
        self.account.taken_over += held.settled
        self.account.lost_to_retention += held.lost
        return held

    def _given_up(self, held: Partition) -> None:
        if self._leaving:
            return
        self._features.forget(held.number)
        self.account.handed_over += held.settled
