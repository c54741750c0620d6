"""Task 4: `publish`, on the live stack: a registered contract, a key, and nothing lost.

    task.result(lambda transactions, topic: None).mistake           # flush-forgotten: nothing arrived

The check does the pipeline's work (topic, registration), calls the answer, and reads the topic back. What it
expects are the transactions that it gave.
"""

from streamlab.grading import Task

from .catalogue import RIGHT, WRONG
from .examination import examine
from .texts import HINTS, INTERVIEW, LIMITS, MISTAKES, WHY

task = Task(
    id="ch03.4",
    name="publish",
    goal="Send transactions to a topic with a registered contract, and lose none.",
    signature="publish(transactions: list[dict], topic: str) -> None",
    examine=examine,
    mistakes=MISTAKES,
    hints=HINTS,
    why=WHY,
    limits=LIMITS,
    interview=INTERVIEW,
    needs_stack=True,
    wrong_answers=WRONG,
    right_answers=RIGHT,
)
