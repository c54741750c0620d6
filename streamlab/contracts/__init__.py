"""The data contracts in `schemas/`, one folder a contract, one file a version.

transaction = contracts.load("transaction", version=1)      # the schema as a dict
contracts.contract("transaction").topic                     # "txn.events"
contracts.contract("transaction").partitions                # 24
contracts.names()                                           # ["click", "device", ...]
"""

import json
from typing import Any

from streamlab.contracts.contract import METADATA, Contract, Reference, read
from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT

__all__ = ["FOLDER", "Contract", "Reference", "contract", "load", "names"]

FOLDER = PROJECT / "schemas"


def load(contract: str, version: int) -> dict[str, Any]:
    """The Avro schema of one version of a contract, as parsed JSON; a new object at every call.

    Raises:
        StreamlabError: there is no such contract or version.
    """
    file = FOLDER / contract / f"v{version}.avsc"
    if not file.is_file():
        have = ", ".join(sorted(f"{f.parent.name} {f.stem}" for f in FOLDER.glob("*/v*.avsc"))) or "none"
        raise StreamlabError(f"There is no contract {contract!r} version {version}.", f"There is: {have}.")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def contract(name: str) -> Contract:
    """A contract's topic, key, partitions, compatibility level and versions.

    Raises:
        StreamlabError: there is no such contract, or its `contract.toml` is wrong.
    """
    if name not in names():
        raise StreamlabError(f"There is no contract {name!r}.", f"There is: {', '.join(names()) or 'none'}.")
    return read(FOLDER / name)


def names() -> list[str]:
    """The contracts that there are, by name."""
    return sorted(file.parent.name for file in FOLDER.glob(f"*/{METADATA}"))
