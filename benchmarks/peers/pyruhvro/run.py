"""pyruhvro: Avro messages to Arrow record batches and back, in Rust, one thread.

python run.py INPUT_FOLDER OUTPUT.arrow --count N --rounds N

Reads the bodies of the first messages, decodes and encodes them as often as is asked, and writes what it
decoded and encoded, for the other side to compare: the record batch with the bodies as one more column.
"""

import argparse
import json
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyruhvro

from benchmarks.peers.side import Input

HEADER = b"\x00\x00\x00\x00\x07"


def timed(what: Callable[[], Any], rounds: int) -> tuple[list[float], Any]:
    """The seconds of each round after one that warms up, and what came of the last."""
    seconds, result = [], None
    for _ in range(rounds + 1):
        began = time.perf_counter()
        result = what()
        seconds.append(time.perf_counter() - began)
    return seconds[1:], result


def refused(bodies: list[bytes], schema: str) -> str:
    """What happens to a batch with one body that was cut."""
    try:
        pyruhvro.deserialize_array([*bodies[:2], bodies[2][:-1]], schema)
    except ValueError:
        return "one damaged body refuses its whole batch"
    return "one damaged body goes through"


def main() -> None:
    """Measure, write, and print one line of JSON."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("input", type=Path)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("--count", type=int, required=True)
    arguments.add_argument("--rounds", type=int, required=True)
    given = arguments.parse_args()
    told = Input(given.input, {})
    schema = json.dumps(told.schema)
    bodies = [body for batch in told.batches() for body in batch][: given.count]
    messages = [HEADER + body for body in bodies]

    decoding, batch = timed(
        lambda: pyruhvro.deserialize_array([message[len(HEADER) :] for message in messages], schema),
        given.rounds,
    )
    encoding, encoded = timed(
        lambda: [
            HEADER + body
            for array in pyruhvro.serialize_record_batch(batch, schema, 1)
            for body in array.to_pylist()
        ],
        given.rounds,
    )
    written = batch.append_column("message", pa.array(encoded, pa.binary()))
    with pa.ipc.new_file(str(given.output), written.schema) as file:
        file.write_batch(written)
    print(
        json.dumps(
            {
                "decoding": decoding,
                "encoding": encoding,
                "note": f"pyruhvro {version('pyruhvro')}, Rust, one thread; {refused(bodies, schema)}",
            }
        )
    )


if __name__ == "__main__":
    main()
