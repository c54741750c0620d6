"""Task 5: `consume`, a stream read in the reader's schema, its poison pills set aside.

    task.result(lambda messages, fetch_schema, reader_schema: ([], [])).mistake

Expected values are the records that were encoded, with the defaults that the reader's schema states, and the
very messages that were broken on purpose.
"""

from streamlab.grading import Task

from .catalogue import RIGHT, WRONG
from .examination import examine
from .texts import HINTS, INTERVIEW, LIMITS, MISTAKES, WHY

task = Task(
    id="ch03.5",
    name="consume",
    goal="Read a stream in the reader's schema, and set every message aside that cannot be read.",
    signature="consume(messages: Iterable[bytes], fetch_schema, reader_schema: dict)"
    " -> tuple[list[dict], list[tuple[bytes, str]]]",
    examine=examine,
    mistakes=MISTAKES,
    hints=HINTS,
    why=WHY,
    limits=LIMITS,
    interview=INTERVIEW,
    wrong_answers=WRONG,
    right_answers=RIGHT,
)
