"""Every link in README, CONTRIBUTING and the notebooks leads somewhere; the tables list what exists."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from reading import ALL, LABS, LESSONS, START, Markdown, markdown

from streamlab.paths import PROJECT

PAGES = ["README.md", "CONTRIBUTING.md", *(derivation.name for derivation in ALL)]


DERIVED = {derivation.path(): derivation.notebook for derivation in ALL}


def page(path: Path) -> Markdown:
    if path in DERIVED:
        return markdown(DERIVED[path].cells)
    return Markdown(path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings: a code-hosting site's for Markdown, JupyterLab's for notebooks."""
    texts = [heading.text for heading in page(path).headings]
    if path.suffix == ".ipynb":
        return {text.replace(" ", "-") for text in texts}
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_resolves(name: str) -> None:
    source = PROJECT / name
    for link in page(source).links:
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (source.parent / target).resolve() if target else source
        assert path.is_relative_to(PROJECT.resolve()), f"{link} leaves the project"
        assert path.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(path), f"{link}: there is no such heading"


@pytest.mark.parametrize("name", PAGES)
def test_a_link_to_the_web_is_a_secure_one(name: str) -> None:
    for link in page(PROJECT / name).links:
        assert not link.startswith("http://"), link


def listed(rows: list[str], folder: str, prefix: str) -> list[str]:
    """The stems that a table links to in a folder, in the order of its rows."""
    return [
        stem for row in rows for stem in re.findall(rf"\({re.escape(prefix)}{folder}/(ch\w+)\.ipynb\)", row)
    ]


def test_the_readme_lists_exactly_the_chapters_that_exist() -> None:
    rows = page(PROJECT / "README.md").table_rows
    assert listed(rows, "notebooks", "") == [lesson.stem for lesson in LESSONS]
    assert listed(rows, "labs", "") == [lab.stem for lab in LABS]


def test_the_start_page_lists_exactly_the_chapters_that_exist() -> None:
    rows = page(PROJECT / "notebooks" / f"{START}.ipynb").table_rows
    lessons = [stem for row in rows for stem in re.findall(r"\((ch\w+)\.ipynb\)", row)]
    assert lessons == [lesson.stem for lesson in LESSONS]
    assert listed(rows, "labs", "../") == [lab.stem for lab in LABS]


def test_a_chapter_is_called_the_same_in_the_tables_and_in_its_lesson() -> None:
    for table in ("README.md", f"notebooks/{START}.ipynb"):
        rows = page(PROJECT / table).table_rows
        for lesson in LESSONS:
            (row,) = [row for row in rows if f"{lesson.stem}.ipynb" in row]
            title = markdown(lesson.notebook.cells).headings[0].text
            name = re.sub(r"^(chapter )?\d+\W+", "", title, flags=re.IGNORECASE)
            assert name.lower() in row.lower(), f"{table}: {row} does not say {name!r}"
