"""A short walk over all pages; `python -m tests.e2e.walk --steps 300 --seed N` takes a long one."""

from playwright.sync_api import Browser

from tests.e2e.walk import walk
from tests.running_app import RunningServer


def test_no_way_through_the_app_loses_or_mixes_values(
    browser: Browser, server: RunningServer
) -> None:
    walker = walk(browser, server.url, steps=25, seed=11)
    assert not walker.problems, "\n".join(walker.problems)
    assert len(walker.steps) == 25
