"""Make the lock anew, when a maintainer changes a version.

    mvn dependency:list -DincludeScope=runtime -DoutputFile=files.txt
    python -m streamlab.stack.relock files.txt       # lines "group:artifact:type[:classifier]:version"

Maven lists the files once (its resolution is the right one); sizes and hashes are those of what Maven Central
gives now. Look at the difference before it is committed: a hash that changes and a version that does not is a
warning.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from streamlab.stack.lockfile import LOCK_FILE
from streamlab.stack.maven import Artifact, from_maven_central, parse_coordinate


def write_lock(coordinates: Sequence[str], file: Path = LOCK_FILE) -> tuple[Artifact, ...]:
    """Fetch each coordinate, hash what came, and write the lock: for maintainers, when a version changes.

    Args:
        coordinates: Maven's notation, "group:artifact:type:version" or with a classifier
            "group:artifact:type:classifier:version"; a trailing scope is ignored.
    """
    locked = []
    with tempfile.TemporaryDirectory() as folder:
        for line in sorted(coordinates):
            artifact = parse_coordinate(line)
            came = from_maven_central(artifact, Path(folder), lambda _count: None)
            with came.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            facts = asdict(artifact) | {"size": came.stat().st_size, "sha256": digest}
            locked.append(Artifact(**facts))
    text = json.dumps({"artifacts": [asdict(a) for a in locked]}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    return tuple(locked)


def _main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m streamlab.stack.relock COORDINATES-FILE\n")
        return 2
    lines = Path(arguments[0]).read_text(encoding="utf-8").splitlines()
    locked = write_lock([line for line in lines if line.count(":") >= 3 and " " not in line.strip()])
    sys.stdout.write(f"locked {len(locked)} artifacts, {sum(a.size for a in locked):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
