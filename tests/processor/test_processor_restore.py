"""The log is the state: restored at any offset, a partition gives out what it would have given out anyway."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from confluent_kafka import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_messages import JsonSchemas, framed_json, message

from streamlab.features import CardFeatures
from streamlab.processor.commit_note import Note
from streamlab.processor.decoding import Decoder
from streamlab.processor.intake import MOST_AHEAD_MS
from streamlab.processor.jobs import rules_of
from streamlab.processor.partition import Partition, Step
from streamlab.processor.restore import Plan, restoration
from streamlab.processor.settings import Settings, UnknownSchema

START_MS = 1_700_000_000_000
LATENESS_SECONDS = 5.0
LATER_KNOWN = 9
RULES = rules_of(Settings())

STEPS_MS = (0, 0, 1, 999, 5_000, 60_000, 299_999, 300_000, 1_800_000, 3_599_999, 3_600_000, 3_600_001)
LAGS_MS = (0, 0, 0, 1, 4_999, 5_000, 5_001, 60_000)


@st.composite
def logs(draw: st.DrawFn) -> list[Message]:
    """A partition's log: disorder, ties, late ones, poison, some from the future, and gaps of offsets."""
    gap = draw(st.sampled_from((1, 2)))
    chosen = draw(
        st.lists(
            st.tuples(
                st.sampled_from(STEPS_MS), st.sampled_from(LAGS_MS), st.sampled_from("abb"),
                st.sampled_from((1, 1, 1, 1, 1, LATER_KNOWN, 0)), st.sampled_from((1.0, 4.99, 1_000.0)),
            ),
            min_size=1, max_size=40,
        )
    )  # fmt: skip
    newest, log = START_MS, []
    for number, (step, lag, card, schema_id, amount) in enumerate(chosen):
        newest += step
        time_ms = newest - lag
        event: dict[str, Any] = {
            "txn_id": f"{number * 7 % 41:02d}-{number}", "card_id": card, "user_id": "u", "amount": amount,
            "currency": "USD", "event_time": time_ms, "country": "CH" if number % 3 else "FR",
            "merchant_id": f"m{number % 4}", "merchant_category": "6051" if number % 5 == 0 else None,
        }  # fmt: skip
        poison = (
            framed_json({**event, "amount": float("nan")}),
            b"plain text",
            None,
            framed_json(event)[:-2],
        )
        value = framed_json(event, schema_id) if schema_id else poison[number % 4]
        stamped_ms = time_ms - MOST_AHEAD_MS - (number % 9 == 8)
        log.append(message(value, number * gap, stamped_ms))
    return log


@dataclass
class Run:
    """A partition that is processed, and begun anew where it is told to; what came out of it."""

    log: list[Message]
    known_from: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    dead: list[tuple[int, str]] = field(default_factory=list)
    committed: int | None = None
    note: Note | None = None
    incomplete: bool = False
    lost_before: int = 0
    counted: Partition | None = None

    def __post_init__(self) -> None:
        self.schemas = JsonSchemas()
        self.begin(low=0)

    @property
    def lost(self) -> int:
        """A loss is found again at each restart until something is committed after it."""
        return self.lost_before + (0 if self.counted is self.held else self.held.lost)

    def begin(self, low: int, know: bool = False) -> None:
        """Hold the partition as a new process would."""
        left = [one for one in self.log if one.offset() >= low]
        self.plan = restoration(self.committed, self.note, low)
        self.incomplete = self.incomplete or self.plan.incomplete
        self.held = Partition(0, self.plan, CardFeatures(LATENESS_SECONDS))
        self.left = [one for one in left if one.offset() >= self.plan.start]
        # The registry of today is asked, whatever it knew then.
        self.knows = know

    def take(self, up_to: int, batch: int) -> None:
        """Process the log up to an index, in batches, as a consumer would hand it out."""
        limit = self.log[up_to - 1].offset() if up_to else -1
        while self.left and self.left[0].offset() <= limit:
            part = [one for one in self.left[:batch] if one.offset() <= limit]
            border = [one for one in part if one.offset() < self.known_from]
            part = border or part
            self.left = self.left[len(part) :]
            known = self.knows or part[0].offset() >= self.known_from
            self.schemas.unknown = set() if known else {LATER_KNOWN}
            self.keep(self.held.process(part, Decoder(self.schemas, RULES, UnknownSchema.WAIT)))
            if self.held.next_offset >= self.known_from:
                self.knows = False

    def drain(self) -> None:
        self.keep(self.held.drain())

    def keep(self, step: Step | None) -> None:
        if step is not None:
            self.rows += step.rows
            self.dead += [(letter.message.offset() or 0, letter.reason.value) for letter in step.dead]
            self.lost_before, self.counted = self.lost, self.held
            self.committed, self.note = step.next_offset, Note.read(step.note.text())
            assert self.note == step.note


Cuts = list[tuple[int, str]]
CUTS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(("go on", "drain", "drain"))), max_size=4)


def in_order(cuts: Cuts, log: list[Message]) -> Cuts:
    return sorted((min(at, len(log)), what) for at, what in cuts)


def uninterrupted(log: list[Message], cuts: Cuts, known_from: int) -> Run:
    run = Run(log, known_from)
    for at, what in in_order(cuts, log):
        run.take(at, batch=1)
        if what == "drain":
            run.drain()
    run.take(len(log), batch=1)
    run.drain()
    return run


def interrupted(log: list[Message], cuts: Cuts, known_from: int, batch: int, lows: list[int]) -> Run:
    run = Run(log, known_from)
    for (at, what), low in zip(in_order(cuts, log), lows, strict=False):
        run.take(at, batch)
        if what == "drain":
            run.drain()
        if run.committed is not None:
            run.begin(min(low, run.committed), know=run.committed >= known_from)
    run.take(len(log), batch)
    run.drain()
    return run


@given(logs(), CUTS, st.integers(0, 80), st.integers(1, 12))
@settings(max_examples=120)
def test_restored_anywhere_it_gives_out_what_an_uninterrupted_run_does_and_nothing_twice(
    log: list[Message], cuts: Cuts, known_from: int, batch: int
) -> None:
    expected = uninterrupted(log, cuts, known_from)
    found = interrupted(log, cuts, known_from, batch, [0] * 4)
    assert found.rows == expected.rows
    assert sorted(found.dead) == sorted(expected.dead)
    assert len({row["txn_id"] for row in found.rows}) == len(found.rows)
    assert len(found.rows) + len(found.dead) == len(log)


@given(logs(), CUTS, st.integers(1, 12), st.lists(st.integers(0, 60), min_size=4, max_size=4))
@settings(max_examples=100)
def test_a_log_that_keeps_too_little_is_noticed_or_changes_nothing_and_never_doubles(
    log: list[Message], cuts: Cuts, batch: int, lows: list[int]
) -> None:
    found = interrupted(log, cuts, 0, batch, sorted(lows))
    offsets = [
        int(row["txn_id"].split("-")[1]) * (log[-1].offset() or 0) // max(1, len(log) - 1)
        for row in found.rows
    ]
    offsets += [offset for offset, _ in found.dead]
    assert len(set(offsets)) == len(offsets)
    if not found.incomplete:
        expected = uninterrupted(log, cuts, 0)
        assert found.rows == expected.rows
        assert sorted(found.dead) == sorted(expected.dead)
    gap = (log[-1].offset() or 0) // max(1, len(log) - 1)
    if gap <= 1:
        assert len(found.rows) + len(found.dead) + found.lost == len(log)


def at(seconds: int, name: str, offset: int) -> Message:
    event: dict[str, Any] = {
        "txn_id": name, "card_id": "c", "user_id": "u", "amount": 1.0, "currency": "USD",
        "event_time": START_MS + seconds * 1_000,
    }  # fmt: skip
    return message(framed_json(event), offset, event["event_time"])


def test_what_was_late_stays_a_dead_letter_though_what_made_it_late_was_deleted() -> None:
    log = [at(60, "newest", 0), at(50, "late", 1), at(70, "next", 2)]
    found = interrupted(log, [(2, "go on")], 0, 10, [1])
    assert found.incomplete
    assert found.dead == [(1, "late")]
    assert [row["txn_id"] for row in found.rows] == ["next"]


def test_an_event_from_next_year_makes_nothing_late() -> None:
    future = at(365 * 86_400, "future", 1)
    sent_now = message(future.value(), 1, START_MS)  # type: ignore[arg-type]
    found = uninterrupted([at(0, "before", 0), sent_now, at(1, "after", 2)], [], 0)
    assert found.dead == [(1, "ahead of its time")]
    assert [row["txn_id"] for row in found.rows] == ["before", "after"]


def test_what_two_drains_made_late_stays_out_of_the_windows_after_a_restart() -> None:
    log = [at(60, "first", 0), at(58, "late after the drain", 1), at(70, "second", 2), at(90, "third", 3)]
    cuts = [(1, "drain"), (3, "drain")]
    found = interrupted(log, cuts, 0, 10, [0] * 4)
    assert [row["txn_count_5m"] for row in found.rows] == [1, 2, 3]
    assert found.dead == [(1, "late")]


NOTE = Note(watermark_ms=START_MS, lateness_ms=5_000, needed_from=30)


@pytest.mark.parametrize(
    ("committed", "note", "low", "plan"),
    [
        (None, None, 7, Plan(7, 7)),
        (50, NOTE, 0, Plan(30, 50, NOTE)),
        (50, NOTE, 30, Plan(30, 50, NOTE)),
        (50, None, 0, Plan(0, 50)),
        # The log keeps too little: said.
        (50, NOTE, 31, Plan(31, 50, NOTE, incomplete=True)),
        (50, NOTE, 50, Plan(50, 50, NOTE, incomplete=True)),
        (50, None, 10, Plan(10, 50, incomplete=True)),
        (50, NOTE, 80, Plan(80, 80, NOTE, lost=30, incomplete=True)),
    ],
)
def test_where_a_restart_begins(committed: int | None, note: Note | None, low: int, plan: Plan) -> None:
    assert restoration(committed, note, low) == plan
