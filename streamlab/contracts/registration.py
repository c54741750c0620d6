"""Bringing contracts to a registry: look at everything first, then do it, in order; again and again.

    with RegistryClient(url) as registry:
        prepared = prepare(validate(Path("schemas")), registry)      # asks, and changes nothing
        prepared.refusals                        # by our rules and by the registry's; empty: all is well
        for action in apply(prepared, registry):
            print(action)

What is registered already is left as it is, so that a second run has nothing to do. `apply` does nothing at
all where anything was refused.
"""

from collections.abc import Iterator
from dataclasses import replace

from streamlab.contracts.actions import Action, Prepared, told
from streamlab.contracts.contract import Contract
from streamlab.contracts.preparation import new_version, prepare
from streamlab.contracts.registry_client import RegistryClient
from streamlab.errors import StreamlabError

__all__ = ["InterruptedRegistrationError", "apply", "prepare"]


class InterruptedRegistrationError(StreamlabError):
    """The registry failed after some steps were done; `done` are those."""

    def __init__(self, error: StreamlabError, done: list[Action], planned: int) -> None:
        steps = ", ".join(told(action) for action in done)
        super().__init__(
            f"{error.what} {len(done)} of {planned} steps were done before: {steps}.",
            "Run the same command again: it goes on where this one stopped.",
        )
        self.done = done


def apply(prepared: Prepared, registry: RegistryClient) -> Iterator[Action]:
    """Do what is pending, step by step; each step is given when it is done.

    Raises:
        StreamlabError: something was refused in preparing, or the first step failed.
        InterruptedRegistrationError: a later step failed.
    """
    if prepared.refusals:
        raise StreamlabError("Nothing was registered: there are refusals.", "Mend them first.")
    contracts = {contract.name: contract for contract in prepared.contracts}
    known = {
        (one.contract, one.version): one.registry_version
        for one in prepared.actions
        if one.version is not None and one.registry_version is not None
    }
    done: list[Action] = []
    for action in prepared.pending:
        try:
            finished = _do(action, contracts[action.contract], registry, known)
        except StreamlabError as error:
            if not done:
                raise
            raise InterruptedRegistrationError(error, done, len(prepared.pending)) from error
        done.append(finished)
        yield finished


def _do(
    action: Action, contract: Contract, registry: RegistryClient, known: dict[tuple[str, int], int]
) -> Action:
    if action.version is None:
        registry.set_level(action.subject, action.level or contract.compatibility)
        return action
    new = new_version(contract, action.version, known)
    registry.register(action.subject, new)
    found = registry.find(action.subject, new)
    if found is None:
        raise StreamlabError(
            f"The registry at {registry.shown} took {action.subject} v{action.version} and does not have it.",
            "Look at its log.",
        )
    known[contract.name, action.version] = found[0]
    return replace(action, registry_version=found[0], schema_id=found[1])
