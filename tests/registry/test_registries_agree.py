"""The rules against live registries: what they say of every change and level, and where registries differ.

A difference is listed with its reason; one that is not listed fails, and so does one that has disappeared.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Final, NamedTuple

import httpx
import pytest
from rich.console import Console

from streamlab.registry.changes import Change, the_changes
from streamlab.registry.comparison import compare
from streamlab.registry.compatibility import Level, check
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.second_opinion import apicurio
from streamlab.registry.serving import background

Cell = tuple[str, Level]
ALL_CELLS: Final = [(change, level) for change in the_changes() for level in Level]


class Verdicts(NamedTuple):
    """What a registry says of a new version.

    Attributes:
        tested: a test of its compatibility says that it may be registered.
        registered: registering it is answered with 200.
        is_new: the subject has one version more afterwards.
    """

    tested: bool
    registered: bool
    is_new: bool


REACHES_TOO_FAR: Final = (
    "POST /compatibility/…/versions compares with every version, also at levels that reach the latest alone"
)
DOC_IS_NOTHING: Final = "a schema that differs in doc alone is taken for the version that is there"
APICURIO: Final[dict[str, dict[Cell, str]]] = {
    "tested": {
        ("take a default away one version after adding the field", Level.BACKWARD): REACHES_TOO_FAR,
        ("take a default away one version after adding the field", Level.FULL): REACHES_TOO_FAR,
        ("remove a field one version after giving it a default", Level.FORWARD): REACHES_TOO_FAR,
        ("remove a field one version after giving it a default", Level.FULL): REACHES_TOO_FAR,
    },
    "registered": {},
    "is_new": {("change only the doc", level): DOC_IS_NOTHING for level in Level},
}
"""Where Apicurio does not say what the rules say, and why."""
NOWHERE: Final[dict[str, set[Cell]]] = {"tested": set(), "registered": set(), "is_new": set()}


def verdicts(client: httpx.Client, change: Change, level: Level) -> Verdicts:
    """Register the history under a subject of its own at a level, then test and register the new version."""
    subject = f"agree-{secrets.token_hex(6)}"
    *history, new = ({"schema": json.dumps(schema)} for schema in change.versions)
    client.put(f"/config/{subject}", json={"compatibility": "NONE"}).raise_for_status()
    for schema in history:
        client.post(f"/subjects/{subject}/versions", json=schema).raise_for_status()
    client.put(f"/config/{subject}", json={"compatibility": level}).raise_for_status()
    test = client.post(f"/compatibility/subjects/{subject}/versions", json=new).raise_for_status()
    registered = client.post(f"/subjects/{subject}/versions", json=new)
    assert registered.status_code in (200, 409), registered.text
    kept = client.get(f"/subjects/{subject}/versions").raise_for_status().json()
    accepted = registered.status_code == 200
    return Verdicts(test.json()["is_compatible"], accepted, len(kept) == len(change.versions))


def differences(url: str) -> dict[str, set[Cell]]:
    """Where each of a registry's verdicts is not what the rules say."""
    found: dict[str, set[Cell]] = {verdict: set() for verdict in Verdicts._fields}
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for change, level in ALL_CELLS:
            *history, new = change.versions
            allowed = not check(level, new, history)
            for verdict, said in verdicts(client, change, level)._asdict().items():
                if said != allowed:
                    found[verdict].add((change.name, level))
    return found


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    with background(MemoryStore()) as url:
        yield url


@pytest.fixture(scope="module")
def apicurio_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with apicurio(tmp_path_factory.mktemp("apicurio")) as url:
        yield url


def test_the_course_s_registry_says_what_the_rules_say_of_every_change_and_level(own_url: str) -> None:
    assert differences(own_url) == NOWHERE


@pytest.mark.stack
def test_apicurio_says_what_the_rules_say_but_for_what_is_listed(apicurio_url: str) -> None:
    assert differences(apicurio_url) == {verdict: set(listed) for verdict, listed in APICURIO.items()}


APICURIO_ANSWERS: Final = {
    "version 0": ("422, code 42202", "404, code 40402"),
    "an unknown GUID": ("404, code 40403", "404, no JSON"),
    "the id of the cluster": ("200", "404"),
    "an incompatible schema": ("409, code 40901", "409, code 409"),
    "the refusal says which version broke it": ("yes", "no"),
    "the refusal names the unknown type": ("yes", "no"),
    "an empty schema": ("422, code 42201", "200"),
    "a Protocol Buffers schema": ("422, code 42201", "200"),
    "register under READONLY": ("422, code 42205", "200"),
    "a version has a GUID": ("yes", "no"),
    "metadata comes back": ("yes", "no"),
    "the same schema with other spaces, in two subjects": ("the same id", "two ids"),
    "the same schema, properties in another order, normalize=true": ("the same id", "two ids"),
    "a schema that differs in a doc alone": ("a new version", "the same version"),
    "a test with verbose says why": ("yes", "no"),
    "test all versions, level BACKWARD, an older one breaks": ("compatible", "not compatible"),
    "test an invalid schema, verbose": ("200", "422, code 42201"),
    "the level of a subject without one": ("404, code 40408", "NONE"),
    "the mode of a subject without one": ("404, code 40409", "200"),
    "set an unknown mode": ("422, code 42204", "422, code 42201"),
    "delete for good what was not deleted first": ("404, code 40405", "409, code 40405"),
    "a deleted version with deleted=true": ("200", "404, code 40401"),
    "an unknown path": ("404, code 404", "404, no JSON"),
    "the types of schema": ("AVRO, JSON", "AVRO, JSON, PROTOBUF"),
    "the default context is called": (".", ":.:"),
}
"""The questions that Apicurio does not answer as Confluent's registry and the course's do: both answers."""


@pytest.mark.stack
def test_the_table_names_every_difference_between_the_course_s_registry_and_apicurio(
    own_url: str, apicurio_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compare(own_url, apicurio_url, names=("the course's registry", "Apicurio"))
    with capsys.disabled():
        print()
        Console(width=130).print(found.table())

    assert {row.question.name: (row.first, row.second) for row in found.differences} == APICURIO_ANSWERS


@pytest.mark.stack
def test_both_registries_do_alike_what_the_course_relies_on(own_url: str, apicurio_url: str) -> None:
    same = {row.question.name for row in compare(own_url, apicurio_url).rows if not row.differ}

    assert same >= {
        "versions of an unknown subject",
        "an unknown version of a subject",
        "an unknown schema id",
        "look up a schema that is not registered",
        "an association of a topic",
        "the same schema in two subjects",
        "test the latest version, level BACKWARD, an older one breaks",
        "the global level",
        "delete what another schema refers to",
    }
