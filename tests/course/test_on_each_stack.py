"""The course on the stacks that a learner can choose: it shows the same and grades the same on each.

What differs is said by the course itself, in the text or by a capability, never by a failing cell.
"""

from collections.abc import Iterator

import nbformat
import pytest
from reading import EXECUTED, name_of
from test_on_the_stack import shown

from streamlab import build, checks, paths
from streamlab.build import Derivation
from streamlab.checks import ch03_registry_wire_format as ch03
from streamlab.grading import RightAnswer, Status, WrongAnswer
from streamlab.stack import Stack
from streamlab.stack.backend import Backend
from streamlab.stack.embedded.backend import EmbeddedBackend
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind

pytestmark = pytest.mark.stack

ABOUT_TRANSACTIONS = {"transaction-left-open"}
"""Mistakes that show only where aborted messages stay unread."""


@pytest.fixture(scope="module", params=["local with apicurio", "embedded"])
def other_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Each stack but the usual one; `stack.connect()` finds it by its addresses."""
    layout = Layout(tmp_path_factory.mktemp("other"), paths.cache_folder().resolve())
    backend: Backend = EmbeddedBackend(layout)
    if request.param != "embedded":
        backend = LocalBackend(layout, registry=RegistryKind.APICURIO)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        patch.delenv("SCHEMA_REGISTRY_URL", raising=False)
        here = backend.up().stack
        try:
            patch.setenv("KAFKA_BOOTSTRAP_SERVERS", here.bootstrap_servers)
            patch.setenv("SCHEMA_REGISTRY_URL", here.schema_registry_url)
            yield here
        finally:
            patch.undo()
            backend.down()


@pytest.mark.parametrize("derivation", EXECUTED, ids=name_of)
def test_a_notebook_shows_what_is_stored(derivation: Derivation, other_stack: Stack) -> None:
    ran = build.execute(derivation.notebook, derivation.path().parent, other_stack)
    assert shown(ran) == shown(nbformat.read(derivation.path(), as_version=4))


@pytest.mark.parametrize("answer", ch03.publish.wrong_answers, ids=lambda answer: answer.name)
def test_a_wrong_publish_is_refused_by_its_check_with_its_mistake(
    answer: WrongAnswer, other_stack: Stack
) -> None:
    result = ch03.publish.result(answer.answer, seed=5)
    if answer.mistake in ABOUT_TRANSACTIONS and not other_stack.has("transactions"):
        assert result.status is Status.WRONG, "refused all the same, by another check and in other words"
        return
    assert (result.status, result.mistake, result.check) == (Status.WRONG, answer.mistake, answer.check), (
        result.message
    )


@pytest.mark.parametrize("answer", ch03.publish.right_answers, ids=lambda answer: answer.name)
def test_a_right_publish_passes(answer: RightAnswer, other_stack: Stack) -> None:
    result = ch03.publish.result(answer.answer, seed=5)
    assert result.passed, result.message


def test_every_task_that_needs_a_stack_is_tried_here() -> None:
    asked = {task.name for chapter in checks.chapters() for task in checks.tasks(chapter) if task.needs_stack}
    assert asked == {"publish"}, "a new task on the stack belongs into this file"
