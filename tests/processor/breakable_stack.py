"""A stack whose parts a test may kill and bring back."""

import os
import signal

import psutil

from streamlab.stack import Stack, records
from streamlab.stack.local import LocalBackend


class Breakable:
    """A stack whose parts can be killed and brought back."""

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = backend
        self.stack: Stack = backend.up().stack

    def kill(self, part: str) -> None:
        """kill -9 of "broker", "registry" or "store"."""
        recorded = records.read(self._backend.layout)[part].process
        assert recorded is not None
        process = psutil.Process(recorded.pid)
        os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs([process], timeout=10)

    def repair(self) -> None:
        """Start what does not run, at the addresses of before."""
        assert self._backend.up().stack == self.stack
