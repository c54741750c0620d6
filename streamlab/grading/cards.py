"""How a result looks: a card in a notebook, six lines of text everywhere else.

    html_card(result)          # HTML without external parts; readable in light and dark themes
    text_lines(result)         # ["ch03.1 frame: wrong. ...", "called:   frame(7, b'x')", ...]

The status is always a word, the colour only repeats it. Everything is escaped. The colours are those of
JupyterLab's theme, with fallbacks that are readable on light and dark grounds.
"""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlab.grading.result import Result

MAX_LINE_CHARACTERS = 300

_LOOK = {
    "passed": ("✓", "Passed", "var(--jp-success-color1, #2e8b57)"),
    "wrong": ("✗", "Wrong", "var(--jp-error-color1, #d0532b)"),
    "not attempted": ("○", "Not attempted", "var(--jp-info-color1, #3f87c9)"),
    "environment broken": ("!", "Environment broken", "var(--jp-warn-color1, #b8860b)"),
}
"""Sign, heading and accent of each status."""


def rows(result: Result) -> list[tuple[str, str]]:
    """What the card says below its summary: label and text, in the order in which one asks."""
    if result.status == "passed":
        return _filled(
            ("checked", "; ".join(result.checked)),
            ("why it works", result.why),
            ("where it stops", result.limits),
            ("interview", result.interview),
        )
    evidence = result.evidence
    return _filled(
        ("called", evidence.called if evidence else ""),
        ("came", evidence.came if evidence else ""),
        ("expected", evidence.expected if evidence else ""),
        ("why", result.why),
        ("try", result.try_next),
    )


def text_lines(result: Result) -> list[str]:
    """The result as at most six lines of bounded length."""
    where = [f'check "{result.check}"'] if result.check else []
    if result.mistake:
        where.append(f"mistake {result.mistake}")
    if result.seed is not None:
        where.append(f"seed {result.seed}")
    tail = f" [{', '.join(where)}]" if where else ""
    first = f"{result.task} {result.name}: {result.status}. {_bounded(result.summary)}{tail}"
    notes = "".join(f" ({_bounded(note)})" for note in result.notes)
    below = rows(result)
    width = max((len(label) for label, _ in below), default=0) + 2
    return [first + notes, *(f"{label + ':':<{width}}{_bounded(text)}" for label, text in below)]


def html_card(result: Result) -> str:
    """The result as one HTML element."""
    sign, heading, accent = _LOOK[str(result.status)]
    body = "".join(
        f'<strong>{escape(label)}</strong><div style="{_CELL}">{_cell(result, label, text)}</div>'
        for label, text in rows(result)
    )
    named = [f"mistake: {result.mistake}"] if result.mistake else []
    if result.check:
        named.append(f"check: {result.check}")
    if result.seed is not None:
        named.append(f"seed: {result.seed} (repeat with .result({result.name}, seed={result.seed}))")
    footer = " · ".join([*named, *result.notes])
    return (
        f'<div class="streamlab-card" role="status" data-status="{escape(str(result.status))}" '
        f'style="border:1px solid {accent};border-left:6px solid {accent};border-radius:4px;'
        f'padding:0.6em 1em;margin:0.4em 0;max-width:60em;color:inherit;background:transparent">'
        f'<div style="font-weight:600">{sign} {escape(heading)}: '
        f"<code>{escape(result.name)}</code> ({escape(result.task)})</div>"
        f'<div style="margin:0.3em 0">{escape(_bounded(result.summary))}</div>'
        + (f'<div style="{_GRID}">{body}</div>' if body else "")
        + (f'<div style="{_FOOTER}">{escape(footer)}</div>' if footer else "")
        + "</div>"
    )


def running_cell() -> int | None:
    """The number of the cell that is running, or None outside IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if shell is None else int(shell.execution_count)


def display(result: Result) -> None:
    """Show the card in the running cell."""
    from IPython.display import display as ipython_display

    ipython_display(result)  # type: ignore[no-untyped-call]


_GRID = "display:grid;grid-template-columns:max-content minmax(0, 1fr);gap:0.2em 1em"
_FOOTER = "opacity:0.75;font-size:90%;margin-top:0.4em"
_CELL = "white-space:pre-wrap;overflow-wrap:anywhere"


def _cell(result: Result, label: str, text: str) -> str:
    if label in ("called", "came", "expected"):
        return f'<code style="color:inherit;background:transparent;padding:0">{escape(_bounded(text))}</code>'
    if label == "checked":
        items = "".join(f"<li>{escape(item)}</li>" for item in result.checked)
        return f'<ul style="margin:0;padding-left:1.2em">{items}</ul>'
    return escape(text)


def _filled(*rows: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, text) for label, text in rows if text]


def _bounded(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_LINE_CHARACTERS else text[: MAX_LINE_CHARACTERS - 1] + "…"
