"""Everything that can be said about contracts without a registry: `streamlab schemas validate`.

    report = validate(Path("schemas"))
    report.ok, report.findings                 # True, ()
    [contract.name for contract in report.contracts]

A folder that holds a `contract.toml` or versions is one contract; otherwise each folder in it is one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from streamlab.contracts import contract_rules, references, schema_file, schema_rules
from streamlab.contracts.contract import METADATA, Contract, examine, versions
from streamlab.contracts.finding import BrokenFileError, Finding, shown
from streamlab.errors import StreamlabError

_VERSION_LIKE = re.compile(r"[vV]?0*([0-9]+).*")


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found.

    Attributes:
        folder: the folder that was asked for.
        contracts: the contracts whose `contract.toml` could be read.
        files: how many schema files were looked at.
        findings: what is wrong, by file and line.
    """

    folder: Path
    contracts: tuple[Contract, ...]
    files: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def validate(folder: Path, ignore: Iterable[str] = ()) -> Report:
    """Apply every rule to every contract in a folder.

    Args:
        ignore: names of rules that are not applied.

    Raises:
        StreamlabError: the folder is not there, cannot be read, or holds no contract.
    """
    found: list[Finding] = []
    contracts: list[Contract] = []
    files = 0
    listed = list(contract_folders(folder))
    if not listed:
        raise StreamlabError(
            f"There is no contract in {shown(folder)}.",
            f"A contract is a folder with {METADATA} and v1.avsc.",
        )
    found += [_misnamed(file) for file in listing(folder) if file.is_file() and folder not in listed]
    for one in listed:
        contract, of_metadata = examine(one)
        found += of_metadata
        schemas, of_files = _schemas(one, contract)
        found += of_files
        files += len(versions(one))
        found += contract_rules.findings(contract, schemas)
        if contract is not None:
            contracts.append(contract)
    found += contract_rules.clashes(contracts)
    found += _too_deep(folder, listed)
    ignored = set(ignore)
    kept = sorted(
        {one for one in found if one.rule not in ignored},
        key=lambda one: (one.file, one.line or 0, one.column or 0, one.rule, one.message),
    )
    return Report(folder, tuple(contracts), files, tuple(kept))


def contract_folders(folder: Path) -> Iterator[Path]:
    """The folders of the contracts: the folder itself if it is one, otherwise those in it."""
    inside = listing(folder)
    if any(one.name == METADATA for one in inside) or versions(folder):
        yield folder
        return
    for one in inside:
        if one.is_dir() and (is_contract(one) or any(file.suffix == ".avsc" for file in listing(one))):
            yield one


def is_contract(folder: Path) -> bool:
    """Whether a folder says that it is a contract."""
    return (folder / METADATA).exists() or bool(versions(folder))


def listing(folder: Path) -> list[Path]:
    """What is in a folder, by name; hidden files and folders are left out.

    Raises:
        StreamlabError: the folder is not there or cannot be read.
    """
    try:
        return sorted(one for one in folder.iterdir() if not one.name.startswith((".", "__")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StreamlabError(
            f"The folder {shown(folder)} cannot be read: {reason}.", "Give the folder of the contracts."
        ) from error


def _schemas(
    folder: Path, contract: Contract | None
) -> tuple[dict[int, contract_rules.Version], list[Finding]]:
    """The versions that are valid schemas, and what is wrong with each file."""
    found: list[Finding] = []
    usable: dict[int, contract_rules.Version] = {}
    numbered = {file: number for number, file in versions(folder).items()}
    for file in listing(folder):
        number = numbered.get(file)
        if number is None:
            if file.name == METADATA or file.is_dir() or file.suffix == ".md":
                continue
            found.append(_misnamed(file))
            if file.suffix.lower() != ".avsc":
                continue
        try:
            schema = schema_file.read(file)
            used = references.contents(contract, number) if contract and number else []
        except BrokenFileError as error:
            found.append(error.finding)
            continue
        found += schema_rules.findings(schema, used)
        try:
            tree = schema.tree(used, check_defaults=False)
        except BrokenFileError:
            continue  # it is among the findings
        if number is not None:
            usable[number] = contract_rules.Version(number, schema, tree, tuple(used))
    return usable, [*found, *contract_rules.gaps(folder, numbered.values())]


def _too_deep(folder: Path, contracts: list[Path]) -> Iterator[Finding]:
    """Schemas below a contract, or below a folder that is none: nobody reads them."""
    for one in (folder, *contracts):
        below = (inner for inner in listing(one) if inner.is_dir() and inner not in contracts)
        for file in (file for inner in below for file in sorted(inner.rglob("*.avsc")) if file.is_file()):
            message = "It lies deeper than a contract's versions do, so nobody reads the file."
            step = f"A contract is a folder directly in {shown(folder)}, with {METADATA} and v1.avsc."
            yield Finding("file-name", shown(file), message, step)


def _misnamed(file: Path) -> Finding:
    match = _VERSION_LIKE.fullmatch(file.stem)
    number = match[1] if match and int(match[1]) else "1"
    message = "It is not the name of a version, so nobody reads the file."
    return Finding("file-name", shown(file), message, f"Call it v{int(number)}.avsc, or move it elsewhere.")
