"""Task 3: `decoder`, a function that reads any message and asks once for each schema.

    def forgetful(fetch_schema):
        return lambda message: schemaless_reader(BytesIO(message[5:]), fetch_schema(unframe(message)[0]))
    task.result(forgetful).mistake                  # fetch-per-message

Expected values are the records that were encoded, and the number of questions that the registry counted.
"""

from streamlab.grading import Task

from .catalogue import RIGHT, WRONG
from .examination import examine
from .texts import HINTS, INTERVIEW, LIMITS, MISTAKES, WHY

task = Task(
    id="ch03.3",
    name="decoder",
    goal=(
        "Make a function that reads any framed message with its writer's schema, and asks for each "
        "schema once."
    ),
    signature="decoder(fetch_schema: Callable[[int], dict]) -> Callable[[bytes], dict]",
    examine=examine,
    mistakes=MISTAKES,
    hints=HINTS,
    why=WHY,
    limits=LIMITS,
    interview=INTERVIEW,
    wrong_answers=WRONG,
    right_answers=RIGHT,
)
