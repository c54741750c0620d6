"""Notice and undo what a function replaced in the names that all of Python shares.

    shared = SharedNames()
    ...                        # somebody's code runs: builtins.len = lambda x: 0
    shared.put_back()          # ("builtins.len",); and len is what it was

Watched are the builtins, the modules that checks lean on, the grader and the checks themselves, and the state
of the shared random generator and the working folder. A name that was added stays, unless it would hide one
that the grader uses.
"""

import builtins
import contextlib
import json
import os
import random
import struct
import sys
import time
from types import ModuleType
from typing import Any

_OURS = ("streamlab.grading", "streamlab.checks")
_MISSING = object()

# Bound here, because `put_back` must work while the builtins are somebody else's.
_vars, _setattr, _delattr, _tuple, _list, _type = vars, setattr, delattr, tuple, list, type


class SharedNames:
    """The shared names as they are now."""

    def __init__(self) -> None:
        self._names = [(place, dict(vars(place)), ours) for place, ours in _places()]
        self._random_state = random.getstate()
        self._folder = _folder()

    def put_back(self) -> tuple[str, ...]:
        """Undo every replacement since; the dotted names that had been replaced."""
        replaced: list[str] = []
        for place, before, ours in self._names:
            now = _vars(place)
            for name, value in before.items():
                if now.get(name, _MISSING) is not value:
                    _setattr(place, name, value)
                    replaced.append(f"{place.__name__}.{name}")
            for name in _list(now) if ours else ():
                # A submodule that is imported later becomes a name of its package; that is no replacement.
                hides = name not in before and _type(now[name]) is not ModuleType
                if hides and not name.startswith("__"):
                    _delattr(place, name)
                    replaced.append(f"{place.__name__}.{name}")
        random.setstate(self._random_state)
        if self._folder is not None and _folder() != self._folder:
            with contextlib.suppress(OSError):
                os.chdir(self._folder)
        return _tuple(replaced)


def _folder() -> str | None:
    """The working folder; None when somebody has deleted it."""
    try:
        return os.getcwd()  # noqa: PTH109 - a path object for each of many calls is too much
    except OSError:
        return None


def _places() -> list[tuple[Any, bool]]:
    """The watched modules, and our modules with their classes; whether they are ours."""
    modules = [sys.modules[name] for name in list(sys.modules) if name.startswith(_OURS)]
    classes = [
        thing
        for module in modules
        for thing in list(vars(module).values())
        if type(thing) is type and thing.__module__ == module.__name__
    ]
    theirs: list[Any] = [builtins, struct, json, random, time]
    return [*((place, False) for place in theirs), *((place, True) for place in (*modules, *classes))]
