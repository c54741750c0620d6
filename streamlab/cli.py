"""The `streamlab` command: every command of the project in one place.

Each part of the project keeps its commands beside its code and adds them here:

    streamlab up | down | status | doctor | logs        streamlab/stack/commands.py
    streamlab check | hint | progress | reset           streamlab/grading/commands.py
    streamlab build                                     streamlab/build_commands.py
    streamlab lab                                       streamlab/lab_commands.py
    streamlab schemas                                   streamlab/contracts/commands.py
    streamlab registry serve                            streamlab/registry/commands.py
    streamlab generate                                  streamlab/generators/commands.py
    streamlab process | dlq                             streamlab/processor/commands.py
    streamlab demo                                      streamlab/demo/commands.py

An error that the reader can mend is printed as one sentence on stderr, and the exit code is 1. With `--json`
it is also one line of JSON on stdout: {"ok": false, "error": {"what": ..., "next_step": ...}}.
"""

import errno
import io
import json
import sys
from typing import Final, NoReturn

import typer

from streamlab import build_commands, lab_commands
from streamlab.contracts import commands as contracts_commands
from streamlab.demo import commands as demo_commands
from streamlab.errors import StreamlabError
from streamlab.generators import commands as generators_commands
from streamlab.grading import commands as grading_commands
from streamlab.processor import commands as processor_commands
from streamlab.registry import commands as registry_commands
from streamlab.stack import commands as stack_commands

OF_THE_DISK: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST}
)
"""What goes wrong with files for reasons that a person can mend."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Schemas in Motion: a course on streaming schemas that runs on a live local Kafka.",
)
stack_commands.add_to(app)
grading_commands.add_to(app)
build_commands.add_to(app)
lab_commands.add_to(app)
registry_commands.add_to(app)
contracts_commands.add_to(app)
generators_commands.add_to(app)
processor_commands.add_to(app)
demo_commands.add_to(app)


def main() -> None:
    """Run the command line; print an expected error as one sentence instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or a pipe that cannot show a character gets its code, not a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except StreamlabError as error:
        _end(error)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        place = error.filename or "What this command writes to"
        _end(
            StreamlabError(
                f"{place} cannot be used: {error.strerror}.", "Look at its rights and the space on the disk."
            )
        )


def _end(error: StreamlabError) -> NoReturn:
    if "--json" in sys.argv:
        told = {"what": error.what, "next_step": error.next_step}
        sys.stdout.write(json.dumps({"ok": False, "error": told}) + "\n")
    sys.stderr.write(f"{error}\n")
    sys.exit(1)
