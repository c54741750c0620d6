"""The breakage matrix to look at: as a DataFrame, and as a picture that says the same in words.

    table = frame(breakage_matrix())             # a polars.DataFrame, one row for each Row
    table.filter(level="BACKWARD", outcome="breaks").select("change", "reader", "data")
    by_level(table)                              # a row for each change and reading, a column for each level
    picture(table)                               # the same as an image and as text

A reading has three ends under a level: the registry refuses the change, and nothing happens; it accepts
it and the reader reads; it accepts it and the reader breaks. To read is to get values without an error; what
they mean may have changed all the same (a timestamp's unit, an unknown symbol read as the default).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from streamlab.plots import INK, Picture, png_of
from streamlab.registry.breakage_matrix import Outcome, Row, breakage_matrix, promises
from streamlab.registry.compatibility import Level

SYMBOLS: Final = {Outcome.READS: "✓", Outcome.BREAKS: "✗", Outcome.REFUSED: "–"}
MEANINGS: Final = {
    Outcome.READS: "accepted, and the reader reads",
    Outcome.BREAKS: "accepted, and the reader breaks",
    Outcome.REFUSED: "refused: the change never happens",
}
FILLS: Final = {Outcome.READS: "#d5e6f5", Outcome.BREAKS: "#a63603", Outcome.REFUSED: "#ffffff"}
"""Light blue, dark orange, white: far apart in lightness, and for every kind of colour blindness."""
INKS: Final = {Outcome.READS: INK, Outcome.BREAKS: "#ffffff", Outcome.REFUSED: "#6e6e6e"}
GROUPS: Final = {
    (True, True): "both read: upgrade in any order",
    (True, False): "only the new reader reads: consumers first",
    (False, True): "only the old reader reads: producers first",
    (False, False): "neither reads: needs a subject of its own",
}
"""By whether the new reader reads old data, and the old reader new data."""
READINGS: Final = ("new reads old", "old reads new")
_EARLIER: Final = {"old": "", "oldest": " (oldest version)"}


def frame(rows: Iterable[Row] | None = None) -> pl.DataFrame:
    """The matrix as a DataFrame, a row for each change, reader, data and level.

    Columns: change, reader, data, level, reads, evidence, promised, allowed, outcome. Level, outcome,
    reader and data are enumerations in the order in which the course names them.

    Args:
        rows: what `breakage_matrix` found; by default the whole matrix.
    """
    ages = pl.Enum(["oldest", "old", "new"])
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "change": pl.String,
        "reader": ages,
        "data": ages,
        "level": pl.Enum([level.value for level in Level]),
        "reads": pl.Boolean,
        "evidence": pl.String,
        "promised": pl.Boolean,
        "allowed": pl.Boolean,
        "outcome": pl.Enum([outcome.value for outcome in Outcome]),
    }
    found = breakage_matrix() if rows is None else rows
    return pl.DataFrame(
        [[str(v) if isinstance(v := getattr(row, name), str) else v for name in schema] for row in found],
        schema=schema,
        orient="row",
    )


def by_level(table: pl.DataFrame) -> pl.DataFrame:
    """One row for each change, reader and data, and a column for each level that holds the outcome.

    Left out: readings that no change can break, a version's own data and those between earlier versions.
    """
    across = (pl.col("reader") == "new") != (pl.col("data") == "new")
    return table.filter(across).pivot(
        "level", index=["change", "reader", "data"], values="outcome", aggregate_function="first"
    )


@dataclass(frozen=True)
class _Line:
    """One line of the picture: a change, seen from one earlier version; an outcome for level and reading."""

    label: str
    group: tuple[bool, bool]
    outcomes: dict[tuple[Level, str], Outcome]


def picture(table: pl.DataFrame | None = None) -> Picture:
    """Every change beside every level: what is refused, what is read, what breaks although it is accepted.

    Args:
        table: what `frame` gave, or some of its levels or changes; by default all of it.

    Raises:
        ValueError: the table is empty.
    """
    table = frame() if table is None else table
    if table.is_empty():
        raise ValueError("There is nothing to draw: the table has no rows.")
    lines = sorted(_lines(table), key=lambda line: list(GROUPS).index(line.group))
    levels = [Level(name) for name in table["level"].unique().sort()]
    title = _title(lines, levels)
    return Picture(_image(lines, levels, title), _text(lines, levels, title))


def _lines(table: pl.DataFrame) -> Iterator[_Line]:
    for (change,), rows in table.group_by("change", maintain_order=True):
        for earlier in ("old", "oldest"):
            sides = {READINGS[0]: ("new", earlier), READINGS[1]: (earlier, "new")}
            found = {
                reading: rows.filter(reader=reader, data=data) for reading, (reader, data) in sides.items()
            }
            if found[READINGS[0]].is_empty():
                continue
            yield _Line(
                f"{change}{_EARLIER[earlier]}",
                (found[READINGS[0]]["reads"][0], found[READINGS[1]]["reads"][0]),
                {
                    (Level(level), reading): Outcome(outcome)
                    for reading, seen in found.items()
                    for level, outcome in seen.select("level", "outcome").iter_rows()
                },
            )


def _title(lines: list[_Line], levels: list[Level]) -> str:
    """The one thing to see, with the figures of BACKWARD where it is shown: most registries start with it."""
    level = Level.BACKWARD if Level.BACKWARD in levels else levels[0]
    # A change that is seen from two versions is one change.
    plain = [line for line in lines if not line.label.endswith(_EARLIER["oldest"])]
    accepted = [line for line in plain if line.outcomes[level, READINGS[0]] != Outcome.REFUSED]
    broken = [
        line for line in accepted if Outcome.BREAKS in {line.outcomes[level, reading] for reading in READINGS}
    ]
    return (
        "A level protects the reader that it names, and no other: "
        f"{level} accepts {len(accepted)} of {len(plain)} changes, {len(broken)} of them break a reader"
    )


def _text(lines: list[_Line], levels: list[Level], title: str) -> str:
    width = max(len(line.label) for line in lines) + 2
    keys = "".join(f"  {SYMBOLS[outcome]} {meaning}\n" for outcome, meaning in MEANINGS.items())
    numbers = "".join(f"{number:>5}" for number, _ in enumerate(levels, 1))
    named = "".join(f"  {number} {level}\n" for number, level in enumerate(levels, 1))
    signs = f"Two signs for each level: {READINGS[0]} data, {READINGS[1]} data."
    said = [f"{title}\n\n{keys}\nLevels:\n{named}\n{signs}\n"]
    for group, meaning in GROUPS.items():
        inside = [line for line in lines if line.group == group]
        if inside:
            said.append(f"{meaning:<{width}}{numbers}".rstrip())
        for line in inside:
            cells = (
                "".join(SYMBOLS[line.outcomes[level, reading]] for reading in READINGS) for level in levels
            )
            said.append(f"  {line.label:<{width - 2}}" + "".join(f"{cell:>5}" for cell in cells))
    return "\n".join(said)


def _image(lines: list[_Line], levels: list[Level], title: str) -> bytes:
    groups = [group for group in GROUPS if any(line.group == group for line in lines)]
    height = len(lines) + 0.9 * len(groups)
    figure = Figure(figsize=(max(9.5, 4.6 + 0.86 * len(levels)), 2.6 + 0.27 * height), layout="constrained")
    axes = figure.add_subplot()
    names: dict[float, str] = {}
    top = 0.0
    for group in groups:
        axes.text(-0.15, top + 0.5, GROUPS[group], ha="right", va="center", fontsize=9, weight="bold")
        top += 0.9
        for line in (line for line in lines if line.group == group):
            names[top + 0.5] = line.label
            _draw_line(axes, top, line, levels)
            top += 1
    columns = [
        (_left(index, side), level, reading)
        for index, level in enumerate(levels)
        for side, reading in enumerate(READINGS)
    ]
    for left, level, reading in columns:
        reader, data = ("new", "old") if reading == READINGS[0] else ("old", "new")
        weight = "bold" if promises(level, reader, data) else "normal"
        axes.text(left + 0.5, -0.2, reading, rotation=90, ha="center", va="bottom", fontsize=8, weight=weight)
    for index, level in enumerate(levels):
        label = level.replace("_", "\n")
        axes.text(_left(index, 1), -4.0, label, ha="center", va="bottom", fontsize=8, weight="bold")
    axes.set(xlim=(0, _left(len(levels), 0)), ylim=(top + 0.1, -5.2))
    axes.set_yticks(list(names), list(names.values()), fontsize=8)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("change of the schema")
    axes.set_xlabel("compatibility level, and who reads whose data", fontsize=9)
    figure.suptitle(title.replace(": ", ":\n", 1), fontsize=11)
    keys = [
        Patch(facecolor=FILLS[outcome], edgecolor="#8a8a8a", label=f"{SYMBOLS[outcome]}  {meaning}")
        for outcome, meaning in MEANINGS.items()
    ]
    figure.legend(
        handles=keys,
        title="bold: promised by the level; for the oldest version, by the TRANSITIVE levels alone",
        title_fontsize=9,
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=9,
    )
    return png_of(figure)


def _left(index: int, side: int) -> float:
    """Where a column begins: the two of a level stand together."""
    return index * 2.3 + side


def _draw_line(axes: Axes, top: float, line: _Line, levels: list[Level]) -> None:
    for index, level in enumerate(levels):
        for side, reading in enumerate(READINGS):
            outcome, left = line.outcomes[level, reading], _left(index, side)
            axes.add_patch(
                Rectangle((left, top), 1, 1, facecolor=FILLS[outcome], edgecolor="#b9b9b9", lw=0.6)
            )
            axes.text(
                left + 0.5,
                top + 0.53,
                SYMBOLS[outcome],
                ha="center",
                va="center",
                fontsize=9,
                color=INKS[outcome],
            )
