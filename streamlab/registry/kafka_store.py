"""A registry's log in Kafka's topic `_schemas`: restarted or doubled, it is the same registry.

    store = KafkaStore("127.0.0.1:9092", url="http://127.0.0.1:8081")
    await store.start()                       # the topic is made if need be, and read to its end
    await store.write(plan)                   # appended, committed, applied; then answered
    store.health()["role"]                    # "leader", "follower" or "undecided"

How several registries on one topic agree
    A write is planned from the state, so whoever plans must know the whole log and be alone in writing.
    Three ways were weighed. *Election by a consumer group* (Confluent's): the group says who leads, but a
    leader that was paused does not know that it lost and can still write; Confluent narrows that window
    and cannot close it. *Optimistic appending*, where the log's order voids the later of two conflicting
    records: sound with a log that keeps everything, but compaction keeps the last record of a key, and that
    is the void one. *Fencing*, used here: every leader writes in transactions under the same ids. Kafka's
    `initTransactions` ends what the leader before left open and refuses its writes from then on (KIP-98),
    so two that both think they lead are harmless: one of them cannot commit.

    A new leader fences, reads to its own announcement (now nothing can come in between), and writes. What
    it wrote it need not read back, for nobody else writes; writes that wait go in together. Its
    announcement, a NOOP record with its address, tells the others where to forward writes; if nobody
    answers there, the one that was asked takes over. No time-out decides who leads, only what is refused.
    This stands for the quorum settings of other registries: the quorum is that of the Kafka partition,
    and `acks=all` with its `min.insync.replicas` is what a write waits for.

What Confluent's registry needs to read the same topic
    `kafkastore.isolation.level=read_committed`, so that records of a leader that died in the middle of a
    write stay unseen. Both kinds must not write at the same time: Confluent's does not take part in the
    fencing.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from confluent_kafka import Message

from streamlab.registry import errors, forwarding
from streamlab.registry.group_commit import Batch, Line, Waiting
from streamlab.registry.kafka_log import KafkaLog, log
from streamlab.registry.kafka_writer import PRODUCERS, FencedError, LogWriter, OutcomeUnknownError
from streamlab.registry.replica import Replica
from streamlab.registry.schemas_topic import Json, noop_record
from streamlab.registry.state import State
from streamlab.registry.store import Answer, Plan

SUCCESSOR_TIMEOUT_SECONDS: Final = 1.0


class KafkaStore:
    """The store in Kafka. The event loop alone touches the state; threads read and write the topic."""

    name = "kafka"

    def __init__(self, bootstrap_servers: str, url: str, topic: str = "_schemas") -> None:
        self._replica = Replica()
        self._instance = uuid.uuid4().hex
        self._url = url
        self._log = KafkaLog(bootstrap_servers, topic)
        self._writer: LogWriter | None = None
        self._line = Line()
        self._stopping = threading.Event()
        self._reader: threading.Thread | None = None
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="registry-writer")

    @property
    def state(self) -> State:
        """What the log amounts to, as far as it is known here."""
        return self._replica.state

    async def start(self) -> None:
        """Make the topic, read it, follow it.

        Raises:
            RegistryError: the broker does not answer, or the topic cannot hold a registry.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._load)
        self._reader = threading.Thread(
            target=self._log.follow,
            args=(self._stopping, lambda messages: loop.call_soon_threadsafe(self._take_in, messages)),
            name="registry-reader",
            daemon=True,
        )
        self._reader.start()

    async def stop(self) -> None:
        """Stop following; the topic keeps everything."""
        self._stopping.set()
        if self._reader is not None:
            await asyncio.to_thread(self._reader.join, 5)
        self._lead_no_more()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._log.close()

    async def write(self, planned: Callable[[State], Plan[Answer]]) -> Answer:
        """Append as the leader, and answer when the records are committed and applied.

        Raises:
            ElsewhereError: another registry leads; the write belongs there.
            RegistryError: raised by `planned`; or 50001, 50002.
        """
        if self._writer is None or self._turn.locked():
            try:
                plan = planned(self.state)
            except errors.RegistryError:
                pass  # A refusal is the leader's to give, from what is in the log and what is on its way.
            else:
                if not plan.records:
                    return plan.answer
        waiting = self._line.join(planned)
        try:
            async with self._turn:
                # Whose turn it is writes for all who wait; whoever was served so has nothing left to do.
                while not waiting.answered.done():
                    await self._write_together()
            answer: Answer = await waiting.answered
            return answer
        finally:
            self._line.leave(waiting)

    async def take_over(self) -> None:
        """Become the leader, whoever was it before; unless another does so at the same time."""
        async with self._turn:
            if self._writer is None:
                try:
                    await self._take_over()
                except FencedError:
                    await self._step_down()

    async def catch_up(self, position: int) -> None:
        """Return when the record at this offset has been applied."""
        await self._replica.catch_up(position)

    def signature(self) -> list[tuple[bytes, bytes]]:
        """By which a follower knows that its leader answered, and how far it had read."""
        return forwarding.signature(self._instance, self._replica.position)

    def health(self) -> Json:
        """Where this registry stands; `skipped_records` are offsets that hold no record of a registry."""
        reading = self._reader is not None and self._reader.is_alive()
        leader = self.state.leader
        role = "leader" if self._writer is not None else "undecided" if leader is None else "follower"
        return {
            "healthy": reading and not self._log.away,
            "role": role,
            "leader": leader["url"] if leader else None,
            "instance": self._instance,
            "topic": self._log.topic,
            "cluster": self._log.cluster,
            "position": self._replica.position,
            "skipped_records": [
                {"offset": offset, "reason": reason} for offset, reason in self._replica.skipped
            ],
        }

    # Writing

    async def _write_together(self) -> None:
        """Append what those who wait have planned; whoever is not answered then is tried again."""
        members = await self._line.next_members()
        if not members:
            return
        try:
            if self._writer is None:
                await self._take_over_unless_led()
            await self._append(members)
        except FencedError:
            await self._step_down()
        except forwarding.ElsewhereError as elsewhere:
            for member in members:
                member.refuse(elsewhere)
        except errors.RegistryError as error:
            if len(members) > 1 and self._writer is not None:
                self._line.take_one_by_one(members)
                return
            for member in members:
                member.refuse(error)

    async def _append(self, members: Sequence[Waiting]) -> None:
        """Append what these have planned, and answer them.

        Raises:
            FencedError: another registry writes now.
            RegistryError: nothing was written.
        """
        batch = Batch(self._replica.draft())
        for member in members:
            batch.add(member)
        if batch.records:
            assert self._writer is not None
            try:
                offsets = await self._in_thread(self._writer.started(batch.records))
            except OutcomeUnknownError as unknown:
                self._lead_no_more()
                if not await self._turned_out_well(unknown):
                    return
            except asyncio.CancelledError:
                # The thread goes on, and what it writes is not in the state yet.
                self._lead_no_more()
                raise
            except errors.RegistryError:
                self._replica.drop_draft()
                raise
            else:
                self._replica.take_in_own(batch.records, offsets)
        batch.settle()

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    # Leading

    def _other_leader(self) -> Json | None:
        """Who leads by the log; nobody, if it is a former process at the address that is now ours."""
        leader = self.state.leader
        if leader is None or leader["url"] == self._url:
            return None
        return leader

    async def _take_over_unless_led(self) -> None:
        """Become the leader.

        Raises:
            ElsewhereError: the log says that another registry leads.
        """
        leader = self._other_leader()
        if leader is not None:
            raise forwarding.ElsewhereError(leader["url"], leader["instance"], self)
        await self._take_over()

    async def _take_over(self) -> None:
        """Fence, read to the own announcement, lead.

        Raises:
            FencedError: another registry did the same after this one.
        """
        writer = await self._in_thread(LogWriter, self._log.connection(), self._log.topic)
        announced: dict[str, int] | None = None
        times = 0
        # One more is needed if the last announcement was made from a state that lagged behind.
        while times < PRODUCERS or announced != self.state.highest_ids():
            announced = self.state.highest_ids()
            leader = {"url": self._url, "instance": self._instance}
            note = noop_record({"leader": leader, "highestIds": announced})
            try:
                offsets = await self._in_thread(writer.append, (note,))
            except OutcomeUnknownError as error:
                raise FencedError from error
            await self.catch_up(offsets[-1])
            times += 1
        self._writer = writer

    async def _step_down(self) -> None:
        """After being fenced: wait until the log says by whom, so as not to fence it in turn."""
        self._lead_no_more()
        deadline = asyncio.get_running_loop().time() + SUCCESSOR_TIMEOUT_SECONDS
        while self._other_leader() is None and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)

    def _lead_no_more(self) -> None:
        self._writer = None
        self._replica.drop_draft()

    async def _turned_out_well(self, unknown: OutcomeUnknownError) -> bool:
        """Lead anew, by which everything open is decided, and look whether the records are in the log."""
        log.warning("Whether a write succeeded is not known (%s); finding out.", unknown)
        await self._take_over()
        return unknown.last_offset is not None and self._replica.has_read(unknown.last_offset)

    # Reading

    def _load(self) -> None:
        self._log.create()
        for message in self._log.read_to_end():
            self._take_in([message])

    def _take_in(self, messages: Sequence[Message]) -> None:
        """Apply what was read; another's announcement means that this registry leads no more."""
        self._replica.take_in(messages)
        leader = self.state.leader
        if leader is not None and leader["instance"] != self._instance:
            self._lead_no_more()
