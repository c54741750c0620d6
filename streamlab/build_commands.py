"""`streamlab build`: derive the notebooks, or check that they are derived.

streamlab build                 all chapters, run on the stack
streamlab build ch03            one of them, by its stem or the start of it
streamlab build --check         compare only: fast, without a stack
"""

from typing import Annotated

import typer
from rich.console import Console

from streamlab.errors import StreamlabError

# The notebook libraries take a second to import; only the bodies below need them, not `streamlab --help`.


def add_to(app: typer.Typer) -> None:
    """Add `build` to the command line."""
    app.command("build")(build)


def build(
    stem: Annotated[
        str | None, typer.Argument(help="A chapter's stem, or the start of it; all if not given.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare only; needs no stack.")] = False,
) -> None:
    """Derive notebooks, labs and solutions from chapters/; run lessons and solutions on the stack."""
    from streamlab import build as course

    console = Console(soft_wrap=True, highlight=False)
    only = None if stem is None else [_stem(stem)]
    if check:
        _check(console, only)
        return
    from streamlab import stack

    def report(name: str) -> None:
        console.print(f"running {name}", markup=False)

    for written in course.build(only, here=stack.connect(), report=report):
        console.print(f"wrote   {written.name}", markup=False)
        if written.kept:
            console.print(f"        it held edits: they are kept in labs/{written.kept.name}", markup=False)


def _check(console: Console, only: list[str] | None) -> None:
    from streamlab import build as course

    differences = course.check(only)
    for difference in differences:
        console.print(str(difference), markup=False)
    if differences:
        raise typer.Exit(1)
    console.print("Every derived notebook equals its source.")


def _stem(given: str) -> str:
    """The one stem that is `given` or starts with it."""
    from streamlab import build as course

    all_stems = course.stems()
    found = [stem for stem in all_stems if stem == given] or [s for s in all_stems if s.startswith(given)]
    if len(found) == 1:
        return found[0]
    raise StreamlabError(
        f"{len(found) or 'No'} chapters start with {given!r}.",
        f"Give one of: {', '.join(found or all_stems) or 'none'}.",
    )
