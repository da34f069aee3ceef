"""A short walk over pages and controls; `python -m tests.e2e.walk` takes a long one."""

from playwright.sync_api import Browser

from tests.e2e.walk import walk
from tests.running_app import RunningServer


def test_a_short_walk_meets_no_error(browser: Browser, server: RunningServer) -> None:
    walker = walk(browser, server.url, steps=5, seed=19)
    assert walker.problems == []
