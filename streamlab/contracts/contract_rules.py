"""What is wrong with a contract as a whole: its key, the step from version to version, its numbering.

findings(contract, {1: Version(1, file, tree)})        # [] or what is wrong, in the file where it is
clashes([transaction, click])                          # two contracts that claim one topic
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlab.contracts import annotations, definitions
from streamlab.contracts.contract import METADATA, Contract
from streamlab.contracts.finding import Finding, shown
from streamlab.contracts.schema_file import SchemaFile
from streamlab.registry.compatibility import Level, check
from streamlab.registry.resolution import incompatibilities
from streamlab.registry.schema_tree import InvalidSchemaError, Named, Record, Schema, Union

KEY_TYPES: Final = ("string", "bytes", "int", "long", "enum", "fixed")


@dataclass(frozen=True)
class Version:
    """One version that is a valid schema."""

    number: int
    file: SchemaFile
    tree: Schema
    references: tuple[Any, ...] = ()


def findings(contract: Contract | None, versions: Mapping[int, Version]) -> list[Finding]:
    """What is wrong with the versions of a contract beyond each schema's own faults.

    Args:
        contract: None if its metadata is not there or broken: the steps are then judged at BACKWARD, the
            level of a registry that was told nothing.
    """
    listed = [versions[number] for number in sorted(versions)]
    level = contract.compatibility if contract else Level.BACKWARD
    found: list[Finding] = []
    if contract is not None:
        found += [one for version in listed for one in _key(contract, version)]
    for index in range(1, len(listed)):
        found += _step(level, listed[:index], listed[index])
    return found


def gaps(folder: Path, numbers: Iterable[int]) -> Iterator[Finding]:
    """Versions run from 1 without a gap, as the registry's do."""
    have = set(numbers)
    if not have:
        yield Finding("no-versions", shown(folder), "It has no version.", "Write v1.avsc.")
    missing = [number for number in range(1, max(have, default=0)) if number not in have]
    if missing:
        files = ", ".join(f"v{number}.avsc" for number in missing[:5]) + (" ..." if missing[5:] else "")
        message = f"The versions have a gap: {files} {'is' if len(missing) == 1 else 'are'} missing."
        step = "Number the versions from 1 without a gap; a version that was registered stays."
        yield Finding("version-gap", shown(folder), message, step)


def clashes(contracts: Sequence[Contract]) -> Iterator[Finding]:
    """Two contracts of one subject: the registry would take one for the next version of the other."""
    first: dict[str, Contract] = {}
    for contract in contracts:
        other = first.setdefault(contract.subject, contract)
        if other is not contract:
            message = f"The contract {other.name} has the subject {contract.subject} too."
            yield Finding(
                "same-topic", shown(contract.folder / METADATA), message, "Give each contract its own topic."
            )


def _key(contract: Contract, version: Version) -> Iterator[Finding]:
    file, tree = version.file, version.tree
    if contract.key is None:
        if not isinstance(tree, Named):
            message = f"A shared type needs a name, and this is {tree.label}."
            yield file.finding("not-a-record", "", message, "Make it a record, an enum or a fixed.")
        return
    if not isinstance(tree, Record):
        message = f"The value of a topic with the key {contract.key} is a record, and this is {tree.label}."
        yield file.finding("not-a-record", "", message, f"Make it a record with the field {contract.key}.")
        return
    field = tree.field_named(contract.key)
    if field is None:
        names = ", ".join(one.name for one in tree.fields) or "none"
        message = f"{METADATA} names the key {contract.key}, and the record has no such field."
        yield file.finding("key-missing", "/fields", message, f"Its fields are: {names}.")
        return
    pointer = f"/fields/{tree.fields.index(field)}/type"
    branches = field.schema.branches if isinstance(field.schema, Union) else (field.schema,)
    if any(branch.type == "null" for branch in branches):
        yield file.finding(
            "key-nullable", pointer,
            f"The key {contract.key} may be null: messages without a key go to any partition, and lose the "
            "order among those of one key.",
            "Make it mandatory, or choose another key.",
        )  # fmt: skip
    elif isinstance(field.schema, Union) or field.schema.type not in KEY_TYPES:
        message = f"A key of type {field.schema.label} has no one form in bytes: equal keys may part."
        yield file.finding("key-type", pointer, message, f"Use one of {', '.join(KEY_TYPES)}.")


def _step(level: Level, earlier: Sequence[Version], new: Version) -> Iterator[Finding]:
    """From the versions before to this one."""
    latest = earlier[-1]
    try:
        refusals = check(level, new.tree, [one.tree for one in earlier])
    except InvalidSchemaError as error:
        yield new.file.finding("incompatible", "", error.what, error.next_step)
        return
    for index, old in enumerate(earlier):
        against = [one for one in refusals if one.against == index]
        backward = len(incompatibilities(new.tree, old.tree)) if against and level.backward else 0
        for position, one in enumerate(against):
            # `check` puts the new schema as the reader first.
            pointer = one.path if position < backward else _in_new(one.path, old, new)
            yield new.file.finding(
                "incompatible", "" if pointer == "/" else pointer,
                f"{one.type} under {level}, against v{old.number}: {one.message}",
                "If it cannot be mended, begin a new contract on a new topic.",
            )  # fmt: skip
    if isinstance(new.tree, Named) and isinstance(latest.tree, Named):
        yield from _name(latest, latest.tree, new, new.tree)
    for change in annotations.meaning_changes(latest.file.content, new.file.content):
        yield new.file.finding(
            "meaning-changed", change.pointer,
            f"{change.what} since v{latest.number}: every level allows it, and readers take the same "
            "bytes for another value.",
            "Keep it, and add a new field with the new meaning.",
        )  # fmt: skip


def _in_new(path: str, old: Version, new: Version) -> str:
    """A place in the old schema as the place of the same field in the new one; "" if it is gone."""
    of_old = [
        part for part in definitions.fields(old.file.content) if f"{path}/".startswith(f"{part.pointer}/")
    ]
    if not of_old:
        return ""
    wanted = of_old[-1].path
    return next((p.pointer for p in definitions.fields(new.file.content) if p.path == wanted), "")


def _name(latest: Version, old: Named, new: Version, tree: Named) -> Iterator[Finding]:
    if old.full_name != tree.full_name and old.full_name not in tree.aliases and old.name == tree.name:
        message = (
            f"The name was {old.full_name} in v{latest.number} and is {tree.full_name}: the rules compare "
            "the last part only, but generated classes and subjects by record name part."
        )
        yield new.file.finding(
            "name-changed", "/name", message, f'Keep it, or add the alias "{old.full_name}".'
        )
