"""The program of the course's registry as a part of the stack; started by `up`, never by hand.

    python -m streamlab.stack.registry_process @run/registry.args       # in the state folder

Broker and registry start side by side, so this waits until the broker answers. Where that is, the stack's
record says, which is read again at each try: a broker whose port was taken in the meantime moves.
"""

import argparse
import logging
import logging.handlers
import os
import sys
import time
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError
from streamlab.registry import serving
from streamlab.stack import broker_probe, records
from streamlab.stack.component import NotAnswering
from streamlab.stack.errors import StackUnavailable
from streamlab.stack.layout import Layout
from streamlab.stack.ports import LOOPBACK

LOG_BYTES: Final = 5_000_000
BROKER_TIMEOUT_SECONDS: Final = 90.0
_PROBE_SECONDS: Final = 1.0
_BETWEEN_PROBES_SECONDS: Final = 0.03


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(fromfile_prefix_chars="@")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--broker", default="")
    parser.add_argument("--topic", default="")
    given = parser.parse_args()
    here = Layout(Path(), Path())
    os.environ["STREAMLAB_HOME"] = str(Path.cwd())  # the logs of its Kafka clients belong here too
    _log_to(here.log("registry"))
    try:
        broker = None if given.in_memory else wait_for_broker(here, given.broker)
        serving.run(LOOPBACK, given.port, kafka=broker, topic=given.topic)
    except StreamlabError as error:
        sys.exit(f"ERROR {error.what}")


def wait_for_broker(layout: Layout, given: str = "", timeout_seconds: float = BROKER_TIMEOUT_SECONDS) -> str:
    """The broker's address, once it answers there.

    Args:
        given: where it is; the stack's record says if empty.

    Raises:
        StackUnavailable: it did not answer in time.
    """
    deadline = time.monotonic() + timeout_seconds
    reason = "no broker is recorded"
    while time.monotonic() < deadline:
        recorded = records.read(layout).get("broker")
        address = given or (recorded.address if recorded else "")
        try:
            if address:
                broker_probe.ask(address, _PROBE_SECONDS)
                return address
        except NotAnswering as error:
            reason = str(error)
        time.sleep(_BETWEEN_PROBES_SECONDS)
    raise StackUnavailable(f"The registry found no broker ({reason}).", "Run `streamlab up`.")


def _log_to(file: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


if __name__ == "__main__":
    main()
