"""Logs are read from their end, followed, and found again after they were begun anew."""

from collections.abc import Callable

from streamlab.stack import logs
from streamlab.stack.layout import Layout


def test_the_last_lines_come_with_what_the_process_printed(layout: Layout) -> None:
    layout.logs.mkdir(parents=True)
    layout.console("broker").write_text("could not start\n")
    layout.log("broker").write_text("one\ntwo\nthree\n")
    assert logs.last_lines(layout, "broker", 2) == ["two", "three"]
    assert logs.last_lines(layout, "broker", 9)[0] == "could not start"
    assert logs.last_lines(layout, "registry", 9) == []


def test_following_gives_new_and_whole_lines_also_of_a_file_that_begins_anew(layout: Layout) -> None:
    layout.logs.mkdir(parents=True)
    file = layout.log("broker")
    file.write_text("old\n")

    def append(text: str) -> Callable[[], None]:
        def step() -> None:
            with file.open("a") as stream:
                stream.write(text)

        return step

    def begin_anew() -> None:
        file.write_text("x\n")

    steps = iter([append("new\nhal"), append("f\n"), begin_anew])
    lines = logs.follow(layout, ["broker"], wait=lambda _seconds: next(steps)())
    assert [next(lines) for _ in range(3)] == [("broker", "new"), ("broker", "half"), ("broker", "x")]
