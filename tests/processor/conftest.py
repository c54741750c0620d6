"""A stack that the processor's fault tests may break: started once, each test leaves it well."""

import io
from collections.abc import Iterator

import pytest
from breakable_stack import Breakable
from processor_runs import LIVING
from rich.console import Console

from streamlab import paths
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """End the processors that a failed test left running."""
    yield
    for child in list(LIVING):
        child.kill()


@pytest.fixture
def breakable(own_stack: Breakable) -> Breakable:
    """The module's stack, in order whatever the test before did."""
    own_stack.repair()
    return own_stack


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    """A stack of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("KAFKA_BOOTSTRAP_SERVERS", "SCHEMA_REGISTRY_URL", "REDIS_URL"):
            patch.delenv(variable, raising=False)
        layout = Layout(tmp_path_factory.mktemp("p"), paths.cache_folder().resolve())
        backend = LocalBackend(layout, Console(file=io.StringIO()))
        yield Breakable(backend)
        backend.down()
