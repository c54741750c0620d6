"""Which backend: the one that runs, the one that is asked for, or the first that can be used here.

    backends.current(layout)                                   # whose status, connect and down are meant
    backends.choose(layout, console)                           # auto: local, docker, embedded, in this order
    backends.choose(layout, console, BackendName.EMBEDDED)

`auto` keeps what runs. A backend "cannot be used" when what it is made of cannot be had: no Java runtime for
this machine, no network for the first download, no engine of Docker. When its servers do not start, that is
an error with its own words, and no other backend is taken for it in silence.
"""

from enum import StrEnum

from rich.console import Console

from streamlab.errors import StreamlabError
from streamlab.stack import containers, environment, records
from streamlab.stack.backend import Backend
from streamlab.stack.containers import DockerBackend
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind


class BackendName(StrEnum):
    """What a person can ask for."""

    AUTO = "auto"
    LOCAL = "local"
    DOCKER = "docker"
    EMBEDDED = "embedded"


def current(layout: Layout, console: Console | None = None) -> Backend:
    """The backend of last time; the local one when nothing was ever started."""
    return _named(records.choice(layout).backend, layout, console or Console(quiet=True))


def choose(
    layout: Layout,
    console: Console,
    wanted: BackendName = BackendName.AUTO,
    registry: RegistryKind | None = None,
) -> Backend:
    """The backend to start; says which and why when that is not the obvious one.

    Raises:
        StreamlabError: what was asked for does not go together.
    """
    if wanted in (BackendName.EMBEDDED, BackendName.DOCKER):
        if registry is RegistryKind.APICURIO:
            raise StreamlabError(
                f"The {wanted} backend has one registry, and it is not Apicurio.",
                "Leave one of the two options out: Apicurio belongs to `--backend local`.",
            )
        return _named(wanted, layout, console)
    local = LocalBackend(layout, console, registry=registry)
    if wanted is BackendName.LOCAL or registry is not None:
        return local
    runs = records.choice(layout).backend
    if runs:
        return _named(runs, layout, console)
    if all(environment.given_address(c.name) for c in local.components if c.is_needed):
        return local
    return _first_usable(local)


def _named(name: str, layout: Layout, console: Console) -> Backend:
    if name == BackendName.EMBEDDED:
        return EmbeddedBackend(layout, console)
    if name == BackendName.DOCKER:
        return DockerBackend(layout, console)
    return LocalBackend(layout, console)


def _first_usable(local: LocalBackend) -> Backend:
    def say(sentence: str) -> None:
        local.console.print(sentence, highlight=False, soft_wrap=True, markup=False)

    try:
        local.provide()
    except StreamlabError as error:
        say(f"The backend local cannot be used: {error.what}")
        reason = containers.obstacle()
        if reason is None:
            say("The backend docker is used: its engine answers.")
            return DockerBackend(local.layout, local.console)
        say(f"The backend docker cannot be used: {reason}.")
        say(
            "The backend embedded is used: a model of Kafka in memory, from the client that is installed. "
            f"For a real Kafka: {error.next_step}"
        )
        return EmbeddedBackend(local.layout, local.console)
    return local
