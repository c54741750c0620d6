"""A schema that a person names on the command line: a file, or a version of one of the course's contracts.

find("schemas/transaction/v1.avsc").file.content
find("transaction:2").contract.compatibility         # the contract is known in both forms
find("transaction:latest").version                   # 2
"""

from dataclasses import dataclass
from pathlib import Path

from streamlab import contracts
from streamlab.contracts import references, schema_file
from streamlab.contracts.contract import METADATA, Contract, read, versions
from streamlab.contracts.finding import BrokenFileError
from streamlab.contracts.schema_file import SchemaFile
from streamlab.errors import StreamlabError
from streamlab.registry.schema_tree import Schema


@dataclass(frozen=True)
class Source:
    """A schema with what is known of where it came from.

    Attributes:
        given: as the person named it.
        tree: the schema with every name resolved.
        contract: the contract that it is a version of, if its folder says so.
    """

    given: str
    file: SchemaFile
    tree: Schema
    contract: Contract | None = None
    version: int | None = None


def find(given: str) -> Source:
    """The schema that is meant.

    Raises:
        StreamlabError: there is no such file or version, or it holds no schema.
    """
    file = Path(given)
    if not file.exists():
        named = _version_of(given)
        if named is None:
            raise StreamlabError(
                f"There is no file {given}.", "Give a file, or a version of a contract: transaction:2."
            )
        file = named
    if file.is_dir():
        raise StreamlabError(f"{given} is a folder.", "Give the file of one version, as v2.avsc in it.")
    schema = schema_file.read(file)
    numbers = {found.name: number for number, found in versions(file.resolve().parent).items()}
    version = numbers.get(file.name)
    contract = read(file.parent) if version and (file.parent / METADATA).exists() else None
    used = references.contents(contract, version) if contract and version else []
    if schema.places.duplicates:
        pointer, key, offset = schema.places.duplicates[0]
        message = f'The key "{key}" is there twice: parsers take the last one in silence.'
        raise BrokenFileError(
            schema.finding("duplicate-key", pointer, message, "Keep one of them.", offset=offset)
        )
    return Source(given, schema, schema.tree(used), contract, version)


def _version_of(given: str) -> Path | None:
    name, colon, version = given.rpartition(":")
    if not colon or name not in contracts.names():
        return None
    contract = contracts.contract(name)
    number = version.removeprefix("v")
    if version == "latest" and contract.versions:
        number = str(contract.versions[-1])
    if not number.isascii() or not number.isdigit() or int(number) not in contract.versions:
        have = ", ".join(str(one) for one in contract.versions) or "none"
        raise StreamlabError(f"{name} has no version {version}.", f"It has: {have}.")
    return contract.file(int(number))
