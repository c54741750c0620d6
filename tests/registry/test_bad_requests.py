"""Whatever is asked, the registry answers in its form, never with 500; for longer: `test_registry_soak`."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from in_process import InProcess, avro, code, record

from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.schemas_topic import decode
from streamlab.registry.server import RegistryApp

FUZZ = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OPERATIONS = [(one.method, one.path) for one in RegistryApp(MemoryStore()).router.operations]
SUBJECTS = st.one_of(
    st.sampled_from(
        ["s", "a/b", ":.ctx:s", ":.:s", ":*:", "__GLOBAL", "..", ".", "%2F", "ü", "\u0000", "\ud7ff"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
NUMBERS = st.one_of(
    st.integers(-3, 5).map(str),
    st.sampled_from(["latest", "-1", "2147483648", "9" * 400, "1e3", "٣", "", " 1", "null", "0x1"]),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.one_of(
    st.sampled_from(
        [
            '"string"',
            '{"type":"record","name":"R","fields":[]}',
            '{"type":"record","name":"R","fields":[{"name":"r","type":["null","R"],"default":null}]}',
            "{",
            "",
            "null",
            '"\\ud800"',
            "NaN",
            "[" * 5000,
            '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1e999}]}',
        ]
    ),
    JSON_VALUES.map(json.dumps),
)
MEMBERS = {
    "schema": SCHEMAS | JSON_VALUES,
    "schemaType": st.sampled_from(["AVRO", "JSON", "PROTOBUF", "X", "", None, 1]),
    "references": st.lists(
        st.fixed_dictionaries(
            {}, optional={"name": JSON_VALUES, "subject": SUBJECTS, "version": JSON_VALUES}
        ),
        max_size=2,
    )
    | JSON_VALUES,
    "version": st.integers(-2, 3) | st.integers() | JSON_VALUES,
    "id": st.integers(-2, 3) | st.integers() | JSON_VALUES,
    "metadata": st.fixed_dictionaries({"properties": JSON_VALUES}) | JSON_VALUES,
    "ruleSet": st.fixed_dictionaries({"domainRules": JSON_VALUES}) | JSON_VALUES,
    "compatibility": st.sampled_from(["NONE", "full", "X", "", None, 3, {}]),
    "mode": st.sampled_from(["IMPORT", "READWRITE", "READONLY", "x", None, []]),
    "normalize": JSON_VALUES,
    "defaultMetadata": JSON_VALUES,
    "overrideRuleSet": JSON_VALUES,
    "compatibilityGroup": JSON_VALUES,
}
BODIES = st.one_of(
    st.fixed_dictionaries({}, optional=MEMBERS).map(lambda body: json.dumps(body).encode()),
    JSON_VALUES.map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=30),
    st.sampled_from(
        [b"", b"{", b'{"schema": "\\ud800"}', b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"NaN"]
    ),
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["deleted", "deletedOnly", "permanent", "offset", "limit", "subject", "verbose", "normalize", "force"]
    ),
    st.sampled_from(["true", "TRUE", "", "1", "-1", "99999999999", "x", "%ff", ":.ctx:", "s"]),
    max_size=3,
)


@pytest.fixture(scope="module")
def registry() -> Iterator[InProcess]:
    running = InProcess()
    yield running
    running.close()


@FUZZ
@given(
    st.lists(
        st.tuples(st.sampled_from(OPERATIONS), SUBJECTS, NUMBERS, BODIES, QUERIES), min_size=1, max_size=6
    )
)
def test_no_sequence_of_requests_gets_500(registry: InProcess, requests: list[Any]) -> None:
    for (method, path), subject, number, body, query in requests:
        filled = path.replace("{subject}", quote(subject, safe="")).replace("{guid}", quote(number, safe=""))
        filled = filled.replace("{version}", quote(number, safe="")).replace("{id}", quote(number, safe=""))
        given_body = (
            {"content": body, "headers": {"content-type": "application/json"}} if method != "GET" else {}
        )
        answer = registry.request(method, filled, params=query, **given_body)
        assert answer.status_code < 500, answer.text
        if answer.status_code != 200:
            assert set(answer.json()) == {"error_code", "message"}
    # What was let in is what a registry that reads the log will see.
    for one in registry.store.log:
        assert decode(one.key_bytes, one.value_bytes) == one
    registry.store.log.clear()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (422, 422)),
        (b"null", (422, 422)),
        (b"{", (400, 400)),
        (b"[]", (400, 400)),
        (b"\xff\xfe", (400, 400)),
        (b'{"schema": "\\ud800"}', (400, 400)),
        (b'{"schema": 1}', (400, 400)),
        (b'{"schema": "\\"int\\"", "version": "1"}', (400, 400)),
        (b'{"schema": "\\"int\\"", "version": 99999999999}', (400, 400)),
        (b'{"schema": "\\"int\\"", "references": {}}', (400, 400)),
        (b'{"schema": "\\"int\\"", "references": [null]}', (400, 400)),
        (b'{"schema": null}', (422, 42201)),
        (b'{"schema": "' + b"[" * 100_000 + b'"}', (422, 42201)),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_by_name(body: bytes, expected: tuple[int, int]) -> None:
    registry = InProcess()
    answer = registry.post(
        "/subjects/s/versions",
        content=body,
        headers={"content-type": "application/vnd.schemaregistry.v1+json"},
    )
    assert code(answer) == expected
    assert registry.store.log == []
    registry.close()


def test_a_body_that_says_it_is_no_json_is_415_and_a_huge_one_is_413(registry: InProcess) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert code(registry.post("/subjects/s/versions", content=b"{}", headers=form)) == (415, 415)
    assert code(registry.post("/subjects/s/versions", content=b"x" * 8_000_001)) == (413, 413)


def test_a_deep_schema_is_compared_or_refused_but_never_breaks_the_server() -> None:
    registry = InProcess()
    deep: Any = "string"
    for _ in range(400):
        deep = {"type": "array", "items": deep}
    for schema_ in (record(("a", deep)), record(("a", deep), ("b", "int", 0))):
        answer = registry.post("/subjects/s/versions", json=avro(schema_))
        assert answer.status_code in (200, 422)
    registry.close()


def test_a_number_beyond_a_double_is_kept_as_avro_java_keeps_it_and_what_is_stored_is_json(
    registry: InProcess,
) -> None:
    huge = (
        '{"type":"record","name":"Huge","fields":[{"name":"a","type":"double","default":-1e999}],"p":1e999}'
    )
    answer = registry.post("/subjects/huge/versions", json={"schema": huge})
    kept = json.loads(registry.get("/subjects/huge/versions/1").json()["schema"], parse_constant=pytest.fail)
    assert answer.status_code == 200
    assert (kept["fields"][0]["default"], kept["p"]) == ("-Infinity", "Infinity")
    assert registry.post("/compatibility/subjects/huge/versions/latest", json={"schema": huge}).json() == {
        "is_compatible": True
    }
    body = b'{"schema": "\\"int\\"", "metadata": {"properties": {"a": 1e999}}}'
    assert code(registry.post("/subjects/huge/versions", content=body)) == (400, 400)
