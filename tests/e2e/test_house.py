"""The house in a real browser."""

from tests.e2e.conftest import OpenPage


def test_home_page_opens(open_page: OpenPage) -> None:
    page = open_page("/")
    assert page.locator('[data-testid="stMain"] h1').count() == 1
