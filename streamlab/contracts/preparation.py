"""What a registry has of the contracts, what it lacks, and what speaks against adding that.

    prepared = prepare(validate(Path("schemas")), registry)
    prepared.actions                # Action(PRESENT, "transaction", "txn.events-value", 1, ...), ...
    prepared.refusals               # by our rules at the contract's level, by the registry at its own

Everything is asked before anything is changed; `registration` does what is pending.
"""

from streamlab.contracts import references, schema_file
from streamlab.contracts.actions import Action, Kind, Prepared, Refusal
from streamlab.contracts.contract import Contract
from streamlab.contracts.registry_client import NewVersion, RegistryClient
from streamlab.contracts.validation import Report
from streamlab.registry import schema_parser
from streamlab.registry.compatibility import check
from streamlab.registry.schema_tree import InvalidSchemaError, Schema


def prepare(report: Report, registry: RegistryClient) -> Prepared:
    """Ask the registry what it has and what it would take; change nothing.

    Args:
        report: of contracts in which nothing was found.

    Raises:
        StreamlabError: the registry does not answer as one.
    """
    ordered = _referenced_first(report.contracts)
    actions: list[Action] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    known: dict[tuple[str, int], int] = {}
    for contract in ordered:
        look = _Look(contract, registry, known, {one.name for one in ordered})
        actions += look.actions()
        refusals += look.refusals
        notes += look.notes
    return Prepared(tuple(ordered), tuple(actions), tuple(refusals), tuple(notes))


def new_version(contract: Contract, version: int, known: dict[tuple[str, int], int]) -> NewVersion:
    """A version as it is sent; KeyError if the registry's number of a reference is not known."""
    listed = []
    for one in contract.references_in(version):
        subject = references.read_other(contract, one).subject
        listed.append(
            {"name": one.name, "subject": subject, "version": known[one.contract, one.version]}
        )  # fmt: skip
    return NewVersion(schema_file.read(contract.file(version)).content, tuple(listed))


def _referenced_first(contracts: tuple[Contract, ...]) -> list[Contract]:
    """Each contract after those that it refers to; circles were found by validation."""
    by_name = {contract.name: contract for contract in contracts}
    ordered: dict[str, Contract] = {}

    def add(contract: Contract, path: tuple[str, ...]) -> None:
        for reference in contract.references:
            if reference.contract in by_name and reference.contract not in (*path, contract.name):
                add(by_name[reference.contract], (*path, contract.name))
        ordered.setdefault(contract.name, contract)

    for contract in contracts:
        add(contract, ())
    return list(ordered.values())


class _Look:
    """One subject: what the registry has, what is missing, and what speaks against adding it."""

    def __init__(
        self,
        contract: Contract,
        registry: RegistryClient,
        known: dict[tuple[str, int], int],
        together: set[str],
    ) -> None:
        self.contract = contract
        self.registry = registry
        self.known = known
        self.together = together
        self.refusals: list[Refusal] = []
        self.notes: list[str] = []

    def actions(self) -> list[Action]:
        contract, registry = self.contract, self.registry
        there = registry.versions(contract.subject)
        found = {version: self._find(version) for version in contract.versions}
        actions = [
            Action(
                Kind.PRESENT,
                contract.name,
                contract.subject,
                version,
                registry_version=at[0],
                schema_id=at[1],
            )
            for version, at in found.items()
            if at is not None
        ]
        pending = [version for version, at in found.items() if at is None]
        self._check_order([(version, at[0]) for version, at in found.items() if at is not None], pending)
        mode = registry.writable(contract.subject)
        level = self._level()
        if mode is not None and (pending or level):
            self._refuse("registry", None, f"It is in the mode {mode} and takes no change.")
        if pending:
            self._check_versions(there, found, pending)
        unknown = sorted(set(there) - {at[0] for at in found.values() if at is not None})
        if unknown:
            listed = ", ".join(str(one) for one in unknown)
            self.notes.append(
                f"{contract.subject}: the registry has versions that the folder lacks: {listed}."
            )
        wanted = [Action(Kind.REGISTER, contract.name, contract.subject, version) for version in pending]
        # The level of a subject that is not there yet: not every registry takes it before the first version.
        first = 0 if there else 1
        return [*actions, *wanted[:first], *level, *wanted[first:]]

    def _find(self, version: int) -> tuple[int, int] | None:
        """Where the registry has a version, if what it refers to is there at all."""
        contract = self.contract
        for one in contract.references_in(version):
            if one.contract not in self.together and (one.contract, one.version) not in self.known:
                other = references.read_other(contract, one)
                at = _Look(other, self.registry, self.known, self.together)._find(one.version)
                if at is None:
                    what = f"It refers to {other.subject} version {one.version}, which is not registered."
                    self._refuse("registry", version, f"{what} Register {one.contract} first.")
        try:
            new = new_version(contract, version, self.known)
        except KeyError:
            return None
        found = self.registry.find(contract.subject, new)
        if found is not None:
            self.known[contract.name, version] = found[0]
        return found

    def _level(self) -> list[Action]:
        own = self.registry.own_level(self.contract.subject)
        wanted = self.contract.compatibility
        if own is wanted:
            return []
        before = own or self.registry.level(self.contract.subject)
        return [
            Action(
                Kind.SET_LEVEL,
                self.contract.name,
                self.contract.subject,
                level=wanted,
                replaces=before,
                own=own is not None,
            )
        ]

    def _check_order(self, present: list[tuple[int, int]], pending: list[int]) -> None:
        for version in pending:
            later = [number for number, _ in present if number > version]
            if later:
                what = f"v{later[0]} is registered and v{version} is not: it would become the latest version."
                self._refuse("contract", version, f"{what} Give v{version} the number after the last.")
        if [at for _, at in present] != sorted(at for _, at in present):
            self._refuse("contract", None, "The registry has the versions in another order than the folder.")

    def _check_versions(
        self, there: list[int], found: dict[int, tuple[int, int] | None], pending: list[int]
    ) -> None:
        """Our rules at the contract's level, and the registry's at its own."""
        contract = self.contract
        ours = {at[0]: self._tree(version) for version, at in found.items() if at is not None}
        history: list[Schema] = []
        names: list[str] = []
        for number in there:
            try:
                history.append(ours.get(number) or schema_parser.parse(
                    self.registry.schema(contract.subject, number), check_defaults=False
                ))  # fmt: skip
            except InvalidSchemaError as error:
                what = f"Version {number} of the registry cannot be compared with: {error.problem}."
                self._refuse("contract", None, what)
                return
            names.append(f"version {number} of the registry")
        for version in pending:
            tree = self._tree(version)
            for one in check(contract.compatibility, tree, history):
                against = names[one.against] if one.against is not None else "the latest"
                what = f"{one.type} under {contract.compatibility}, against {against}: {one.message}"
                self._refuse("contract", version, what)
            # Of a level that is not transitive the registry can only judge the version that comes next.
            if there and (version == pending[0] or contract.compatibility.transitive):
                self._ask_registry(version)
            history.append(tree)
            names.append(f"v{version}")

    def _ask_registry(self, version: int) -> None:
        try:
            new = new_version(self.contract, version, self.known)
        except KeyError:
            return  # what it refers to is registered in this run
        level = self.registry.level(self.contract.subject)
        for message in self.registry.refusals(self.contract.subject, new):
            self._refuse("registry", version, f"Under its level {level}: {message}")

    def _tree(self, version: int) -> Schema:
        file = schema_file.read(self.contract.file(version))
        return file.tree(references.contents(self.contract, version), check_defaults=False)

    def _refuse(self, by: str, version: int | None, message: str) -> None:
        self.refusals.append(Refusal(by, self.contract.name, self.contract.subject, version, message))
