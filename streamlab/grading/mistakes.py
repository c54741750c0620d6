"""Mistakes that have a name: what is wrong, why people make it, what to try next.

A task keeps the mistakes of its own subject; the ones that can happen to any answer are here.

    little_endian = Mistake("little-endian", what="The id is written with its low byte first.",
                            why="`<` is the order of the processor, so it is what most examples use.",
                            try_next="Look at the byte order character of `struct`.")
    GENERIC["returned-none"].why
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A misconception: its id, what is wrong, why people make it, and what to try without the answer."""

    id: str
    what: str
    why: str
    try_next: str


_MISTAKES = (
    Mistake(
        "not-callable",
        "The check was given something that is not a function.",
        "It is easy to call the function while handing it over, or to reuse its name for a value.",
        "Hand over the function itself, by its name, without parentheses.",
    ),
    Mistake(
        "wrong-signature",
        "The function cannot be called with these arguments.",
        "A parameter was added, removed or made keyword-only while trying things out.",
        "Compare the `def` line with the signature in the task.",
    ),
    Mistake(
        "returned-none",
        "The function returned None.",
        "A function without `return` returns None; printing the value is not returning it.",
        "Look whether every path through the function ends in a `return` with a value.",
    ),
    Mistake(
        "wrong-type",
        "The value has the wrong type.",
        "Python converts little by itself: values that print alike can be of different types.",
        "Look at `type(...)` of what you return, and at the signature in the task.",
    ),
    Mistake(
        "returned-generator",
        "The function returned something that still has to be iterated, not the values.",
        "A `yield`, a generator expression, `map` and `filter` compute nothing until somebody iterates.",
        "Collect the values before you return them.",
    ),
    Mistake(
        "returned-coroutine",
        "The function returned a coroutine: nothing in it has run.",
        "`async def` looks like `def`, but calling it only makes an object that waits to be awaited.",
        "Nothing here needs to be asynchronous: use a plain `def`.",
    ),
    Mistake(
        "returned-function",
        "A function came where a value was expected.",
        "Without its parentheses a function is named, not called.",
        "Look for a name in your `return` that still has to be called.",
    ),
    Mistake(
        "wrong-length",
        "The value has the wrong number of parts.",
        "A part was forgotten, or two were packed into one.",
        "Count what you return against the signature in the task.",
    ),
    Mistake(
        "raised",
        "The function raised an exception.",
        "The error names the line at which Python gave up; the cause is often one line earlier.",
        "Call the function yourself with these arguments and look at the values in that line.",
    ),
    Mistake(
        "did-not-raise",
        "The function accepted what it should refuse.",
        "Code written for good input seldom looks at bad input before using it.",
        "Decide what makes this input wrong, and test for it before anything else.",
    ),
    Mistake(
        "unexpected-exception-type",
        "The function refused the input, but with another exception than the one agreed on.",
        "The exception of a library or of an index slips through instead of one chosen by you.",
        "Test the input first, and raise the agreed exception yourself.",
    ),
    Mistake(
        "no-reason",
        "The exception carries no reason.",
        "The type alone feels clear to whoever writes it; whoever reads the log has nothing else.",
        "Say in the exception's text what came and what was expected.",
    ),
    Mistake(
        "endless",
        "The function did not finish in time.",
        "A loop whose condition never changes, a wait without a time limit, or a retry for ever.",
        "Ask of each loop and each wait what ends it.",
    ),
    Mistake(
        "infinite-recursion",
        "The function calls itself without end.",
        "The case that stops the recursion is missing, or the call does not come closer to it; "
        "a name in the notebook that hides another one does it too.",
        "Look for your function's own name in its body, and for what ends the chain of calls.",
    ),
    Mistake(
        "changed-argument",
        "The function changed an argument that belongs to its caller.",
        "`pop`, `del`, `append`, `update` and `sort` work in place, so the caller's object changes too.",
        "Build a new object instead, or work on a copy.",
    ),
    Mistake(
        "changed-builtins",
        "The function replaced something that all of Python shares.",
        "Assigning to a module's attribute looks local, but every other user of it is changed.",
        "Give your own function or value a name of its own.",
    ),
    Mistake(
        "hard-coded",
        "The same value came back for different input.",
        "A value copied from an example fits that example alone; a value stored on the first call does too.",
        "Compute the value from the arguments of this call.",
    ),
)

GENERIC: dict[str, Mistake] = {mistake.id: mistake for mistake in _MISTAKES}
"""The mistakes that can happen to any answer, by id."""
