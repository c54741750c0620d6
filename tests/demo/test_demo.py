"""The demonstration: its books balance, it knows what it cannot show, and it takes away what it made."""

import threading
from collections.abc import Iterator

import pytest
from rich.console import Console

from streamlab import stack
from streamlab.demo import view
from streamlab.demo.run import DEMO_DATABASE, Demo, JobOutcome, Moment, Outcome, Plan
from streamlab.processor.account import Account
from streamlab.processor.settings import Guarantee
from streamlab.stack import Stack
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout

SHORT = Plan(seconds=3, payments_per_second=60, late_share=0.05, lateness_seconds=1.0)


def topics(here: Stack) -> set[str]:
    return {name for name in here.admin().list_topics(timeout=10).topics if not name.startswith("__")}


def text_of(outcome: Outcome) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(view.account(outcome))
    return capture.get()


def outcome_with(account: Account, sent: int = 10, read: int = 9, doubles: int = 0) -> Outcome:
    job = JobOutcome("card", account, sent, late_sent=1, read=read, doubles=doubles)
    return Outcome((job,), Guarantee.EXACTLY_ONCE, undelivered=0, lateness_seconds=1.0)


def account(events_in: int = 10, out: int = 9, late: int = 1) -> Account:
    made = Account(events_in=events_in, out=out)
    made.dead_letters["late"] = late
    return made


def test_books_balance_only_if_each_event_came_out_once_or_is_a_dead_letter() -> None:
    assert outcome_with(account()).balances
    assert not outcome_with(account(), sent=11).balances
    assert not outcome_with(account(out=8)).balances
    assert not outcome_with(account(), read=10, doubles=1).balances
    assert not outcome_with(account(late=0)).balances


def test_the_account_says_whether_it_balances_and_of_which_job_not() -> None:
    assert "It balances" in text_of(outcome_with(account()))
    assert "The books of card do not balance" in text_of(outcome_with(account(out=8)))


@pytest.mark.stack
@pytest.mark.slow
def test_a_demonstration_balances_and_takes_away_what_it_made(live_stack: Stack) -> None:
    registry, store = live_stack.registry(), live_stack.redis(db=DEMO_DATABASE)
    before = topics(live_stack), set(registry.get_subjects()), store.dbsize()
    moments: list[Moment] = []
    outcome = Demo(live_stack, SHORT).run(threading.Event(), moments.append)
    assert outcome.balances, text_of(outcome)
    assert outcome.guarantee is Guarantee.EXACTLY_ONCE
    assert outcome.not_shown == outcome.left == ()
    for job in outcome.jobs:
        assert job.account.dead_letters == {"late": job.late_sent}
        assert job.late_sent > 0
        assert job.account.applied == job.account.out > 0
    assert moments[-1].sent["device"] > 0
    assert (topics(live_stack), set(registry.get_subjects()), store.dbsize()) == before


@pytest.fixture
def in_memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack whose broker is a model in memory."""
    monkeypatch.setenv("STREAMLAB_HOME", str(tmp_path_factory.mktemp("demo")))
    backend = EmbeddedBackend(Layout.here())
    backend.up()
    yield stack.connect()
    backend.down()


@pytest.mark.slow
def test_on_a_broker_in_memory_it_balances_too_and_names_what_it_cannot_show(in_memory: Stack) -> None:
    outcome = Demo(in_memory, SHORT).run(threading.Event(), lambda _: None)
    assert outcome.balances, text_of(outcome)
    assert outcome.guarantee is Guarantee.AT_LEAST_ONCE
    assert len(outcome.not_shown) == 2
    assert "Not shown here: exactly-once" in text_of(outcome)
    assert "no feature store" in text_of(outcome)


@pytest.mark.stack
@pytest.mark.slow
def test_who_stops_it_early_gets_the_account_of_what_was_sent(live_stack: Stack) -> None:
    stop = threading.Event()

    def after_a_second(moment: Moment) -> None:
        if moment.seconds_left < 59:
            stop.set()

    outcome = Demo(live_stack, Plan(seconds=60, payments_per_second=60, lateness_seconds=0.5)).run(
        stop, after_a_second
    )
    assert outcome.balances, text_of(outcome)
    assert outcome.jobs[0].sent < 60 * 30
