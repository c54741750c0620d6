"""Logical types that do nothing: unknown, on the wrong type, or written in the wrong place.

Avro ignores a logical type that it does not know or that does not fit, without a word; the bytes stay
right and their meaning is lost (specification: Logical Types).

    for finding in findings(schema_file.read(Path("schemas/order/v1.avsc"))):
        print(finding)
"""

from collections.abc import Iterator
from typing import Any, Final

from streamlab.contracts import definitions
from streamlab.contracts.finding import Finding
from streamlab.contracts.schema_file import SchemaFile

UNDERLYING: Final[dict[str, tuple[str, ...]]] = {
    "decimal": ("bytes", "fixed"),
    "big-decimal": ("bytes",),
    "uuid": ("string", "fixed"),
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "duration": ("fixed",),
}
"""The logical types of Avro 1.12 and the types that each may stand on."""
_SIZES: Final = {"uuid": 16, "duration": 12}
_MEMBERS: Final = ("logicalType", "precision", "scale")


def findings(file: SchemaFile) -> Iterator[Finding]:
    """Every logical type in a schema that is ignored."""
    for part in definitions.fields(file.content):
        misplaced = [member for member in _MEMBERS if member in part.content]
        if misplaced:
            member = misplaced[0]
            message = f'"{member}" belongs to the type, not to the field: here it is ignored.'
            step = 'Write "type": {"type": ..., "logicalType": ...}.'
            yield file.finding("misplaced-logical-type", f"{part.pointer}/{member}", message, step)
    for part in definitions.types(file.content):
        if not isinstance(part.content, dict) or "logicalType" not in part.content:
            continue
        problem = _problem(part.content)
        if problem is not None:
            yield file.finding("logical-type", f"{part.pointer}/logicalType", *problem)


def _problem(schema: dict[str, Any]) -> tuple[str, str] | None:
    name, kind = schema["logicalType"], schema.get("type")
    if not isinstance(name, str) or name not in UNDERLYING:
        return f"Avro knows no logical type {name!r} and ignores it.", f"There is: {', '.join(UNDERLYING)}."
    if kind not in UNDERLYING[name]:
        on = " or ".join(UNDERLYING[name])
        return f"The logical type {name} stands on {on}, not on {kind}: it is ignored.", f"Use {on}."
    size = schema.get("size")
    if kind == "fixed" and name in _SIZES and size != _SIZES[name]:
        return (
            f"A {name} has {_SIZES[name]} bytes, not {size}: it is ignored.",
            f'Write "size": {_SIZES[name]}.',
        )
    return _decimal_problem(schema) if name == "decimal" else None


def _decimal_problem(schema: dict[str, Any]) -> tuple[str, str] | None:
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not isinstance(precision, int) or isinstance(precision, bool) or precision < 1:
        return "A decimal needs its precision, a number from 1: it is ignored.", 'Add "precision".'
    if not isinstance(scale, int) or isinstance(scale, bool) or not 0 <= scale <= precision:
        return f"The scale of a decimal lies between 0 and its precision, not at {scale}.", 'Mend "scale".'
    if schema.get("type") == "fixed" and isinstance(schema.get("size"), int):
        holds = len(str(2 ** (8 * schema["size"] - 1) - 1)) - 1 if schema["size"] > 0 else 0
        if precision > holds:
            message = f"{schema['size']} bytes hold {holds} digits, not {precision}: it is ignored."
            return message, "Make the fixed larger or the precision smaller."
    return None
