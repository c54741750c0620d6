"""The picture of the results: a panel for each unit, a bar for each side, a colour for each series.

    plot.draw([Bar("events a second", "Polars", "dense", 40_000.0), ...], Path("results.png"))

Colours stay apart for all kinds of colour vision, and every bar bears its value.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.report import Bar

COLOURS = ("#0072B2", "#E69F00", "#009E73")
"""Of Okabe and Ito."""

THICKNESS = 0.8


def draw(bars: Sequence[Bar], file: Path) -> None:
    """Draw all bars; scales are logarithmic."""
    panels = list(dict.fromkeys(bar.panel for bar in bars))
    rows = [len({bar.name for bar in bars if bar.panel == panel}) for panel in panels]
    figure, axes = plt.subplots(
        len(panels),
        1,
        figsize=(9, 1.0 * len(panels) + 0.42 * sum(rows)),
        height_ratios=[count + 1 for count in rows],
        squeeze=False,
        layout="constrained",
    )
    for panel, axis in zip(panels, axes[:, 0], strict=True):
        _panel([bar for bar in bars if bar.panel == panel], axis)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _panel(bars: Sequence[Bar], axis: Axes) -> None:
    names = list(dict.fromkeys(bar.name for bar in bars))
    series = list(dict.fromkeys(bar.series for bar in bars))
    height = THICKNESS / len(series)
    for number, one in enumerate(series):
        chosen = [bar for bar in bars if bar.series == one]
        places = [names.index(bar.name) + (number - (len(series) - 1) / 2) * height for bar in chosen]
        drawn = axis.barh(
            places,
            [bar.value for bar in chosen],
            height * 0.92,
            label=one,
            color=COLOURS[number % len(COLOURS)],
        )
        axis.bar_label(drawn, [f"{bar.value:,.0f}" for bar in chosen], padding=3, fontsize=8)
    axis.set_xscale("log")
    # From the power of ten below the smallest: a bar's end is read at the axis, its length says nothing.
    axis.set_xlim(left=10 ** math.floor(math.log10(min(bar.value for bar in bars)) - 0.01))
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.set_title(bars[0].panel, loc="left", fontsize=10)
    axis.set_xlim(right=3 * max(bar.value for bar in bars))
    axis.set_xlabel("logarithmic", fontsize=8)
    axis.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        axis.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(series), frameon=False)
