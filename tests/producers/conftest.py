"""The places where the one contract is tried: in memory, on the embedded broker, on Kafka."""

from collections.abc import Iterator

import pytest
from producer_places import Embedded, InMemory, OnStack, Place

from streamlab.stack import Stack
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.environment import VARIABLES
from streamlab.stack.layout import Layout


@pytest.fixture(scope="session")
def embedded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An embedded stack of this folder's tests, whatever else runs."""
    folder = tmp_path_factory.mktemp("embedded")
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        backend = EmbeddedBackend(Layout(folder / "s", folder / "c"))
        here = backend.up().stack
        yield here
        backend.down()


@pytest.fixture(
    params=[
        "memory",
        pytest.param("embedded", marks=pytest.mark.slow),
        pytest.param("kafka", marks=pytest.mark.stack),
    ]
)
def place(request: pytest.FixtureRequest) -> Place:
    """Where a test of the contract runs."""
    if request.param == "memory":
        return InMemory()
    if request.param == "embedded":
        return Embedded(request.getfixturevalue("embedded_stack"))
    return OnStack(request.getfixturevalue("live_stack"))
