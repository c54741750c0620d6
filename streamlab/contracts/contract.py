"""A contract: the versions of one schema, and what `contract.toml` says about their topic.

    contract = read(Path("schemas/transaction"))
    contract.topic, contract.key, contract.partitions       # "txn.events", "card_id", 24
    contract.compatibility, contract.subject                # Level.BACKWARD, "txn.events-value"
    contract.versions, contract.file(2)                     # (1, 2), Path(".../v2.avsc")

A contract of types that others share has no topic: its `contract.toml` gives `subject` in place of topic,
key and partitions. Others name it under `[[references]]` (name, contract, version, and in_versions where
not all of their versions use it).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from streamlab.contracts.finding import BrokenFileError, Finding, shown
from streamlab.contracts.schema_file import read_text
from streamlab.registry.compatibility import Level

METADATA: Final = "contract.toml"
_VERSION = re.compile(r"v([1-9][0-9]*)\.avsc")
_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_KEYS: Final = ("topic", "key", "partitions", "compatibility", "subject", "references")


@dataclass(frozen=True)
class Reference:
    """A version of another contract whose type is used here.

    Attributes:
        name: the full name by which the schema speaks of it.
        contract: the folder of the other contract, beside this one's.
        in_versions: the versions that use it; None is all.
    """

    name: str
    contract: str
    version: int
    in_versions: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Contract:
    """What a contract says of itself.

    Attributes:
        folder: where its versions are.
        subject: the name under which a registry keeps them.
        compatibility: what each version promises to the ones before it.
        topic: the topic that the data goes to; None for types that other contracts share.
        key: the field that is the message's key, and so decides on the partition.
        partitions: of the topic.
    """

    folder: Path
    subject: str
    compatibility: Level
    topic: str | None = None
    key: str | None = None
    partitions: int | None = None
    references: tuple[Reference, ...] = field(default=())

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.resolve().name

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that there are, oldest first."""
        return tuple(sorted(versions(self.folder)))

    def file(self, version: int) -> Path:
        """The file of a version, whether it exists or not."""
        return self.folder / f"v{version}.avsc"

    def references_in(self, version: int) -> tuple[Reference, ...]:
        """The references that one version uses."""
        return tuple(r for r in self.references if r.in_versions is None or version in r.in_versions)


def versions(folder: Path) -> dict[int, Path]:
    """The files of a folder that are named as versions are: v1.avsc, v2.avsc, ..."""
    matches = ((_VERSION.fullmatch(file.name), file) for file in folder.iterdir())
    return {int(match[1]): file for match, file in matches if match}


def read(folder: Path) -> Contract:
    """The contract in a folder.

    Raises:
        BrokenFileError: its `contract.toml` is not there or is wrong; the first thing that is wrong.
    """
    contract, findings = examine(folder)
    if contract is None or findings:
        raise BrokenFileError(findings[0])
    return contract


def examine(folder: Path) -> tuple[Contract | None, list[Finding]]:
    """The contract in a folder, and everything that is wrong with its `contract.toml`."""
    file = folder / METADATA
    if not file.exists():
        message = f"It has no {METADATA}: nobody knows its topic, key, partitions and compatibility."
        return None, [Finding("metadata", shown(folder), message, f"Write {shown(file)}.")]
    try:
        given = tomllib.loads(read_text(file))
    except BrokenFileError as error:
        return None, [error.finding]
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        message = f"It is not TOML: {_TOML_PLACE.sub('', str(error)).strip()}."
        return None, [Finding("metadata", shown(file), message, "Mend it at this place.", line, column)]
    findings = [Finding("metadata", shown(file), *problem) for problem in _problems(given)]
    if findings:
        return None, findings
    topic = given.get("topic")
    return Contract(
        folder,
        subject=given.get("subject") or f"{topic}-value",
        compatibility=Level(given["compatibility"]),
        topic=topic,
        key=given.get("key"),
        partitions=given.get("partitions"),
        references=tuple(_reference(one) for one in given.get("references", ())),
    ), []


def _problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the metadata: what, and what mends it."""
    for name in given.keys() - set(_KEYS):
        yield f"It has a key {name!r}, which means nothing here.", f"There is: {', '.join(_KEYS)}."
    if "subject" in given:
        if not isinstance(given["subject"], str) or not given["subject"].strip():
            yield "subject is not a name.", "Write the registry's name for the shared types."
        for name in {"topic", "key", "partitions"} & given.keys():
            yield f"It has both subject and {name}.", "Shared types have no topic: keep one of the two."
    else:
        yield from _topic_problems(given)
    if given.get("compatibility") not in list(Level):
        has = (
            f"compatibility is {given['compatibility']!r}"
            if "compatibility" in given
            else "It has no compatibility"
        )
        yield f"{has}.", f"Write one of {', '.join(Level)}."
    listed = given.get("references", [])
    if not isinstance(listed, list) or not all(_is_reference(one) for one in listed):
        yield "references is not what it should be.", "Write [[references]] with name, contract and version."


def _topic_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    topic, key, partitions = given.get("topic"), given.get("key"), given.get("partitions")
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic) or topic in (".", ".."):
        has = "It has no topic" if topic is None else f"topic is {topic!r}, which Kafka does not take"
        yield f"{has}.", "Write a name of letters, digits, '.', '_' and '-', at most 249."
    if not isinstance(key, str) or not key:
        has = "It has no key" if key is None else f"key is {key!r}"
        yield f"{has}.", "Write the name of the field whose value is the message's key."
    if not isinstance(partitions, int) or isinstance(partitions, bool) or partitions < 1:
        has = "It has no partitions" if partitions is None else f"partitions is {partitions!r}"
        yield f"{has}.", "Write how many partitions the topic has, from 1."


def _is_reference(given: Any) -> bool:
    if not isinstance(given, dict) or not given.keys() <= {"name", "contract", "version", "in_versions"}:
        return False
    used_by = given.get("in_versions", [])
    return (
        all(isinstance(given.get(one), str) and given[one] for one in ("name", "contract"))
        and "/" not in given["contract"]
        and "\\" not in given["contract"]
        and _is_version(given.get("version"))
        and isinstance(used_by, list)
        and all(_is_version(one) for one in used_by)
    )


def _is_version(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given > 0


def _reference(given: Mapping[str, Any]) -> Reference:
    used_by = given.get("in_versions")
    return Reference(
        given["name"], given["contract"], given["version"], None if used_by is None else tuple(used_by)
    )
