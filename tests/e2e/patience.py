"""Checks that wait, since while a page's script runs the page changes under the test.

For a while an element that is drawn anew stands beside the old one, a chart has not been fitted to
its window yet, and what comes before a figure has not its whole height.
"""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page
from playwright.sync_api import expect as expect_now

SECONDS = 60
# The head of a page leaves this much for what comes before the main figure; the screen's height.
TOP, BOTTOM = 160, 800
# All of one moment: an element that is asked for by itself may be gone by then, and waited for.
# What is not laid out yet has no box.
_EDGES = """parts => parts.map((part) => part.getBoundingClientRect())
  .filter((box) => box.width && box.height).map((box) => [box.top, box.bottom])"""


def eventually(page: Page, check: Callable[[], Any]) -> None:
    """Try a check until it raises no AssertionError any more; raise the last one after a minute."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            page.wait_for_timeout(100)
        else:
            return


def check_first_screen(*parts: Locator, top: float = TOP, bottom: float = BOTTOM) -> None:
    """Check that a figure begins near the top and ends on the first screen.

    Args:
        parts: Of which every element counts.
        top: The figure begins above it, in CSS pixels.
        bottom: The figure ends above it.
    """

    def check() -> None:
        edges = [edge for part in parts for edge in part.evaluate_all(_EDGES)]
        assert edges
        assert min(upper for upper, _ in edges) < top
        assert max(lower for _, lower in edges) < bottom

    eventually(parts[0].page, check)


class _Patient:
    """Playwright's assertions of a locator, which wait until it names a single element."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def __getattr__(self, name: str) -> Callable[..., None]:
        def check(*args: Any, **options: Any) -> None:
            deadline = time.monotonic() + SECONDS
            while True:
                try:
                    getattr(expect_now(self._locator), name)(*args, **options)
                except AssertionError as error:
                    if "strict mode violation" not in str(error) or time.monotonic() > deadline:
                        raise
                    self._locator.page.wait_for_timeout(100)
                else:
                    return

        return check


def expect(actual: Page | Locator) -> Any:
    """Give Playwright's assertions, those of a locator more patient."""
    return expect_now(actual) if isinstance(actual, Page) else _Patient(actual)
