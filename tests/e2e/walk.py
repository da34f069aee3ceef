"""A walk over all pages in random order, changing controls of every sort on the way.

A fault of shared state shows itself only on some path through the app, so a seeded walker looks for
one. After each step no error may stand on the page. Back must bring the page as it was left, a
reload must change nothing, and the address opened in a second browser must show the same controls
and the same main figure.

    python -m tests.e2e.walk --steps 300 --seed 7
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from cnnviz.web.sitemap import list_pages
from tests.running_app import launch_browser, run_server

_SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_MILLISECONDS = 120_000
_QUIET = 700
_ANSWER = 2000  # until a run begins that a change asks for
_RUNNING = '[data-testid="stApp"][data-test-script-state="running"]'
_STARTED = {"train"}  # a button starts what the stage shows: it may be older than the address
_PATIENCE = 20  # looks at a page that is not yet as it was
_LONGEST = 200  # looks, with those at a page that still computes
_HAS_FRAME = (
    "() => document.documentElement.dataset.cnnvizPath"
    " === location.pathname.replace(/\\/+$/, '').split('/').pop()"
)
# The pictures of the stage as they are painted, wherever a component keeps them.
_FIGURES = """() => {
  const found = [];
  const visit = (node) => {
    if (node instanceof HTMLCanvasElement && node.width && node.height) {
      found.push(node.toDataURL());
    }
    if (node.classList?.contains("js-plotly-plot") && node.data) {
      found.push(JSON.stringify(node.data));
    }
    if (node.shadowRoot) [...node.shadowRoot.children].forEach(visit);
    [...(node.children ?? [])].forEach(visit);
  };
  document.querySelectorAll(".st-key-stage").forEach(visit);
  return found;
}"""


@dataclass
class Walker:
    """A visitor who does what comes to mind.

    Attributes:
        page: The browser's page.
        browser: To open a second one in.
        dice: Where the steps come from.
        problems: What went wrong, one line each, with the steps that led there.
        steps: What was done.
    """

    page: Page
    browser: Browser
    dice: random.Random
    problems: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def walk(self, count: int) -> None:
        """Do this many steps, and look after each."""
        actions: list[tuple[int, Callable[[], str | None]]] = [
            (3, self.visit),
            (9, self.change_control),
            (1, self.go_back_and_forth),
            (1, self.reload),
            (1, self.open_copy),
        ]
        weights = [weight for weight, _ in actions]
        self.visit()
        while len(self.steps) < count and len(self.problems) < 20:
            (action,) = self.dice.choices([one for _, one in actions], weights)
            done = action()
            if done is None:
                continue
            self.steps.append(done)
            sys.stderr.write(f"{len(self.steps)} {done} [{self.address()}]\n")
            with suppress(PlaywrightTimeoutError):  # not every step asks for a run
                self.page.wait_for_selector(_RUNNING, timeout=_ANSWER)
            self.settle()
            self.look()

    def settle(self, page: Page | None = None) -> None:
        """Wait until the page is drawn and its address is written."""
        where = page or self.page
        where.wait_for_selector(_SETTLED, timeout=_MILLISECONDS)
        where.wait_for_timeout(_QUIET)
        where.wait_for_selector(_SETTLED, timeout=_MILLISECONDS)
        try:
            where.wait_for_function(_HAS_FRAME, timeout=_MILLISECONDS)
        except PlaywrightTimeoutError:
            self.complain("the address is not written")

    def look(self) -> None:
        """Note an error that stands on the page."""
        for name in ("stException", "stAlertContentError"):
            found = self.page.get_by_test_id(name)
            if found.count():
                self.complain(f"{name}: {found.first.inner_text()[:200]}")

    def hear(self, message: ConsoleMessage) -> None:
        """Note an error on the console."""
        if message.type == "error":
            self.complain(f"console: {message.text} ({message.location.get('url', '')})")

    def complain(self, problem: str) -> None:
        """Note a problem with the way to it."""
        path = " > ".join(self.steps[-6:])
        self.problems.append(f"step {len(self.steps)}: {problem} [{self.address()}] after {path}")
        sys.stderr.write(f"{self.problems[-1]}\n")

    def address(self) -> str:
        """Return the page's path and query."""
        found: str = self.page.evaluate("location.pathname + location.search")
        return found

    def visit(self) -> str:
        """Open a page by the navigation."""
        entry = self.dice.choice(list_pages())
        self.page.get_by_test_id("stSidebarNavLink").filter(
            has=self.page.get_by_text(entry.title, exact=True)
        ).click()
        self.settle()
        return f"visit {entry.url or 'home'}"

    def change_control(self) -> str | None:
        """Change one control that can be seen."""
        kinds: list[Callable[[], str | None]] = [
            self.choose_option,
            self.press_segment,
            self.move_slider,
            self.step_number,
            self.toggle,
            self.click_tile,
        ]
        self.dice.shuffle(kinds)
        for kind in kinds:
            try:
                done = kind()
            except PlaywrightTimeoutError:
                self.settle()  # it was moved or redrawn meanwhile; or chosen, but slowly
                continue
            if done is not None:
                return done
        return None

    def _one_of(self, found: Locator) -> Locator | None:
        visible = [one for one in found.all() if one.is_visible() and one.is_enabled()]
        return self.dice.choice(visible) if visible else None

    def choose_option(self) -> str | None:
        """Choose from a list that opens."""
        box = self._one_of(self.page.locator('[data-testid="stSelectbox"] input'))
        if box is None:
            return None
        label = box.get_attribute("aria-label") or ""
        box.click(timeout=5000)
        # Not a node of a drawn network, which is an option of its own list.
        option = self._one_of(self.page.locator('div[role="option"]'))
        if option is None:
            self.page.keyboard.press("Escape")
            return None
        text = option.inner_text()
        option.click(timeout=5000)
        return f"{label} = {text}"

    def press_segment(self) -> str | None:
        """Choose one of the segments side by side."""
        button = self._one_of(self.page.locator('[data-testid="stButtonGroup"] button'))
        if button is None:
            return None
        button.click(timeout=5000)
        return f"press {button.inner_text()[:30]}"

    def move_slider(self) -> str | None:
        """Move a slider by the arrow keys."""
        slider = self._one_of(self.page.locator('[data-testid="stMain"] [role="slider"]'))
        if slider is None:
            return None
        label = slider.get_attribute("aria-label") or ""
        slider.focus(timeout=5000)
        key = self.dice.choice(("ArrowRight", "ArrowLeft"))
        for _ in range(self.dice.randint(1, 4)):
            self.page.keyboard.press(key)
        return f"slide {label}"

    def step_number(self) -> str | None:
        """Step a number up or down."""
        step = self._one_of(self.page.locator('[data-testid^="stNumberInputStep"]'))
        if step is None:
            return None
        step.click(timeout=5000)
        return "step a number"

    def toggle(self) -> str | None:
        """Turn something on or off."""
        found = self._one_of(self.page.locator('[data-testid="stCheckbox"] label'))
        if found is None:
            return None
        found.click(timeout=5000)
        return f"toggle {found.inner_text()[:30]}"

    def click_tile(self) -> str | None:
        """Click a part of a picture that can be chosen."""
        tile = self._one_of(self.page.locator(".st-key-stage button.tile"))
        if tile is None:
            return None
        tile.click(timeout=5000)
        return "click a tile"

    def go_back_and_forth(self) -> str:
        """Leave the page, go back, and compare; then go on where the walk had come to."""
        controls, before = self.note_controls(), self.address()
        self.visit()
        if urlsplit(self.address()).path == urlsplit(before).path:
            return "visit the same page"
        self.page.go_back()
        self.settle()
        self.compare("Back", before, controls, self.page)
        return "leave and go back"

    def reload(self) -> str:
        """Reload the page, and compare."""
        controls, before = self.note_controls(), self.address()
        self.page.reload()
        self.settle()
        self.compare("a reload", before, controls, self.page)
        return "reload"

    def open_copy(self) -> str:
        """Open the address in a second browser, and compare controls and main figure."""
        controls, before = self.note_controls(), self.address()
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
        )
        try:
            copy = context.new_page()
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.page.url))
            copy.goto(f"{origin}{before}")
            self.settle(copy)
            self.compare("the copied address", before, controls, copy)
            is_busy = self._is_busy(self.page) or self._is_busy(copy)
            if not is_busy and urlsplit(before).path.rpartition("/")[2] not in _STARTED:
                self.compare_figures(copy)
        finally:
            context.close()
        return "open the address elsewhere"

    def compare_figures(self, copy: Page) -> None:
        """Compare the pictures of both stages, away from the pointer, once both stand still."""
        self.page.mouse.move(1, 1)
        for page in (self.page, copy):
            page.wait_for_timeout(_QUIET)
        mine, theirs = (sorted(set(page.evaluate(_FIGURES))) for page in (self.page, copy))
        if mine != theirs:
            same = len(set(mine) & set(theirs))
            self.complain(f"the copy's figures differ: {same} of {len(mine)} are the same")

    @staticmethod
    def _is_busy(page: Page) -> bool:
        return page.locator(".job, [data-testid='stSpinner']").count() > 0

    def compare(self, what: str, before: str, controls: dict[str, Any], page: Page) -> None:
        """Complain of an address or a control that does not become what it was."""
        looks = _PATIENCE
        for _ in range(_LONGEST):
            found = page.evaluate("location.pathname + location.search")
            shown = self.read_controls(page)
            if _split(found) == _split(before) and shown == controls:
                return
            looks -= not self._is_busy(page)  # a control may stand beside what is being computed
            if not looks:
                break
            page.wait_for_timeout(_QUIET)
        if _split(found) != _split(before):
            self.complain(f"{what} turned {before} into {found}")
        if shown != controls:
            both = controls.keys() | shown.keys()
            wrong = [name for name in both if controls.get(name) != shown.get(name)]
            told = [f"{name}: {controls.get(name)!r} -> {shown.get(name)!r}" for name in wrong]
            self.complain(f"{what} changed {'; '.join(sorted(told))}")

    def note_controls(self) -> dict[str, Any]:
        """Read the controls once they stand still: a component draws its own a little later."""
        shown = self.read_controls(self.page)
        for _ in range(_PATIENCE):
            self.page.wait_for_timeout(_QUIET)
            before, shown = shown, self.read_controls(self.page)
            if shown == before:
                break
        return shown

    @staticmethod
    def read_controls(page: Page) -> dict[str, Any]:
        """Return what the controls of the page show, by their container's key."""
        found: dict[str, Any] = page.evaluate(
            """() => {
              const shown = {};
              for (const box of document.querySelectorAll(
                '[data-testid="stMain"] .stElementContainer[class*="st-key-"]')) {
                const key = [...box.classList].find((name) => name.startsWith("st-key-"));
                if (!key.includes("-") || /question|task|code|source|window/.test(key)) continue;
                const read = [...box.querySelectorAll("input, [role=slider], [aria-checked]")].map(
                  (one) => one.getAttribute("aria-valuetext") ?? one.getAttribute("aria-checked")
                    ?? (one.type === "checkbox" || one.type === "radio" ? one.checked : one.value));
                if (read.length) shown[key] = read;
              }
              return shown;
            }"""
        )
        return found


def _split(address: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(address)
    return parts.path.rstrip("/"), sorted(parse_qsl(parts.query, keep_blank_values=True))


def walk(browser: Browser, url: str, *, steps: int, seed: int) -> Walker:
    """Walk over a running app.

    Args:
        browser: The browser.
        url: The app's address.
        steps: How many.
        seed: Of the dice.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=url, reduced_motion="reduce"
    )
    context.set_default_timeout(_MILLISECONDS)
    page = context.new_page()
    walker = Walker(page=page, browser=browser, dice=random.Random(seed))  # noqa: S311
    page.on("pageerror", lambda error: walker.complain(f"exception: {error}"))
    page.on("console", walker.hear)
    page.goto("/")
    walker.settle()
    try:
        walker.walk(steps)
    finally:
        context.close()
    return walker


def main() -> None:
    """Walk by the command line, and print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server(Path(folder)) as server,
        sync_playwright() as playwright,
        launch_browser(playwright) as browser,
    ):
        walker = walk(browser, server.url, steps=options.steps, seed=options.seed)
    report = {"steps": len(walker.steps), "problems": walker.problems}
    sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    sys.exit(bool(walker.problems))


if __name__ == "__main__":
    main()
