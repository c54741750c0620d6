"""A lab of two tasks for the grader's own tests: `double` and `greet`."""

from streamlab.grading import Attempt, Mistake, RightAnswer, Task, WrongAnswer


def _examine_double(attempt: Attempt) -> None:
    with attempt.check("doubles a small number"):
        number = attempt.random.randrange(3, 1_000)
        call = attempt.call(number)
        attempt.expect_type(call, int)
        attempt.expect_equal(call, number + number, mistakes={"squared": number * number})
    with attempt.check("doubles another number"):
        attempt.expect_equal(attempt.call(number + 1), number + number + 2)
    with attempt.check("refuses a negative number"):
        attempt.expect_reason(attempt.call_expecting(ValueError, -number))


def _double(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number + number


double = Task(
    id="toy.1",
    name="double",
    goal="Twice the number.",
    signature="double(number: int) -> int",
    examine=_examine_double,
    mistakes=(Mistake("squared", "The number is squared.", "Twice is written with a 2 as well.", "Try 3."),),
    hints=("Look at addition.", "A number and itself.", "number + …"),
    why="Adding a number to itself doubles it.",
    limits="It stops at what an int can hold, which is a lot.",
    interview="What does `+` do?",
    wrong_answers=(WrongAnswer("squares", lambda n: n * n, "squared", "doubles a small number"),),
    right_answers=(RightAnswer("adds", _double),),
)


def _examine_greet(attempt: Attempt) -> None:
    with attempt.check("greets by name"):
        attempt.expect_equal(attempt.call("Ada"), "Hello Ada")


greet = Task(
    id="toy.2",
    name="greet",
    goal="Say hello.",
    signature="greet(name: str) -> str",
    examine=_examine_greet,
    hints=("one", "two", "three"),
)

TASKS = (double, greet)
