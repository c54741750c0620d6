"""What a lock of packages asks for: one pin a package, with its version, marker and hashes.

pins = read_lock(Path("requirements.lock"))
pins[0].name, pins[0].version          # ("annotated-doc", "0.0.7")
pins[0].text                           # the pin as pip reads it
pins[0].key                            # names exactly this pin; changes when anything in it changes
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from streamlab.errors import StreamlabError

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")


@dataclass(frozen=True)
class Pin:
    """One package of a lock: name, exact version, and the text that pip reads (marker and hashes)."""

    name: str
    version: str
    text: str

    @cached_property
    def key(self) -> str:
        """A short name for exactly this pin, safe as a file name."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return f"{self.name}-{self.version}-{digest[:16]}"

    def is_for(self, wheel: str) -> bool:
        """Whether a wheel's file name is of this package and version (PEP 427: name-version-...)."""
        name, version, *_ = wheel.split("-")
        return (_normalized(name), version) == (_normalized(self.name), self.version)


def read_lock(lock: Path) -> tuple[Pin, ...]:
    """All pins of a lock, in its order.

    Raises:
        StreamlabError: the lock is missing, empty, or holds a pin without a hash.
    """
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise StreamlabError(
            f"The lock {lock} cannot be read ({error.strerror}).",
            "Get it back with `git checkout -- requirements.lock requirements-dev.lock`.",
        ) from error
    pins = tuple(_pins(text))
    unhashed = [pin.name for pin in pins if "--hash=sha256:" not in pin.text]
    if not pins or unhashed:
        fault = f"holds {unhashed[0]} without a hash" if unhashed else "names no package"
        raise StreamlabError(f"The lock {lock} {fault}.", "Make it anew with `make lock`.")
    return pins


def _pins(text: str) -> list[Pin]:
    without_comments = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    requirements = without_comments.replace("\\\n", " ").splitlines()
    pins = []
    for requirement in requirements:
        words = " ".join(requirement.split())
        if match := _PIN.match(words):
            pins.append(Pin(match["name"], match["version"], words))
        elif words:
            raise StreamlabError(
                f"A lock holds exact versions only, not {words[:60]!r}.", "Make it anew with `make lock`."
            )
    return pins


def _normalized(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
