"""Registering: everything is looked at first, nothing is half done, a second run has nothing to do."""

import itertools
import json
import shutil
import threading
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from payments import MakeContract, payment
from test_contract_rules import refer, shared_money
from toy_registry import failing, toy
from typer.testing import CliRunner, Result

from streamlab import contracts, stack
from streamlab.contracts import commands, registry_client
from streamlab.registry.memory_store import MemoryStore
from streamlab.registry.serving import background

app = typer.Typer()
commands.add_to(app)


@pytest.fixture
def url() -> Iterator[str]:
    with background(MemoryStore()) as running:
        yield running


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHEMA_REGISTRY_URL", raising=False)


def register(folder: Path, url: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["schemas", "register", str(folder), "--registry", url, *more])


VERSIONS = sum(len(contracts.contract(name).versions) for name in contracts.names())
STEPS = VERSIONS + len(contracts.names())
"""What a registration does, one after another: each version, and the level of each subject."""


def registered(url: str) -> dict[str, Any]:
    """The registry's subjects, versions and ids, and each subject's own level."""
    with httpx.Client(base_url=url, trust_env=False) as client:
        rows = client.get("/schemas").json()
        levels = {row["subject"]: client.get(f"/config/{row['subject']}").json() for row in rows}
    return {
        "versions": [(row["subject"], row["version"], row["id"]) for row in rows],
        "levels": {subject: level.get("compatibilityLevel") for subject, level in levels.items()},
    }


def test_a_dry_run_comes_first_and_changes_nothing(url: str) -> None:
    result = register(contracts.FOLDER, url)
    assert result.exit_code == 0, result.output
    assert "+ txn.events-value: v2 to be registered" in result.output
    assert "This was a dry run: nothing changed" in result.output
    assert registered(url)["versions"] == []


@pytest.mark.parametrize("option", ["--apply", "--yes"])
def test_contracts_are_registered_in_order_with_their_levels(url: str, option: str) -> None:
    result = register(contracts.FOLDER, url, option)
    assert result.exit_code == 0, result.output
    now = registered(url)
    assert [row[:2] for row in now["versions"]] == [
        ("click.events-value", 1),
        ("device.events-value", 1),
        ("features.card-value", 1),
        ("features.user-value", 1),
        ("orders.raw-value", 1),
        ("txn.events-value", 1),
        ("txn.events-value", 2),
        ("txn.events-value", 3),
        ("user.created-value", 1),
    ]
    assert now["levels"]["orders.raw-value"] == "FULL"
    assert now["levels"]["user.created-value"] == "FULL_TRANSITIVE"


def test_what_is_registered_is_what_the_serializers_of_the_course_look_up(url: str) -> None:
    register(contracts.FOLDER, url, "--apply")
    body = {"schema": json.dumps(contracts.load("transaction", 2))}
    with httpx.Client(base_url=url, trust_env=False) as client:
        assert client.post("/subjects/txn.events-value", json=body).json()["version"] == 2


def test_a_second_run_changes_nothing(url: str) -> None:
    register(contracts.FOLDER, url, "--apply")
    before = registered(url)
    with failing(url, after=99) as seen:
        result = register(contracts.FOLDER, seen.url, "--apply")
    assert result.exit_code == 0
    assert "Nothing is to be done." in result.output
    assert seen.written == []
    assert registered(url) == before


def test_what_breaks_is_refused_by_both_and_nothing_is_registered(
    url: str, make_contract: MakeContract
) -> None:
    folder = make_contract(payment())
    register(folder, url, "--apply")
    before = registered(url)
    make_contract(payment(), name="another")
    (folder / "v2.avsc").write_text(json.dumps(payment(("n", "int"))), encoding="utf-8")
    result = register(folder.parent, url, "--apply")
    assert result.exit_code == 1
    assert "v2.avsc:1:" in result.output
    assert "refused by the contract: payment.events-value v2" in result.output
    assert "refused by the registry: payment.events-value v2: Under its level BACKWARD" in result.output
    assert "Nothing was registered." in result.output
    assert registered(url) == before


def test_the_registry_s_stricter_level_is_a_refusal_too(url: str, make_contract: MakeContract) -> None:
    folder = make_contract(payment(("n", "int")))
    with httpx.Client(base_url=url, trust_env=False) as client:
        register(folder, url, "--apply")
        client.put("/config/payment.events-value", json={"compatibility": "FULL"})
    (folder / "v2.avsc").write_text(json.dumps(payment()), encoding="utf-8")
    result = register(folder, url, "--apply", "--json")
    body = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {one["by"] for one in body["refusals"]} == {"registry"}
    assert "FULL" in body["refusals"][0]["message"]


def test_versions_that_are_registered_together_are_compared_with_each_other(
    url: str, make_contract: MakeContract
) -> None:
    folder = make_contract(payment(), payment(("n", "int")))
    result = register(folder, url, "--apply", "--ignore", "incompatible")
    assert result.exit_code == 1
    assert "refused by the contract: payment.events-value v2" in result.output
    assert "against v1" in result.output
    assert registered(url)["versions"] == []


def test_our_rules_refuse_what_a_registry_without_rules_would_take(
    url: str, make_contract: MakeContract
) -> None:
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.put("/config", json={"compatibility": "NONE"})
        text = json.dumps(payment(("n", "int")))
        client.post("/subjects/payment.events-value/versions", json={"schema": text})
    result = register(make_contract(payment(("n", "string"))), url, "--apply", "--json")
    body = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [one["by"] for one in body["refusals"]] == ["contract"]
    assert body["notes"] == ["payment.events-value: the registry has versions that the folder lacks: 1."]


def test_a_finding_stops_the_registration_before_the_registry_is_asked(make_contract: MakeContract) -> None:
    with toy(lambda *_: (500, b"")) as seen:
        result = register(make_contract("{"), seen.url, "--apply")
    assert result.exit_code == 1
    assert "mend the findings first" in result.output
    assert seen.asked == []


def test_an_older_version_that_is_missing_is_not_made_the_latest(
    url: str, make_contract: MakeContract
) -> None:
    folder = make_contract(payment(), payment(("n", "int", 1)))
    with httpx.Client(base_url=url, trust_env=False) as client:
        text = (folder / "v2.avsc").read_text(encoding="utf-8")
        client.post("/subjects/payment.events-value/versions", json={"schema": text})
    result = register(folder, url, "--apply")
    assert result.exit_code == 1
    assert "v2 is registered and v1 is not: it would become the latest" in result.output


def test_a_registry_that_may_not_be_written_to_refuses_beforehand(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.put("/mode", json={"mode": "READONLY"})
    result = register(contracts.FOLDER, url, "--apply")
    assert result.exit_code == 1
    assert "It is in the mode READONLY" in result.output


def test_referenced_types_are_registered_first_and_named_by_subject_and_version(
    url: str, make_contract: MakeContract
) -> None:
    shared_money(make_contract)
    folder = make_contract(payment(("price", "shop.Money")), name="a_payment")
    refer(folder)
    result = register(folder.parent, url, "--apply")
    assert result.exit_code == 0, result.output
    with httpx.Client(base_url=url, trust_env=False) as client:
        found = client.get("/subjects/a_payment.events-value/versions/1").json()
    assert found["references"] == [{"name": "shop.Money", "subject": "shop.Money", "version": 1}]
    assert "Nothing is to be done." in register(folder.parent, url, "--apply").output


def test_a_reference_that_is_not_registered_is_refused(url: str, make_contract: MakeContract) -> None:
    shared_money(make_contract)
    folder = make_contract(payment(("price", "shop.Money")))
    refer(folder)
    result = register(folder, url, "--apply")
    assert result.exit_code == 1
    assert "It refers to shop.Money version 1, which is not registered" in result.output
    assert registered(url)["versions"] == []


@pytest.mark.parametrize("after", range(STEPS))
@pytest.mark.parametrize("how", [None, (500, b"<html>oops</html>"), (200, b'{"id": "seven"}')])
def test_a_registration_that_breaks_off_goes_on_where_it_stopped(url: str, after: int, how: Any) -> None:
    with failing(url, after, how) as way:
        result = register(contracts.FOLDER, way.url, "--apply")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    if after:
        assert f"{after} of {STEPS} steps were done before" in result.output
        assert "Run the same command again" in result.output
    assert register(contracts.FOLDER, url, "--apply").exit_code == 0
    numbers = [number for name in contracts.names() for number in contracts.contract(name).versions]
    by_id = sorted(registered(url)["versions"], key=itemgetter(2))
    assert [row[1:] for row in by_id] == list(zip(numbers, itertools.count(1), strict=False))


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>Sign in</html>"),
        (200, b""),
        (200, b'{"unexpected": true}'),
        (200, b'["one"]'),
        (200, b"7"),
        (200, b'{"id"'),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (302, b""),
        (404, b"<html>Not here</html>"),
        (404, b"[]"),
        (503, b"upstream"),
        (500, b'{"error_code": 50001, "message": "Error in the backend data store"}'),
        (401, b'{"error_code": 401, "message": "Unauthorized"}'),
        None,
    ],
)
def test_an_answer_of_no_registry_is_one_clear_error(answer: Any) -> None:
    with toy(lambda *_: answer) as server:
        result = register(contracts.FOLDER, server.url, "--apply")
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert server.url in result.stderr
    assert result.stderr.count("\n") == 1
    assert server.written == []


@pytest.mark.parametrize("stage", ["config", "mode", "compatibility", "subjects"])
@pytest.mark.parametrize("body", [b"null", b"{}", b"[]", b'{"compatibilityLevel": "SIDEWAYS"}', b"<html>"])
def test_garbage_at_any_stage_is_noticed_before_anything_is_written(
    url: str, make_contract: MakeContract, stage: str, body: bytes
) -> None:
    folder = make_contract(payment())
    register(folder, url, "--apply")
    (folder / "v2.avsc").write_text(json.dumps(payment(("n", "int", 1))), encoding="utf-8")
    before = registered(url)
    with httpx.Client(base_url=url, trust_env=False) as client:

        def answer(method: str, path: str, sent: bytes) -> tuple[int, bytes]:
            if path.startswith(f"/{stage}"):
                return 200, body
            passed = client.request(method, path, content=sent, headers={"Content-Type": "application/json"})
            return passed.status_code, passed.content

        with toy(answer) as server:
            result = register(folder, server.url, "--apply")
    if stage == "subjects" and body == b"[]":
        assert result.exit_code in (1, 2)
    else:
        assert result.exit_code == 2, result.output
        assert server.url in result.stderr
    assert server.written == []
    assert registered(url) == before


def test_another_server_s_404_is_no_empty_subject(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as client:

        def answer(method: str, path: str, sent: bytes) -> tuple[int, bytes]:
            if path.startswith("/subjects"):
                return 404, b"<html>Not here</html>"
            passed = client.request(method, path, content=sent, headers={"Content-Type": "application/json"})
            return passed.status_code, passed.content

        with toy(answer) as server:
            result = register(contracts.FOLDER, server.url, "--apply")
    assert result.exit_code == 2
    assert "is no schema registry: GET /subjects/features.card-value/versions" in result.stderr
    assert server.written == []


def test_a_registry_that_is_away_or_silent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with toy(lambda *_: None) as server:
        pass
    result = register(contracts.FOLDER, server.url)
    assert result.exit_code == 2
    assert f"The registry at {server.url} does not answer" in result.stderr
    monkeypatch.setattr(registry_client, "TIMEOUT_SECONDS", 0.2)
    ended = threading.Event()
    with toy(lambda *_: (200, b"") if ended.wait(10) else None) as server:
        result = register(contracts.FOLDER, server.url)
        ended.set()
    assert result.exit_code == 2
    assert f"The registry at {server.url} did not answer within" in result.stderr


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://a", "http://", "http://a:b:c", "http://[", "http://a:99999"]
)
def test_what_is_no_address_is_named(address: str) -> None:
    result = register(contracts.FOLDER, address)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.count("\n") == 1


def test_a_password_in_the_address_is_not_shown() -> None:
    with toy(lambda *_: (200, b"<html>")) as server:
        result = register(contracts.FOLDER, server.url.replace("//", "//me:secret@"))
    assert result.exit_code == 2
    assert "secret" not in result.output


def test_json_has_the_same_fields_in_every_case(url: str, make_contract: MakeContract) -> None:
    bodies = [
        json.loads(register(contracts.FOLDER, url, "--json").stdout),
        json.loads(register(contracts.FOLDER, url, "--json", "--apply").stdout),
        json.loads(register(contracts.FOLDER, url, "--json", "--apply").stdout),
        json.loads(register(make_contract("{"), url, "--json").stdout),
    ]
    fields = {"command", "ok", "registry", "applied", "findings", "actions", "refusals", "notes", "done"}
    assert {frozenset(body) for body in bodies} == {frozenset(fields)}
    assert [body["ok"] for body in bodies] == [True, True, True, False]
    assert [body["applied"] for body in bodies] == [False, True, False, False]
    assert [len(body["done"]) for body in bodies] == [0, STEPS, 0, 0]
    failed = json.loads(register(contracts.FOLDER, "http://127.0.0.1:9", "--json").stdout)
    assert failed.keys() == {"command", "ok", "error"}


@pytest.mark.stack
def test_the_stack_s_registry_takes_the_contracts_once(
    live_stack: stack.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contracts"
    shutil.copytree(contracts.FOLDER, folder)
    for file in folder.glob("*/contract.toml"):
        topic = live_stack.unique("contracts")
        lines = file.read_text(encoding="utf-8").splitlines()[1:]
        file.write_text("\n".join([f'topic = "{topic}"', *lines]), encoding="utf-8")

    def run(*more: str) -> Result:
        return CliRunner().invoke(app, ["schemas", "register", str(folder), *more])

    first = run("--apply")
    assert first.exit_code == 0, first.output
    again = run("--apply", "--json")
    assert [one["kind"] for one in json.loads(again.stdout)["actions"]] == ["present"] * VERSIONS
    v2 = json.loads((folder / "click" / "v1.avsc").read_text(encoding="utf-8"))
    v2["fields"].append({"name": "mandatory", "type": "string"})
    (folder / "click" / "v2.avsc").write_text(json.dumps(v2), encoding="utf-8")
    refused = run("--apply", "--json")
    assert refused.exit_code == 1
    assert {one["by"] for one in json.loads(refused.stdout)["refusals"]} == {"contract", "registry"}
