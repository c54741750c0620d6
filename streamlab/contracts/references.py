"""The schemas that a version of a contract refers to, found in the contracts beside it.

contents(read(Path("schemas/order")), 2)       # [{"name": "Address", ...}], each before those that use it
"""

from typing import Any

from streamlab.contracts import schema_file
from streamlab.contracts.contract import METADATA, Contract, Reference, read
from streamlab.contracts.finding import BrokenFileError, Finding, shown
from streamlab.registry.schema_tree import Named


def contents(contract: Contract, version: int) -> list[Any]:
    """The schemas that a version refers to, as parsed JSON, and those that they refer to before them.

    Raises:
        BrokenFileError: one of them is not there, does not define its name, or refers back.
    """
    found: dict[tuple[str, int], Any] = {}
    _add(contract, version, found, ())
    return list(found.values())


def _add(
    contract: Contract, version: int, found: dict[tuple[str, int], Any], path: tuple[tuple[str, int], ...]
) -> None:
    for reference in contract.references_in(version):
        key = (reference.contract, reference.version)
        if key in path or key == (contract.name, version):
            raise _broken(contract, reference, "refers back to itself", "Break the circle.")
        if key in found:
            continue
        other = read_other(contract, reference)
        _add(other, reference.version, found, (*path, (contract.name, version), key))
        file = schema_file.read(other.file(reference.version))
        tree = file.tree(found.values())
        if not isinstance(tree, Named) or tree.full_name != reference.name:
            what = tree.full_name if isinstance(tree, Named) else tree.label
            raise _broken(
                contract, reference, f"defines {what}", "Write that name, or refer to another file."
            )
        found[key] = file.content


def read_other(contract: Contract, reference: Reference) -> Contract:
    """The contract that a reference names.

    Raises:
        BrokenFileError: it is not there, or is broken itself.
    """
    folder = contract.folder.resolve().parent / reference.contract
    if not (folder / f"v{reference.version}.avsc").is_file():
        step = f"Add {shown(folder / f'v{reference.version}.avsc')}, or mend the reference."
        raise _broken(contract, reference, "does not exist", step)
    return read(folder)


def _broken(contract: Contract, reference: Reference, what: str, step: str) -> BrokenFileError:
    message = (
        f"The reference {reference.name} does not resolve: {reference.contract} version "
        f"{reference.version} {what}."
    )
    return BrokenFileError(Finding("reference", shown(contract.folder / METADATA), message, step))
