"""Something that is wrong with a contract, and where: what `streamlab schemas validate` prints.

finding = Finding("duplicate-key", "schemas/click/v1.avsc", "\"doc\" is there twice.", "Keep one.", 7, 3)
str(finding)            # schemas/click/v1.avsc:7:3: "doc" is there twice. Keep one. [duplicate-key]
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streamlab.errors import StreamlabError


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, the reason, and what mends it.

    Attributes:
        rule: the name of the rule that is broken; `--ignore` takes it.
        file: the file or folder, as a person would type it.
        message: what is wrong and why that matters, as a sentence.
        next_step: what mends it, as a sentence.
        line: the line in the file, from 1; None where the file as a whole is meant.
        column: the column in the line, from 1.
        field: the dotted name of the field ("payload.items.sku"); None where no field is meant.
        path: the place in the schema as a JSON pointer ("/fields/0/type").
    """

    rule: str
    file: str
    message: str
    next_step: str
    line: int | None = None
    column: int | None = None
    field: str | None = None
    path: str | None = None

    @property
    def place(self) -> str:
        """File, line and column as compilers write them, so that editors find them."""
        position = "" if self.line is None else f":{self.line}:{self.column}"
        return f"{self.file}{position}"

    def __str__(self) -> str:
        """The whole finding on one line."""
        field = f"field {self.field}: " if self.field else ""
        return f"{self.place}: {field}{self.message} {self.next_step} [{self.rule}]"

    def as_json(self) -> dict[str, Any]:
        """Every attribute by its name."""
        return asdict(self)


class BrokenFileError(StreamlabError):
    """A file of a contract cannot be used; `finding` says where and why."""

    def __init__(self, finding: Finding) -> None:
        field = f"field {finding.field}: " if finding.field else ""
        super().__init__(f"{finding.place}: {field}{finding.message}", finding.next_step)
        self.finding = finding


def shown(file: Path) -> str:
    """A path as a person would type it: relative to the working folder if it lies below."""
    try:
        return str(file.resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError):
        return str(file)
