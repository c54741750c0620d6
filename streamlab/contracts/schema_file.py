"""An `.avsc` file: its text, what it says, and where it says it.

file = schema_file.read(Path("schemas/transaction/v1.avsc"))
file.content["name"]                              # "Transaction"
file.finding("rule", "/fields/3", "...", "...")   # a Finding with line, column and field
file.tree()                                       # the resolved types; BrokenFileError if it is not Avro
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from streamlab.contracts.finding import BrokenFileError, Finding, shown
from streamlab.contracts.json_places import Places, find, line_and_column
from streamlab.registry import schema_parser
from streamlab.registry.schema_tree import InvalidSchemaError, Schema

MAX_BYTES = 4_000_000
_COMMENT = (
    "Comments are not JSON: Avro Java's parser takes them, fastavro and the registry do not.",
    'Say it in "doc".',
)


@dataclass(frozen=True)
class SchemaFile:
    """A file that holds JSON.

    Attributes:
        content: the schema as parsed JSON.
        places: where each value stands in the text.
    """

    file: Path
    text: str
    content: Any
    places: Places

    @property
    def name(self) -> str:
        """The file as a person would type it."""
        return shown(self.file)

    def finding(
        self, rule: str, pointer: str, message: str, next_step: str, *, offset: int | None = None
    ) -> Finding:
        """A finding at a place in this file."""
        at = self.places.offset(pointer) if offset is None else offset
        line, column = line_and_column(self.text, at)
        field = field_at(self.content, pointer)
        return Finding(rule, self.name, message, next_step, line, column, field, pointer or "/")

    def tree(self, references: Iterable[Any] = (), *, check_defaults: bool = True) -> Schema:
        """The schema with every name resolved.

        Args:
            references: the schemas whose types it may use, as parsed JSON.

        Raises:
            BrokenFileError: a rule of the specification is broken; it names line, column and field.
        """
        try:
            return schema_parser.parse(self.content, references, check_defaults=check_defaults)
        except InvalidSchemaError as error:
            pointer = "" if error.place == "/" else error.place
            message = f"{error.problem[0].upper()}{error.problem[1:]}."
            raise BrokenFileError(self.finding("not-avro", pointer, message, error.next_step)) from error


def read(file: Path) -> SchemaFile:
    """Read a file that is to hold a schema; whether it is one is not looked into.

    Raises:
        BrokenFileError: it cannot be read, or is not JSON; line and column say where.
    """
    text = read_text(file)
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
        places = find(text)
    except json.JSONDecodeError as error:
        _refuse_json(file, text, error)
    except RecursionError as error:
        raise BrokenFileError(
            Finding("not-json", shown(file), "It is nested too deeply to be read.", "Make it flatter.")
        ) from error
    except ValueError as error:
        raise BrokenFileError(
            Finding("not-json", shown(file), f"It is not JSON: {error}.", "Mend it.")
        ) from error
    return SchemaFile(file, text, content, places)


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        BrokenFileError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise BrokenFileError(
                Finding(
                    "unreadable", shown(file), f"It is larger than {MAX_BYTES:,} bytes.", "Is it a schema?"
                )
            )
        raw = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BrokenFileError(
            Finding(
                "unreadable", shown(file), f"It cannot be read: {reason}.", "Look at its path and rights."
            )
        ) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = line_and_column(before, len(before))
        message = f"The byte 0x{raw[error.start]:02x} is not UTF-8."
        raise BrokenFileError(
            Finding("not-json", shown(file), message, "Save the file as UTF-8.", line, column)
        ) from error
    if text.startswith("\ufeff"):
        message = "The file begins with a byte order mark, which JSON does not allow."
        raise BrokenFileError(
            Finding("not-json", shown(file), message, "Save the file as UTF-8 without it.", 1, 1)
        )
    return text


def field_at(content: Any, pointer: str) -> str | None:
    """The dotted name of the field that a JSON pointer lies in; None outside of all fields."""
    names: list[str] = []
    place = content
    for previous, step in zip(["", *pointer.split("/")], pointer.split("/"), strict=False):
        if step == "" and place is content:
            continue
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, list) and step.isdigit() and int(step) < len(place):
            place = place[int(step)]
            name = place.get("name") if isinstance(place, Mapping) else None
            if previous == "fields" and isinstance(name, str):
                names.append(name)
        elif isinstance(place, Mapping) and step in place:
            place = place[step]
        else:
            break
    return ".".join(names) or None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _refuse_json(file: Path, text: str, error: json.JSONDecodeError) -> NoReturn:
    rule, message, next_step = "not-json", f"It is not JSON: {error.msg}.", "Mend it at this place."
    at = error.pos
    token = _next_token(text, at)
    comma = len(text[:token].rstrip()) - 1
    if not text.strip():
        message, next_step = "The file is empty.", "Write the schema."
    elif text.startswith(("//", "/*"), token):
        rule, at = "comment", token
        message, next_step = _COMMENT
    elif text.startswith(("}", "]"), token) and text[comma : comma + 1] == ",":
        # Python's versions point at different sides of it.
        at = comma
        message, next_step = "It is not JSON: a comma with nothing after it.", "Remove the comma."
    line, column = line_and_column(text, at)
    raise BrokenFileError(Finding(rule, shown(file), message, next_step, line, column)) from error


def _next_token(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at
