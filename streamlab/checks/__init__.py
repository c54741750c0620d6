"""The checks of every lab, one package a chapter, found by their names.

from streamlab.checks import ch03_registry_wire_format as check
check.frame(frame)                      # in a lab: a card when it passes, CheckFailed when it does not

checks.chapters()                       # {"ch03": "ch03_registry_wire_format"}
checks.tasks("ch03")                    # its tasks, in the order of the lab
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

from streamlab.errors import StreamlabError

if TYPE_CHECKING:
    from streamlab.grading import Task


def chapters() -> dict[str, str]:
    """The chapters that have checks: short name to stem, in the order of the course."""
    stems = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("ch"))
    return {stem.partition("_")[0]: stem for stem in stems}


def tasks(chapter: str) -> "tuple[Task, ...]":
    """The tasks of a chapter, given by its short name or its stem, in the order of the lab.

    Raises:
        StreamlabError: no chapter with checks has that name.
    """
    known = chapters()
    stem = known.get(chapter, chapter)
    if stem not in known.values():
        raise StreamlabError(
            f"There are no checks for {chapter!r}.", f"Chapters with checks: {', '.join(known) or 'none'}."
        )
    found: tuple[Task, ...] = importlib.import_module(f"{__name__}.{stem}").TASKS
    return found
