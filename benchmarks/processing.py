"""The processor as a process, on the stack that runs: `python -m benchmarks.processing TOPIC GUARANTEE ...`

Prints one line of JSON: the books of its run, and the samples (seconds, messages in) that it took on its way.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from streamlab import stack
from streamlab.processor import Processor, Progress

IDLE_SECONDS = 2.0


def main() -> None:
    """Process until nothing comes any more."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("topic")
    arguments.add_argument("guarantee")
    arguments.add_argument("--out", default="", help="topic for features")
    arguments.add_argument("--lateness-seconds", type=float, default=5.0)
    arguments.add_argument("--ready", type=Path, help="a file to make when all partitions are there")
    arguments.add_argument("--partitions", type=int, required=True)
    given = arguments.parse_args()
    samples: list[tuple[float, int]] = []

    def sample(progress: Progress) -> None:
        samples.append((time.perf_counter(), progress.account.events_in))
        if given.ready and len(progress.lag) == given.partitions and not progress.restoring:
            given.ready.touch()

    here = stack.connect()
    settings: dict[str, Any] = {"topic": given.topic, "out": given.out, "group": here.unique("bench")}
    processor = Processor(here, "card", given.guarantee, lateness_seconds=given.lateness_seconds, **settings)
    account = processor.run(on_progress=sample, until_idle_seconds=IDLE_SECONDS)
    print(json.dumps({**account.figures(), "samples": samples}))


if __name__ == "__main__":
    main()
