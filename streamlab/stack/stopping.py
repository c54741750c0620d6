"""End the processes of parts of the stack, also of those that no record knows.

stop_parts(layout, ["broker", "registry"])                  # the parts that had a process
stop_parts(layout, ["broker"], keep_ports=True)             # it will be found where it was
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from streamlab.stack import processes, records
from streamlab.stack.layout import Layout


def stop_parts(layout: Layout, names: Sequence[str], *, keep_ports: bool = False) -> tuple[str, ...]:
    """End every process of these parts, recorded or not; the parts that had one.

    Args:
        keep_ports: remember where they were, so that clients find a repaired server again.
    """
    marks = {
        name: f"@{layout.arguments(name)}" for name in (*names, *(("format",) if "broker" in names else ()))
    }
    found = {name: processes.marked(mark) for name, mark in marks.items()}
    processes.stop(process for group in found.values() for process in group)
    with contextlib.suppress(OSError):
        # On a full disk the record may stay; it is a memory, and the system is asked each time.
        known = records.read(layout)
        left = {name: record for name, record in known.items() if name not in names}
        stopped = {name: replace(known[name], process=None) for name in names if name in known}
        records.write_if_known(layout, left | (stopped if keep_ports else {}))
    return tuple(name for name in names if found[name])
