"""The lock of what the stack runs on: exact coordinates, sizes and hashes, and no address.

    wanted = load_lock()             # from artifacts.lock.json

It holds Maven's own resolution of the direct coordinates, because resolving at the learner's place can answer
differently: jgo, asked for `kafka_2.13` and `log4j-slf4j-impl`, gave kafka-clients 3.9. How it
is made anew: `relock.py`.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from streamlab.stack.maven import Artifact

LOCK_FILE = Path(__file__).with_name("artifacts.lock.json")


def load_lock(file: Path = LOCK_FILE) -> tuple[Artifact, ...]:
    """The pinned artifacts, in the order of the lock (which is the order of the class path)."""
    return tuple(Artifact(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))["artifacts"])


def lock_digest(wanted: Sequence[Artifact]) -> str:
    """Twelve hex digits that change when any artifact of `wanted` changes."""
    return hashlib.sha256("".join(a.sha256 for a in wanted).encode()).hexdigest()[:12]
