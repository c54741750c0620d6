"""Task 1: `frame`, the five-byte header in front of a payload.

    task.result(lambda schema_id, payload: schema_id.to_bytes(4, "big") + payload).mistake
    # magic-byte-missing

Expected values are the laws of the format: the first byte is 0, the four bytes after it are the id, most
significant first, and the rest is the payload.
"""

from streamlab.grading import Task

from .catalogue import RIGHT, WRONG
from .examination import examine
from .texts import HINTS, INTERVIEW, LIMITS, MISTAKES, WHY

task = Task(
    id="ch03.1",
    name="frame",
    goal="Put the five-byte header of the wire format in front of a payload.",
    signature="frame(schema_id: int, payload: bytes) -> bytes",
    examine=examine,
    mistakes=MISTAKES,
    hints=HINTS,
    why=WHY,
    limits=LIMITS,
    interview=INTERVIEW,
    wrong_answers=WRONG,
    right_answers=RIGHT,
)
