"""The walk through two schemas that finds the changes: records, enums, fixeds, unions, names.

    compare(parse(v1), parse(v2))          # [Change("field-added", "risk_score", ...), ...]

`judging` says what each change does; `differences` settles what only the whole can tell.
"""

from streamlab.contracts import judging
from streamlab.contracts.change import NOTHING_NEW, NOTHING_OLD, Change, Side
from streamlab.contracts.definitions import joined
from streamlab.registry.resolution import incompatibilities
from streamlab.registry.schema_tree import Array, Enum, Field, Fixed, Map, Named, Record, Schema, Union


def compare(old: Schema, new: Schema) -> list[Change]:
    """The changes between two trees, in the order of the new schema; removed fields come last."""
    return _Walk().types(old, new, "")


class _Walk:
    """One walk; `seen` ends it where types contain themselves."""

    def __init__(self) -> None:
        self.seen: set[tuple[Schema, Schema]] = set()

    def types(self, old: Schema, new: Schema, path: str) -> list[Change]:
        if (old, new) in self.seen:
            return []
        self.seen.add((old, new))
        match old, new:
            case (Union(), _) | (_, Union()):
                return self._unions(old, new, path)
            case Array(), Array():
                return self.types(old.items, new.items, f"{path}[]")
            case Map(), Map():
                return self.types(old.values, new.values, f"{path}{{}}")
            case Record(), Record():
                return [*judging.names(old, new, path), *self._fields(old, new, path)]
            case Enum(), Enum():
                return [*judging.names(old, new, path), *judging.symbols(old, new, path)]
            case Fixed(), Fixed():
                return [*judging.names(old, new, path), *judging.size(old, new, path)]
        if old.type == new.type:
            return []
        return [Change("type-changed", path, f"{old.label} became {new.label}", *judging.reading(old, new))]

    def _fields(self, old: Record, new: Record, path: str) -> list[Change]:
        changes: list[Change] = []
        kept: dict[str, str] = {}
        for field in new.fields:
            before = _same_field(field, old, new)
            if before is None or before.name in kept:
                changes.append(judging.added(field, old, path))
                continue
            kept[before.name] = field.name
            here = joined(path, field.name)
            inner = self.types(before.schema, field.schema, here)
            if before.name != field.name:
                renamed = judging.renamed(before, field, here)
                changes.append(renamed)
                if before.name not in field.aliases:
                    inner = [one.calmed(Side.NEW) for one in inner]
                if field.name not in before.aliases:
                    inner = [one.calmed(Side.OLD) for one in inner]
            changes += [*inner, *judging.default(before, field, here)]
        changes += [judging.removed(one, old, new, path) for one in old.fields if one.name not in kept]
        in_new = [one.name for one in new.fields if one.name in kept.values()]
        if in_new != [kept[one.name] for one in old.fields if one.name in kept]:
            what = "the fields stand in another order"
            changes.append(Change("fields-reordered", path, what, NOTHING_NEW, NOTHING_OLD))
        return changes

    def _unions(self, old: Schema, new: Schema, path: str) -> list[Change]:
        before = _by_name(old)
        after = _by_name(new)
        changes: list[Change] = []
        for name, branch in after.items():
            if name in before:
                inner = self.types(before[name], branch, path)
                # Another branch may read what this one does not.
                if not incompatibilities(new, before[name]):
                    inner = [one.calmed(Side.NEW) for one in inner]
                if not incompatibilities(old, branch):
                    inner = [one.calmed(Side.OLD) for one in inner]
                changes += inner
        added = [branch for name, branch in after.items() if name not in before]
        removed = [branch for name, branch in before.items() if name not in after]
        if len(added) == len(removed) == 1 and not (isinstance(old, Union) and isinstance(new, Union)):
            what = f"{old.label} became {new.label}"
            return [*changes, Change("type-changed", path, what, *judging.reading(old, new))]
        changes += [judging.branch_added(old, branch, path) for branch in added]
        changes += [judging.branch_removed(new, branch, path) for branch in removed]
        if not added and not removed and list(before) != list(after):
            what = f"the branches stand in another order: {new.label}"
            changes.append(Change("union-reordered", path, what, NOTHING_NEW, NOTHING_OLD))
        return changes


def _by_name(schema: Schema) -> dict[str, Schema]:
    """The branches of a union (a schema that is none is its own), by unqualified name where that will do."""
    branches = schema.branches if isinstance(schema, Union) else (schema,)
    short = [f"{one.type} {one.name}" if isinstance(one, Named) else one.type for one in branches]
    return {
        name if short.count(name) == 1 or not isinstance(one, Named) else one.full_name: one
        for name, one in zip(short, branches, strict=True)
    }


def _same_field(field: Field, old: Record, new: Record) -> Field | None:
    """The old field that a new one is: by name, by its own alias, by an alias of the old one."""
    if (found := old.field_named(field.name)) is not None:
        return found
    free = [one for one in old.fields if new.field_named(one.name) is None]
    by_new = [one for one in free if one.name in field.aliases]
    by_old = [one for one in free if field.name in one.aliases]
    return next(iter([*by_new, *by_old]), None)
