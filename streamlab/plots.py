"""Pictures that also say what they show.

A `Picture` displays as an image where images are shown, and as text everywhere else; the text states the
same fact, so that somebody who cannot see the image, and a test, can read it.

    plots.message_bytes(dissect(message, schema))                   # a message, coloured by field
    plots.requests({"messages read": 4000, "schemas fetched": 2})   # counts beside each other

Fills differ in lightness as well as in hue (after Okabe and Ito's palette) and carry labels or hatches: the
pictures survive colour blindness and grey-scale. Nothing here touches matplotlib's global state.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import NullLocator, StrMethodFormatter

from streamlab.dissection import Dissection, Part

DOTS_PER_INCH = 110
HEADER_FILLS = ("#6e6e6e", "#b9b9b9")
FIELD_FILLS = ("#f9d58f", "#6fb3dc", "#c3ead9", "#e0a33a", "#f5f0b0", "#d08ab5", "#d5e6f5", "#b0b0b0")
"""Light and darker in turn, so that neighbours differ without their hue."""
LENGTH_HATCH = "////"
INK = "#1a1a1a"
BYTES_A_ROW = 16
BAR_FILLS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
BAR_HATCHES = ("", "//", "..", "xx")


@dataclass(frozen=True)
class Picture:
    """An image and the same fact in words; it shows itself as both.

    Args:
        png: the image.
        text: what is plotted, complete enough to do without the image.
    """

    png: bytes
    text: str

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        data = {"text/plain": self.text, "image/png": b64encode(self.png).decode("ascii")}
        return data, {"image/png": {"alt": self.text.partition("\n")[0]}}

    def __repr__(self) -> str:
        return self.text


def message_bytes(parts: Dissection, title: str | None = None) -> Picture:
    """A message byte by byte, each field in its own colour and under its name, lengths of strings hatched.

    Args:
        parts: the message, taken apart.
        title: the one thing to see; by default how many of the bytes are framing.
    """
    framing = sum(len(part.data) for part in parts if part.is_header)
    title = (
        title or f"{len(parts.message)} bytes: {framing} of framing, then the fields in the schema's order"
    )
    rows = -(-len(parts.message) // BYTES_A_ROW)
    figure = Figure(figsize=(10.4, 1.2 + 0.72 * rows), layout="constrained")
    axes = figure.add_subplot()
    at = 0
    for part, fill in _fills(parts):
        for offset, shown in enumerate(part.hex_bytes()):
            row, column = divmod(at, BYTES_A_ROW)
            if offset == 0 or column == 0:
                name = part.name if offset == 0 else f"…{part.name}"
                name = name.replace(" ", "\n") if len(part.data) == 1 else name
                axes.text(column + 0.06, row + 0.24, name, va="bottom", fontsize=8.4, color=INK)
            hatch = LENGTH_HATCH if offset < part.length_bytes else None
            axes.add_patch(
                Rectangle(
                    (column, row + 0.26), 1, 0.62, facecolor=fill, edgecolor="white", hatch=hatch, lw=1.5
                )
            )
            place: dict[str, Any] = {"ha": "center", "va": "center", "family": "monospace", "fontsize": 12}
            axes.text(column + 0.5, row + 0.57, shown, color=_ink_on(fill), **place)
            at += 1
    axes.set(xlim=(0, BYTES_A_ROW), ylim=(rows, 0), title=title)
    axes.set(xlabel="position in the row (bytes)", ylabel="row starts at\n(bytes)")
    axes.set_xticks([column + 0.5 for column in range(BYTES_A_ROW)], [str(n) for n in range(BYTES_A_ROW)])
    axes.set_yticks([row + 0.57 for row in range(rows)], [str(row * BYTES_A_ROW) for row in range(rows)])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if any(part.length_bytes for part in parts):
        hatched = Patch(
            facecolor="#9a9a9a", edgecolor="white", hatch=LENGTH_HATCH, label="length of a string"
        )
        figure.legend(handles=[hatched], loc="outside lower right", frameon=False, fontsize=10)
    return Picture(png_of(figure), f"{title}\n{parts}")


def requests(counts: Mapping[str, int], title: str) -> Picture:
    """Counts beside each other on a logarithmic scale, each bar labelled with its number.

    Args:
        counts: what was counted and how often; zero is drawn as an empty row.
        title: the one thing to see.
    """
    figure = Figure(figsize=(8.4, 1.3 + 0.5 * len(counts)), layout="constrained")
    axes = figure.add_subplot()
    names = list(counts)
    for row, (count, fill, hatch) in enumerate(
        zip(counts.values(), _cycle(BAR_FILLS, len(names)), _cycle(BAR_HATCHES, len(names)), strict=True)
    ):
        axes.barh(row, max(count - 0.5, 0), left=0.5, height=0.62, color=fill, hatch=hatch, edgecolor="white")
        axes.text(max(count, 0.5) * 1.15, row, f"{count:,}", va="center", fontsize=11, color=INK)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set(xlim=(0.5, max(counts.values()) * 4), xlabel="number (logarithmic scale)", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {count:>9,}" for name, count in counts.items()]
    return Picture(png_of(figure), "\n".join([title, *lines]))


def _fills(parts: Dissection) -> list[tuple[Part, str]]:
    header = [part for part in parts if part.is_header]
    fields = [part for part in parts if not part.is_header]
    return [
        *zip(header, _cycle(HEADER_FILLS, len(header)), strict=True),
        *zip(fields, _cycle(FIELD_FILLS, len(fields)), strict=True),
    ]


def _cycle(choices: Sequence[str], length: int) -> list[str]:
    return [choices[i % len(choices)] for i in range(length)]


def _ink_on(fill: str) -> str:
    """Black or white, whichever can be read on `fill` (#rrggbb); luma as in ITU-R BT.601."""
    red, green, blue = (int(fill[i : i + 2], 16) for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "white"


def png_of(figure: Figure) -> bytes:
    """The image, with nothing in it that depends on when or by what it was made."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return stream.getvalue()
