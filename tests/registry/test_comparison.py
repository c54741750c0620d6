"""Two registries are asked the same questions; what they answer differently is what the table shows."""

import json
from collections.abc import Iterator

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from streamlab.cli import app
from streamlab.errors import StreamlabError
from streamlab.registry.asked import Asked, Question
from streamlab.registry.comparison import compare
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.questions import QUESTIONS
from streamlab.registry.serving import background

Two = tuple[tuple[str, MemoryStore], tuple[str, MemoryStore]]


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    """Two registries of the course: addresses and stores."""
    one, other = MemoryStore(), MemoryStore()
    with background(one) as first, background(other) as second:
        yield (first, one), (second, other)


def shown(table: object) -> str:
    console = Console(width=140, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_a_registry_does_not_differ_from_another_of_its_kind(two: Two) -> None:
    found = compare(two[0][0], two[1][0])

    assert [(row.question.name, row.first, row.second) for row in found.differences] == []
    assert len(found.rows) == len(QUESTIONS)
    assert shown(found.table()).startswith(f"0 of {len(QUESTIONS)} answers differ")


def test_every_question_is_answered_by_the_course_s_registry(two: Two) -> None:
    answers = [row.first for row in compare(two[0][0], two[1][0]).rows]

    assert not [one for one in answers if one.startswith(("cannot", "no answer", "an answer"))]
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)


def test_a_comparison_leaves_nothing_that_was_not_there(two: Two) -> None:
    url, store = two[0]
    httpx.post(f"{url}/subjects/mine/versions", json={"schema": '"string"'})
    before = httpx.get(f"{url}/schemas?deleted=true").json()
    settings = {path: httpx.get(f"{url}{path}").json() for path in ("/config", "/mode")}

    compare(url, two[1][0])

    assert httpx.get(f"{url}/schemas?deleted=true").json() == before
    assert {path: httpx.get(f"{url}{path}").json() for path in settings} == settings
    left = {one.key_bytes: one for one in store.log if b"compare-" in one.key_bytes}
    assert [
        key for key, one in left.items() if one.value is not None and one.key_type != "DELETE_SUBJECT"
    ] == []


def test_a_registry_that_was_set_otherwise_is_told_from_one_that_was_not(two: Two) -> None:
    httpx.put(f"{two[1][0]}/config", json={"compatibility": "FULL"})
    found = compare(two[0][0], two[1][0], names=("here", "there"))
    httpx.delete(f"{two[1][0]}/config")

    assert {row.question.name: (row.first, row.second) for row in found.differences} == {
        "the global level": ("BACKWARD", "FULL")
    }
    table = shown(found.table())
    for word in ("here", "there", "the global level", "BACKWARD", "FULL"):
        assert word in table
    assert "READONLY" not in table
    assert "READONLY" in shown(found.table(everything=True))


def test_a_question_that_cannot_be_prepared_says_which_request_was_refused(two: Two) -> None:
    def ask(registry: Asked) -> str:
        return registry.with_versions({"schema": "{"})

    found = compare(two[0][0], two[1][0], questions=[Question("a", "b", ask)])

    assert found.rows[0].first == "cannot be asked: POST /subjects/compare-…-1/versions: 422, code 42201"
    assert not found.rows[0].differ


def test_an_answer_of_another_form_is_an_answer(two: Two) -> None:
    def ask(registry: Asked) -> str:
        return str(registry.said("GET", "/subjects")["name"])

    assert compare(two[0][0], two[1][0], questions=[Question("a", "b", ask)]).rows[0].first == (
        "an answer of another form"
    )


@pytest.mark.parametrize("path", ["/docs", "/nothing"])
def test_an_address_that_is_no_registry_is_named(two: Two, path: str) -> None:
    with pytest.raises(StreamlabError, match="is no schema registry"):
        compare(two[0][0], f"{two[1][0]}{path}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[::1", "ftp://127.0.0.1"])
def test_an_address_where_nobody_answers_is_named(two: Two, url: str) -> None:
    with pytest.raises(StreamlabError, match="is no schema registry that answers"):
        compare(two[0][0], url)


def test_the_command_exits_with_0_when_nothing_differs(two: Two) -> None:
    result = CliRunner().invoke(app, ["registry", "compare", two[0][0], f"{two[1][0]}/"])

    assert result.exit_code == 0, result.output
    assert f"0 of {len(QUESTIONS)} answers differ" in result.output


def test_the_command_exits_with_1_when_something_differs_and_prints_json_on_request(two: Two) -> None:
    httpx.put(f"{two[1][0]}/config", json={"compatibility": "FULL"})
    result = CliRunner().invoke(app, ["registry", "compare", two[0][0], two[1][0], "--json"])
    httpx.delete(f"{two[1][0]}/config")

    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["differences"] == 1
    assert [one["answers"] for one in found["questions"] if one["differ"]] == [["BACKWARD", "FULL"]]
