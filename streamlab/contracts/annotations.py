"""What a schema says beyond the types that the rules of compatibility compare: logical types, docs, order.

    [change.what for change in meaning_changes(v1, v2)]
    # ["The logical type was timestamp-millis and is timestamp-micros"]

A changed logical type is the change that no level refuses and that does the most harm: the bytes are read,
and mean something else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from streamlab.contracts import definitions

MEANING: Final = ("logicalType", "precision", "scale")


@dataclass(frozen=True)
class AnnotationChange:
    """One annotation that differs.

    Attributes:
        member: its key in the schema ("doc").
        path: the field, for people; "" is the schema as a whole.
        pointer: the place in the new schema, as a JSON pointer.
        what: what it was and what it is, as a clause that begins a sentence.
    """

    member: str
    path: str
    pointer: str
    what: str


def meaning_changes(old: Any, new: Any) -> Iterator[AnnotationChange]:
    """Where the same bytes mean something else: the logical type, the precision or the scale differs."""
    before = {part.path: part.content for part in _annotated(old)}
    for part in _annotated(new):
        if part.path not in before or _stands_on(before[part.path]) != _stands_on(part.content):
            continue
        was, now = _logical(before[part.path]), _logical(part.content)
        if was != now:
            what = f"The logical type was {was} and is {now}"
            yield AnnotationChange("logicalType", part.path, part.pointer, what)


def other_changes(old: Any, new: Any) -> Iterator[AnnotationChange]:
    """Where a doc, a sort order or a property that Avro does not know differs."""
    before = {(part.path, kind): part.content for part, kind in _parts(old)}
    for part, kind in _parts(new):
        if (part.path, kind) not in before:
            continue
        was = before[part.path, kind]
        for member in sorted(_members(was, kind) | _members(part.content, kind)):
            if was.get(member) != part.content.get(member):
                what = f"{member} was {_shown(was, member)} and is {_shown(part.content, member)}"
                yield AnnotationChange(member, part.path, part.pointer, what)


def _annotated(schema: Any) -> Iterator[definitions.Written]:
    """The innermost types, one a path: a union with null counts as its other branch."""
    seen: set[str] = set()
    for part in definitions.types(schema):
        content = part.content
        if isinstance(content, list) or content == "null":
            continue
        if isinstance(content, dict) and isinstance(content.get("type"), dict | list):
            continue
        if part.path not in seen:
            seen.add(part.path)
            yield part


def _stands_on(content: Any) -> Any:
    return content.get("type") if isinstance(content, dict) else content


def _logical(content: Any) -> str:
    if not isinstance(content, dict) or "logicalType" not in content:
        return "none"
    name = str(content["logicalType"])
    if name != "decimal":
        return name
    return f"decimal({content.get('precision')}, {content.get('scale', 0)})"


def _parts(schema: Any) -> Iterator[tuple[definitions.Written, str]]:
    for part in definitions.fields(schema):
        yield part, "field"
    for part in definitions.types(schema):
        if isinstance(part.content, dict) and part.owner:
            yield part, f"type {part.owner}"


def _members(content: dict[str, Any], kind: str) -> set[str]:
    structure = {
        "type",
        "name",
        "namespace",
        "aliases",
        "fields",
        "symbols",
        "items",
        "values",
        "size",
        "default",
    }
    return set(content) - structure - (set() if kind == "field" else set(MEANING))


def _shown(content: dict[str, Any], member: str) -> str:
    return "absent" if member not in content else repr(content[member])
