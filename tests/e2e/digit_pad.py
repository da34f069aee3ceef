"""The digit page's pad under the tests: opened, drawn on, and waited for."""

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Locator, Page

from cnnviz.digits.mnist import Stroke
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect


def component(page: Page) -> Locator:
    return page.locator("[data-painted]")


def pad(page: Page) -> Locator:
    return page.locator("canvas.pad")


def stage(page: Page, name: str) -> Locator:
    return page.locator(f'[data-stage="{name}"]').locator("canvas, .bars-surface")


def open_digit(open_page: OpenPage, query: str = "", **options: Any) -> Page:
    """Open the page and wait until its first drawing is painted and explained."""
    page = open_page(f"/digit{query}", **options)
    page.locator('[data-painted]:not([data-painted="0"])').wait_for(state="attached")
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the component has painted the newest drawing."""
    page.evaluate(
        """async () => {
            const hosts = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
            const root = hosts.map((host) => host.shadowRoot.querySelector("[data-painted]"))
                .find(Boolean);
            let before = "";
            while (before !== root.dataset.painted) {
                before = root.dataset.painted;
                await new Promise((resolve) => setTimeout(resolve, 200));
            }
        }"""
    )


def draw(page: Page, strokes: Sequence[Stroke]) -> None:
    """Draw strokes on the pad with the mouse, by every fifth of their points and the last."""
    pad(page).scroll_into_view_if_needed()
    box = pad(page).bounding_box()
    assert box is not None
    for stroke in strokes:
        few = (*stroke[:-1:5], stroke[-1])  # the network answers each, which takes its time
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in few]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def check_guess(page: Page, digit: str) -> None:
    settle(page)
    expect(component(page)).to_have_attribute("data-guess", digit)
