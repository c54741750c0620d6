"""The commands on contracts: `streamlab schemas validate | diff | check | plan | register`.

streamlab schemas validate                                    everything that is wrong in schemas/
streamlab schemas diff transaction:1 transaction:2            each change, and who is affected
streamlab schemas check FORWARD transaction:1 transaction:2   what a registry with that level would say
streamlab schemas plan transaction:1 transaction:2            who is deployed first, and what that proves
streamlab schemas register                                    what would be registered; --apply does it

For pipelines: exit code 0 nothing was found, 1 something was (it breaks, or is refused), 2 the command could
not do its work. `--json` prints one object on stdout in each of the three cases.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from streamlab.contracts import FOLDER, rendering
from streamlab.contracts.actions import Action, Prepared, told
from streamlab.contracts.deployment import Plan, plan_deployment, strongest_level
from streamlab.contracts.differences import differences
from streamlab.contracts.finding import BrokenFileError, shown
from streamlab.contracts.registration import InterruptedRegistrationError, apply, prepare
from streamlab.contracts.registry_client import RegistryClient
from streamlab.contracts.source import Source, find
from streamlab.contracts.validation import Report, validate
from streamlab.errors import StreamlabError
from streamlab.registry import compatibility
from streamlab.registry.compatibility import Level

CANNOT_RUN = 2


Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", show_default="the course's", help="A folder of contracts, or of one contract."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]
Ignored = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave out findings of this rule.")
]
Old = Annotated[str, typer.Argument(help="A file, or a version of a contract as transaction:1.")]
New = Annotated[str, typer.Argument(help="The same, or transaction:latest.")]


def add_to(app: typer.Typer) -> None:
    """Add the group `schemas` to a command line."""
    group = typer.Typer(no_args_is_help=True)
    group.callback()(_group)
    group.command("validate")(validate_contracts)
    group.command("diff")(diff)
    group.command("check")(check)
    group.command("plan")(plan)
    group.command("register")(register)
    app.add_typer(group, name="schemas")


def _group() -> None:
    """Contracts in a pipeline. Exit code 0: nothing found; 1: something found; 2: could not run."""


def validate_contracts(folder: Folder = FOLDER, ignore: Ignored = None, as_json: AsJson = False) -> None:
    """Say everything that is wrong with the contracts, with file, line and field."""
    with _errors("validate", as_json):
        report = validate(folder, ignore or ())
        _end("validate", report.ok, _report_json(report), rendering.report_lines(report), as_json)


def diff(old: Old, new: New, as_json: AsJson = False) -> None:
    """List what changed, and who is affected. Exit code 1 if any consumer breaks or is misled."""
    with _errors("diff", as_json):
        before, after = find(old), find(new)
        compared = differences(before.tree, after.tree, before.file.content, after.file.content)
        body = {"old": old, "new": new, **compared.as_json()}
        lines = rendering.comparison_lines(old, new, compared)
        _end("diff", compared.affects_nobody, body, lines, as_json)


def check(
    level: Annotated[Level, typer.Argument(case_sensitive=False, help="The compatibility level.")],
    schemas: Annotated[
        list[str], typer.Argument(metavar="OLD... NEW", help="Oldest first; the last one is new.")
    ],
    as_json: AsJson = False,
) -> None:
    """Say whether a registry with this level would take NEW after OLD..."""
    with _errors("check", as_json):
        if len(schemas) < 2:
            raise StreamlabError("One schema cannot be compared.", "Give OLD and NEW, the oldest first.")
        *history, new = [find(one) for one in schemas]
        found = compatibility.check(level, new.tree, [one.tree for one in history])
        body = {
            "level": level.value,
            "definition": level.definition,
            "new": new.given,
            "history": [one.given for one in history],
            "incompatibilities": [asdict(one) for one in found],
        }
        lines = rendering.check_lines(level, new.given, [one.given for one in history], found)
        _end("check", not found, body, lines, as_json)


def plan(
    old: Old,
    new: New,
    level: Annotated[
        Level | None,
        typer.Option(case_sensitive=False, help="Default: the contract's, or the strongest that holds."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say in which order to deploy, and what each step proves. Exit code 1 if it takes an adapter."""
    with _errors("plan", as_json):
        before, after = find(old), find(new)
        asked = level or _level_of(before, after)
        made = plan_deployment(asked, before.tree, after.tree, (before.file.content, after.file.content))
        lines = rendering.plan_lines(old, new, made)
        _end("plan", not made.adapter_needed, _plan_json(old, new, made), lines, as_json)


def register(
    folder: Folder = FOLDER,
    registry: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="SCHEMA_REGISTRY_URL", help="Default: the running stack's."),
    ] = None,
    apply_it: Annotated[
        bool, typer.Option("--apply", "--yes", "-y", help="Do it; without it, a dry run.")
    ] = False,
    ignore: Ignored = None,
    as_json: AsJson = False,
) -> None:
    """Say what the registry lacks and would take; with --apply, register it. Safe to run again."""
    with _errors("register", as_json):
        report = validate(folder, ignore or ())
        if any(finding.rule != "incompatible" for finding in report.findings):
            lines = [*rendering.report_lines(report), "Nothing was registered: mend the findings first."]
            _end("register", False, _registration_json(report, None, None, []), lines, as_json)
        address = _stack_registry() if registry is None else registry
        with RegistryClient(address) as client:
            # Of what is incompatible, the registry's verdict is worth hearing too.
            prepared = prepare(report, client)
            ok = report.ok and not prepared.refusals
            lines = [] if report.ok else list(rendering.report_lines(report))
            lines += rendering.prepared_lines(prepared, client.shown)
            if not as_json:
                typer.echo("\n".join(lines))
            done = []
            for action in apply(prepared, client) if ok and apply_it else ():
                done.append(action)
                if not as_json:
                    typer.echo(f"done: {told(action)}")
        end = "Nothing was registered." if not ok else "This was a dry run: nothing changed. --apply does it."
        if ok and (done or not prepared.pending):
            end = f"{rendering.counted(len(done), 'step')} done." if done else "Nothing is to be done."
        _end("register", ok, _registration_json(report, prepared, client.shown, done), [end], as_json)


def _stack_registry() -> str:
    # Imported here: the other commands need no stack, and its clients take a while to load.
    from streamlab import stack

    return stack.connect().schema_registry_url


def _level_of(before: Source, after: Source) -> Level:
    """The contract's level where both are versions of one contract."""
    if before.contract and after.contract and before.contract.name == after.contract.name:
        return after.contract.compatibility
    return strongest_level(before.tree, after.tree)


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "folder": shown(report.folder),
        "files": report.files,
        "contracts": [
            {
                "name": one.name,
                "subject": one.subject,
                "topic": one.topic,
                "key": one.key,
                "partitions": one.partitions,
                "compatibility": one.compatibility.value,
                "versions": list(one.versions),
            }
            for one in report.contracts
        ],
        "findings": [finding.as_json() for finding in report.findings],
    }


def _plan_json(old: str, new: str, made: Plan) -> dict[str, Any]:
    return {
        "old": old,
        "new": new,
        "level": made.level.value,
        "definition": made.level.definition,
        "order": made.order.value,
        "adapter_needed": made.adapter_needed,
        "because": list(made.because),
        "steps": [asdict(step) for step in made.steps],
        "otherwise": list(made.otherwise),
    }


def _registration_json(
    report: Report, prepared: Prepared | None, registry: str | None, done: list[Action]
) -> dict[str, Any]:
    asked = prepared.as_json() if prepared else {"actions": [], "refusals": [], "notes": []}
    return {
        "registry": registry,
        "applied": bool(done),
        "findings": [finding.as_json() for finding in report.findings],
        **asked,
        "done": [asdict(action) for action in done],
    }


def _end(command: str, ok: bool, body: dict[str, Any], lines: Iterable[str], as_json: bool) -> None:
    """Print the result and end with its exit code."""
    if as_json:
        _print_json({"command": command, "ok": ok, **body})
    else:
        for line in lines:
            typer.echo(line)
    raise typer.Exit(0 if ok else 1)


@contextmanager
def _errors(command: str, as_json: bool) -> Iterator[None]:
    """What keeps a command from its work is one sentence on stderr, and exit code 2."""
    try:
        try:
            yield
        except OSError as error:
            named = shown(Path(error.filename)) if isinstance(error.filename, str) else "A file"
            reason = error.strerror or type(error).__name__
            raise StreamlabError(f"{named} cannot be read: {reason}.", "Look at its rights.") from error
        except RecursionError as error:
            raise StreamlabError("A schema is nested too deeply.", "Make it flatter.") from error
    except StreamlabError as error:
        if as_json:
            told_error: dict[str, Any] = {"what": error.what, "next_step": error.next_step}
            if isinstance(error, BrokenFileError):
                told_error["finding"] = error.finding.as_json()
            if isinstance(error, InterruptedRegistrationError):
                told_error["done"] = [asdict(action) for action in error.done]
            _print_json({"command": command, "ok": False, "error": told_error})
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(CANNOT_RUN) from error


def _print_json(body: dict[str, Any]) -> None:
    typer.echo(json.dumps(body, indent=2, ensure_ascii=False))
