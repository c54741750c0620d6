"""One command at a time for one stack."""

import os
import threading

import filelock
import pytest
from breaking import wait_until

from streamlab.stack import StackUnavailable, locking
from streamlab.stack.layout import Layout


def test_the_holder_is_known_while_it_holds_and_not_afterwards(layout: Layout) -> None:
    with locking.working_on(layout, "up", print):
        holder = locking.holder(layout)
        assert holder is not None
        assert (holder[0].pid, holder[1]) == (os.getpid(), "up")
    assert locking.holder(layout) is None


def test_a_second_command_waits_and_says_so(layout: Layout) -> None:
    told: list[str] = []
    order: list[str] = []

    def second() -> None:
        with locking.working_on(layout, "up", told.append):
            order.append("second")

    with locking.working_on(layout, "up", print):
        thread = threading.Thread(target=second)
        thread.start()
        wait_until(lambda: bool(told))
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert told == ["Another `streamlab` command works on this stack; waiting for it."]


def test_a_fetch_that_was_frozen_is_not_waited_for_without_end(layout: Layout) -> None:
    """All checkouts of a user share the cache: the other one may be anywhere."""
    layout.cache.mkdir()
    with (
        filelock.FileLock(layout.cache / "artifacts.lock"),
        pytest.raises(StackUnavailable, match=r"Another command .* for 0\.1 s\. Look for"),
        locking.working_in_the_cache(layout, patience_seconds=0.1),
    ):
        pass
