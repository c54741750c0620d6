"""A processor in a process of its own, to be killed: `python processor_child.py '{"topic": ..., ...}'`.

Prints one line of JSON when it has begun to take messages, and the account when it ends.
"""

import faulthandler
import json
import logging
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from streamlab.command_options import stopping
from streamlab.processor import Processor
from streamlab.processor.progress import Progress
from streamlab.stack.capabilities import KAFKA, Capability
from streamlab.stack.clients import Stack


def main() -> None:
    faulthandler.register(signal.SIGUSR1)
    options = json.loads(sys.argv[1])
    run = options.pop("run")
    redis_url = options.pop("redis_url")
    capabilities = {*KAFKA, Capability.FEATURE_STORE} if redis_url else KAFKA
    addresses = options.pop("bootstrap_servers"), options.pop("registry")
    stack = Stack("environment", *addresses, frozenset(capabilities), redis_url)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("streamlab.processor").setLevel(logging.INFO)
    processor = Processor(stack, **options)

    def tell(progress: Progress) -> None:
        account = progress.account
        said = {
            "in": account.events_in,
            "restored": account.restored_events,
            "idle": bool(progress.lag) and progress.total_lag == 0 and progress.restoring == 0,
            "blocked": progress.blocked,
            "partitions": progress.partitions,
        }
        print(json.dumps(said), flush=True)

    with stopping() as stop:
        account = processor.run(stop, on_progress=tell, **run)
    print(json.dumps({"account": account.figures(), "balances": account.balances}), flush=True)


main()
