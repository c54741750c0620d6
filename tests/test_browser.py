"""What a learner sees in JupyterLab: pages open, cells run, cards and pictures appear.

Runs on a copy of the notebooks, because a browser saves what it opens. The screenshots are kept in
`test-artifacts/`; `docs/lesson.png`, which the README shows, is one of them.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from streamlab import stack
from streamlab.lab_server import LabServer
from streamlab.paths import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.stack]

ARTEFACTS = PROJECT / "test-artifacts"
STEM = "ch03_registry_wire_format"
PATIENCE_MS = 90_000

WRONG_FRAME = """def frame(schema_id, payload):
    return b"\\x00" + schema_id.to_bytes(4, "little") + payload"""
RIGHT_FRAME = """import struct

def frame(schema_id, payload):
    return struct.pack(">BL", 0, schema_id) + payload"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The Chromium found here, or Debian's, installed where we may; else a skip in plain sight."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    may_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if not found and may_install:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            check=False,
            capture_output=True,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
        found = shutil.which("chromium")
    if not found:
        pytest.skip("no Chromium here: `sudo apt-get install chromium` enables the browser tests")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window; closed after this module: Playwright occupies asyncio meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def jupyter_lab(live_stack: stack.Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the course's JupyterLab, on a copy of the notebooks; `{}` takes a path."""
    folder = tmp_path_factory.mktemp("course")
    for kind in ("notebooks", "labs", "solutions"):
        shutil.copytree(PROJECT / kind, folder / kind)
    server = LabServer(folder / "state", root=folder)
    with server.start():
        running = server.running()
        assert running, "JupyterLab answered, and is gone"
        yield f"{running.address}/lab/tree/{{}}?token={running.token}&reset"


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose last view is kept as a screenshot named after the test."""
    ARTEFACTS.mkdir(exist_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")
    page.close()


def opened(page: Page, address: str, notebook: str) -> Page:
    """Open a notebook and wait until its kernel is ready."""
    page.goto(address.format(notebook))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    wait_until_idle(page)
    return page


def choose(page: Page, menu: str, entry: str) -> None:
    """Choose an entry of JupyterLab's menu bar."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def run_all(page: Page) -> None:
    """Run all cells, as the menu does, and wait until the kernel has nothing left to do."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_timeout(500)  # until the kernel has taken the first cell
    wait_until_idle(page)


def scroll_to(page: Page, text: str) -> None:
    """Scroll from the top until the text is on the page: JupyterLab draws only what is near the view."""
    notebook = page.locator(".jp-Notebook .jp-WindowedPanel-outer").first
    notebook.evaluate("element => element.scrollTo(0, 0)")
    for _ in range(300):
        wanted = page.get_by_text(text).last
        if wanted.count() and wanted.is_visible():
            wanted.evaluate("element => element.scrollIntoView({block: 'start'})")
            return
        notebook.evaluate("element => element.scrollBy(0, 400)")
        page.wait_for_timeout(50)
    raise AssertionError(f"the notebook does not show {text!r}")


def wait_until_idle(page: Page) -> None:
    """Wait until the kernel has nothing to do, as the status bar says it."""
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE_MS)


def type_into_hole(page: Page, name: str, code: str) -> None:
    """Replace the cell that defines the function, as a person does; run it and the check below."""
    scroll_to(page, f"def {name}(")
    page.locator(".jp-CodeCell .cm-content").filter(has_text=f"def {name}(").first.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    wait_until_idle(page)
    scroll_to(page, f"check.{name}({name})")


def card(page: Page, status: str) -> Locator:
    """The first card that says this status."""
    return page.locator(f'.streamlab-card[data-status="{status}"]').first


def test_the_start_page_shows_a_first_live_event(page: Page, jupyter_lab: str) -> None:
    run_all(opened(page, jupyter_lab, "notebooks/start.ipynb"))
    scroll_to(page, "offset 0, key card-7")


def test_the_lesson_runs_and_shows_the_bytes_of_a_message(page: Page, jupyter_lab: str) -> None:
    opened(page, jupyter_lab, f"notebooks/{STEM}.ipynb")
    choose(page, "Kernel", "Restart Kernel and Clear Outputs of All Cells…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    run_all(page)
    scroll_to(page, "C13. The claim")
    expect(page.locator(".jp-RenderedImage img").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_folded_answer_is_not_shown_by_its_first_line(page: Page, jupyter_lab: str) -> None:
    opened(page, jupyter_lab, f"notebooks/{STEM}.ipynb")
    scroll_to(page, "C13. The claim")
    folded = page.locator(".jp-OutputPlaceholder")
    expect(folded.first).to_be_visible()
    expect(folded.filter(has=page.locator(".jp-PlaceholderText:visible"))).to_have_count(0)


def test_a_prediction_is_kept_and_the_evidence_answers_it(page: Page, jupyter_lab: str) -> None:
    opened(page, jupyter_lab, f"notebooks/{STEM}.ipynb")
    run_all(page)
    scroll_to(page, "C13. The claim")
    page.locator(".widget-radio-box label", has_text="00 07 00 00 00").first.click()
    expect(page.get_by_text("Your guess is kept.").first).to_be_visible()

    page.locator(".jp-CodeCell .cm-content").filter(has_text="c13.evidence(").first.click()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("You said: 00 07 00 00 00.").first).to_be_visible()
    scroll_to(page, "C13. The claim")
    page.screenshot(path=ARTEFACTS / "lesson.png")


def test_a_wrong_answer_and_then_a_right_one_each_show_their_card(page: Page, jupyter_lab: str) -> None:
    opened(page, jupyter_lab, f"labs/{STEM}.ipynb")
    run_all(page)
    scroll_to(page, "check.frame(frame)")
    expect(card(page, "not attempted")).to_be_visible()

    type_into_hole(page, "frame", WRONG_FRAME)
    expect(card(page, "wrong")).to_contain_text("little-endian")
    page.screenshot(path=ARTEFACTS / "card_wrong.png")

    type_into_hole(page, "frame", RIGHT_FRAME)
    expect(card(page, "passed")).to_be_visible()
