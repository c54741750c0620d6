"""The command `streamlab doctor`.

streamlab doctor            a table for people
streamlab doctor --json     {"wrong": 0, "findings": [{"name": "disk", "verdict": "ok", ...}]}

Exit code 0 only if nothing is wrong; a note is nothing wrong.
"""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import psutil
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streamlab.stack import backends
from streamlab.stack import doctor as examination
from streamlab.stack.doctor import examining
from streamlab.stack.doctor.finding import Finding
from streamlab.stack.layout import Layout

_STYLES: Final = {"ok": "green", "note": "yellow", "wrong": "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings for machines.")] = False,
) -> None:
    """Examine everything that the course needs; say for each trouble its cause and what helps."""
    backend = backends.current(Layout.here())
    if as_json:
        findings = list(examination.examine(backend))
        wrong = sum(finding.verdict == "wrong" for finding in findings)
        content = {"wrong": wrong, "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(content, indent=1))
    else:
        console = Console()
        with console.status("Examining.", spinner="line"):
            findings = list(examination.examine(backend))
        wrong = sum(finding.verdict == "wrong" for finding in findings)
        console.print(_table(findings))
        many = f"{wrong} of {len(findings)} examinations found something wrong."
        console.print(many if wrong else "Nothing is wrong.", highlight=False, soft_wrap=True)
    if examining.still_running():
        _leave_what_hangs()
    if wrong:
        raise typer.Exit(1)


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("", "what was examined", "what is so", "what helps"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        verdict = f"[{_STYLES[finding.verdict]}]{finding.verdict}[/]"
        table.add_row(verdict, finding.name, escape(finding.cause), escape(finding.command))
    return table


def _leave_what_hangs() -> None:
    """End now: Python would wait at its end for threads that wait for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()
    os._exit(1)
