"""The solution regions of a lab: one between two markers in a function, cut out for the learner.

    def frame(schema_id: int, payload: bytes) -> bytes:
        \"\"\"Put the header in front of the payload.\"\"\"
        ### BEGIN SOLUTION
        return struct.pack(">bI", 0, schema_id) + payload
        ### END SOLUTION

    with_hole(source, cell)       # ... raise NotImplementedError("frame: replace this line with your answer")
    without_markers(source, cell) # ... the answer alone

Everything that is almost a region is refused with its file and line: a marker that is not recognised would
give the answer away.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass

from streamlab.build.source import Cell, Source, SourceError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"

_ALMOST = re.compile(
    r"^\W*(?:(?:begin|start|end|stop)[\W_]*(?:of[\W_]*)?(?:the[\W_]*)?solu|solution\w*[\W_]*(?:begin|start|end|stop)\b)",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"^###(?!#)")


@dataclass(frozen=True)
class Region:
    """A solution region; `begin` and `end` are the lines of its markers in the cell, from 0."""

    begin: int
    end: int
    indent: str
    function: str


class MarkerError(SourceError):
    """A solution marker is missing, misspelt or misplaced."""


def stub(function: str) -> str:
    """The line that stands in a lab where the solution was."""
    return f'raise NotImplementedError("{function}: replace this line with your answer")'


def with_hole(source: Source, cell: Cell) -> str:
    """The cell's text as the learner gets it: each region replaced by its stub."""
    return _replace(source, cell, lambda region, _: [region.indent + stub(region.function)])


def without_markers(source: Source, cell: Cell) -> str:
    """The cell's text as the solution shows it: the regions' answers, without the markers."""
    return _replace(source, cell, lambda _, answer: answer)


def refuse_markers(source: Source, cell: Cell, why: str) -> None:
    """Refuse a cell that holds a marker, or something like one.

    Raises:
        MarkerError: it does; `why` says what is wrong with that.
    """
    for line, text in _comments(cell):
        if _looks_like_marker(text, cell):
            raise MarkerError(source.at(cell, line), f"{text.strip()!r}: {why}", "Remove it.")


def regions(source: Source, cell: Cell) -> tuple[Region, ...]:
    """The solution regions of a code cell, in their order.

    Raises:
        MarkerError: a marker is misspelt, alone, nested or not on a line of its own; a region is empty,
            outside a function, not indented evenly, or the second one of its function.
    """
    begin: int | None = None
    found: list[Region] = []
    lines = cell.text.splitlines()
    for number, text in _comments(cell):
        if not _looks_like_marker(text, cell):
            continue
        place = source.at(cell, number)
        if text not in (BEGIN, END):
            raise MarkerError(place, f"{text!r} is no marker.", f"Write {BEGIN!r} or {END!r}, exactly.")
        if lines[number].strip() != text:
            raise MarkerError(place, f"{text!r} stands behind code.", "Give it a line of its own.")
        if text == BEGIN:
            if begin is not None:
                raise MarkerError(
                    place,
                    f"a second {BEGIN!r} before the {END!r} of line {cell.first_line + begin}.",
                    "A region holds no other region: end the first one, or remove this marker.",
                )
            begin = number
        else:
            if begin is None:
                raise MarkerError(place, f"{END!r} without a {BEGIN!r} before it.", "Add one, or remove it.")
            found.append(_region(source, cell, begin, number))
            if [region.function for region in found].count(found[-1].function) > 1:
                raise MarkerError(
                    place,
                    f"two regions in the function {found[-1].function!r}.",
                    "A function has one hole: join the regions, or make two functions of it.",
                )
            begin = None
    if begin is not None:
        raise MarkerError(
            source.at(cell, begin),
            f"{BEGIN!r} without an {END!r} after it in its cell.",
            f"Add {END!r} where the answer ends.",
        )
    return tuple(found)


def _region(source: Source, cell: Cell, begin: int, end: int) -> Region:
    lines = cell.text.splitlines()
    indent = lines[begin][: -len(BEGIN)]
    for number in range(begin + 1, end + 1):
        line = lines[number]
        if line.strip() and (not line.startswith(indent) or (number == end and line != indent + END)):
            raise MarkerError(
                source.at(cell, number),
                f"the region of line {cell.first_line + begin} is not indented evenly.",
                "Give both markers and the answer's outermost lines the same indentation.",
            )
    empty = MarkerError(
        source.at(cell, begin),
        "the region is empty.",
        "Put the answer between the markers, or remove them.",
    )
    if all(not line.strip() or line.strip().startswith("#") for line in lines[begin + 1 : end]):
        raise empty
    tree = _parsed(source, cell)
    inside = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and begin + 1 < n.lineno < end + 1]
    if all(_does_nothing(statement) for statement in inside):
        raise empty
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno < begin + 1
        and all((statement.end_lineno or 0) <= (node.end_lineno or 0) for statement in inside)
    ]
    if not around:
        raise MarkerError(
            source.at(cell, begin),
            "the region is outside a function.",
            "A hole is named after its function: put the answer into one.",
        )
    return Region(begin, end, indent, max(around, key=lambda node: node.lineno).name)


def _replace(source: Source, cell: Cell, replacement: Callable[[Region, list[str]], list[str]]) -> str:
    lines = cell.text.splitlines()
    for region in reversed(regions(source, cell)):
        answer = lines[region.begin + 1 : region.end]
        lines[region.begin : region.end + 1] = replacement(region, answer)
        _parsed(source, Cell(cell.kind, "\n".join(lines), cell.first_line))
    return "\n".join(lines)


def _does_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _parsed(source: Source, cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.text)
    except SyntaxError as error:
        raise MarkerError(
            source.at(cell, (error.lineno or 1) - 1),
            f"a cell with a hole must be Python with and without its answer: {error.msg}.",
            "Mend the cell or move the markers.",
        ) from error


def _looks_like_marker(text: str, cell: Cell) -> bool:
    return bool(_ALMOST.match(text) or (cell.kind == "code" and _RESERVED.match(text)))


def _comments(cell: Cell) -> list[tuple[int, str]]:
    """The cell's comments as (line from 0, text from its `#` on); of a markdown cell: all its lines."""
    lines = cell.text.splitlines()
    if cell.kind == "markdown":
        return list(enumerate(lines))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(cell.text).readline))
    except (tokenize.TokenError, SyntaxError):
        # Not Python on its own, for example a cell magic: look at the lines.
        return [(number, line.strip()) for number, line in enumerate(lines) if line.strip().startswith("#")]
    return [(token.start[0] - 1, token.string.rstrip()) for token in tokens if token.type == tokenize.COMMENT]
