"""Fetch with a progress bar, for people who wait.

fetch_with_progress(lockfile.load_lock(), layout, console)      # silent when there is nothing to fetch
"""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from streamlab.stack import artifacts
from streamlab.stack.layout import Layout
from streamlab.stack.maven import Artifact


def fetch_with_progress(wanted: Sequence[Artifact], layout: Layout, console: Console) -> None:
    """Bring what is missing into the cache and show how far it is.

    Raises:
        StreamlabError: see `artifacts.fetch`.
    """
    absent = artifacts.missing(wanted, layout)
    if not absent:
        return
    size = sum(artifact.size for artifact in absent)
    files = "1 file" if len(absent) == 1 else f"{len(absent)} files"
    console.print(f"Fetching {files} of the stack ({size / 1e6:.0f} MB) into {layout.cache}")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=console.quiet) as progress:
        bar = progress.add_task("download", total=size)
        artifacts.fetch(wanted, layout, on_bytes=lambda count: progress.advance(bar, count))
        progress.update(bar, completed=size)
