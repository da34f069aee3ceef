"""The comparison in a real browser: cards, an address that reopens it, the table as CSV."""

import csv
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.running_app import wait_until_drawn

ADDRESS = "/compare?networks=alexnet64&networks=lenet5&samples=coffee&samples=cat"


def test_cards_stand_side_by_side_and_the_address_reopens_them(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(ADDRESS, height=1600)
    cards = page.locator(".compare article")
    expect(cards).to_have_count(2)
    first, second = cards.nth(0).bounding_box(), cards.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"]
    # The coffee cup; the shipped AlexNet knows an espresso.
    names = [cards.nth(place).locator("header b").inner_text() for place in range(2)]
    alexnet = cards.nth(names.index("AlexNet (64 px)"))
    expect(alexnet.locator(".first")).to_have_text("espresso")
    expect(alexnet.locator("img")).to_have_count(2)
    expect(alexnet.locator("li")).to_have_count(5)
    slider = page.get_by_role("slider", name="Contrast lost")
    slider.focus()
    slider.press("End")
    expect(alexnet.locator(".note")).to_contain_text("when clean")
    wait_until_drawn(page)
    assert "contrast=100" in page.url
    assert "networks=" in page.url
    again = open_page(page.url, height=1600)
    expect(again.locator(".compare .first").first).to_have_text(
        cards.nth(0).locator(".first").inner_text()
    )
    expect(again.get_by_role("slider", name="Contrast lost")).to_have_value("100")
    with again.expect_download() as download:
        again.get_by_role("button", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["Network"]: row for row in csv.DictReader(file)}
    assert float(rows["AlexNet (64 px)"]["Multiply-adds M"]) == 67.084288


def test_a_phone_shows_the_cards_below_each_other(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, width=390, touch=True)
    cards = page.locator(".compare article")
    expect(cards).to_have_count(2)
    # In one look: what stands above may still move while the page loads.
    below = cards.evaluate_all(
        "([first, second]) =>"
        " second.getBoundingClientRect().top - first.getBoundingClientRect().bottom"
    )
    assert below >= 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
