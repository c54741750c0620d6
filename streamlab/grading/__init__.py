"""Labs that grade themselves.

    from streamlab.checks import ch03_registry_wire_format as check

    check.frame(frame)                            # a card; CheckFailed unless it passed
    check.frame.result(frame, seed=1234).status   # the same as data

A task examines an answer through an `Attempt`, which calls it in isolation, and ends in one of four states:
passed, wrong, not attempted, environment broken.
"""

from streamlab.grading.attempt import Attempt
from streamlab.grading.call import Call
from streamlab.grading.mistakes import GENERIC, Mistake
from streamlab.grading.result import CheckFailed, Evidence, Result, Status
from streamlab.grading.task import RightAnswer, Task, WrongAnswer

__all__ = [
    "GENERIC",
    "Attempt",
    "Call",
    "CheckFailed",
    "Evidence",
    "Mistake",
    "Result",
    "RightAnswer",
    "Status",
    "Task",
    "WrongAnswer",
]
