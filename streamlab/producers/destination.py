"""Where a contract's events go: its topic and its schema, made and registered if they are missing, and told.

    destination = prepare(stack.connect(), contracts.contract("transaction"), version=3)
    destination.topic, destination.schema_id
    destination.done                         # ("Topic txn.events was made, with 24 partitions.", ...)

Nothing is registered in passing, as a serializer with `auto.register.schemas` does: the contracts' own rules
and the registry's are asked first, and what was done is said.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamlab.contracts import Contract
from streamlab.contracts.actions import Action, Kind
from streamlab.contracts.registration import apply
from streamlab.contracts.registration import prepare as look
from streamlab.contracts.registry_client import RegistryClient
from streamlab.contracts.validation import validate
from streamlab.errors import StreamlabError
from streamlab.stack import topics
from streamlab.wire import SchemaId

if TYPE_CHECKING:
    from streamlab.stack import Stack


@dataclass(frozen=True)
class Destination:
    """A topic that can be written to.

    Attributes:
        done: what was made or found, as sentences.
    """

    topic: str
    partitions: int
    subject: str
    schema_id: SchemaId
    done: tuple[str, ...]


def prepare(here: "Stack", contract: Contract, version: int, *, topic: str | None = None) -> Destination:
    """Make the topic and register the contract, if they are not there.

    Args:
        version: the version of the contract that is written.
        topic: another topic than the contract's, with a subject of its own.

    Raises:
        StreamlabError: the topic is there with another number of partitions, or the contract is refused.
        StackUnavailable: broker or registry does not answer.
    """
    name = topic or contract.topic
    if name is None or contract.partitions is None:
        raise StreamlabError(f"The contract {contract.name} has no topic.", "Name one.")
    subject = contract.subject if name == contract.topic else f"{name}-value"
    was_there = name in topics.known(here)
    here.create_topic(name, contract.partitions)
    made = "is there" if was_there else "was made"
    schema_id, registered = _register(here, replace(contract, topic=name, subject=subject), version)
    said = f"Topic {name} {made}, with {contract.partitions} partitions."
    return Destination(name, contract.partitions, subject, schema_id, (said, registered))


def _register(here: "Stack", contract: Contract, version: int) -> tuple[SchemaId, str]:
    report = validate(contract.folder)
    if not report.ok:
        finding = report.findings[0]
        raise StreamlabError(
            f"The contract {contract.name} is not in order: {finding.message}",
            "Run `streamlab schemas validate`.",
        )
    with RegistryClient(here.schema_registry_url) as registry:
        prepared = look(replace(report, contracts=(contract,)), registry)
        if prepared.refusals:
            refusal = prepared.refusals[0]
            raise StreamlabError(
                f"{contract.subject} v{refusal.version} is refused by the {refusal.by}: {refusal.message}",
                "Run `streamlab schemas register` to see all that speaks against it.",
            )
        done = list(apply(prepared, registry))
    for action in (*done, *prepared.actions):
        if action.version == version and action.schema_id is not None:
            return SchemaId(action.schema_id), _told(contract, version, action.schema_id, done)
    raise StreamlabError(f"{contract.subject} has no v{version}.", "Run `streamlab schemas register`.")


def _told(contract: Contract, version: int, schema_id: int, done: list[Action]) -> str:
    new = [f"v{action.version}" for action in done if action.kind is Kind.REGISTER]
    if new:
        return f"Registered {', '.join(new)} of {contract.subject}; v{version} has the id {schema_id}."
    return f"{contract.subject} v{version} is registered, with the id {schema_id}."
