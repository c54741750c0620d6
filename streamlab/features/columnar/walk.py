"""Walk through many Avro records at once, to know that each is whole before anything is decoded.

    failed = walk(data, starts, ends, layout)     # per record: the step at which it fails, or WHOLE

All records take the first field together, then the second: `places` holds where each of them stands. A
number of several bytes takes a round a byte; a record whose number has ended stands still. So the work is a
few NumPy operations a field, whatever the number of records, and a record never moves another one: each has
to end where its own message ends.

Source: Apache Avro 1.12 specification, "Binary encoding": variable-length zig-zag integers, unions by their
branch's index, strings by their length.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from streamlab.features.columnar.layout import Layout, Step

Places = NDArray[np.int64]

WHOLE: Final = -1
PADDING: Final = 32
"""Bytes that have to follow the last record, so that a walk off its end reads something."""

_LONGEST_NUMBER: Final = 10
_WIDTHS: Final = {"boolean": 1, "float": 4, "double": 8}


def walk(data: NDArray[np.uint8], starts: Places, ends: Places, layout: Layout) -> NDArray[np.int16]:
    """For each record the first step that fails, `len(layout.steps)` if bytes are left over, or WHOLE.

    Args:
        data: the records' bytes and at least PADDING more.
        starts, ends: where each body begins and ends in `data`.
    """
    failed = np.full(len(starts), WHOLE, np.int16)
    places = np.minimum(starts, ends)
    for number, step in enumerate(layout.steps):
        fails = _pass(data, places, ends, step, layout)
        fails |= places > ends
        if fails.any():
            failed[fails & (failed == WHOLE)] = number
            # A record that has failed waits at its end: it fails only once, and reads nothing far away.
            places[fails] = ends[fails]
    failed[(places < ends) & (failed == WHOLE)] = len(layout.steps)
    return failed


def _pass(
    data: NDArray[np.uint8], places: Places, ends: Places, step: Step, layout: Layout
) -> NDArray[np.bool_]:
    """Move each place behind one field; which records cannot be what the schema says."""
    if step.null_branch is None:
        return _pass_value(data, places, ends, step, layout)
    branches, fails = _numbers(data, places)
    fails |= branches.view(np.uint64) > 1
    present = branches != step.null_branch
    if not layout.takes_null(step):
        fails |= ~present
    if present.all():
        return fails | _pass_value(data, places, ends, step, layout)
    there = np.flatnonzero(present & ~fails)
    places_there = places[there]
    fails[there] |= _pass_value(data, places_there, ends[there], step, layout)
    places[there] = places_there
    return fails


def _pass_value(
    data: NDArray[np.uint8], places: Places, ends: Places, step: Step, layout: Layout
) -> NDArray[np.bool_]:
    if step.kind in ("string", "bytes"):
        lengths, fails = _numbers(data, places)
        fails |= (lengths < 0) | (lengths > ends - places)
        places += np.where(fails, 0, lengths)
        return fails
    if step.kind in ("int", "long", "enum"):
        values, fails = _numbers(data, places)
        if step.kind == "int":
            fails |= values != values.astype(np.int32)
        elif step.kind == "enum":
            taken = layout.takes_symbols(step)
            known = (values >= 0) & (values < len(taken))
            fails |= ~known
            fails |= ~taken[np.where(known, values, 0)]
        return fails
    fails = data[places] > 1 if step.kind == "boolean" else np.zeros(len(places), np.bool_)
    places += _WIDTHS.get(step.kind, step.size)
    return fails


def _numbers(data: NDArray[np.uint8], places: Places) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The zig-zag integer at each place, the places moved behind it; which of them have more than 64 bits."""
    byte = data[places]
    places += 1
    values = (byte & 0x7F).astype(np.uint64)
    shift = 0
    goes_on = byte > 0x7F
    while goes_on.any() and shift < 7 * (_LONGEST_NUMBER - 1):
        shift += 7
        byte = data[places]
        byte *= goes_on
        places += goes_on
        values |= (byte & np.uint64(0x7F)) << np.uint64(shift)
        goes_on = byte > 0x7F
    too_long = goes_on
    if shift == 7 * (_LONGEST_NUMBER - 1):
        too_long |= byte > 1
    return (values >> np.uint64(1)).view(np.int64) ^ -(values & np.uint64(1)).view(np.int64), too_long
