"""The commands `streamlab registry serve` and `streamlab registry compare`.

streamlab registry serve                                   # port 8081, in memory
streamlab registry serve --port 8085 --store kafka --bootstrap-servers 127.0.0.1:9092
streamlab registry compare http://127.0.0.1:8081 http://127.0.0.1:8082/apis/ccompat/v7
"""

import json
import logging
from enum import StrEnum
from typing import Annotated

import typer

from streamlab.errors import StreamlabError


class StoreKind(StrEnum):
    """Where the registry keeps its log."""

    MEMORY = "memory"
    KAFKA = "kafka"


def add_to(app: typer.Typer) -> None:
    """Add the group `registry`."""
    group = typer.Typer(no_args_is_help=True, help="The course's schema registry.")
    group.command("serve")(serve)
    group.command("compare")(compare)
    group.callback()(_group)
    app.add_typer(group, name="registry")


def _group() -> None:
    """The course's schema registry."""


def serve(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0: any.")] = 8081,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    store: Annotated[StoreKind, typer.Option(help="Where the schemas are kept.")] = StoreKind.MEMORY,
    bootstrap_servers: Annotated[
        str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Kafka, for the store kafka.")
    ] = "127.0.0.1:9092",
    topic: Annotated[str, typer.Option(help="The topic of the store kafka.")] = "_schemas",
) -> None:
    """Serve the registry until it is ended."""
    # Imported here: the other commands do not need a web server.
    from streamlab.registry.serving import run

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        run(host, port, kafka=bootstrap_servers if store is StoreKind.KAFKA else None, topic=topic)
    except SystemExit as ended:  # the web server has printed why its start failed
        raise StreamlabError(
            "The registry did not start, for the reason above.", "Look at --bootstrap-servers and --topic."
        ) from ended


def compare(
    first: Annotated[str, typer.Argument(help="Address of a registry's API.")],
    second: Annotated[str, typer.Argument(help="Address of the other one's.")],
    everything: Annotated[bool, typer.Option("--all", help="Also show where they agree.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Ask two registries the same questions and show where they differ; exit code 1 if they do.

    It registers schemas under subjects named compare-…, and deletes them for good at the end.
    """
    from rich.console import Console

    from streamlab.registry.comparison import compare as compare_registries

    found = compare_registries(first.rstrip("/"), second.rstrip("/"))
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        Console().print(found.table(everything=everything))
    if found.differences:
        raise typer.Exit(1)
