"""The commands on contracts as a pipeline uses them: exit codes, JSON, messages, bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from payments import MakeContract, enum, payment
from typer.testing import CliRunner, Result

from streamlab import contracts
from streamlab.contracts import commands
from streamlab.paths import PROJECT

app = typer.Typer()
commands.add_to(app)

FOUND = {"rule", "file", "message", "next_step", "line", "column", "field", "path"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["schemas", *map(str, arguments)])


def as_json(*arguments: str | Path) -> Any:
    result = run(*arguments, "--json")
    body = json.loads(result.stdout)
    assert body["ok"] == (result.exit_code == 0)
    return body


@pytest.fixture
def step(make_contract: MakeContract) -> tuple[str, str]:
    """A contract's two versions; the second has one symbol more."""
    folder = make_contract(payment(("c", enum("USD"))), payment(("c", enum("USD", "CHF"))))
    return str(folder / "v1.avsc"), str(folder / "v2.avsc")


def test_validate_finds_nothing_wrong_in_the_course_s_contracts() -> None:
    result = run("validate")
    assert result.exit_code == 0
    versions = sum(len(contracts.contract(name).versions) for name in contracts.names())
    assert (
        f"{len(contracts.names())} contracts with {versions} versions, and nothing is wrong" in result.output
    )


def test_validate_prints_findings_as_compilers_do(make_contract: MakeContract) -> None:
    folder = make_contract(json.dumps(payment(("n", ["null", "int"])), indent=1))
    result = run("validate", folder)
    assert result.exit_code == 1
    line = result.output.splitlines()[0]
    assert line.startswith(f"{folder / 'v1.avsc'}:10:3: field n")
    assert "field n: It may be null but has no default" in line
    assert line.endswith("[nullable-without-default]")
    assert run("validate", folder, "--ignore", "nullable-without-default").exit_code == 0


def test_validate_gives_findings_with_stable_fields(make_contract: MakeContract) -> None:
    body = as_json("validate", make_contract(payment(("n", ["null", "int"]))))
    assert body.keys() == {"command", "ok", "folder", "files", "contracts", "findings"}
    assert body["contracts"][0].keys() == {
        "name", "subject", "topic", "key", "partitions", "compatibility", "versions",
    }  # fmt: skip
    assert {frozenset(one) for one in body["findings"]} == {frozenset(FOUND)}


def test_diff_lists_changes_with_paths_and_who_is_affected() -> None:
    result = run("diff", "transaction:1", "transaction:2")
    assert result.exit_code == 1
    assert "currency: enum Currency got JPY, CHF  [symbols-added]" in result.output
    assert "old consumers, new data: BREAKS: it does not know JPY, CHF" in result.output
    assert "BACKWARD (the new schema reads old data): yes" in result.output
    assert "FORWARD (the old schema reads new data): no" in result.output


def test_diff_gives_changes_with_stable_fields(step: tuple[str, str]) -> None:
    body = as_json("diff", *step)
    assert body.keys() == {"command", "ok", "old", "new", "backward", "forward", "changes"}
    (change,) = body["changes"]
    assert change.keys() == {"kind", "field", "what", "new_consumers", "old_consumers", "producers"}
    assert change["old_consumers"].keys() == {"breaks", "why", "misleads"}
    assert (body["backward"], body["forward"]) == (True, False)


def test_diff_of_harmless_changes_is_well() -> None:
    assert run("diff", "transaction:2", "transaction:latest").exit_code == 0


@pytest.mark.parametrize(
    ("level", "code"),
    [("NONE", 0), ("backward", 0), ("BACKWARD_TRANSITIVE", 0), ("FORWARD", 1), ("full", 1)],
)
def test_check_speaks_for_a_registry_with_the_level(step: tuple[str, str], level: str, code: int) -> None:
    result = run("check", level, *step)
    assert result.exit_code == code
    assert ("refused, for 1 reason" if code else "is allowed") in result.output


def test_check_says_which_direction_the_level_means(step: tuple[str, str]) -> None:
    assert "The new schema reads data written with the latest schema; consumers are upgraded first." in (
        run("check", "BACKWARD", *step).output
    )
    result = run("check", "FORWARD", *step)
    assert "The latest schema reads data written with the new schema; producers are upgraded first." in (
        result.output
    )
    assert "A consumer still with the latest schema breaks on the symbol CHF" in result.output
    assert "in the field 'c'" in result.output


def test_check_takes_a_history_oldest_first(make_contract: MakeContract) -> None:
    folder = make_contract(payment(), payment(("n", "int", 1)), payment(("n", "int")))
    files = [str(folder / f"v{number}.avsc") for number in (1, 2, 3)]
    assert run("check", "BACKWARD", *files).exit_code == 0
    body = as_json("check", "BACKWARD_TRANSITIVE", *files)
    assert body.keys() == {"command", "ok", "level", "definition", "new", "history", "incompatibilities"}
    (refusal,) = body["incompatibilities"]
    assert (refusal["type"], refusal["against"]) == ("READER_FIELD_MISSING_DEFAULT_VALUE", 0)


def test_plan_takes_the_level_of_the_contract() -> None:
    body = as_json("plan", "transaction:1", "transaction:2")
    assert body.keys() == {
        "command", "ok", "old", "new", "level", "definition", "order", "adapter_needed", "because", "steps",
        "otherwise",
    }  # fmt: skip
    assert (body["level"], body["order"]) == ("BACKWARD", "consumers first")
    assert [one["who"] for one in body["steps"]] == ["schema", "consumers", "producers"]
    assert body["steps"][0].keys() == {"who", "do", "proves"}


def test_plan_under_another_level_needs_an_adapter_and_says_why() -> None:
    result = run("plan", "transaction:1", "transaction:2", "--level", "forward")
    assert result.exit_code == 1
    assert "Adapter: needed." in result.output
    assert "BACKWARD would allow this change, with consumers first" in result.output


BAD = [
    (["validate", "nowhere"], "nowhere cannot be read"),
    (["diff", "nowhere.avsc", "click:1"], "There is no file nowhere.avsc"),
    (["diff", "transaction:9", "click:1"], "transaction has no version 9. It has: 1, 2, 3."),
    (["diff", "transaction:x", "click:1"], "transaction has no version x"),
    (["diff", ".", "click:1"], ". is a folder"),
    (["check", "FULL", "click:1"], "Give OLD and NEW"),
    (["plan", "click:1", "nowhere:1"], "There is no file nowhere:1"),
    (["register", "nowhere", "--registry", "http://127.0.0.1:9"], "nowhere cannot be read"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_what_cannot_run_is_one_sentence_and_two(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert as_json(*arguments)["error"].keys() >= {"what", "next_step"}


@pytest.mark.parametrize(
    "arguments", [[], ["check", "SIDEWAYS", "a", "b"], ["diff", "a"], ["plan"], ["validate", "--nonsense"]]
)
def test_bad_usage_is_two(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "v1.avsc:1:2: It is not JSON"),
        ('{"type": "record"}', "v1.avsc:1:1: A record needs a name"),
        (
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "Nope"}]}',
            "field a: The type Nope",
        ),
        ('{"type": "string", "type": "int"}', '"type" is there twice'),
    ],
)
@pytest.mark.parametrize("command", ["diff", "plan", "check"])
def test_a_broken_schema_is_named_with_line_and_column(
    make_contract: MakeContract, command: str, text: str, words: str
) -> None:
    file = str(make_contract(text) / "v1.avsc")
    level = ["FULL"] if command == "check" else []
    result = run(command, *level, file, "click:1")
    assert result.exit_code == 2
    assert words in result.stderr
    assert as_json(command, *level, file, "click:1")["error"]["finding"].keys() == FOUND


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate"], 0),
        (["check", "FORWARD", "transaction:1", "transaction:2"], 1),
        (["register", "--registry", "http://127.0.0.1:9", "--apply"], 2),
        (["check", "SIDEWAYS", "transaction:1", "transaction:2"], 2),
    ],
)
def test_the_exit_codes_of_the_real_command(arguments: list[str], code: int) -> None:
    command = "import sys; from streamlab.cli import main; sys.argv[0] = 'streamlab'; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "schemas", *arguments], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stdout) == (code != 2)


def test_paths_are_shown_as_a_person_would_type_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(contracts.FOLDER.parent)
    assert as_json("validate")["folder"] == "schemas"
