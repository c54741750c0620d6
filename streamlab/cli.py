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

An error that the reader can mend is printed as one sentence on stderr, and the exit code is 1.
"""

import sys

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
    try:
        app()
    except StreamlabError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
