"""Notice and undo what a function replaced in the names that all of Python shares.

    shared = SharedNames()
    ...                        # somebody's code runs: builtins.len = lambda x: 0
    shared.put_back()          # ("builtins.len",); and len is what it was

Watched are the builtins, the modules that checks lean on, the grader and the checks themselves with the code
of their functions, and the state of the shared random generator and the working folder. A name that was added
stays, unless it would hide one that the grader uses.
"""

import builtins
import contextlib
import copy
import json
import os
import random
import struct
import sys
import threading
import time
from collections.abc import Sequence
from types import FunctionType, ModuleType
from typing import Any

_OURS = ("streamlab.grading", "streamlab.checks", "streamlab.wire")
_LOADED_LATER = ("fastavro",)
_IN_A_FUNCTION = ("__code__", "__defaults__", "__kwdefaults__")
_MISSING = object()

# Bound here, because `put_back` must work while the builtins are somebody else's.
_vars, _getattr, _setattr, _delattr = vars, getattr, setattr, delattr
_tuple, _list, _type, _zip, _object = tuple, list, type, zip, object


class SharedNames:
    """The shared names as they are now.

    Args:
        examiners: objects of ours that hold what is going on; nothing in them may be replaced or added.
    """

    def __init__(self, examiners: Sequence[object] = ()) -> None:
        places = [*_places(), *((examiner, True) for examiner in examiners)]
        self._names = [(place, dict(vars(place)), ours) for place, ours in places]
        self._functions = [
            (place, thing, thing.__code__, thing.__defaults__, thing.__kwdefaults__)
            for place, names, ours in self._names
            if ours and isinstance(place, ModuleType | type)
            for thing in names.values()
            if type(thing) is FunctionType
        ]
        self._random_state = random.getstate()
        self._folder = _folder()

    def put_back(self) -> tuple[str, ...]:
        """Undo every replacement since; the dotted names that had been replaced."""
        replaced: list[str] = []
        for place, before, ours in self._names:
            now = _vars(place)
            for name, value in before.items():
                if now.get(name, _MISSING) is not value:
                    _put(place, name, value)
                    replaced.append(f"{_name_of(place)}.{name}")
            for name in _list(now) if ours else ():
                # A submodule that is imported later becomes a name of its package; that is no replacement.
                hides = name not in before and _type(now[name]) is not ModuleType
                if hides and not name.startswith("__"):
                    _delattr(place, name)
                    replaced.append(f"{_name_of(place)}.{name}")
        for place, function, *parts in self._functions:
            code, defaults, by_name = parts
            as_before = function.__code__ is code and function.__defaults__ is defaults
            if as_before and function.__kwdefaults__ is by_name:
                continue
            for name, value in _zip(_IN_A_FUNCTION, parts, strict=True):
                if _getattr(function, name) is not value:
                    _setattr(function, name, value)
                    replaced.append(f"{_name_of(place)}.{function.__name__}.{name}")
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


def _name_of(place: Any) -> str:
    """What a message calls a watched place: a module, a class, or an object of a module."""
    name: str = _getattr(place, "__name__", "") or _type(place).__name__
    return name


def _put(place: Any, name: str, value: Any) -> None:
    """Set the name, in an object that is frozen too."""
    setter = _object.__setattr__ if _is_frozen(place) else _setattr
    setter(place, name, value)


def _is_frozen(thing: Any) -> bool:
    """Whether it is an object of a frozen dataclass, such as a `Task`."""
    settings = _getattr(_type(thing), "__dataclass_params__", None)
    return settings is not None and settings.frozen is True


def _places() -> list[tuple[Any, bool]]:
    """The watched modules, and our modules with their classes and frozen objects; whether they are ours."""
    modules = [sys.modules[name] for name in list(sys.modules) if name.startswith(_OURS)]
    things = [(module, thing) for module in modules for thing in list(vars(module).values())]
    classes = [
        thing for module, thing in things if type(thing) is type and thing.__module__ == module.__name__
    ]
    frozen = {id(thing): thing for _, thing in things if _is_frozen(thing)}
    theirs: list[Any] = [
        builtins,
        copy,
        json,
        random,
        random.Random,
        struct,
        threading,
        threading.Thread,
        time,
    ]
    theirs += [sys.modules[name] for name in _LOADED_LATER if name in sys.modules]
    return [*((place, False) for place in theirs), *((place, True) for place in (*modules, *classes))] + [
        (thing, False) for thing in frozen.values()
    ]
