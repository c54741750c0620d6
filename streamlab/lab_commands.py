"""The command `streamlab lab`: the stack, then JupyterLab on the start page, until Ctrl-C.

streamlab lab                  what `make lab` runs
streamlab lab --no-browser     print the address only
streamlab lab --stop           stop a JupyterLab that runs somewhere else
"""

import os
import signal
import sys
import time
import webbrowser
from typing import Annotated

import typer
from rich.console import Console

from streamlab import stack
from streamlab.errors import StreamlabError
from streamlab.lab_server import FIRST_PORT, START_SECONDS, AlreadyStarting, LabServer, Running


def add_to(app: typer.Typer) -> None:
    """Add `lab` to the command line."""
    app.command()(lab)


def lab(
    browser: Annotated[bool, typer.Option(help="Open a browser if there is one.")] = True,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The first port to try.")] = FIRST_PORT,
    stop: Annotated[bool, typer.Option("--stop", help="Stop this course's JupyterLab.")] = False,
) -> None:
    """Start the stack if needed and open JupyterLab on the start page."""
    server = LabServer.here()
    if stop:
        _say("JupyterLab stopped." if server.stop() else "No JupyterLab of this course is running.")
        return
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal stops JupyterLab as Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    _say("Looking for Kafka, the registry and Redis, starting what does not run ...")
    report = stack.up(Console(highlight=False, soft_wrap=True))
    here = report.stack
    _say(f"Kafka at {here.bootstrap_servers}, registry at {here.schema_registry_url}")
    goes_on = "The stack goes on in the background; `make down` stops it."
    if here.backend == "environment":
        goes_on = "Kafka and the registry are the ones that your environment names, and go on."
    if running := server.running():
        _show_other(running, browser)
        return
    _say("Starting JupyterLab ...")
    try:
        with server.start(port) as process:
            _show(server.running(), port, browser)
            _say(f"Stop: Ctrl-C here stops JupyterLab. {goes_on}")
            code = process.wait()
    except AlreadyStarting:
        _show_other(_wait_for_other(server), browser)
        return
    except KeyboardInterrupt:
        _say(f"JupyterLab is stopped. {goes_on}")
        return
    if code != 0:
        raise StreamlabError(
            f"JupyterLab ended by itself (exit code {code}): {server.reason()}.",
            f"Start it again with `make lab`; the whole log: {server.log}",
        )
    _say(f"JupyterLab was shut down. {goes_on}")


def _show(running: Running | None, port: int, browser: bool) -> None:
    if running is None:
        return  # ended already: the wait says why
    if running.port != port:
        _say(f"Port {port} is taken, so JupyterLab uses {running.port}.")
    _open(running, browser)


def _show_other(running: Running, browser: bool) -> None:
    _say("JupyterLab of this course is running already.")
    _open(running, browser)
    _say("Stop: Ctrl-C where it was started, or `.venv/bin/streamlab lab --stop`.")


def _open(running: Running, browser: bool) -> None:
    # Not Jupyter's redirect file: browsers from snap and flatpak may not read hidden folders.
    opened = browser and _has_browser() and webbrowser.open(running.url)
    _say("JupyterLab is open in your browser:" if opened else "Open this address in a browser:")
    _say(f"    {running.url}")
    if "SSH_CONNECTION" in os.environ:
        forward = f"ssh -N -L {running.port}:127.0.0.1:{running.port} <this machine>"
        _say(f"    from your own machine, after: {forward}")


def _has_browser() -> bool:
    """Whether a graphical browser can be expected to open here."""
    if "CI" in os.environ or "SSH_CONNECTION" in os.environ:
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ


def _wait_for_other(server: LabServer) -> Running:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if running := server.running():
            return running
        time.sleep(0.2)
    raise StreamlabError(
        "Another `streamlab lab` of this checkout is starting or stopping, and JupyterLab does not answer.",
        "Press Ctrl-C there, then run this command again.",
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
