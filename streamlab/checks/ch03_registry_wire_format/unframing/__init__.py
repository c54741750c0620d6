"""Task 2: `unframe`, the header taken off again, and what is not framed refused.

    task.result(lambda message: (int.from_bytes(message[1:5], "big"), message[4:])).mistake
    # off-by-one-payload

Expected values are the numbers and bytes that the messages were put together from.
"""

from streamlab.grading import Task

from .catalogue import RIGHT, WRONG
from .examination import examine
from .texts import HINTS, INTERVIEW, LIMITS, MISTAKES, WHY

task = Task(
    id="ch03.2",
    name="unframe",
    goal="Split a message into its schema id and its payload, and refuse what is not a framed message.",
    signature="unframe(message: bytes) -> tuple[int, bytes]",
    examine=examine,
    mistakes=MISTAKES,
    hints=HINTS,
    why=WHY,
    limits=LIMITS,
    interview=INTERVIEW,
    wrong_answers=WRONG,
    right_answers=RIGHT,
)
