"""The course as its readers see it: the notebooks' texts, headings and links, for the tests of the contract.

for derivation in LESSONS: ...
document = Document.of(derivation.notebook.cells)
document.headings, document.links
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

from streamlab import build
from streamlab.build import Derivation, Kind

START = "start"
"""The stem of the start page: a door, not a lesson."""

ALL = [derivation for stem in build.stems() for derivation in build.derivations(stem)]
LESSONS = [d for d in ALL if d.kind is Kind.LESSON and d.stem != START]
LABS = [d for d in ALL if d.kind is Kind.LAB]
EXECUTED = [d for d in ALL if d.kind.is_executed]


def name_of(derivation: Derivation) -> str:
    """How a derivation is named in a test's id."""
    return derivation.name


@dataclass(frozen=True)
class Heading:
    """A heading of a Markdown text."""

    level: int
    text: str


@dataclass(frozen=True)
class Markdown:
    """A Markdown text, read by a parser and not by eye."""

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        def flat(tokens: Iterable[Token]) -> Iterator[Token]:
            for token in tokens:
                yield token
                yield from flat(token.children or ())

        return tuple(flat(MarkdownIt("commonmark").enable("table").parse(self.text)))

    @property
    def headings(self) -> list[Heading]:
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return [Heading(int(a.tag[1]), plain(b)) for a, b in pairs if a.type == "heading_open"]

    @property
    def links(self) -> list[str]:
        """The targets of links and pictures."""
        found = [token.attrs.get("href") or token.attrs.get("src") for token in self.tokens]
        return [str(target) for target in found if target]

    @property
    def html(self) -> list[str]:
        return [t.content.strip() for t in self.tokens if t.type in ("html_block", "html_inline")]

    @property
    def table_rows(self) -> list[str]:
        """The lines of its tables that hold content, as Markdown."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip().startswith("|")]
        return [
            line
            for line, following in zip(lines, [*lines[1:], ""], strict=False)
            if not re.fullmatch(r"[|:\- ]+", line) and not re.fullmatch(r"[|:\- ]+", following or "x")
        ]

    @property
    def bullets(self) -> int:
        return sum(token.type == "list_item_open" for token in self.tokens)


def plain(inline: Token) -> str:
    """The text of an inline token without its marks."""
    return "".join(child.content for child in inline.children or ())


def markdown(cells: Iterable[NotebookNode]) -> Markdown:
    """The Markdown cells as one text."""
    return Markdown("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))


def sections(notebook: NotebookNode) -> list[list[NotebookNode]]:
    """The cells of a notebook, cut where a `##` heading starts; the first part is its opening."""
    parts: list[list[NotebookNode]] = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and any(h.level == 2 for h in Markdown(cell.source).headings):
            parts.append([])
        parts[-1].append(cell)
    return parts


def code_lines(source: str) -> int:
    """How many lines of a code cell are not blank."""
    return sum(bool(line.strip()) for line in source.splitlines())
