"""Examine everything that the course needs on a machine: one question, one finding.

    for finding in examine(LocalBackend(Layout.here())):
        finding.verdict, finding.name, finding.cause, finding.command

To add an examination, write a function from the backend to what is so, give it a name by `@examination`, and
put it into `EXAMINATIONS`.
"""

from collections.abc import Iterator
from typing import Final

from streamlab.stack.doctor import examining, files, kernel, machine, occupied, packages, running
from streamlab.stack.doctor.finding import Backend, Examination, Finding

__all__ = ["EXAMINATIONS", "Examination", "Finding", "examine"]

EXAMINATIONS: Final[tuple[Examination, ...]] = (
    machine.python_version,
    packages.locked,
    packages.wheels,
    machine.folders,
    machine.disk,
    machine.memory,
    machine.localhost,
    machine.proxy,
    files.java_runtime,
    files.downloads,
    files.redis_server,
    occupied.usual_ports,
    running.parts,
    running.loopback_only,
    running.broker_round_trip,
    running.advertised_listener,
    running.registry_round_trip,
    running.compatibility_level,
    running.store_round_trip,
    kernel.kernel,
)
"""In the order in which a person should mend what they find."""


def examine(backend: Backend) -> Iterator[Finding]:
    """Every finding, in order; one that fails or hangs is a finding too, and the others come all the same."""
    return examining.examine(backend, EXAMINATIONS)
