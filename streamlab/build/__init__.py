"""From one source to three notebooks: `chapters/` becomes `notebooks/`, `labs/` and `solutions/`.

    from streamlab import build
    build.derive_lab("ch03_registry_wire_format")       # a notebook with holes, without outputs
    build.execute(build.derive_lesson("start"))         # the same notebook with outputs, run on the stack
    build.check()                                       # what differs between sources and derived files
    build.keep_copy(path)                               # a dated copy of a learner's lab

On the command line: `streamlab build [STEM]` and `streamlab build --check`.
"""

from streamlab.build.derive import (
    Derivation,
    Kind,
    derivations,
    derive,
    derive_lab,
    derive_lesson,
    derive_solution,
    fingerprint,
    is_edited,
    stems,
)
from streamlab.build.execution import CellFailed, environment, execute
from streamlab.build.files import (
    Difference,
    StoredOutputRefused,
    Written,
    build,
    check,
    is_kept_copy,
    keep_copy,
    serialise,
    write_notebook,
)
from streamlab.build.holes import MarkerError
from streamlab.build.outputs import Fault, faults, normalise
from streamlab.build.source import Cell, Source, SourceError, read

__all__ = [
    "Cell",
    "CellFailed",
    "Derivation",
    "Difference",
    "Fault",
    "Kind",
    "MarkerError",
    "Source",
    "SourceError",
    "StoredOutputRefused",
    "Written",
    "build",
    "check",
    "derivations",
    "derive",
    "derive_lab",
    "derive_lesson",
    "derive_solution",
    "environment",
    "execute",
    "faults",
    "fingerprint",
    "is_edited",
    "is_kept_copy",
    "keep_copy",
    "normalise",
    "read",
    "serialise",
    "stems",
    "write_notebook",
]
