"""The page of training recipes in a browser."""

import re

from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect


def test_a_search_finds_a_network_that_opens_in_training(open_page: OpenPage) -> None:
    page = open_page("/recipes?part=search&trials=5&updates=10&seed=7")
    page.get_by_role("button", name="Search", exact=True).click()
    link = page.get_by_role("link", name="Open in “Train a network”")
    expect(link).to_have_attribute("href", re.compile(r"train\?layers=.*fc10"))
