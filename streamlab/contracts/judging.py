"""What one change does to consumers: a field by its default, a type by whether one is read as the other.

added(field, "payload")                # Change("field-added", "payload.note", ...)
symbols(old_enum, new_enum, "currency")
"""

import json
from typing import Any

from streamlab.contracts.change import NOTHING_NEW, NOTHING_OLD, Change, Effect
from streamlab.contracts.definitions import joined
from streamlab.registry.resolution import incompatibilities
from streamlab.registry.schema_tree import Enum, Field, Fixed, Named, Record, Schema


def reading(old: Schema, new: Schema) -> tuple[Effect, Effect]:
    """What a change of type does: new consumers on old data, old consumers on new data."""
    return _effect(new, old, "old"), _effect(old, new, "new")


def _effect(reader: Schema, writer: Schema, data: str) -> Effect:
    if incompatibilities(reader, writer):
        return Effect(True, f"it expects {reader.label}, and {data} data may have {writer.label}")
    return Effect(False, f"it reads the {writer.label} of {data} data as {reader.label}")


def added(field: Field, old: Record, path: str) -> Change:
    has = f"with the default {_json(field.default)}" if field.has_default else "without a default"
    what = f"the field {field.name} ({field.schema.label}) was added {has}"
    by_alias = next((one for one in field.aliases if old.field_named(one)), None)
    if by_alias is not None:
        new = Effect(False, f"it reads {by_alias} of old data by the alias")
    elif field.has_default:
        new = Effect(False, f"it sees the default {_json(field.default)} on old data")
    else:
        new = Effect(True, "the field is not in old data and has no default to take its place")
    producers = f"they write {field.name} from now on; a default serves readers only"
    old_effect = Effect(False, "it skips the field")
    return Change("field-added", joined(path, field.name), what, new, old_effect, producers)


def removed(field: Field, old: Record, new: Record, path: str) -> Change:
    has = f"had the default {_json(field.default)}" if field.has_default else "had no default"
    what = f"the field {field.name} ({field.schema.label}) was removed; it {has}"
    fresh = [one for one in new.fields if old.field_named(one.name) is None and not one.aliases]
    alike = [one.name for one in fresh if one.schema.label == field.schema.label]
    new_effect = Effect(False, "it skips the field")
    if field.has_default:
        old_effect = Effect(False, f"it sees the default {_json(field.default)} on new data")
    else:
        hint = f"; if it was renamed, give {alike[0]} the alias {field.name}" if len(alike) == 1 else ""
        old_effect = Effect(True, f"the field is not in new data and has no default to take its place{hint}")
    return Change("field-removed", joined(path, field.name), what, new_effect, old_effect)


def renamed(before: Field, after: Field, here: str) -> Change:
    what = f"the field {before.name} was renamed to {after.name}"
    new = Effect(False, f"it finds {before.name} in old data by the alias")
    if before.name not in after.aliases:
        new = Effect(True, f"it does not find {after.name} in old data: an alias is missing")
        if after.has_default:
            new = Effect(False, f"it sees the default {_json(after.default)} on old data", misleads=True)
    old = Effect(
        True, f"it does not find {before.name} in new data: an alias in the new schema does not help it"
    )
    if after.name in before.aliases:
        old = Effect(False, f"it finds {after.name} in new data by its own alias")
    elif before.has_default:
        old = Effect(
            False, f"it sees the default {_json(before.default)} in place of the value", misleads=True
        )
    return Change("field-renamed", here, what, new, old, f"they write {after.name} in place of {before.name}")


def default(before: Field, after: Field, here: str) -> list[Change]:
    if (before.has_default, before.default) == (after.has_default, after.default):
        return []
    if not before.has_default:
        kind, what = "default-added", f"the field got the default {_json(after.default)}"
    elif not after.has_default:
        kind, what = "default-removed", f"the default {_json(before.default)} was taken away"
    else:
        kind, what = (
            "default-changed",
            f"the default was {_json(before.default)} and is {_json(after.default)}",
        )
    return [Change(kind, here, what, NOTHING_NEW, NOTHING_OLD)]


def names(old: Named, new: Named, path: str) -> list[Change]:
    if old.full_name == new.full_name:
        return []
    what = f"the {new.type} {old.full_name} is called {new.full_name}"
    by_rule = old.name == new.name
    reads_old = by_rule or old.full_name in new.aliases
    reads_new = by_rule or new.full_name in old.aliases
    harmless = "the rules compare the last part of a name only; generated classes move"
    if not by_rule:
        harmless = "it finds the name by an alias"
    new_effect = Effect(True, f"it expects the name {new.full_name} and has no alias for {old.full_name}")
    old_effect = Effect(True, f"it expects the name {old.full_name} and has no alias for {new.full_name}")
    if reads_old:
        new_effect = Effect(False, harmless)
    if reads_new:
        old_effect = Effect(False, harmless)
    return [Change("name-changed", path, what, new_effect, old_effect)]


def symbols(old: Enum, new: Enum, path: str) -> list[Change]:
    changes: list[Change] = []
    added = [one for one in new.symbols if one not in old.symbols]
    removed = [one for one in old.symbols if one not in new.symbols]
    if added:
        what = f"enum {new.name} got {', '.join(added)}"
        changes.append(Change("symbols-added", path, what, NOTHING_NEW, _unknown(old, added, "new")))
    if removed:
        what = f"enum {new.name} lost {', '.join(removed)}"
        producers = f"they write no more {', '.join(removed)}"
        changes.append(
            Change("symbols-removed", path, what, _unknown(new, removed, "old"), NOTHING_OLD, producers)
        )
    if not added and not removed and old.symbols != new.symbols:
        what = f"the symbols of enum {new.name} stand in another order"
        changes.append(Change("symbols-reordered", path, what, NOTHING_NEW, NOTHING_OLD))
    if old.default != new.default:
        was, now = old.default or "absent", new.default or "absent"
        what = f"the default symbol of enum {new.name} was {was} and is {now}"
        changes.append(Change("enum-default-changed", path, what, NOTHING_NEW, NOTHING_OLD))
    return changes


def _json(default: Any) -> str:
    """A default as it stands in a schema."""
    return json.dumps(default, ensure_ascii=False)


def _unknown(reader: Enum, symbols: list[str], data: str) -> Effect:
    listed = ", ".join(symbols)
    if reader.default is not None:
        return Effect(False, f"it reads {listed} of {data} data as its default symbol {reader.default}")
    return Effect(True, f"it does not know {listed}, and its enum has no default symbol")


def size(old: Fixed, new: Fixed, path: str) -> list[Change]:
    if old.size == new.size:
        return []
    what = f"fixed {new.name} has {new.size} bytes; it had {old.size}"
    new_effect = Effect(True, f"it expects {new.size} bytes and gets {old.size}")
    old_effect = Effect(True, f"it expects {old.size} bytes and gets {new.size}")
    return [Change("size-changed", path, what, new_effect, old_effect)]


def branch_added(old: Schema, branch: Schema, path: str) -> Change:
    effect = _effect(old, branch, "new")
    if branch.type == "null":
        return Change("made-nullable", path, f"{old.label} may now be null", NOTHING_NEW, effect)
    return Change("branch-added", path, f"{branch.label} was added to {old.label}", NOTHING_NEW, effect)


def branch_removed(new: Schema, branch: Schema, path: str) -> Change:
    effect = _effect(new, branch, "old")
    producers = f"they write no more {branch.label}"
    if branch.type == "null":
        what = f"it may no longer be null, and is {new.label}"
        return Change("made-mandatory", path, what, effect, NOTHING_OLD, producers)
    return Change(
        "branch-removed", path, f"{branch.label} is no longer in {new.label}", effect, NOTHING_OLD, producers
    )
